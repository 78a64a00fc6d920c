//! What a text is that came from a QR symbol or a keyboard: a credential, one of our own papers, or neither.

pub mod ids;
pub mod layout;
mod other;
pub mod paper;
pub mod pass;
pub mod poster;
pub mod sheet;

use std::fmt;

pub use other::OtherCode;
use paper::VENUE_GRANT_PREFIX;
use pass::PASS_PREFIX;

/// The most characters that a code may have: the largest QR symbol holds 4296 alphanumeric ones.
pub const CODE_CHARS_MAX: usize = 4296;

/// The most characters of a SMART Health Card: the largest QR symbol holds 7089 digits, and the prefix.
const SHC_CHARS_MAX: usize = 7094;

const STATUS_PREFIX: &str = "ST1:";
const DCC_PREFIX: &str = "HC1:";
const LIGHT_PREFIX: &str = "LT1:";
const SHC_PREFIX: &str = "shc:/";
const NZCP_PREFIX: &str = "NZCP:/1/";
// `sync::membership` and `sync::bulletin` write these; a test below holds them together.
const MEMBERSHIP_PREFIX: &str = "vestibule-membership:1:";
const BULLETIN_PREFIX: &str = "vestibule-bulletin:1:";

/// A text by its kind. Nothing in it is verified; each text is kept with its prefix, without white space around.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// Our own status token, `ST1:`.
    Status(Box<str>),
    /// An EU Digital COVID Certificate, `HC1:`.
    Dcc(Box<str>),
    /// The Swiss certificate light, `LT1:`.
    Light(Box<str>),
    /// A SMART Health Card or a part of one, `shc:/`; or its JWS, as it is saved in files.
    Shc(Box<str>),
    /// The New Zealand COVID Pass, `NZCP:/1/`.
    Nzcp(Box<str>),
    /// ICAO's Visible Digital Seal for non-constrained environments: JSON.
    Vdsnc(Box<str>),
    /// A membership: what [`sync::membership::Membership::from_text`] reads.
    Membership(Box<str>),
    /// A bulletin: what [`sync::bulletin::Bulletin::from_text`] reads.
    Bulletin(Box<str>),
    /// A venue's grant: what [`paper::venue_grant_from_text`] reads.
    VenueGrant(Box<str>),
    /// A wall poster's code, of this venue or another: what [`poster::check`] judges. Never a visitor's.
    Poster(Box<str>),
    /// A day pass that a door of a venue has made: what [`pass::DayPass::open`] reads.
    DayPass(Box<str>),
    /// None of these.
    Other(OtherCode),
}

/// What a kind makes of its text.
type Kind = fn(Box<str>) -> Code;

impl Code {
    /// Reads a text; never fails, for every text is something. One that a hand scanner typed through a Cyrillic layout
    /// is read as it was meant, if that makes it one of the known kinds.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        // Digits alone fill a symbol with more, and only cards are digits.
        if text.starts_with(SHC_PREFIX) && text.len() <= SHC_CHARS_MAX {
            return Self::Shc(text.into());
        }
        // A character takes at most four bytes: most long texts are refused without counting.
        if text.len() > 4 * CODE_CHARS_MAX || text.chars().count() > CODE_CHARS_MAX {
            return Self::Other(OtherCode::TooLong);
        }
        let kinds: [(&str, Kind); 9] = [
            (STATUS_PREFIX, Self::Status),
            (DCC_PREFIX, Self::Dcc),
            (LIGHT_PREFIX, Self::Light),
            (SHC_PREFIX, Self::Shc),
            (NZCP_PREFIX, Self::Nzcp),
            (MEMBERSHIP_PREFIX, Self::Membership),
            (BULLETIN_PREFIX, Self::Bulletin),
            (VENUE_GRANT_PREFIX, Self::VenueGrant),
            (PASS_PREFIX, Self::DayPass),
        ];
        let known = |text: &str| {
            let kind = kinds.iter().find(|(prefix, _)| text.starts_with(prefix));
            let poster = || poster::is_poster(text).then(|| Self::Poster(text.into()));
            kind.map(|(_, kind)| kind(text.into())).or_else(|| unnamed(text)).or_else(poster)
        };
        let meant = || layout::as_scanned(text).iter().find_map(|meant| known(meant));
        known(text).or_else(meant).unwrap_or_else(|| Self::Other(other(text)))
    }

    /// The stable word of its kind, for logs and the command line.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Dcc(_) => "dcc",
            Self::Light(_) => "light",
            Self::Shc(_) => "shc",
            Self::Nzcp(_) => "nzcp",
            Self::Vdsnc(_) => "vds-nc",
            Self::Membership(_) => "membership",
            Self::Bulletin(_) => "bulletin",
            Self::VenueGrant(_) => "venue-grant",
            Self::Poster(_) => "poster",
            Self::DayPass(_) => "day-pass",
            Self::Other(other) => other.word(),
        }
    }
}

