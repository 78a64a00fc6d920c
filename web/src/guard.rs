//! What every request passes: the host check, the cross-site check, the security headers.

use std::{net::IpAddr, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    app::{Ends, Shared},
    caller::{LANG_COOKIE, asked_language, language},
    error::Failure,
};

/// A request that takes longer is given up; streams answer at once and then run on.
const REQUEST_MAX: Duration = Duration::from_secs(if cfg!(test) { 3 } else { 30 });

/// Headers of every answer.
const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
];

/// The staff desk may use the camera of the device on which it is shown, when the person asks for it.
const DESK_PERMISSIONS: &str = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()";

/// The names under which this node may be asked, against pages that rebind a name of theirs to its address.
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    pub(crate) fn new(names: &[String]) -> Self {
        Self(names.iter().map(|name| name.to_ascii_lowercase()).collect())
    }

    /// Whether `host`, as in the `Host` header, is a name of ours or the address that was connected to.
    fn knows(&self, host: &str, own: Option<IpAddr>) -> bool {
        let name = without_port(host).to_ascii_lowercase();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let address = bare.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
        address.is_some_and(|ip| ip.is_loopback() || own.map(|ip| ip.to_canonical()) == Some(ip))
            || self.0.iter().any(|known| known == bare)
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') && port.bytes().all(|b| b.is_ascii_digit()) => {
            name
        }
        _ => host,
    }
}

/// The middleware around everything.
pub(crate) async fn guard(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let lang = language(request.headers(), request.uri());
    let asked = asked_language(request.uri());
    let at_desk = request.uri().path().starts_with("/desk");
    let own = request.extensions().get::<Ends>().map(|ends| ends.own);
    let host = host(&request);
    let mut response = if !host.as_deref().is_some_and(|host| app.hosts.knows(host, own)) {
        Failure::host().read_in(lang).into_response()
    } else if !from_here(request.method(), request.headers(), host.as_deref()) {
        Failure::forbidden().read_in(lang).into_response()
    } else {
        match tokio::time::timeout(REQUEST_MAX, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Failure::slow().read_in(lang).into_response(),
        }
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if at_desk {
        headers.insert("permissions-policy", HeaderValue::from_static(DESK_PERMISSIONS));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Some(lang) = asked {
        let cookie = format!(
            "{LANG_COOKIE}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax",
            lang.tag()
        );
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    response
}

fn host(request: &Request) -> Option<String> {
    let named = request.headers().get(header::HOST).and_then(|h| h.to_str().ok());
    named.or_else(|| request.uri().authority().map(|a| a.as_str())).map(str::to_owned)
}

/// Whether a request that changes something comes from one of our pages.
///
/// Browsers say so themselves in `Sec-Fetch-Site`; older ones name their `Origin`, which our own referrer policy
/// turns into `null`. Every form carries the session's token besides.
fn from_here(method: &Method, headers: &HeaderMap, host: Option<&str>) -> bool {
    if matches!(*method, Method::GET | Method::HEAD) {
        return true;
    }
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    match text("origin") {
        None | Some("null") => true,
        Some(origin) => {
            let origin_host = origin.split_once("://").map(|(_, host)| host);
            origin_host.is_some() && origin_host == host
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_answered() {
        let hosts = Hosts::new(&["localhost".into(), "Door.example".into()]);
        let own = Some(IpAddr::from([192, 168, 1, 7]));
        let check = |host: &str, known| assert_eq!(hosts.knows(host, own), known, "{host}");
        check("localhost:8443", true);
        check("LOCALHOST", true);
        check("127.0.0.1:1", true);
        check("[::1]:8443", true);
        check("door.example", true);
        check("192.168.1.7:8443", true);
        check("[::ffff:192.168.1.7]:8443", true);
        check("192.168.1.8:8443", false);
        check("evil.example", false);
        check("localhost.evil.example:8443", false);
        check("", false);
    }

    #[test]
    fn changes_come_from_our_own_pages() {
        let check = |pairs: &[(&'static str, &'static str)], passes| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            assert_eq!(from_here(&Method::POST, &headers, Some("door:8443")), passes, "{pairs:?}");
            assert!(from_here(&Method::GET, &headers, None));
        };
        check(&[("sec-fetch-site", "same-origin"), ("origin", "null")], true);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("sec-fetch-site", "none")], false);
        check(&[("origin", "https://door:8443")], true);
        check(&[("origin", "https://door:8444")], false);
        check(&[("origin", "https://evil")], false);
        check(&[], true);
    }
}
