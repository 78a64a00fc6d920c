//! Focus, exposure and light of a V4L2 camera, set for a door as far as the camera has them.

use nokhwa::backends::capture::V4LCaptureDevice;
use nokhwa::utils as nk;
use nokhwa::utils::{ControlValueDescription as Offered, ControlValueSetter as Value};

/// A control of `linux/v4l2-controls.h`, what it is called in reports, and what a door wants of it.
struct Wish {
    id: u32,
    name: &'static str,
    value: i64,
}

/// The order matters: a fixed exposure hides its frame rate's priority, a fixed focus its range.
const WISHES: [Wish; 6] = [
    // V4L2_CID_FOCUS_AUTO: a card is held at any distance.
    Wish { id: 0x009a_090c, name: "continuous focus", value: 1 },
    // V4L2_CID_EXPOSURE_AUTO, 3 is V4L2_EXPOSURE_APERTURE_PRIORITY: the one automatic mode that UVC cameras have.
    Wish { id: 0x009a_0901, name: "automatic exposure", value: 3 },
    // V4L2_CID_EXPOSURE_AUTO_PRIORITY: 0 keeps the frame rate in the dark, so that a moving hand blurs less.
    Wish { id: 0x009a_0903, name: "constant frame rate", value: 0 },
    // V4L2_CID_POWER_LINE_FREQUENCY, 1 is 50 Hz: lamps flicker at it where doors are; stripes cost codes.
    Wish { id: 0x0098_0918, name: "no flicker at 50 Hz", value: 1 },
    // V4L2_CID_BACKLIGHT_COMPENSATION: visitors stand before a bright street.
    Wish { id: 0x0098_091c, name: "backlight compensation", value: 1 },
    // V4L2_CID_AUTOGAIN
    Wish { id: 0x0098_0912, name: "automatic gain", value: 1 },
];

/// Sets what the camera has; the rest is left alone. Nothing here is worth losing the camera for, so failures are only
/// told: the answer goes behind the camera's name, empty where there is nothing to say.
pub(super) fn set_for_a_door(device: &mut V4LCaptureDevice<'static>) -> String {
    use nokhwa::camera_traits::CaptureBackendTrait as _;
    let Ok(offered) = device.camera_controls() else {
        return "; its controls cannot be read".to_owned();
    };
    let (mut set, mut refused) = (Vec::new(), Vec::new());
    for wish in WISHES {
        let of_it = |c: &&nk::CameraControl| id_of(c.control()) == Some(wish.id);
        let Some(value) = offered.iter().find(of_it).and_then(|c| fitting(c, wish.value)) else {
            continue;
        };
        let kind = nk::KnownCameraControl::Other(u128::from(wish.id));
        let known = offered.iter().find(of_it).map_or(kind, nk::CameraControl::control);
        match value {
            Setting::Already => set.push(wish.name),
            Setting::To(value) => match device.set_camera_control(known, value) {
                Ok(()) => set.push(wish.name),
                Err(_) => refused.push(wish.name),
            },
        }
    }
    let list = |word: &str, names: &[&str]| match names {
        [] => String::new(),
        names => format!("; {word}{}", names.join(", ")),
    };
    list("", &set) + &list("refused: ", &refused)
}

enum Setting {
    Already,
    To(Value),
}

/// What to set, if the control can be set and takes the wish.
fn fitting(control: &nk::CameraControl, wish: i64) -> Option<Setting> {
    let closed = [nk::KnownCameraControlFlag::ReadOnly, nk::KnownCameraControlFlag::Disabled];
    if control.flag().iter().any(|flag| closed.contains(flag)) {
        return None;
    }
    match *control.description() {
        Offered::Boolean { value, .. } if value == (wish != 0) => Some(Setting::Already),
        Offered::Boolean { .. } => Some(Setting::To(Value::Boolean(wish != 0))),
        Offered::IntegerRange { value, .. } if value == wish => Some(Setting::Already),
        Offered::IntegerRange { min, max, .. } if (min..=max).contains(&wish) => {
            Some(Setting::To(Value::Integer(wish)))
        }
        _ => None,
    }
}

fn id_of(control: nk::KnownCameraControl) -> Option<u32> {
    match control {
        nk::KnownCameraControl::Other(id) => u32::try_from(id).ok(),
        nk::KnownCameraControl::BacklightComp => Some(0x0098_091c),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use nokhwa::utils::{KnownCameraControl, KnownCameraControlFlag};

    use super::*;

    fn control(offered: Offered, flags: Vec<KnownCameraControlFlag>) -> nk::CameraControl {
        nk::CameraControl::new(KnownCameraControl::Other(1), "x".to_owned(), offered, flags, true)
    }

    #[test]
    fn only_what_a_camera_takes_is_set() {
        let range = |value| Offered::IntegerRange { min: 0, max: 2, value, step: 1, default: 1 };
        let boolean = |value| Offered::Boolean { value, default: true };
        let told = |offered, wish| match fitting(&control(offered, vec![]), wish) {
            None => "no".to_owned(),
            Some(Setting::Already) => "already".to_owned(),
            Some(Setting::To(value)) => format!("{value:?}"),
        };
        assert_eq!(told(range(0), 1), "Integer(1)");
        assert_eq!(told(range(1), 1), "already");
        assert_eq!(told(range(0), 3), "no");
        assert_eq!(told(boolean(false), 1), "Boolean(true)");
        assert_eq!(told(boolean(false), 0), "already");
        let closed = control(range(0), vec![KnownCameraControlFlag::ReadOnly]);
        assert!(fitting(&closed, 1).is_none());
    }
}
