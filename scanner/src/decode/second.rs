//! rqrr's finder and sampler as a second opinion, metered; its grids are read like our own.

use super::geometry::Point;
use super::layout::Version;
use super::symbol::{Modules, Read};
use crate::contain::contain;
use crate::luma::Luma;
use crate::meter::{Metered, Spent, Work};

/// The symbols that rqrr sees in a frame and that can be read, with their corners in reading direction.
///
/// Its search is unbounded, so it reads the frame through a meter that ends it by unwinding.
pub(super) fn opinion(luma: &Luma, work: &Work) -> Result<Vec<(Read, [Point; 4])>, Spent> {
    let frame = Metered::new(luma, work);
    let seen = contain(|| {
        let mut prepared = rqrr::PreparedImage::prepare(frame);
        let grids = prepared.detect_grids();
        grids.iter().filter_map(|grid| read(&grid.grid, grid.bounds)).collect::<Vec<_>>()
    });
    // A panic in it is no symbol; a spent meter shows in the account.
    Ok(seen.unwrap_or_default())
}

fn read(grid: &impl rqrr::BitGrid, bounds: [rqrr::Point; 4]) -> Option<(Read, [Point; 4])> {
    let side = grid.size();
    let version = Version::of_side(side)?;
    let dark = |at: usize| if grid.bit(at / side, at % side) { 1.0 } else { -1.0 };
    let read = Modules::new(version, (0..side * side).map(dark).collect())?.read()?;
    Some((read, bounds.map(|p| Point::new(p.x as f32, p.y as f32))))
}
