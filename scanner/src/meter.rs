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

/// Steps between two looks at the clock (about 0.2 ms).
const CLOCK_EVERY: u64 = 1 << 17;
/// A copy moves whole cache lines: sixteen pixels for the price of a touch.
const COPY_PIXELS_PER_TOUCH: u64 = 16;
/// Steps for a touch of a pixel by foreign code, with what it does between two of them.
const TOUCH_STEPS: u64 = 3;

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

/// The budget is spent; also what unwinds where foreign code cannot be asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent;

/// Steps booked against a budget; a step is about a nanosecond of a desktop's core. Copies draw on the same account.
#[derive(Clone)]
pub(crate) struct Work(Rc<Account>);

struct Account {
    left: Cell<u64>,
    until_look: Cell<u64>,
    budget: Budget,
}

impl Work {
    /// An account of `steps`, which also ends at the budget's deadline.
    pub(crate) fn new(steps: u64, budget: &Budget) -> Self {
        Self(Rc::new(Account {
            left: Cell::new(steps),
            until_look: Cell::new(0),
            budget: budget.clone(),
        }))
    }

    /// Books steps that are about to be taken.
    ///
    /// # Errors
    /// Steps or time are spent.
    #[inline]
    pub(crate) fn spend(&self, steps: u64) -> Result<(), Spent> {
        match self.0.until_look.get().checked_sub(steps) {
            Some(rest) => {
                self.0.until_look.set(rest);
                Ok(())
            }
            None => self.look(steps),
        }
    }

    /// Books the steps since the last look, and looks at the clock.
    #[cold]
    fn look(&self, steps: u64) -> Result<(), Spent> {
        let account = &self.0;
        let booked = CLOCK_EVERY - account.until_look.get().min(CLOCK_EVERY) + steps;
        let late = |(uptime, at): &(Uptime, Duration)| uptime() >= *at;
        account.until_look.set(0);
        match account.left.get().checked_sub(booked) {
            Some(left) if !account.budget.deadline.as_ref().is_some_and(late) => {
                account.left.set(left);
                account.until_look.set(CLOCK_EVERY);
                Ok(())
            }
            _ => {
                account.left.set(0);
                Err(Spent)
            }
        }
    }
}

impl Work {
    /// Does a part of the work that may take at most `steps`; when those are spent, only the part ends.
    ///
    /// # Errors
    /// Steps or time of the whole are spent.
    pub(crate) fn within<T>(&self, steps: u64, part: impl FnOnce(&Self) -> T) -> Result<T, Spent> {
        let steps = steps.min(self.0.left.get());
        let account = Self::new(steps, &self.0.budget);
        let outcome = part(&account);
        self.spend(steps - account.0.left.get())?;
        Ok(outcome)
    }
}

/// A copy of a frame, all copies of which draw on one budget.
pub(crate) struct Metered {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
    work: Work,
}

impl Metered {
    pub(crate) fn new(luma: &Luma, work: &Work) -> Self {
        let pixels = luma.pixels().to_vec();
        Self { width: luma.width(), height: luma.height(), pixels, work: work.clone() }
    }

    fn touch(&self, touches: u64) {
        if let Err(spent) = self.work.spend(touches) {
            // Not `panic!`: running out is expected, the panic hook has nothing to report.
            resume_unwind(Box::new(spent));
        }
    }

    #[inline]
    fn at(&self, x: u32, y: u32) -> usize {
        // A column past the edge must not read the next row: that would be a wrong frame, not a panic.
        assert!(x < self.width, "column {x} is outside of the frame");
        self.touch(TOUCH_STEPS);
        y as usize * self.width as usize + x as usize
    }
}

impl Clone for Metered {
    fn clone(&self) -> Self {
        self.touch(self.pixels.len() as u64 / COPY_PIXELS_PER_TOUCH);
        Self {
            width: self.width,
            height: self.height,
            pixels: self.pixels.clone(),
            work: self.work.clone(),
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
