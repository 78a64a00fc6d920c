//! The kinds of venues that a region registers: under which activity codes (OKED) each works, and how it is measured.

use crate::policy::{VenueGroup, falls_under};

/// A kind of venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The stable word.
    pub word: &'static str,
    /// How its activity codes begin; none where any code will do.
    codes: &'static [&'static str],
    /// Among which trades it is measured; `None` for those without privileges.
    pub group: Option<VenueGroup>,
}

const FIRST: Option<VenueGroup> = Some(VenueGroup::First);
const SECOND: Option<VenueGroup> = Some(VenueGroup::Second);

const fn of(
    word: &'static str,
    codes: &'static [&'static str],
    group: Option<VenueGroup>,
) -> Activity {
    Activity { word, codes, group }
}

/// Every kind, in the order in which people are offered them.
pub const ACTIVITIES: [Activity; 22] = [
    of("catering", &["56"], FIRST),
    of("karaoke", &["56", "93.2"], FIRST),
    of("computer-club", &["93.2"], FIRST),
    of("lottery", &["92"], FIRST),
    of("sport", &["93.1"], FIRST),
    of("sauna", &["96.04"], FIRST),
    of("fitness", &["93.1"], FIRST),
    of("pool", &["93.1"], FIRST),
    of("theatre", &["90"], FIRST),
    of("concert-hall", &["90"], FIRST),
    of("cinema", &["59.14"], FIRST),
    of("exhibition", &["82.3", "90", "91.02"], FIRST),
    of("tourist-transport", &["49", "50", "51", "79"], FIRST),
    of("oceanarium", &["91.04"], FIRST),
    of("children-centre", &["88.91", "93.2"], FIRST),
    of("billiards", &["93.1", "93.2"], SECOND),
    of("bowling", &["93.1", "93.2"], SECOND),
    of("spa", &["96.04"], SECOND),
    of("rehearsal", &["90"], SECOND),
    of("hotel", &["55"], SECOND),
    of("airport", &["51", "52.23"], None),
    of("other", &[], None),
];

impl Activity {
    /// Of its stable word; `None` for any other.
    pub fn from_word(word: &str) -> Option<&'static Self> {
        ACTIVITIES.iter().find(|activity| activity.word == word)
    }

    /// Whether a venue of this kind works under this code. Codes are compared without their dots: registers write both
    /// `56.10.1` and `56101`.
    pub fn works_under(&self, code: &str) -> bool {
        self.codes.is_empty() || self.codes.iter().any(|begins| falls_under(code, begins))
    }
}

/// Whether a text has the form of an activity code: two to six digits, with dots between groups of them.
pub fn is_code(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let plain = text.split('.').all(|g| !g.is_empty() && g.chars().all(|c| c.is_ascii_digit()));
    plain && (2..=6).contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_must_match_the_kind() {
        let check = |word: &str, code: &str, fits: bool| {
            let activity = Activity::from_word(word).unwrap();
            assert_eq!(activity.works_under(code), fits, "{word} under {code}");
        };
        check("catering", "56.10.1", true);
        check("catering", "56101", true);
        check("catering", "93.29.0", false);
        check("hotel", "55.10", true);
        check("hotel", "5", false);
        check("sauna", "96.04.0", true);
        check("sauna", "96.02", false);
        check("other", "85.42", true);
        assert!(Activity::from_word("casino").is_none());
    }

    #[test]
    fn codes_have_a_form() {
        for (code, yes) in [
            ("56", true),
            ("56.10.1", true),
            ("561011", true),
            ("5", false),
            ("56..1", false),
            ("56.1a", false),
            ("", false),
            ("1234567", false),
        ] {
            assert_eq!(is_code(code), yes, "{code}");
        }
    }
}
