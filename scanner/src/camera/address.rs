//! Which camera a configuration names: a device of this machine, the Pi's own module, or a camera in the network.

use url::Url;

/// The camera's place, read from [`super::CameraConfig::device`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The first usable V4L2 camera, USB ones first; without one, the Pi's camera module.
    Auto,
    /// `/dev/videoN`.
    Node(String),
    /// A camera module of a Raspberry Pi: `rpicam`, or `rpicam:N` for another than the first.
    Pi(u8),
    /// Motion JPEG over HTTP.
    Http(Url),
    /// RTSP with motion JPEG.
    Rtsp(Url),
}

impl Address {
    /// Reads a device's name; says what is wrong with it, without a password that may stand in it.
    pub(crate) fn read(device: &str) -> Result<Self, String> {
        let kinds = "`auto`, /dev/videoN, rpicam, http://… or rtsp://…";
        if device == "auto" {
            return Ok(Self::Auto);
        }
        if let Some(number) = device.strip_prefix("/dev/video") {
            return match number.parse::<u32>() {
                Ok(_) => Ok(Self::Node(device.to_owned())),
                Err(_) => Err(format!("{device:?} is not of the form /dev/videoN")),
            };
        }
        if let Some(rest) = device.strip_prefix("rpicam") {
            let number = rest.strip_prefix(':').unwrap_or(if rest.is_empty() { "0" } else { "" });
            let number = number.parse::<u8>();
            return number
                .map(Self::Pi)
                .map_err(|_| format!("{device:?} is not rpicam or rpicam:N"));
        }
        let Some((scheme, _)) = device.split_once("://") else {
            return Err(format!("a camera is {kinds}, not {device:?}"));
        };
        let url = Url::parse(device).map_err(|cause| format!("the camera's address: {cause}"))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err("the camera's address names no host".to_owned());
        }
        match scheme.to_ascii_lowercase().as_str() {
            "http" => Ok(Self::Http(url)),
            "rtsp" => Ok(Self::Rtsp(url)),
            "https" | "rtsps" => Err(format!(
                "{scheme}: cameras are read in plain http or rtsp only; keep the camera in a network of its own"
            )),
            _ => Err(format!("a camera is {kinds}, not {scheme}://…")),
        }
    }
}

/// An address as it may be shown: without user and password, and without a query, where some cameras put them.
pub(crate) fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    // Both fail only for addresses that cannot have any.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    if shown.query().is_some() {
        shown.set_query(Some("…"));
    }
    shown.set_fragment(None);
    shown.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_its_kind() {
        assert_eq!(Address::read("auto"), Ok(Address::Auto));
        assert_eq!(Address::read("/dev/video12"), Ok(Address::Node("/dev/video12".into())));
        assert_eq!(Address::read("rpicam"), Ok(Address::Pi(0)));
        assert_eq!(Address::read("rpicam:1"), Ok(Address::Pi(1)));
        assert!(matches!(
            Address::read("http://10.0.0.5:8080/?action=stream"),
            Ok(Address::Http(_))
        ));
        assert!(matches!(Address::read("RTSP://[fe80::1]/live"), Ok(Address::Rtsp(_))));
        for wrong in [
            "",
            "cam",
            "/dev/sda",
            "/dev/video",
            "/dev/videoX",
            "rpicamera",
            "rpicam:",
            "rpicam:300",
            "https://10.0.0.5/",
            "ftp://10.0.0.5/",
            "http://",
            "rtsp:///x",
            "http://[::1",
        ] {
            assert!(Address::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_password_is_shown() {
        for device in ["http://eve:hush@cam/v?pwd=hush#hush", "rtsp://eve:hush@cam:8554/"] {
            let (Address::Http(url) | Address::Rtsp(url)) = Address::read(device).unwrap() else {
                unreachable!()
            };
            let shown = shown(&url);
            assert!(
                shown.contains("cam") && !shown.contains("hush") && !shown.contains("eve"),
                "{shown}"
            );
        }
        let refused = Address::read("https://eve:hush@cam/").unwrap_err();
        assert!(!refused.contains("hush"), "{refused}");
    }
}
