//! What the rules say of somebody who typed a telephone number, or who ends a visit by its pass: pure.

use sync::{
    id::Tag,
    record::{Direction, Status, VisitKind},
    sealed::{Identity, NumberKind, Typed},
};

use super::{Weighed, let_in, let_out};
use crate::{
    clock::Moment,
    desk::{Attendance, state::State},
    phone::Phone,
    policy::{Outcome, Unverified, Verdict},
    reason::Reason,
    site::Site,
};

/// What a typed number is worth at a door: there is no status for it without the authority's answer.
const UNVERIFIED: Verdict = Verdict {
    outcome: Outcome::CannotConfirm,
    status: Status::Grey,
    reason: Some(Reason::Unverified),
    until: None,
    then: None,
};

/// Weighs a number that was proved to be at this door.
pub(in crate::desk) fn weigh_phone(
    phone: &Phone,
    tag: Tag,
    way: Direction,
    attendance: Attendance,
    site: &Site,
    state: &mut State,
    now: Moment,
) -> Weighed {
    let leaves = match site.direction {
        Direction::In => false,
        Direction::Out => true,
        Direction::Both => way == Direction::Out,
    };
    let (kind, verdict) = if leaves {
        (VisitKind::Exit, let_out(UNVERIFIED))
    } else {
        // Whether there is a place is asked of everybody, and first.
        let admitted = Verdict { outcome: Outcome::Admit, reason: None, ..UNVERIFIED };
        let placed = let_in(admitted, Some(&tag), false, site, state, now);
        let asked = unverified(state.rules.policy.unverified, attendance, admitted);
        let verdict = match (placed.outcome, placed.reason) {
            (Outcome::Admit, _) => asked,
            // The venue's wish for a document makes no refusal of the region's a question.
            (_, Some(Reason::HouseDocument)) if asked.outcome == Outcome::Refuse => asked,
            _ => placed,
        };
        (VisitKind::Entry, verdict)
    };
    let number = Typed { kind: NumberKind::Phone, number: phone.as_str().to_owned() };
    Weighed {
        at: now.wall,
        kind,
        verdict,
        tag: Some(tag),
        who: Some(Identity::Typed(number)),
        masked_name: Some(phone.masked()),
        marks: Vec::new(),
        name: None,
        number: None,
    }
}

/// Weighs the end of a visit: nobody is kept inside.
pub(in crate::desk) fn weigh_leave(tag: Tag, now: Moment) -> Weighed {
    Weighed {
        at: now.wall,
        kind: VisitKind::Exit,
        verdict: let_out(UNVERIFIED),
        tag: Some(tag),
        who: None,
        masked_name: None,
        marks: Vec::new(),
        name: None,
        number: None,
    }
}

/// What an unverified person may do: where the policy leaves it to a person and nobody stands at the door, who is
/// recorded comes in.
const fn unverified(switch: Unverified, attendance: Attendance, admitted: Verdict) -> Verdict {
    match (switch, attendance) {
        (Unverified::Admit, _) | (Unverified::Staff, Attendance::Unattended) => admitted,
        (Unverified::Staff, Attendance::Attended) => UNVERIFIED,
        (Unverified::Refuse, _) => Verdict { outcome: Outcome::Refuse, ..UNVERIFIED },
    }
}
