//! Second opinions: rqrr's finder and sampler, metered, its grids read like our own; rxing on small frames.

use super::bits::Message;
use super::geometry::Point;
use super::layout::Version;
use super::symbol::{Modules, Read};
use super::text::{Charset, Piece};
use crate::contain::contain;
use crate::luma::Luma;
use crate::meter::{Metered, Spent, Work};

/// The symbols that rqrr sees in a frame and that can be read, with their corners in reading direction.
///
/// Its search is unbounded, so it reads the frame through a meter that ends it by unwinding.
pub(super) fn opinion(luma: &Luma, work: &Work) -> Vec<(Read, [Point; 4])> {
    if luma.pixels().len() > RQRR_PIXELS_MAX {
        return Vec::new();
    }
    let frame = Metered::new(luma, work);
    let seen = contain(|| {
        let mut prepared = rqrr::PreparedImage::prepare(frame);
        let grids = prepared.detect_grids();
        grids.iter().filter_map(|grid| read(&grid.grid, grid.bounds)).collect::<Vec<_>>()
    });
    // A panic in it is no symbol; a spent meter shows in the account.
    seen.unwrap_or_default()
}

/// Largest frame that rqrr sees, in pixels: it makes copies, and memory is bounded as well.
const RQRR_PIXELS_MAX: usize = 2_500_000;
/// Largest frame that rxing sees, in pixels: it cannot be interrupted, so it must not have much to search.
const RXING_PIXELS_MAX: usize = 450_000;
/// Shortest side of such a frame: rxing enlarges smaller ones threefold, again and again.
const RXING_SIDE_MIN: u32 = 150;
/// Steps booked for a frame shown to rxing.
const RXING_STEPS: u64 = 15_000_000;

/// The text that rxing reads in a small frame; only plain ASCII, whose bytes are known from its text.
///
/// It reads some of the tiny modules that are left unread by us.
pub(super) fn rxing_opinion(
    luma: &Luma,
    work: &Work,
) -> Result<Option<(Message, [Point; 4])>, Spent> {
    if luma.pixels().len() > RXING_PIXELS_MAX || luma.width().min(luma.height()) < RXING_SIDE_MIN {
        return Ok(None);
    }
    work.spend(RXING_STEPS)?;
    let seen = contain(|| {
        let (width, height) = (luma.width(), luma.height());
        let format = Some(rxing::BarcodeFormat::QR_CODE);
        let pixels = luma.pixels().to_vec();
        rxing::helpers::detect_in_luma_filtered(pixels, width, height, format).ok()
    });
    let Ok(Some(result)) = seen else { return Ok(None) };
    let text = result.getText();
    let places: Vec<Point> = result.getPoints().iter().map(|p| Point::new(p.x, p.y)).collect();
    // Bottom left, top left, top right: the finder patterns' centres.
    let [below, corner, right, ..] = places.as_slice() else { return Ok(None) };
    if !text.is_ascii() || text.is_empty() {
        return Ok(None);
    }
    let far = right.plus(*below).minus(*corner);
    let piece = Piece { charset: Charset::Ascii, bytes: text.as_bytes().to_vec() };
    Ok(Some((Message { pieces: vec![piece], part: None }, [*corner, *right, far, *below])))
}

fn read(grid: &impl rqrr::BitGrid, bounds: [rqrr::Point; 4]) -> Option<(Read, [Point; 4])> {
    let side = grid.size();
    let version = Version::of_side(side)?;
    let dark = |at: usize| if grid.bit(at / side, at % side) { 1.0 } else { -1.0 };
    let read = Modules::new(version, (0..side * side).map(dark).collect())?.read()?;
    Some((read, bounds.map(|p| Point::new(p.x as f32, p.y as f32))))
}
