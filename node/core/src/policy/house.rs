//! The venue's own rules on top of the region's: they only ever refuse more, and name themselves as the reason. Pure.
//!
//! The manager keeps them in one field of the venue's documents, so that they reach every door without a network. They are
//! no part of the signed policy: what the region refuses stays refused for the region's reason.

use serde::{Deserialize, Serialize};
use sync::{
    record::Status,
    time::{UnixMillis, Zone},
};

use super::{Hours, Outcome, TemperatureCheck, Verdict};
use crate::reason::Reason;

/// The field of the venue's documents in which they are kept.
pub const HOUSE_FIELD: &str = "house/rules";
/// The version of their shape.
const VERSION: u32 = 1;
/// The longest rules that are read, bytes.
const BYTES_MAX: usize = 640;
/// The most hours that hold at once: one for each value that stands.
const HOURS_MAX: usize = 4;
/// The most places that a venue may name.
pub const PLACES_MAX: u32 = 1_000_000;

/// What a venue asks beyond the region; the default asks nothing.
///
/// Kept as JSON with a version: a door that does not know all of it must not go by a part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HouseRules {
    /// Whoever is blue is turned away.
    pub refuse_blue: bool,
    /// Whoever is yellow is turned away.
    pub refuse_yellow: bool,
    /// Whoever cannot be confirmed is turned away: grey, and a typed number without an answer.
    pub refuse_grey: bool,
    /// A person looks at an identity document before anybody comes in.
    pub document: bool,
    /// Whether the person at the desk says what the visitor's temperature is.
    pub temperature: TemperatureCheck,
    /// The person at the desk lets in nobody whom the rules refuse.
    pub binding: bool,
    /// The hours in which visitors may come in: within all of these; none: always.
    pub hours: Vec<Hours>,
    /// The most visitors inside, where that is fewer than the venue's capacity.
    pub places: Option<u32>,
}

/// The rules as they are kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    rules: HouseRules,
}

impl HouseRules {
    /// The value of their field.
    pub fn to_bytes(&self) -> Vec<u8> {
        let kept = Kept { version: VERSION, rules: self.clone() };
        serde_json::to_vec(&kept).unwrap_or_else(|e| unreachable!("JSON into memory: {e}"))
    }

