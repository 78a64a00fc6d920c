//! The code on a door's wall poster, and whether the one that hangs there is the right one. Pure.
//!
//! `VW1:`, then base32 of CBOR: of capital letters and digits, so that it makes a small symbol, and fit for a web
//! address, which is what visitors' phones want to read. It is no credential and carries no signature: a wrong one
//! leads a visitor's phone astray, which is what the door's own camera looks for.

use data_encoding::BASE32_NOPAD;
use minicbor::{Decode, Encode};
use sync::{
    id::{EntranceId, RegionId, VenueId},
    record::Direction,
};

use crate::site::Site;

/// What the text begins with, alone or behind the last `/`, `#`, `=` or `?` of a web address.
pub const POSTER_PREFIX: &str = "VW1:";
/// The longest body that is read, characters.
const BODY_MAX: usize = 128;

/// What a poster says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Poster {
    /// The venue's region.
    #[n(0)]
    pub region: RegionId,
    /// The venue.
    #[n(1)]
    pub venue: VenueId,
    /// The entrance at which it hangs.
    #[n(2)]
    pub entrance: EntranceId,
    /// Which way it leads.
    #[n(3)]
    pub direction: Direction,
    /// Rises with every print that replaces an older one.
    #[n(4)]
    pub version: u32,
}

/// What is to be thought of a poster in front of a door's camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PosterCheck {
    /// The right one.
    Current,
    /// Of this door, and older than the current one, or with a direction that the door no longer has.
    Outdated,
    /// Of another door of this venue.
    OtherDoor,
    /// Of another venue.
    OtherVenue,
    /// A poster's code that cannot be read.
    Broken,
}

impl PosterCheck {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Outdated => "outdated",
            Self::OtherDoor => "other-door",
            Self::OtherVenue => "other-venue",
            Self::Broken => "broken",
        }
    }
}

impl Poster {
    /// The poster of a door.
    pub fn of(site: &Site, version: u32) -> Self {
        let Site { region, venue, entrance, direction, .. } = *site;
        Self { region, venue, entrance, direction, version }
    }

    /// Its text.
    pub fn to_text(&self) -> String {
        let body = minicbor::to_vec(self).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"));
        format!("{POSTER_PREFIX}{}", BASE32_NOPAD.encode(&body))
    }

    /// Reads [`Poster::to_text`], also at the end of a web address; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let body = body(text)?;
        if body.len() > BODY_MAX {
            return None;
        }
        let bytes = BASE32_NOPAD.decode(body.as_bytes()).ok()?;
        let mut decoder = minicbor::Decoder::new(&bytes);
        let poster = decoder.decode().ok()?;
        (decoder.position() == bytes.len()).then_some(poster)
    }
}

/// Whether a text is meant to be a poster's.
pub fn is_poster(text: &str) -> bool {
    body(text).is_some()
}

fn body(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some(body) = text.strip_prefix(POSTER_PREFIX) {
        return Some(body);
    }
    let scheme = text.get(..8).map(str::to_ascii_lowercase)?;
    if !scheme.starts_with("http://") && !scheme.starts_with("https://") {
        return None;
    }
    text.rsplit(['/', '#', '=', '?']).next()?.strip_prefix(POSTER_PREFIX)
}

/// What this door thinks of a poster's text. `current` is the version that should hang there; without one, any version
/// of this door's is current.
pub fn check(text: &str, site: &Site, current: Option<u32>) -> PosterCheck {
    let Some(poster) = Poster::from_text(text) else { return PosterCheck::Broken };
    if (poster.region, poster.venue) != (site.region, site.venue) {
        PosterCheck::OtherVenue
    } else if poster.entrance != site.entrance {
        PosterCheck::OtherDoor
    } else if !leads(site.direction, poster.direction)
        || current.is_some_and(|v| poster.version < v)
    {
        PosterCheck::Outdated
    } else {
        PosterCheck::Current
    }
}

/// Whether a door leads the way that a poster names; at a door for both ways each way has its own.
fn leads(door: Direction, poster: Direction) -> bool {
    door == poster || door == Direction::Both
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sync::{
        id::ZoneId,
        time::{UnixMillis, Zone},
    };

    fn site() -> Site {
        Site {
            region: RegionId::new(1),
            venue: VenueId::new(17),
            venue_name: "Shop".into(),
            zone: Zone::utc(),
            capacity: None,
            entrance: EntranceId::new(2),
            entrance_name: "North".into(),
            direction: Direction::Both,
            part: ZoneId::new(0),
            kind: crate::site::VenueKind::Place,
            activity: None,
            area: None,
            expires: UnixMillis::from_secs(2_000_000_000),
        }
    }

    #[test]
    fn a_poster_is_judged_by_what_it_says() {
        let good = Poster::of(&site(), 5);
        let judged = |poster: Poster| check(&poster.to_text(), &site(), Some(5));
        assert_eq!(judged(good), PosterCheck::Current);
        // A newer print may hang before the door has heard of it.
        assert_eq!(judged(Poster { version: 6, ..good }), PosterCheck::Current);
        assert_eq!(judged(Poster { version: 4, ..good }), PosterCheck::Outdated);
        assert_eq!(judged(Poster { direction: Direction::In, ..good }), PosterCheck::Current);
        let at_entrance = Site { direction: Direction::In, ..site() };
        let turned = Poster { direction: Direction::Out, ..good }.to_text();
        assert_eq!(check(&turned, &at_entrance, Some(5)), PosterCheck::Outdated);
        assert_eq!(judged(Poster { entrance: EntranceId::new(3), ..good }), PosterCheck::OtherDoor);
        assert_eq!(judged(Poster { venue: VenueId::new(18), ..good }), PosterCheck::OtherVenue);
        assert_eq!(judged(Poster { region: RegionId::new(2), ..good }), PosterCheck::OtherVenue);
        let old = Poster { version: 0, ..good }.to_text();
        assert_eq!(check(&old, &site(), None), PosterCheck::Current);
        assert_eq!(check("VW1:????", &site(), None), PosterCheck::Broken);
        assert_eq!(check(&(good.to_text() + "AA"), &site(), None), PosterCheck::Broken);
    }

    #[test]
    fn a_web_address_may_carry_it() {
        let text = Poster::of(&site(), 5).to_text();
        for around in
            ["https://door.example/p/", "HTTPS://DOOR.EXAMPLE/P#", "http://10.0.0.1:8080/c?p="]
        {
            let address = format!("{around}{text}");
            assert!(is_poster(&address), "{address}");
            assert_eq!(check(&address, &site(), Some(5)), PosterCheck::Current, "{address}");
        }
        for other in [
            "https://example.org/menu",
            "VP1:HELLO",
            "ST1:VW1:",
            "see VW1:AAAA",
            "ftp://a/VW1:AAAA",
        ] {
            assert!(!is_poster(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn texts_read_back(region: u16, venue: u32, entrance: u16, version: u32) {
            let poster = Poster {
                region: RegionId::new(region),
                venue: VenueId::new(venue.into()),
                entrance: EntranceId::new(entrance),
                direction: Direction::Out,
                version,
            };
            let text = poster.to_text();
            prop_assert_eq!(Poster::from_text(&text), Some(poster));
            prop_assert!(text.len() <= 60 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b':'));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = check(&text, &site(), None);
            let _ = check(&format!("{POSTER_PREFIX}{}", BASE32_NOPAD.encode(&bytes)), &site(), None);
        }
    }
}
