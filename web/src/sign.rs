//! The sign on a door's screen: colour, shape, word and tone, so that no one sense is needed to read it.

use askama::Template;
use node_core::{
    event::{Decision, DoorEvent, Pending},
    policy::Outcome,
    reason::Reason,
};
use sync::{
    record::{Status, VisitKind},
    time::{UnixMillis, Zone},
};

use crate::{date, language::Lang};

/// What the screen shows of one event; nothing in it tells who the visitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sign {
    /// The colour of the screen, by the status's name.
    pub(crate) colour: &'static str,
    /// The icon's name.
    pub(crate) shape: &'static str,
    /// The pattern of sounds, by its name.
    pub(crate) tone: &'static str,
    /// The text of what happens now.
    action: &'static str,
    status: Option<Status>,
    reason: Option<Reason>,
    advice: Option<&'static str>,
    until: Option<UnixMillis>,
    then: Option<Status>,
    /// Whether it stays until the decision, rather than for seconds.
    pub(crate) stays: bool,
}

#[derive(Template)]
#[template(path = "verdict.html")]
struct Verdict<'a> {
    t: Lang,
    sign: &'a Sign,
    zone: &'a Zone,
}

impl Sign {
    /// The sign for a door's news.
    pub(crate) fn of(event: &DoorEvent) -> Self {
        match event {
            DoorEvent::Decided(decision) => Self::decided(decision),
            DoorEvent::Waiting(pending) => Self::waiting(pending),
            DoorEvent::Aside(_) => Self::aside(),
            DoorEvent::Unrecorded { reason, .. } => Self::unrecorded(*reason),
        }
    }

    /// The sign for a decision.
    pub(crate) fn decided(decision: &Decision) -> Self {
        let refused = decision.kind == VisitKind::Refusal;
        let (colour, shape, tone) = if refused {
            look_of_refusal(decision.status, decision.reason)
        } else {
            look(decision.status)
        };
        let action = match decision.kind {
            VisitKind::Entry => "action-welcome",
            VisitKind::Exit => "action-goodbye",
            VisitKind::Refusal => "action-no-entry",
        };
        Self {
            colour,
            shape,
            tone,
            action,
            status: Some(decision.status),
            reason: decision.reason.filter(|reason| refused && is_for_all_to_read(*reason)),
            advice: if refused { decision.reason.and_then(advice) } else { None },
            until: decision.until.filter(|_| !is_ill(decision.status)),
            then: decision.then,
            stays: false,
        }
    }

    fn waiting(pending: &Pending) -> Self {
        let verdict = &pending.verdict;
        let (colour, shape, _) = match verdict.outcome {
            Outcome::Admit => look(verdict.status),
            Outcome::Refuse | Outcome::CannotConfirm => {
                look_of_refusal(verdict.status, verdict.reason)
            }
        };
        Self {
            colour,
            shape,
            tone: "wait",
            action: "action-wait",
            status: Some(verdict.status),
            reason: verdict.reason.filter(|reason| is_for_all_to_read(*reason)),
            advice: Some("advice-decision"),
            until: verdict.until.filter(|_| !is_ill(verdict.status)),
            then: verdict.then,
            stays: true,
        }
    }

    /// Nothing of the verdict: who stands behind learns only that somebody waits.
    const fn aside() -> Self {
        Self {
            colour: "grey",
            shape: "arrow",
            tone: "wait",
            action: "staffdesk-step-aside",
            status: None,
            reason: None,
            advice: Some("staffdesk-step-aside-advice"),
            until: None,
            then: None,
            stays: false,
        }
    }

    fn unrecorded(reason: Reason) -> Self {
        let own_fault = reason == Reason::NotRecorded;
        Self {
            colour: "grey",
            shape: "question",
            tone: "grey",
            action: if own_fault { "action-wait" } else { "action-again" },
            status: None,
            reason: Some(reason),
            advice: advice(reason),
            until: None,
            then: None,
            stays: false,
        }
    }

    /// The sign as HTML.
    pub(crate) fn html(&self, t: Lang, zone: &Zone) -> String {
        Verdict { t, sign: self, zone }.render().unwrap_or_else(|_| t.say(self.action))
    }
}

impl Verdict<'_> {
    fn standing(&self) -> Option<String> {
        let sign = self.sign;
        Some(standing(self.t, self.zone, sign.status?, sign.until, sign.then))
    }

    fn reason(&self, t: Lang) -> Option<String> {
        self.sign.reason.map(|reason| reason_text(t, reason))
    }
}

/// `Green until 12 Nov 2026 14:00, then blue`, as far as it is known.
pub(crate) fn standing(
    t: Lang,
    zone: &Zone,
    status: Status,
    until: Option<UnixMillis>,
    then: Option<Status>,
) -> String {
    let name = t.say(status_text(status));
    let Some(until) = until else {
        return name;
    };
    let mut values = vec![("status", name), ("time", date::moment(t, zone, until))];
    match then {
        None => t.with("until", &values),
        Some(then) => {
            values.push(("then", t.say(status_text(then)).to_lowercase()));
            t.with("until-then", &values)
        }
    }
}

/// A reason in the reader's language.
pub(crate) fn reason_text(t: Lang, reason: Reason) -> String {
    t.say(&format!("reason-{}", reason.word()))
}