    /// Reads the value of their field; `None` where it is none, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > BYTES_MAX {
            return None;
        }
        let Kept { version, rules } = serde_json::from_slice(bytes).ok()?;
        let places = rules.places.is_none_or(|most| (1..=PLACES_MAX).contains(&most));
        (version == VERSION && places && rules.hours.len() <= HOURS_MAX).then_some(rules)
    }

    /// Whether they ask anything.
    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// Of two values that stand at once, what either asks: written at two doors that hold the manager's key.
    pub(crate) fn with(mut self, other: Self) -> Self {
        for hours in other.hours {
            if !self.hours.contains(&hours) && self.hours.len() < HOURS_MAX {
                self.hours.push(hours);
            }
        }
        Self {
            refuse_blue: self.refuse_blue | other.refuse_blue,
            refuse_yellow: self.refuse_yellow | other.refuse_yellow,
            refuse_grey: self.refuse_grey | other.refuse_grey,
            document: self.document | other.document,
            temperature: self.temperature.max(other.temperature),
            binding: self.binding | other.binding,
            hours: self.hours,
            places: self.places.into_iter().chain(other.places).min(),
        }
    }

    /// The verdict on entering, where the venue turns away more statuses than the region. What hangs on the door and not on
    /// the visitor, such as old lists, is not the venue's to judge.
    pub(crate) fn turn_away(&self, judged: Verdict) -> Verdict {
        let unwanted = match judged.status {
            Status::Blue => self.refuse_blue,
            Status::Yellow => self.refuse_yellow,
            Status::Grey => self.refuse_grey,
            Status::Green | Status::Red => false,
        };
        let of_the_visitor = match judged.outcome {
            Outcome::Admit => true,
            Outcome::CannotConfirm => matches!(
                judged.reason,
                Some(Reason::Unverified | Reason::StatusGrey | Reason::Minor)
            ),
            Outcome::Refuse => false,
        };
        if unwanted && of_the_visitor {
            let reason = Some(Reason::HouseStatus);
            return Verdict { outcome: Outcome::Refuse, reason, ..judged };
        }
        judged
    }

    /// Whether visitors come in at a time at all.
    pub(crate) fn is_shut(&self, now: UnixMillis, zone: &Zone) -> bool {
        let Some((_, _, _, hour, minute)) = zone.civil(now) else { return false };
        let minute = u16::from(hour.unsigned_abs()) * 60 + u16::from(minute.unsigned_abs());
        self.hours.iter().any(|hours| !hours.has(minute, 0))
    }

    /// The verdict on whom everything else lets in, where a document is wanted: a person looks at it.
    pub(crate) fn ask_document(&self, judged: Verdict) -> Verdict {
        if !self.document || judged.outcome != Outcome::Admit {
            return judged;
        }
        let reason = Some(Reason::HouseDocument);
        Verdict { outcome: Outcome::CannotConfirm, reason, ..judged }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STATUSES: [Status; 5] =
        [Status::Green, Status::Blue, Status::Yellow, Status::Red, Status::Grey];

    fn judged(outcome: Outcome, status: Status, reason: Option<Reason>) -> Verdict {
        Verdict { outcome, status, reason, until: None, then: None }
    }

    fn hours(from: &str, until: &str) -> Hours {
        serde_json::from_str(&format!(r#"{{"from":"{from}","until":"{until}"}}"#)).unwrap()
    }

    #[test]
    fn the_venue_turns_away_whom_the_region_lets_in_and_says_that_it_is_the_venue() {
        use Outcome::{Admit, CannotConfirm, Refuse};
        let rules = HouseRules { refuse_blue: true, refuse_grey: true, ..Default::default() };
        let check = |outcome, status, reason, expected: (Outcome, Option<Reason>)| {
            let said = rules.turn_away(judged(outcome, status, reason));
            assert_eq!((said.outcome, said.reason), expected, "{status:?} {reason:?}");
            assert_eq!(said.status, status, "the colour stays");
        };
        let house = (Refuse, Some(Reason::HouseStatus));
        check(Admit, Status::Blue, None, house);
        check(Admit, Status::Green, None, (Admit, None));
        check(Admit, Status::Yellow, None, (Admit, None));
        check(CannotConfirm, Status::Grey, Some(Reason::Unverified), house);
        check(Admit, Status::Grey, Some(Reason::Unverified), house);
        let lists = Some(Reason::StaleLists);
        check(CannotConfirm, Status::Grey, lists, (CannotConfirm, lists));
        let red = Some(Reason::StatusRed);
        check(Refuse, Status::Red, red, (Refuse, red));
    }

    #[test]
    fn hours_are_the_venues_clock_and_may_last_over_midnight() {
        let zone = Zone::named("Asia/Almaty").unwrap(); // UTC+5
        let at = |text: &str| UnixMillis::parse(&format!("2026-11-22T{text}:00Z")).unwrap();
        let shut = |hours: Vec<Hours>, text| {
            HouseRules { hours, ..Default::default() }.is_shut(at(text), &zone)
        };
        let day = || hours("09:00", "20:00");
        assert!(!shut(vec![], "03:00"));
        assert!(shut(vec![day()], "03:59") && !shut(vec![day()], "04:00"));
        assert!(!shut(vec![day()], "14:59") && shut(vec![day()], "15:00"));
        assert!(shut(vec![day(), hours("12:00", "13:00")], "06:00"), "within all of them");
        let night = || hours("18:00", "02:00");
        assert!(!shut(vec![night()], "20:59") && shut(vec![night()], "21:00"));
    }

    #[test]
    fn rules_of_another_version_or_with_words_that_are_not_known_are_not_read_in_part() {
        let known = HouseRules { document: true, ..Default::default() };
        let text = String::from_utf8(known.to_bytes()).unwrap();
        assert_eq!(HouseRules::from_bytes(text.as_bytes()), Some(known));
        for (old, new) in [
            (r#""version":1"#, r#""version":2"#),
            (r#""document":true"#, r#""document":true,"dogs":true"#),
            (r#""places":null"#, r#""places":0"#),
            (r#""hours":[]"#, r#""hours":[{"from":"25:00","until":"26:00"}]"#),
        ] {
            assert!(text.contains(old), "{text}");
            assert_eq!(HouseRules::from_bytes(text.replace(old, new).as_bytes()), None, "{new}");
        }
    }

    fn any_rules() -> impl Strategy<Value = HouseRules> {
        let time = |m: u16| format!("{:02}:{:02}", m / 60, m % 60);
        let hours = (0u16..1440, 0u16..=1440).prop_map(move |(a, b)| hours(&time(a), &time(b)));
        let check = prop_oneof![
            Just(TemperatureCheck::Off),
            Just(TemperatureCheck::Ask),
            Just(TemperatureCheck::Required)
        ];
        (
            any::<[bool; 5]>(),
            check,
            proptest::collection::vec(hours, 0..3),
            proptest::option::of(1..=PLACES_MAX),
        )
            .prop_map(
                |([blue, yellow, grey, document, binding], temperature, hours, places)| {
                    HouseRules {
                        refuse_blue: blue,
                        refuse_yellow: yellow,
                        refuse_grey: grey,
                        document,
                        temperature,
                        binding,
                        hours,
                        places,
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn they_are_never_laxer_than_the_region(
            rules in any_rules(),
            status in 0usize..5,
            outcome in prop_oneof![Just(Outcome::Admit), Just(Outcome::CannotConfirm), Just(Outcome::Refuse)],
            reason in proptest::option::of((0..Reason::ALL.len()).prop_map(|n| Reason::ALL[n])),
        ) {
            let rank = |outcome| match outcome {
                Outcome::Admit => 0,
                Outcome::CannotConfirm => 1,
                Outcome::Refuse => 2,
            };
            let region = judged(outcome, STATUSES[status], reason);
            let said = rules.ask_document(rules.turn_away(region));
            prop_assert!(rank(said.outcome) >= rank(region.outcome));
            if said != region {
                prop_assert!(matches!(said.reason, Some(Reason::HouseStatus | Reason::HouseDocument)));
            }
        }

        #[test]
        fn two_that_stand_at_once_ask_what_either_asks(
            a in any_rules(), b in any_rules(), status in 0usize..5, minute in 0i64..1440,
        ) {
            let both = a.clone().with(b.clone());
            let region = judged(Outcome::Admit, STATUSES[status], None);
            let turned = |r: &HouseRules| r.turn_away(region).outcome != Outcome::Admit;
            prop_assert_eq!(turned(&both), turned(&a) || turned(&b));
            let (zone, now) = (Zone::utc(), UnixMillis::new(minute * 60_000));
            prop_assert_eq!(both.is_shut(now, &zone), a.is_shut(now, &zone) || b.is_shut(now, &zone));
            prop_assert!(both.places.is_none_or(|n| [a.places, b.places].iter().flatten().all(|m| n <= *m)));
            prop_assert!(both.temperature >= a.temperature && both.temperature >= b.temperature);
        }

        #[test]
        fn they_read_back(rules in any_rules()) {
            let bytes = rules.to_bytes();
            prop_assert!(bytes.len() <= BYTES_MAX);
            prop_assert_eq!(HouseRules::from_bytes(&bytes), Some(rules));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
            let _ = HouseRules::from_bytes(&bytes);
        }
    }
}
