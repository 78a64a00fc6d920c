//! Day passes at the desk: making one for somebody who was let in, and weighing one that is shown.

use sync::{
    id::{RecordId, Subject},
    record::{ClockTrust, Direction, Status, VisitKind},
    sealed::Identity,
    time::UnixMillis,
};

use super::{
    Desk,
    state::State,
    weigh::{Weighed, let_in, let_out},
};
use crate::{
    clock::Moment,
    code::pass::{DayPass, PASS_NONCE},
    event::Decision,
    policy::{Admission, Outcome, Verdict},
    reason::Reason,
    site::Site,
};

/// Why there is no pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PassError {
    /// Not among the last decisions, not an entry, or of nobody whose code was verified.
    #[error("a pass is for a visitor of the last entries whose code was verified")]
    Nobody,
    /// The system gave no random bytes.
    #[error("no random bytes for a pass")]
    Random,
}

impl Desk {
    /// The code of a day pass for one of the last who were let in here, and when that was.
    ///
    /// # Errors
    /// [`PassError`] where the visit can have none.
    pub fn day_pass(&self, visit: &RecordId) -> Result<(String, Decision), PassError> {
        let mut nonce = [0; PASS_NONCE];
        getrandom::fill(&mut nonce).map_err(|_| PassError::Random)?;
        let now = self.moment();
        let state = self.state();
        let decision = state.recent().into_iter().find(|d| d.visit == *visit);
        let decision = decision.ok_or(PassError::Nobody)?;
        let pass = state.passes.get(visit).cloned().ok_or(PassError::Nobody)?;
        let key = state.business_key(self.site().part, now.wall);
        let text = pass.seal(self.site().venue, &key, nonce).ok_or(PassError::Nobody)?;
        Ok((text, decision))
    }
}

impl State {
    /// Remembers what a pass for this visit would say, as long as the decision is among the last.
    pub(super) fn may_have_pass(&mut self, decision: &Decision, weighed: &Weighed) {
        if let (VisitKind::Entry, Some(who)) = (decision.kind, &weighed.who) {
            let (status, until) = (decision.status, decision.until);
            if let Some((subject, issued)) = subject_of(who) {
                self.passes.insert(decision.visit, DayPass { subject, status, until, issued });
            }
        }
        let recent = self.recent();
        self.passes.retain(|visit, _| recent.iter().any(|d| d.visit == *visit));
    }
}

/// Whom a pass can name: of a typed number nobody makes a pseudonym but the authority, and of another region's people a
/// pass could not say whose they are.
pub(super) fn subject_of(who: &Identity) -> Option<(Subject, Option<UnixMillis>)> {
    match who {
        Identity::Native(_, _, Some(_)) => None,
        Identity::Native(subject, issued, None) => Some((*subject, *issued)),
        Identity::Foreign(foreign) => Some((foreign.subject, None)),
        Identity::Typed(_) => None,
    }
}

/// Weighs a day pass: it lets out whoever is inside, and lets in again on the day it was made for. One that does not open
/// is of another venue, or of a day whose key is gone: it names nobody, and nothing is recorded.
pub(super) fn weigh_pass(
    text: &str,
    site: &Site,
    state: &mut State,
    now: Moment,
) -> Result<Weighed, Reason> {
    let opened = DayPass::open(text, site.venue, &state.keys());
    let (day, pass) = opened.ok_or(Reason::Expired)?;
    let inside_as = state.inside_as(site.part, &pass.subject, now.wall);
    let tag = inside_as.unwrap_or_else(|| state.tag(site.part, &pass.subject, now.wall));
    let leaves = match site.direction {
        Direction::In => false,
        Direction::Out => true,
        Direction::Both => inside_as.is_some(),
    };
    let is_todays = day == state.business_key(site.part, now.wall).day();
    let judged = judged(&pass, is_todays, state, now);
    let (kind, verdict) = if leaves {
        (VisitKind::Exit, let_out(judged))
    } else {
        (VisitKind::Entry, let_in(judged, Some(&tag), inside_as.is_some(), site, state, now))
    };
    Ok(Weighed {
        at: now.wall,
        kind,
        verdict,
        tag: Some(tag),
        who: Some(Identity::Native(pass.subject, pass.issued, None)),
        masked_name: None,
        marks: Vec::new(),
        name: None,
        number: None,
    })
}

/// What the rules say of what the door saw when it made the pass.
fn judged(pass: &DayPass, is_todays: bool, state: &State, now: Moment) -> Verdict {
    let (rules, until) = (&state.rules, pass.until);
    let grey = |outcome, reason| {
        let (status, reason) = (Status::Grey, Some(reason));
        Verdict { outcome, status, reason, until: None, then: None }
    };
    if !is_todays {
        return grey(Outcome::Refuse, Reason::Expired);
    }
    if now.trust == ClockTrust::Unknown {
        return grey(Outcome::CannotConfirm, Reason::ClockUnknown);
    }
    if let Some(reason) = rules.lists.hindrance(&rules.policy, now.wall) {
        return grey(Outcome::CannotConfirm, reason);
    }
    // What follows then the code itself says, and the pass does not.
    if until.is_some_and(|until| until <= now.wall) {
        return grey(Outcome::CannotConfirm, Reason::StatusGrey);
    }
    let (status, then) = (pass.status, None);
    match rules.policy.admit.of(status) {
        Admission::Admit => Verdict { outcome: Outcome::Admit, status, reason: None, until, then },
        Admission::Refuse => grey(Outcome::CannotConfirm, Reason::StatusGrey),
    }
}