/// Only the kind: a credential's text never reaches a log.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({})", self.word())
    }
}

/// Kinds that have no prefix of their own: a JWS of three parts opens with `{"` in base64, a seal is a JSON object.
fn unnamed(text: &str) -> Option<Code> {
    let is_jws = text.starts_with("eyJ") && text.bytes().filter(|b| *b == b'.').count() == 2;
    let is_seal = text.starts_with('{') && text.contains("\"icao.");
    if is_jws { Some(Code::Shc(text.into())) } else { is_seal.then(|| Code::Vdsnc(text.into())) }
}

fn other(text: &str) -> OtherCode {
    if is_versioned(text) { OtherCode::UnknownVersion } else { other::recognise(text) }
}

fn is_versioned(text: &str) -> bool {
    let bytes = text.as_bytes();
    let kind = text.starts_with("ST") || text.starts_with("HC");
    kind && bytes.len() > 3 && bytes[2].is_ascii_digit() && bytes[3] == b':'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sync::{
        bulletin::{Bulletin, BulletinKind, Notice},
        id::RegionId,
        key::{SecretKey, Signed},
        membership::{AuthorityGrant, Membership},
        time::UnixMillis,
    };

    #[test]
    fn each_text_has_its_kind() {
        let check = |text: &str, word: &str| assert_eq!(Code::read(text).word(), word, "{text}");
        check("ST1:6BF", "status");
        check("  ST1:6BF\r\n", "status");
        check("HC1:NCF", "dcc");
        check("shc:/5676", "shc");
        check("vestibule-membership:1:xx", "membership");
        check("vestibule-bulletin:1:xx", "bulletin");
        check("vestibule-venue-grant:1:xx", "venue-grant");
        check("VW1:AEAQ", "poster");
        check("VD1:AEAQ", "day-pass");
        check("https://door.example/p/VW1:AEAQ", "poster");
        check("ЫЕ1Ж6ИА", "status");
        check("РС\"ЖТСА", "dcc");
        check("Привет, мир 5", "plain-text");
        check("https://example.org/menu", "web-address");
        check("HTTP://EXAMPLE.ORG", "web-address");
        check("BCD\n002\n1\nSCT", "payment-code");
        check("upi://pay?pa=a@b", "payment-code");
        check(&format!("000201{}", "0".repeat(60)), "payment-code");
        check("750612345678", "plain-number");
        check("+7 701 000-00-00", "plain-number");
        check("ST2:6BF", "unknown-version");
        check("HC9:X", "unknown-version");
        check("st1:6bf", "plain-text");
        check("WIFI:S:cafe;;", "wireless-network");
        check("800101300006", "kazakh-iin");
        check("-", "plain-text");
        check("", "plain-text");
    }

    #[test]
    fn the_limit_counts_characters() {
        let at = "é".repeat(CODE_CHARS_MAX);
        assert_eq!(Code::read(&at), Code::Other(OtherCode::Text));
        assert_eq!(Code::read(&format!("{at}é")), Code::Other(OtherCode::TooLong));
        let spaces = " ".repeat(9_000);
        assert_eq!(Code::read(&format!("{spaces}ST1:A{spaces}")), Code::Status("ST1:A".into()));
    }

    #[test]
    fn our_own_papers_carry_the_prefixes_that_are_looked_for() {
        let key = SecretKey::from_bytes(&[1; 32]);
        let (region, at) = (RegionId::new(1), UnixMillis::from_secs(1_790_000_000));
        let grant = AuthorityGrant { region, node: key.public(), not_before: at, not_after: at };
        let membership = Membership::Authority(Signed::seal(&grant, &key)).to_text();
        assert_eq!(Code::read(&membership).word(), "membership");
        let kind = BulletinKind::Policy;
        let notice =
            Notice { region, kind, version: 1, issued_at: at, not_after: at, body: vec![] };
        assert_eq!(Code::read(&Bulletin::seal(&notice, &[&key]).to_text()).word(), "bulletin");
    }

    #[test]
    fn debug_shows_no_text() {
        assert_eq!(format!("{:?}", Code::read("ST1:SECRET")), "Code(status)");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = Code::read(&text).word();
        }
    }
}
