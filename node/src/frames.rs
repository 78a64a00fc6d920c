//! What joins a browser's camera to the scanner's decoder: one eye, one coach and one memory for each camera.

use std::{sync::Arc, time::Duration};

use scanner::{Budget, Coach, Eye, Hint, Sighting, Sightings, Uptime, posted_luma};
use web::{FrameError, Frames, Looked, OpenFrames};

/// A code unseen for this long is a new scan when it comes back.
const AWAY: Duration = Duration::from_secs(3);
/// The longest search in one frame.
const SEARCH_MAX: Duration = Duration::from_millis(300);

/// Opens a reader for each camera that a browser offers.
pub(crate) fn open(uptime: Uptime) -> OpenFrames {
    Arc::new(move || {
        Box::new(BrowserCamera {
            eye: Eye::new(),
            coach: Coach::default(),
            sightings: Sightings::new(AWAY),
            uptime: Arc::clone(&uptime),
        })
    })
}

struct BrowserCamera {
    eye: Eye,
    coach: Coach,
    sightings: Sightings,
    uptime: Uptime,
}

impl Frames for BrowserCamera {
    fn look(&mut self, picture: Vec<u8>) -> Result<Looked, FrameError> {
        let luma = posted_luma(picture).map_err(|error| {
            tracing::debug!(%error, "a browser's frame was refused");
            FrameError
        })?;
        let now = (self.uptime)();
        let budget = Budget::until(Arc::clone(&self.uptime), now + SEARCH_MAX);
        let mut found = self.eye.look(&luma, now, &budget).unwrap_or_default();
        // One symbol of several says nothing alone.
        found.retain(|found| found.part.is_none());
        let hint = self.coach.look(&luma, &found, now).hint.map(Hint::word);
        let fresh = found
            .into_iter()
            .filter(|found| self.sightings.observe(&found.payload, now) == Sighting::New);
        // No credential of ours is bytes that are no text.
        let texts = fresh.filter_map(|found| found.payload.text().map(str::to_owned)).collect();
        Ok(Looked { texts, hint })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use scanner::{View, stage};

    use super::*;

    fn png(text: &str) -> Vec<u8> {
        let luma = stage(text, &View::head_on(), 1).unwrap();
        let (width, height) = (luma.width(), luma.height());
        let image = image::GrayImage::from_raw(width, height, luma.pixels().to_vec()).unwrap();
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn what_is_no_picture_of_a_browser_is_refused() {
        let uptime: Uptime = Arc::new(|| Duration::from_secs(1));
        let mut camera = open(uptime)();
        for wrong in [b"".to_vec(), b"GIF89a".to_vec(), vec![0xff, 0xd8, 0xff]] {
            assert_eq!(camera.look(wrong), Err(FrameError));
        }
    }

    #[test]
    fn each_camera_has_a_memory_of_its_own() {
        let millis = Arc::new(AtomicU64::new(1_000));
        let now = Arc::clone(&millis);
        let opened = open(Arc::new(move || Duration::from_millis(now.load(Ordering::Relaxed))));
        let (mut one, mut two) = (opened(), opened());
        let picture = png("ST1:HELD UP");
        assert_eq!(one.look(picture.clone()).unwrap().texts, ["ST1:HELD UP"]);
        millis.fetch_add(500, Ordering::Relaxed);
        assert!(one.look(picture.clone()).unwrap().texts.is_empty(), "still held up");
        assert_eq!(two.look(picture.clone()).unwrap().texts, ["ST1:HELD UP"]);
        millis.fetch_add(4_000, Ordering::Relaxed);
        assert_eq!(one.look(picture).unwrap().texts, ["ST1:HELD UP"], "it went and came back");
    }
}
