//! What a door signals without words: the colour and rhythm of a lamp, the rhythm of a buzzer. Pure.
//!
//! Screens, lamps and buzzers show the same: whoever drives a lamp asks [`DoorEvent::signal`] of each event of the desk.
//! No two statuses differ by colour alone.

use sync::record::{Status, VisitKind};

use crate::{
    event::{Decision, DoorEvent, Pending},
    policy::Outcome,
    reason::Reason,
};

/// A signal: what a lamp shows, and what a buzzer sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The colour of the lamp and of the screen.
    pub colour: Colour,
    /// How the lamp shows it.
    pub lamp: Lamp,
    /// What sounds.
    pub tone: Tone,
}

/// The colour of a lamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Tested negative lately, and let through.
    Green,
    /// Nothing known against, and let through.
    Blue,
    /// Contact of a case.
    Yellow,
    /// Tested positive.
    Red,
    /// Cannot be confirmed, or refused for another cause than a status.
    Grey,
}

/// How a lamp shows its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lamp {
    /// On for so long, ms.
    Steady(u32),
    /// On and off for so long, both ms, half the period each.
    Blink {
        /// From one lighting up to the next.
        period: u32,
        /// For how long in all.
        during: u32,
    },
    /// In turn with its neighbour, or with white where there is none, as [`Lamp::Blink`].
    Alternate {
        /// From one lighting up to the next.
        period: u32,
        /// For how long in all.
        during: u32,
    },
}

/// What a buzzer or a screen's loudspeaker sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Two, the second higher.
    Rising,
    /// One of middle pitch.
    Middle,
    /// Two low ones.
    TwoLow,
    /// One low and long.
    LongLow,
    /// Three short ones.
    ThreeShort,
    /// A tick: something was read, and a person looks at it.
    Tick,
}

/// How long a lamp is steady, ms.
const STEADY_MILLIS: u32 = 1_000;
/// How long a lamp blinks, ms.
const BLINK_MILLIS: u32 = 3_000;

impl Colour {
    /// That of a status.
    pub const fn of(status: Status) -> Self {
        match status {
            Status::Green => Self::Green,
            Status::Blue => Self::Blue,
            Status::Yellow => Self::Yellow,
            Status::Red => Self::Red,
            Status::Grey => Self::Grey,
        }
    }

    /// A refusal for another cause than the status must not wear the colour of a sick person, nor of a free one.
    const fn of_refusal(status: Status, reason: Option<Reason>) -> Self {
        match (status, reason) {
            (_, Some(Reason::AlreadyInside | Reason::NotInside))
            | (Status::Green | Status::Blue, _) => Self::Grey,
            _ => Self::of(status),
        }
    }

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Grey => "grey",
        }
    }
}

impl Signal {
    const fn of_colour(colour: Colour) -> Self {
        let (lamp, tone) = match colour {
            Colour::Green => (Lamp::Steady(STEADY_MILLIS), Tone::Rising),
            Colour::Blue => (Lamp::Steady(STEADY_MILLIS), Tone::Middle),
            Colour::Yellow => (Lamp::Blink { period: 1_000, during: BLINK_MILLIS }, Tone::TwoLow),
            Colour::Red => (Lamp::Blink { period: 250, during: BLINK_MILLIS }, Tone::LongLow),
            Colour::Grey => {
                (Lamp::Alternate { period: 500, during: BLINK_MILLIS }, Tone::ThreeShort)
            }
        };
        Self { colour, lamp, tone }
    }

    fn decided(decision: &Decision) -> Self {
        Self::of_colour(match decision.kind {
            VisitKind::Refusal => Colour::of_refusal(decision.status, decision.reason),
            VisitKind::Entry | VisitKind::Exit => Colour::of(decision.status),
        })
    }

    /// A person decides: the lamp shows what the rules say until then, and the buzzer only that something was read.
    fn waiting(pending: &Pending) -> Self {
        let verdict = &pending.verdict;
        let colour = match verdict.outcome {
            Outcome::Admit => Colour::of(verdict.status),
            Outcome::Refuse | Outcome::CannotConfirm => {
                Colour::of_refusal(verdict.status, verdict.reason)
            }
        };
        Self { tone: Tone::Tick, ..Self::of_colour(colour) }
    }
}

impl DoorEvent {
    /// What lamp, buzzer and screen show of it.
    pub fn signal(&self) -> Signal {
        match self {
            Self::Decided(decision) => Signal::decided(decision),
            Self::Waiting(pending) => Signal::waiting(pending),
            Self::Aside(_) => Signal { tone: Tone::Tick, ..Signal::of_colour(Colour::Grey) },
            Self::Unrecorded { .. } => Signal::of_colour(Colour::Grey),
        }
    }
}

#[cfg(test)]
mod tests {
    use sync::time::UnixMillis;

    use super::*;

    const ALL: [Status; 5] =
        [Status::Green, Status::Blue, Status::Yellow, Status::Red, Status::Grey];

    #[test]
    fn no_two_colours_share_lamp_and_tone() {
        let all = ALL.map(|status| Signal::of_colour(Colour::of(status)));
        for (i, a) in all.iter().enumerate() {
            for b in &all[i + 1..] {
                assert_ne!(a.colour.word(), b.colour.word());
                assert_ne!(a.tone, b.tone, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn what_is_no_illness_is_shown_as_none() {
        for status in [Status::Green, Status::Blue] {
            assert_eq!(Colour::of_refusal(status, Some(Reason::Full)), Colour::Grey);
            assert_eq!(Colour::of_refusal(status, Some(Reason::Fever)), Colour::Grey);
        }
        assert_eq!(Colour::of_refusal(Status::Red, Some(Reason::StatusRed)), Colour::Red);
        assert_eq!(Colour::of_refusal(Status::Red, Some(Reason::AlreadyInside)), Colour::Grey);
        let at = UnixMillis::new(0);
        let unread = DoorEvent::Unrecorded { at, reason: Reason::NotACredential };
        assert_eq!(unread.signal().tone, Tone::ThreeShort);
    }
}
