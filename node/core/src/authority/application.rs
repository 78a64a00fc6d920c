//! What a venue applies with: fields as a form or a line of a table brings them, each checked and named when it is wrong.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};
use sync::{
    id::{EntranceId, PublicKey},
    order::ENTRANCES_MAX,
    record::Direction,
    time::{UnixMillis, Zone},
};

use super::activity::{self, Activity};
use crate::policy::{VenueGroup, VenuePlace};

/// The fields, by the names that forms and tables give them.
pub const FIELDS: [&str; 15] = [
    "permit",
    "permit_date",
    "kind",
    "activity",
    "class",
    "name",
    "address",
    "area",
    "place",
    "time_zone",
    "capacity",
    "contact",
    "manager",
    "entrances",
    "agreement",
];
/// The longest name, as in a venue's papers, bytes.
const NAME_MAX: usize = 120;
/// The longest of the other texts, bytes.
const TEXT_MAX: usize = 300;
const CAPACITY_MAX: u32 = 1_000_000;

/// Whether a venue must take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum VenueClass {
    /// It must.
    #[n(0)]
    Obligatory,
    /// It chose to; it has no privileges.
    #[n(1)]
    Voluntary,
}

/// An entrance as it was applied for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Entrance {
    /// Its number within the venue.
    #[n(0)]
    pub number: EntranceId,
    /// Its name, for people.
    #[n(1)]
    pub name: String,
    /// Which way it leads.
    #[n(2)]
    pub direction: Direction,
}

/// A venue's application, checked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Application {
    /// The number of its sanitary permit or notification.
    #[n(0)]
    pub permit: String,
    /// The permit's date, `2026-11-01`.
    #[n(1)]
    pub permit_date: String,
    /// What kind of venue it is: a word of [`activity::ACTIVITIES`].
    #[n(2)]
    pub kind: String,
    /// Its activity code (OKED).
    #[n(3)]
    pub activity: String,
    /// Whether it must take part.
    #[n(4)]
    pub class: VenueClass,
    /// Its name.
    #[n(5)]
    pub name: String,
    /// Its address.
    #[n(6)]
    pub address: String,
    /// The area whose zone colour counts for it.
    #[n(7)]
    pub area: String,
    /// Whether it stands in one of the large cities.
    #[n(8)]
    pub place: VenuePlace,
    /// Its time zone, a name of the IANA database.
    #[n(9)]
    pub time_zone: String,
    /// The most people inside, where a limit was asked for.
    #[n(10)]
    pub capacity: Option<u32>,
    /// Whom to ask there.
    #[n(11)]
    pub contact: String,
    /// The public key of its manager, once it has made one.
    #[n(12)]
    pub manager: Option<PublicKey>,
    /// Its entrances.
    #[n(13)]
    pub entrances: Vec<Entrance>,
    /// Which version of the user agreement it signed; empty where none.
    #[n(14)]
    pub agreement: String,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing is there.
    #[error("is missing")]
    Missing,
    /// Too long, or with characters that are not shown.
    #[error("is too long or has characters that are not shown")]
    Text,
    /// No such day.
    #[error("must be a day such as 2026-11-01")]
    Date,
    /// None of the kinds.
    #[error("is none of the kinds of venues")]
    Kind,
    /// Not of the form of an activity code.
    #[error("must be an activity code such as 56.10.1")]
    Activity,
    /// The code is another kind's.
    #[error("is not an activity of this kind of venue")]
    Mismatch,
    /// None of the words.
    #[error("is none of the words that are known")]
    Word,
    /// No such time zone.
    #[error("must be a time zone such as Asia/Almaty")]
    Zone,
    /// No number in range.
    #[error("must be a whole number between 1 and {CAPACITY_MAX}")]
    Number,
    /// No public key.
    #[error("must be a public key of 64 hexadecimal digits")]
    Key,
    /// Not a list of entrances.
    #[error(
        "must list at most {ENTRANCES_MAX} entrances as name:in, name:out or name:both, with ; between them"
    )]
    Entrances,
}

/// A field that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct Wrong {
    /// Which: one of [`FIELDS`].
    pub field: &'static str,
    /// How.
    pub problem: Problem,
}