/// The text for a status.
pub(crate) const fn status_text(status: Status) -> &'static str {
    match status {
        Status::Green => "status-green",
        Status::Blue => "status-blue",
        Status::Yellow => "status-yellow",
        Status::Red => "status-red",
        Status::Grey => "status-grey",
    }
}

/// Colour, shape and tone of a status.
pub(crate) const fn look(status: Status) -> (&'static str, &'static str, &'static str) {
    match status {
        Status::Green => ("green", "tick", "green"),
        Status::Blue => ("blue", "arrow", "blue"),
        Status::Yellow => ("yellow", "triangle", "yellow"),
        Status::Red => ("red", "hand", "red"),
        Status::Grey => ("grey", "question", "grey"),
    }
}

/// A refusal for another cause than the status must not wear the colour of a sick person, nor of a free one.
pub(crate) const fn look_of_refusal(
    status: Status,
    reason: Option<Reason>,
) -> (&'static str, &'static str, &'static str) {
    match (status, reason) {
        (_, Some(Reason::AlreadyInside | Reason::NotInside)) => ("grey", "persons", "grey"),
        (Status::Yellow | Status::Red | Status::Grey, _) => look(status),
        (Status::Green | Status::Blue, _) => ("grey", "hand", "grey"),
    }
}

/// The screen is in public: whoever stands behind may see the colour, not the diagnosis nor its date.
const fn is_for_all_to_read(reason: Reason) -> bool {
    !matches!(reason, Reason::StatusYellow | Reason::StatusRed | Reason::Fever)
}

const fn is_ill(status: Status) -> bool {
    matches!(status, Status::Yellow | Status::Red)
}

/// What the visitor can do about it.
pub(crate) const fn advice(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::BadBase45 | Reason::BadCbor | Reason::Malformed | Reason::TooLarge => {
            "advice-again"
        }
        Reason::NotACredential => "advice-other-code",
        Reason::Incomplete => return None,
        Reason::StatusYellow | Reason::StatusRed => "advice-home",
        Reason::Full | Reason::HouseFull => "advice-later",
        Reason::Fever => "advice-home",
        _ => "advice-staff",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_own_colour_shape_and_tone() {
        let all = [Status::Green, Status::Blue, Status::Yellow, Status::Red, Status::Grey];
        for (i, a) in all.iter().enumerate() {
            for b in &all[i + 1..] {
                let (a, b) = (look(*a), look(*b));
                assert!(a.0 != b.0 && a.1 != b.1 && a.2 != b.2, "{a:?} {b:?}");
            }
        }
    }

    fn decided(kind: VisitKind, status: Status, reason: Option<Reason>) -> Decision {
        Decision {
            visit: sync::id::RecordId {
                chain: sync::id::ChainId {
                    author: sync::id::PublicKey::new([1; 32]),
                    epoch: sync::id::Epoch::new([1; 8]),
                    day: sync::time::Day::new(20_000),
                },
                number: sync::id::RecordNumber::new(1),
            },
            at: UnixMillis::from_secs(1_790_000_000),
            kind,
            status,
            reason,
            until: None,
            then: None,
            decider: sync::record::Decider::Verdict,
            masked_name: Some("A* B*".into()),
            temperature: None,
        }
    }

    #[test]
    fn the_public_screen_shows_no_diagnosis_and_no_date_of_one() {
        let zone = Zone::utc();
        for (status, reason) in
            [(Status::Red, Reason::StatusRed), (Status::Yellow, Reason::StatusYellow)]
        {
            let until = Some(UnixMillis::from_secs(1_790_500_000));
            let decision = Decision { until, ..decided(VisitKind::Refusal, status, Some(reason)) };
            let html = Sign::decided(&decision).html(Lang::En, &zone);
            let diagnosis = reason_text(Lang::En, reason);
            for secret in [diagnosis.as_str(), "2026", "A* B*"] {
                assert!(!html.contains(secret), "{secret:?} is on the public screen: {html}");
            }
        }
    }

    /// Screen, lamp and buzzer show the same, whatever happens.
    #[test]
    fn the_screen_wears_the_colour_of_the_lamp() {
        let statuses = [Status::Green, Status::Blue, Status::Yellow, Status::Red, Status::Grey];
        let kinds = [VisitKind::Entry, VisitKind::Exit, VisitKind::Refusal];
        let reasons = Reason::ALL.iter().copied().map(Some).chain([None]);
        for (reason, status, kind) in reasons
            .flat_map(|r| statuses.map(|s| (r, s)))
            .flat_map(|(r, s)| kinds.map(|k| (r, s, k)))
        {
            let event = DoorEvent::Decided(decided(kind, status, reason));
            assert_eq!(Sign::of(&event).colour, event.signal().colour.word(), "{event:?}");
        }
        for &reason in Reason::ALL {
            let event = DoorEvent::Unrecorded { at: UnixMillis::new(0), reason };
            assert_eq!(Sign::of(&event).colour, event.signal().colour.word(), "{event:?}");
        }
    }

    #[test]
    fn a_full_house_does_not_turn_the_screen_red_or_green() {
        for status in [Status::Green, Status::Blue] {
            assert_eq!(look_of_refusal(status, Some(Reason::Full)).0, "grey");
        }
        assert_eq!(look_of_refusal(Status::Red, Some(Reason::StatusRed)).0, "red");
    }
}
