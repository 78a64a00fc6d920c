//! A frame that its reader may touch only so often: the deadline that stops rqrr in mid-search.
//!
//! rqrr's search is unbounded: it tries every pair of look-alike finder patterns on a fresh copy of the
//! frame, and some prints keep it busy for minutes. It asks nobody whether to go on, but it reads every
//! pixel through this type, so this type ends it by unwinding. No thread is left behind.

use std::cell::Cell;
use std::fmt;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::time::Duration;

use image::{GenericImage, GenericImageView, Pixel, Rgba};

use crate::Uptime;
use crate::luma::Luma;

/// Touches allowed for each pixel of the frame when nothing else is said: none of the shared `clear/`
/// pictures reaches it (a test keeps that).
const TOUCHES_PER_PIXEL: u64 = 400;
/// Least allowance, so that a stamp-sized image is searched as well.
const TOUCHES_MIN: u64 = 20_000_000;
/// Touches between two looks at the clock (about 0.2 ms).
const CLOCK_EVERY: u64 = 1 << 17;
/// A copy moves whole cache lines: sixteen pixels for the price of a touch.
const COPY_PIXELS_PER_TOUCH: u64 = 16;

/// How long the search in one frame may go on.
#[derive(Clone, Default)]
pub struct Budget {
    deadline: Option<(Uptime, Duration)>,
}

impl Budget {
    /// A budget that also ends when the clock reaches `deadline`.
    #[must_use]
    pub fn until(uptime: Uptime, deadline: Duration) -> Self {
        Self { deadline: Some((uptime, deadline)) }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deadline = self.deadline.as_ref().map(|(_, at)| at);
        f.debug_struct("Budget").field("deadline", &deadline).finish()
    }
}

/// What unwinds when the budget is spent.
pub(crate) struct Spent;

struct Meter {
    left: Cell<u64>,
    until_look: Cell<u64>,
    budget: Budget,
}

impl Meter {
    #[inline]
    fn touch(&self, touches: u64) {
        match self.until_look.get().checked_sub(touches) {
            Some(rest) => self.until_look.set(rest),
            None => self.look(touches),
        }
    }

    /// Books the touches since the last look, and ends the search if touches or time are spent.
    #[cold]
    fn look(&self, touches: u64) {
        let booked = CLOCK_EVERY + touches;
        let late = |(uptime, at): &(Uptime, Duration)| uptime() >= *at;
        match self.left.get().checked_sub(booked) {
            Some(left) if !self.budget.deadline.as_ref().is_some_and(late) => {
                self.left.set(left);
                self.until_look.set(CLOCK_EVERY);
            }
            // Not `panic!`: running out is expected, the panic hook has nothing to report.
            _ => resume_unwind(Box::new(Spent)),
        }
    }
}

/// A copy of a frame, all copies of which draw on one budget.
pub(crate) struct Metered {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
    meter: Rc<Meter>,
}

impl Metered {
    pub(crate) fn new(luma: &Luma, budget: &Budget) -> Self {
        let pixels = luma.pixels().to_vec();
        let allowance = (pixels.len() as u64 * TOUCHES_PER_PIXEL).max(TOUCHES_MIN);
        Self {
            width: luma.width(),
            height: luma.height(),
            pixels,
            meter: Rc::new(Meter {
                left: Cell::new(allowance),
                until_look: Cell::new(0),
                budget: budget.clone(),
            }),
        }
    }

    #[inline]
    fn at(&self, x: u32, y: u32) -> usize {
        // A column past the edge must not read the next row: that would be a wrong frame, not a panic.
        assert!(x < self.width, "column {x} is outside of the frame");
        self.meter.touch(1);
        y as usize * self.width as usize + x as usize
    }
}

impl Clone for Metered {
    fn clone(&self) -> Self {
        self.meter.touch(self.pixels.len() as u64 / COPY_PIXELS_PER_TOUCH);
        Self {
            width: self.width,
            height: self.height,
            pixels: self.pixels.clone(),
            meter: Rc::clone(&self.meter),
        }
    }
}

impl GenericImageView for Metered {
    type Pixel = image::Luma<u8>;

    #[inline]
    fn dimensions(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    #[inline]
    fn get_pixel(&self, x: u32, y: u32) -> Self::Pixel {
        image::Luma([self.pixels[self.at(x, y)]])
    }
}

impl GenericImage for Metered {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Self::Pixel {
        let at = self.at(x, y);
        image::Luma::from_slice_mut(&mut self.pixels[at..=at])
    }

    #[inline]
    fn put_pixel(&mut self, x: u32, y: u32, pixel: Self::Pixel) {
        let at = self.at(x, y);
        self.pixels[at] = pixel.0[0];
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Self::Pixel) {
        let Rgba([.., alpha]) = pixel.to_rgba();
        if alpha > 0 {
            self.put_pixel(x, y, pixel);
        }
    }
}