impl Application {
    /// Reads the fields; `field` gives the text of each, empty where there is none.
    ///
    /// # Errors
    /// [`Wrong`] names the first field that is.
    pub fn read<'a>(field: impl Fn(&str) -> &'a str) -> Result<Self, Wrong> {
        let kind = word(&field, "kind", Problem::Kind, Activity::from_word)?;
        let activity = text(&field, "activity", 16, true)?;
        let wrong = |field, problem| Wrong { field, problem };
        if !activity::is_code(&activity) {
            return Err(wrong("activity", Problem::Activity));
        }
        if !kind.works_under(&activity) {
            return Err(wrong("activity", Problem::Mismatch));
        }
        let class = word(&field, "class", Problem::Word, |word| match word {
            "obligatory" => Some(VenueClass::Obligatory),
            "voluntary" => Some(VenueClass::Voluntary),
            _ => None,
        })?;
        let permit_date = text(&field, "permit_date", 10, true)?;
        let noon = UnixMillis::parse(&format!("{permit_date}T12:00:00Z"));
        noon.ok_or(wrong("permit_date", Problem::Date))?;
        let time_zone = text(&field, "time_zone", 64, true)?;
        Zone::named(&time_zone).ok_or(wrong("time_zone", Problem::Zone))?;
        Ok(Self {
            permit: text(&field, "permit", 64, true)?,
            permit_date,
            kind: kind.word.to_owned(),
            activity,
            class,
            name: text(&field, "name", NAME_MAX, true)?,
            address: text(&field, "address", TEXT_MAX, true)?,
            area: text(&field, "area", 64, true)?,
            place: word(&field, "place", Problem::Word, VenuePlace::from_word)?,
            time_zone,
            capacity: capacity(field("capacity").trim())
                .ok_or(wrong("capacity", Problem::Number))?,
            contact: text(&field, "contact", TEXT_MAX, false)?,
            manager: manager(field("manager").trim()).ok_or(wrong("manager", Problem::Key))?,
            entrances: entrances(field("entrances").trim())
                .ok_or(wrong("entrances", Problem::Entrances))?,
            agreement: text(&field, "agreement", 64, false)?,
        })
    }

    /// A field as it is written in forms and tables; empty for an unknown one.
    pub fn field(&self, name: &str) -> String {
        match name {
            "permit" => self.permit.clone(),
            "permit_date" => self.permit_date.clone(),
            "kind" => self.kind.clone(),
            "activity" => self.activity.clone(),
            "class" => self.class.word().to_owned(),
            "name" => self.name.clone(),
            "address" => self.address.clone(),
            "area" => self.area.clone(),
            "place" => self.place.word().to_owned(),
            "time_zone" => self.time_zone.clone(),
            "capacity" => self.capacity.map(|n| n.to_string()).unwrap_or_default(),
            "contact" => self.contact.clone(),
            "manager" => self.manager.map(|key| key.to_string()).unwrap_or_default(),
            "entrances" => {
                let one = |e: &Entrance| format!("{}:{}", e.name, direction_word(e.direction));
                self.entrances.iter().map(one).collect::<Vec<_>>().join("; ")
            }
            "agreement" => self.agreement.clone(),
            _ => String::new(),
        }
    }

    /// Among which trades it is measured; voluntary venues among none.
    pub fn group(&self) -> Option<VenueGroup> {
        let of_kind = Activity::from_word(&self.kind).and_then(|activity| activity.group);
        of_kind.filter(|_| self.class == VenueClass::Obligatory)
    }
}

impl VenueClass {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Obligatory => "obligatory",
            Self::Voluntary => "voluntary",
        }
    }
}

/// The stable word of a direction.
pub const fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
        Direction::Both => "both",
    }
}

fn text<'a>(
    field: &impl Fn(&str) -> &'a str,
    name: &'static str,
    most: usize,
    needed: bool,
) -> Result<String, Wrong> {
    let text = field(name).trim();
    match text {
        "" if needed => Err(Wrong { field: name, problem: Problem::Missing }),
        "" => Ok(String::new()),
        text if text.len() > most || text.chars().any(char::is_control) => {
            Err(Wrong { field: name, problem: Problem::Text })
        }
        text => Ok(text.to_owned()),
    }
}

fn word<'a, T>(
    field: &impl Fn(&str) -> &'a str,
    name: &'static str,
    problem: Problem,
    of: impl Fn(&str) -> Option<T>,
) -> Result<T, Wrong> {
    match field(name).trim() {
        "" => Err(Wrong { field: name, problem: Problem::Missing }),
        word => of(word).ok_or(Wrong { field: name, problem }),
    }
}

