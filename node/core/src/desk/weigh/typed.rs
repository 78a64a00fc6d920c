//! What the rules and the venue's state make of a typed number: pure.

use sync::{
    inquiry::{Finding, OwnInquiry},
    record::VisitKind,
    sealed::Identity,
};

use super::{OfNumber, Weighed, admitted, let_in, let_out};
use crate::{clock::Moment, code::ids::TypedNumber, desk::state::State, site::Site};

/// What came of asking the authority: its answer, or the question that it still owes one to, or neither.
#[derive(Clone, Debug, Default)]
pub(in crate::desk) struct Heard {
    pub(in crate::desk) found: Option<Finding>,
    pub(in crate::desk) owed: Option<OwnInquiry>,
}

/// Weighs a typed number at this door. It has no tag: the space of numbers is too small to hide one in, so each visit
/// gets a random one, and an exit pairs with no entry.
pub(in crate::desk) fn weigh_typed(
    typed: &TypedNumber,
    kind: VisitKind,
    heard: Heard,
    site: &Site,
    state: &mut State,
    now: Moment,
) -> Weighed {
    let (policy, lists) = (&state.rules.policy, &state.rules.lists);
    let admit = admitted(&state.rules, site, now);
    let judged = policy.judge_typed(typed, heard.found.as_ref(), admit, lists, now);
    let verdict = match kind {
        VisitKind::Exit => let_out(judged),
        VisitKind::Entry | VisitKind::Refusal => let_in(judged, None, false, site, state, now),
    };
    Weighed {
        at: now.wall,
        kind,
        verdict,
        tag: None,
        who: Some(Identity::Typed(typed.to_typed())),
        masked_name: None,
        marks: Vec::new(),
        name: None,
        number: Some(OfNumber { ends: typed.ends(), owed: heard.owed }),
    }
}
