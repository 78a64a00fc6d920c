//! The files that pages load: style and scripts, embedded, named by their content, packed for whoever can unpack them.

use std::{io::Write, sync::LazyLock};

use axum::{
    extract::Path,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

use crate::error::Failure;

struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static str,
    mark: String,
    /// The body as gzip has it (RFC 1952): the same for everybody and no secret, so its length tells nothing.
    packed: Vec<u8>,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    const CSS: &str = "text/css; charset=utf-8";
    const JS: &str = "text/javascript; charset=utf-8";
    const SVG: &str = "image/svg+xml";
    [
        ("style.css", CSS, include_str!("../static/style.css")),
        ("door.css", CSS, include_str!("../static/door.css")),
        ("staff.css", CSS, include_str!("../static/staff.css")),
        ("manager.css", CSS, include_str!("../static/manager.css")),
        ("desk.css", CSS, include_str!("../static/desk.css")),
        ("visitor.css", CSS, include_str!("../static/visitor.css")),
        ("visitor-door.css", CSS, include_str!("../static/visitor-door.css")),
        ("pass.css", CSS, include_str!("../static/pass.css")),
        ("roll.css", CSS, include_str!("../static/roll.css")),
        ("print.js", JS, include_str!("../static/print.js")),
        ("live.js", JS, include_str!("../static/live.js")),
        ("door.js", JS, include_str!("../static/door.js")),
        ("desk.js", JS, include_str!("../static/desk.js")),
        ("wedge.js", JS, include_str!("../static/wedge.js")),
        ("camera.js", JS, include_str!("../static/camera.js")),
        ("visitor.js", JS, include_str!("../static/visitor.js")),
        ("noble.js", JS, include_str!("../static/noble/noble.js")),
        ("casework.css", CSS, include_str!("../static/casework.css")),
        ("ed25519.js", JS, include_str!("../static/noble/ed25519.js")),
        ("qr.js", JS, include_str!("../static/qr.js")),
        ("wallet.css", CSS, include_str!("../static/wallet.css")),
        ("wallet.js", JS, include_str!("../static/wallet.js")),
        ("office.css", CSS, include_str!("../static/office.css")),
        ("office.js", JS, include_str!("../static/office.js")),
        ("sheet.js", JS, include_str!("../static/sheet.js")),
        ("guard.css", CSS, include_str!("../static/guard.css")),
        ("guard.js", JS, include_str!("../static/guard.js")),
        ("passkeys.js", JS, include_str!("../static/passkeys.js")),
        ("icon.svg", SVG, include_str!("../static/icon.svg")),
    ]
    .into_iter()
    .map(|(name, kind, body)| {
        let digest = Sha256::digest(body.as_bytes());
        let mark = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let packed = gzip.write_all(body.as_bytes()).and_then(|()| gzip.finish());
        let packed = packed.unwrap_or_else(|e| unreachable!("gzip into memory: {e}"));
        Asset { name, kind, body, mark, packed }
    })
    .collect()
});

/// The address of an embedded file; it changes with the content, so browsers may keep what they have.
pub(crate) fn address(name: &str) -> String {
    let mark = ASSETS.iter().find(|a| a.name == name).map_or("", |a| &a.mark);
    format!("/static/{name}?{mark}")
}

/// `/static/…`
pub(crate) async fn serve(Path(name): Path<String>, asked: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|a| a.name == name) else {
        return Failure::not_found().into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    if unpacks(&asked) {
        let packed = [(header::CONTENT_ENCODING, "gzip")];
        return (headers, packed, asset.packed.as_slice()).into_response();
    }
    (headers, asset.body).into_response()
}

/// Whether a browser says that it takes gzip; one that refuses it says so by a quality of nothing.
fn unpacks(asked: &HeaderMap) -> bool {
    let codings =
        asked.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|v| v.to_str().ok());
    codings.flat_map(|line| line.split(',')).any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = quality
            .trim()
            .strip_prefix("q=")
            .is_some_and(|q| q.trim().parse().is_ok_and(|q: f32| q <= 0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn what_is_packed_is_the_file_and_shorter() {
        for asset in ASSETS.iter() {
            let mut text = String::new();
            flate2::read::GzDecoder::new(&*asset.packed).read_to_string(&mut text).unwrap();
            assert_eq!(text, asset.body, "{}", asset.name);
        }
        let of = |length: fn(&Asset) -> usize| ASSETS.iter().map(length).sum::<usize>();
        assert!(of(|a| a.packed.len()) * 2 < of(|a| a.body.len()));
    }

    #[test]
    fn it_is_packed_for_who_can_unpack_it() {
        let check = |line: &'static str, expected| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(line));
            assert_eq!(unpacks(&headers), expected, "{line}");
        };
        check("gzip, deflate, br, zstd", true);
        check("br;q=1.0, GZIP;q=0.8", true);
        check("gzip;q=0, identity", false);
        check("br, xgzip", false);
        assert!(!unpacks(&HeaderMap::new()));
    }
}