fn capacity(text: &str) -> Option<Option<u32>> {
    match text {
        "" => Some(None),
        text => text.parse().ok().filter(|n| (1..=CAPACITY_MAX).contains(n)).map(Some),
    }
}

fn manager(text: &str) -> Option<Option<PublicKey>> {
    match text {
        "" => Some(None),
        text => PublicKey::from_hex(&text.to_ascii_lowercase()).map(Some),
    }
}

fn entrances(text: &str) -> Option<Vec<Entrance>> {
    let parts = text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let mut read = Vec::new();
    for (number, part) in (1..).zip(parts) {
        let (name, way) = part.rsplit_once(':')?;
        let direction = match way.trim() {
            "in" => Direction::In,
            "out" => Direction::Out,
            "both" => Direction::Both,
            _ => return None,
        };
        let name = name.trim();
        let shown =
            !name.is_empty() && name.len() <= NAME_MAX && !name.chars().any(char::is_control);
        if !shown || read.len() == ENTRANCES_MAX {
            return None;
        }
        read.push(Entrance { number: EntranceId::new(number), name: name.to_owned(), direction });
    }
    let names: BTreeSet<_> = read.iter().map(|entrance| &entrance.name).collect();
    (names.len() == read.len()).then_some(read)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::authority) const GOOD: [(&str, &str); 15] = [
        ("permit", "KZ-2026/17"),
        ("permit_date", "2026-11-01"),
        ("kind", "catering"),
        ("activity", "56.10.1"),
        ("class", "obligatory"),
        ("name", "Кафе «Достық»"),
        ("address", "Абай 1, Алматы"),
        ("area", "almaty"),
        ("place", "city"),
        ("time_zone", "Asia/Almaty"),
        ("capacity", "120"),
        ("contact", "+7 727 000 00 00"),
        ("manager", ""),
        ("entrances", "North:in; Yard: south:both"),
        ("agreement", "1"),
    ];

    fn with(name: &str, value: &str) -> Result<Application, Wrong> {
        Application::read(|field| {
            let good = GOOD.iter().find(|(known, _)| *known == field).unwrap().1;
            // A value outlives the call: what a test gives is leaked, a few bytes each.
            if field == name { String::leak(value.to_owned()) } else { good }
        })
    }

    #[test]
    fn what_is_wrong_is_named_with_its_field() {
        let good = with("", "").unwrap();
        assert_eq!((good.entrances.len(), good.capacity), (2, Some(120)));
        assert_eq!(good.entrances[1].name, "Yard: south");
        assert_eq!(good.group(), Some(VenueGroup::First));
        assert_eq!(with("class", "voluntary").unwrap().group(), None);
        for (field, value, problem) in [
            ("permit", " ", Problem::Missing),
            ("permit_date", "2026-02-30", Problem::Date),
            ("permit_date", "yesterday!", Problem::Date),
            ("kind", "casino", Problem::Kind),
            ("activity", "cafe", Problem::Activity),
            ("activity", "55.10", Problem::Mismatch),
            ("class", "both", Problem::Word),
            ("name", "a\u{7}b", Problem::Text),
            ("place", "moon", Problem::Word),
            ("time_zone", "Asia/Moon", Problem::Zone),
            ("capacity", "0", Problem::Number),
            ("capacity", "many", Problem::Number),
            ("manager", "12ab", Problem::Key),
            ("entrances", "North", Problem::Entrances),
            ("entrances", "North:in;North:out", Problem::Entrances),
        ] {
            assert_eq!(with(field, value).unwrap_err(), Wrong { field, problem }, "{value}");
        }
        assert_eq!(with("name", &"x".repeat(121)).unwrap_err().problem, Problem::Text);
    }

    #[test]
    fn fields_read_back_as_they_are_written() {
        let good = with("", "").unwrap();
        let texts = FIELDS.map(|name| (name, good.field(name)));
        let text = |name: &str| texts.iter().find(|(known, _)| *known == name).unwrap().1.as_str();
        assert_eq!(Application::read(text).unwrap(), good);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,80}", at in 0..FIELDS.len()) {
            let _ = with(FIELDS[at], &text);
        }
    }
}
