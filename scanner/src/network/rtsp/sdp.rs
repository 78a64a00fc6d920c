//! What a camera says of its streams (SDP, RFC 8866): where the one with motion JPEG is.

use url::Url;

/// A stream of motion JPEG.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stream {
    control: Option<String>,
    session_control: Option<String>,
}

impl Stream {
    /// The address for `SETUP`.
    pub(super) fn address(&self, base: &str) -> String {
        self.control.as_deref().map_or_else(|| base.to_owned(), |control| joined(base, control))
    }

    /// The address for `PLAY`, where it is not the one that was described.
    pub(super) fn whole(&self, base: &str) -> Option<String> {
        self.session_control.as_deref().map(|control| joined(base, control))
    }
}

/// RFC 2326 §C.1.1: `*` is the base itself; else absolute, or relative to the base, which cameras write without the slash
/// that a strict reading wants at its end.
fn joined(base: &str, control: &str) -> String {
    if control == "*" {
        return base.to_owned();
    }
    if Url::parse(control).is_ok() {
        return control.to_owned();
    }
    let slash = if base.ends_with('/') || control.starts_with('/') { "" } else { "/" };
    format!("{base}{slash}{control}")
}

/// The first stream of motion JPEG: static payload type 26 (RFC 3551 §6) or one that `rtpmap` names so.
pub(super) fn jpeg_stream(sdp: &str) -> Result<Stream, String> {
    let mut parts = sdp.split("\nm=");
    let session_control = parts.next().and_then(control_of);
    let mut others = Vec::new();
    for part in parts.map(str::trim_end) {
        let mut words = part.lines().next().unwrap_or_default().split_whitespace();
        if words.next() != Some("video") {
            continue;
        }
        let payload = words.nth(2).unwrap_or_default();
        let map = attribute(part, "rtpmap")
            .and_then(|map| map.strip_prefix(payload)?.trim().split('/').next().map(str::to_owned));
        let name = map.unwrap_or_default();
        if name.eq_ignore_ascii_case("JPEG") || (name.is_empty() && payload == "26") {
            return Ok(Stream { control: control_of(part), session_control });
        }
        others.push(name.chars().filter(char::is_ascii_alphanumeric).take(12).collect::<String>());
    }
    Err(match others.as_slice() {
        [] => "the camera names no stream of pictures".to_owned(),
        _ => format!(
            "the camera sends {}, not JPEG: choose its motion JPEG stream",
            others.join(", ")
        ),
    })
}

fn control_of(part: &str) -> Option<String> {
    let control = attribute(part, "control")?;
    // It goes into a request line.
    control.chars().all(|c| c.is_ascii_graphic()).then(|| control.to_owned())
}

fn attribute<'a>(part: &'a str, name: &str) -> Option<&'a str> {
    let value = |line: &'a str| line.strip_prefix("a=")?.strip_prefix(name)?.strip_prefix(':');
    part.lines().find_map(value).map(str::trim)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SDP: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\na=control:*\r\nm=audio 0 RTP/AVP 0\r\na=control:trackID=1\r\nm=video 0 RTP/AVP 26\r\na=control:trackID=2\r\n";

    #[test]
    fn the_stream_of_jpegs_is_found_and_addressed() {
        let stream = jpeg_stream(SDP).unwrap();
        let base = "rtsp://cam/live";
        assert_eq!(stream.address(base), "rtsp://cam/live/trackID=2");
        assert_eq!(stream.address("rtsp://cam/live/"), "rtsp://cam/live/trackID=2");
        assert_eq!(stream.whole(base).as_deref(), Some(base));
        let mapped = "v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 JPEG/90000\na=control:rtsp://cam/2\n";
        let stream = jpeg_stream(mapped).unwrap();
        assert_eq!((stream.address(base).as_str(), stream.whole(base)), ("rtsp://cam/2", None));
    }

    #[test]
    fn a_camera_without_it_says_what_it_sends() {
        let refused =
            jpeg_stream("v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n").unwrap_err();
        assert!(refused.contains("sends H264"), "{refused}");
        assert!(jpeg_stream("v=0\nm=audio 0 RTP/AVP 0\n").unwrap_err().contains("no stream"));
        assert!(jpeg_stream("").is_err());
        let forged = "v=0\nm=video 0 RTP/AVP 26\na=control:x RTSP/1.0\n";
        assert_eq!(jpeg_stream(forged).unwrap().address("rtsp://cam/"), "rtsp://cam/");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(m=|a=|video|control:|rtpmap:|26|JPEG|\n| |.){0,60}") {
            if let Ok(stream) = jpeg_stream(&format!("v=0\n{text}")) {
                prop_assert!(stream.address("rtsp://cam/").is_ascii());
            }
        }
    }
}
