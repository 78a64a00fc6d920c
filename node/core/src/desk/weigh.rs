//! Which way a visitor would cross, and what the rules say of it: pure.

pub(super) mod phone;

use sync::{
    id::{Mark, RecordId, Tag},
    inquiry::OwnInquiry,
    record::{ClockTrust, Direction, VisitKind},
    sealed::{Foreign, Identity},
    time::UnixMillis,
};

mod typed;

use super::state::State;
pub(super) use typed::{Heard, weigh_typed};

use crate::{
    clock::Moment,
    code::Code,
    occupancy::marks_of,
    policy::{
        AdmitTable, CapacityRule, Excluded, ExitScan, InForce, Outcome, Verdict, judge, judge_by,
    },
    reason::Reason,
    rules::Rules,
    site::Site,
    standing::Stands,
    token::{Credential, Refused, inspect, revocations::Revocations, status::Purpose, verify},
};

/// A code with its verdict, ready for a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Weighed {
    pub(super) at: UnixMillis,
    pub(super) kind: VisitKind,
    pub(super) verdict: Verdict,
    pub(super) tag: Option<Tag>,
    pub(super) who: Option<Identity>,
    pub(super) masked_name: Option<String>,
    pub(super) marks: Vec<Mark>,
    /// What the visit will be called, where a notice has named it already.
    pub(super) name: Option<RecordId>,
    /// Where a number was typed.
    pub(super) number: Option<OfNumber>,
}

/// What goes with a typed number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OfNumber {
    /// Its last characters.
    pub(super) ends: String,
    /// The question that the authority owes an answer to.
    pub(super) owed: Option<OwnInquiry>,
}

/// Weighs a code at this door; `Err` for texts that are no credential at all: nobody was at the door with
/// one, so nothing is recorded.
pub(super) fn weigh(
    code: &Code,
    site: &Site,
    state: &mut State,
    now: Moment,
) -> Result<Weighed, Reason> {
    if is_specimen(code) {
        return Err(Reason::Specimen);
    }
    let verified = verify(code, &state.rules.trust, &state.rules.revocations, now);
    match verified {
        Ok(credential) => Ok(weigh_credential(&credential, site, state, now)),
        Err(refused) if refused.reason == Reason::NotACredential => Err(refused.reason),
        Err(refused) => Ok(Some(code)
            .filter(|_| has_ended(refused.reason))
            .and_then(|code| leaving(code, site, state, now))
            .unwrap_or_else(|| unverified(&refused, &state.rules, site, now))),
    }
}

/// The verdict on a code as such, wherever it is shown.
pub(super) fn verdict_alone(code: &Code, rules: &Rules, now: Moment) -> Verdict {
    if is_specimen(code) {
        let specimen = Verdict::of_refused(&Refused::because(Reason::Specimen));
        return Verdict { outcome: Outcome::CannotConfirm, ..specimen };
    }
    match verify(code, &rules.trust, &rules.revocations, now) {
        Ok(credential) => judge(&credential, &rules.policy, &rules.lists, now),
        Err(refused) => {
            without_a_list(&refused, rules).unwrap_or_else(|| Verdict::of_refused(&refused))
        }
    }
}

/// Whether a code calls itself a specimen. Nobody need have signed that: who says so is let in nowhere by it, nobody is
/// kept inside without it, and practice leaves no visit behind.
fn is_specimen(code: &Code) -> bool {
    inspect(code).is_ok_and(|read| read.unverified().purpose() == Purpose::Specimen)
}

/// A door that has no trust list yet knows no issuer: that is its own lack, not the visitor's.
fn without_a_list(refused: &Refused, rules: &Rules) -> Option<Verdict> {
    let lacking = refused.reason == Reason::UnknownIssuer && rules.lists.trust.is_none();
    let own = Refused::because(Reason::StaleLists);
    lacking.then(|| Verdict { outcome: Outcome::CannotConfirm, ..Verdict::of_refused(&own) })
}

fn weigh_credential(
    credential: &Credential,
    site: &Site,
    state: &mut State,
    now: Moment,
) -> Weighed {
    let subject = credential.subject();
    let inside_as = state.inside_as(site.part, &subject, now.wall);
    // Who came in yesterday, or before a re-keying, leaves under the tag of that time; who comes in a second time does so
    // under it too, or nobody would see the pair.
    let tag = inside_as.unwrap_or_else(|| state.tag(site.part, &subject, now.wall));
    let leaves = match site.direction {
        Direction::In => false,
        Direction::Out => true,
        Direction::Both => inside_as.is_some(),
    };
    let policy = &state.rules.policy;
    let judged =
        judge_by(credential, policy, admitted(&state.rules, site, now), &state.rules.lists, now);
    let (kind, verdict) = if leaves {
        (VisitKind::Exit, let_out(judged))
    } else {
        (VisitKind::Entry, let_in(judged, Some(&tag), inside_as.is_some(), site, state, now))
    };
    Weighed {
        at: now.wall,
        kind,
        verdict,
        tag: Some(tag),
        who: Some(identity(credential)),
        masked_name: state.rules.policy.shown_name(credential, now.wall),
        marks: marks_of(credential, &state.key()),
        name: None,
        number: None,
    }
}

/// Whom a credential is of, for the authority alone.
fn identity(credential: &Credential) -> Identity {
    let subject = credential.subject();
    match credential.holder() {
        None => Identity::Native(subject, credential.issued_at(), credential.region()),
        Some(holder) => Identity::Foreign(Foreign {
            subject,
            name: holder.name().map(str::to_owned),
            birth_date: holder.birth_date().map(str::to_owned),
            credential_id: holder.credential_id().to_owned(),
            revocable: credential.revocable_ids().iter().map(|id| id.to_bytes().into()).collect(),
        }),
    }
}

/// Nobody is kept inside, whatever their status.
pub(super) fn let_out(judged: Verdict) -> Verdict {
    Verdict { outcome: Outcome::Admit, reason: None, ..judged }
}

/// What the region's measures make of this venue. One that is shut out has no privileges.
fn in_force<'a>(rules: &'a Rules, site: &'a Site, now: Moment) -> InForce<'a> {
    let (measures, rule) = (&rules.policy.measures, rules.policy.excluded_venues);
    let standing = rules.standing.of(site.venue, now.wall).map(|standing| standing.stands);
    match (standing, rule) {
        (Some(Stands::Excluded), Excluded::Refuse | Excluded::NoPrivileges) => {
            measures.without_privileges(site.working())
        }
        (Some(Stands::Excluded), Excluded::Advise) | (Some(Stands::Test) | None, _) => {
            measures.at(site.working())
        }
    }
}

/// Which status may enter here.
pub(super) fn admitted<'a>(rules: &'a Rules, site: &'a Site, now: Moment) -> &'a AdmitTable {
    in_force(rules, site, now).admit().unwrap_or(&rules.policy.admit)
}

/// What the venue's own state adds to the rules' verdict on entering.
pub(super) fn let_in(
    judged: Verdict,
    tag: Option<&Tag>,
    is_inside: bool,
    site: &Site,
    state: &mut State,
    now: Moment,
) -> Verdict {
    let judged = state.house.rules().turn_away(judged);
    if judged.outcome != Outcome::Admit {
        return judged;
    }
    let refused = |reason| Verdict { outcome: Outcome::Refuse, reason: Some(reason), ..judged };
    if state.rules.tracing_key(now.wall.week()).is_none() {
        return Verdict {
            outcome: Outcome::CannotConfirm,
            reason: Some(Reason::StaleLists),
            ..judged
        };
    }
    let excluded = state.rules.policy.excluded_venues;
    if let Some(reason) = state.rules.standing.shut(site.venue, excluded, now.wall) {
        return refused(reason);
    }
    if let Some(reason) = in_force(&state.rules, site, now).shut(now.wall, &site.zone) {
        return refused(reason);
    }
    if state.house.rules().is_shut(now.wall, &site.zone) {
        return refused(Reason::HouseClosed);
    }
    if is_inside && state.rules.policy.exit_scan == ExitScan::Required {
        return refused(Reason::AlreadyInside);
    }
    match no_place(tag, is_inside, site, state, now) {
        Some(reason) => refused(reason),
        // Last, so that nobody shows a document at a venue that has no place.
        None => state.house.rules().ask_document(judged),
    }
}

/// Why there is no place for one more, where there is none.
///
/// Under a signed capacity the door needs a right of its own. Without one the count decides, as far as it is known
/// here; no partition is safe then. Where the policy only advises, nobody is turned away.
/// The region's measures may leave some of the places empty, and the venue itself: that too is by the count, as far as it is
/// known here.
pub(super) fn no_place(
    tag: Option<&Tag>,
    counted: bool,
    site: &Site,
    state: &mut State,
    now: Moment,
) -> Option<Reason> {
    let house = state.house.rules().places;
    if !counted && house.is_some_and(|most| state.inside(site.part, now.wall) >= most) {
        return Some(Reason::HouseFull);
    }
    if state.rules.policy.capacity == CapacityRule::Advisory {
        return None;
    }
    let period = state.occupancy.period(site.part, now.wall);
    let signed = state.occupancy.shares().most(site.part, period);
    let inside = state.inside(site.part, now.wall);
    let capacity = signed.or(site.capacity);
    let allowed = capacity.map(|most| in_force(&state.rules, site, now).places(most));
    if allowed < capacity && allowed.is_some_and(|places| inside >= places) && !counted {
        return Some(Reason::Full);
    }
    match (signed, site.capacity) {
        (Some(_), _) if state.may_enter(site.part, tag, now.wall) => None,
        (Some(most), _) if inside < most => Some(Reason::NoRights),
        (Some(_), _) => Some(Reason::Full),
        (None, Some(most)) if inside >= most && !counted => Some(Reason::Full),
        (None, _) => None,
    }
}

/// Whether a code held once.
const fn has_ended(reason: Reason) -> bool {
    matches!(reason, Reason::Expired | Reason::Revoked | Reason::IssuerNotValid)
}

/// A code that ran out or was revoked while its holder was inside still lets the holder out, and still
/// pairs: its signature counts, as of when it was issued.
fn leaving(code: &Code, site: &Site, state: &mut State, now: Moment) -> Option<Weighed> {
    if site.direction == Direction::In {
        return None;
    }
    // Of an unknown trust: a phone's proof is of today, and its time is not asked.
    let wall = inspect(code).ok()?.issued_at()?;
    let issued = Moment { wall, trust: ClockTrust::Unknown };
    let credential = verify(code, &state.rules.trust, &Revocations::default(), issued).ok()?;
    let subject = credential.subject();
    let tag = state.inside_as(site.part, &subject, now.wall)?;
    let judged = judge(&credential, &state.rules.policy, &state.rules.lists, now);
    Some(Weighed {
        at: now.wall,
        kind: VisitKind::Exit,
        verdict: let_out(judged),
        tag: Some(tag),
        who: Some(identity(&credential)),
        masked_name: state.rules.policy.shown_name(&credential, now.wall),
        marks: marks_of(&credential, &state.key()),
        name: None,
        number: None,
    })
}

/// A credential that does not verify names nobody: the visit gets a random tag and no identity.
fn unverified(refused: &Refused, rules: &Rules, site: &Site, now: Moment) -> Weighed {
    let judged = without_a_list(refused, rules).unwrap_or_else(|| Verdict::of_refused(refused));
    let (kind, verdict) = match site.direction {
        Direction::Out => (VisitKind::Exit, let_out(judged)),
        Direction::In | Direction::Both => (VisitKind::Entry, judged),
    };
    let (tag, who, masked_name, marks) = (None, None, None, Vec::new());
    let (name, number) = (None, None);
    Weighed { at: now.wall, kind, verdict, tag, who, masked_name, marks, name, number }
}

impl Weighed {
    /// Whether the visitor takes a place when this is done.
    pub(super) fn takes_place(&self, act: super::Act) -> bool {
        act == super::Act::Release && self.kind == VisitKind::Entry
    }

    /// The question that is kept when the visitor comes in.
    pub(super) fn owed(&self) -> Option<&OwnInquiry> {
        self.number.as_ref().and_then(|number| number.owed.as_ref())
    }

    /// Whether the rules let a person release this visitor where refusals are binding. Who works here needs no place.
    pub(super) fn may_be_released(&self, act: super::Act) -> bool {
        let placeless = matches!(
            self.verdict.reason,
            Some(
                Reason::Full
                    | Reason::NoRights
                    | Reason::AlreadyInside
                    | Reason::VenueClosed
                    | Reason::VenueExcluded
                    | Reason::ClosedNow
                    | Reason::HouseClosed
                    | Reason::HouseFull
            )
        );
        let admitted = self.verdict.outcome == Outcome::Admit || self.is_left_to_staff();
        match act {
            super::Act::Refuse => true,
            super::Act::Release => admitted,
            super::Act::ReleaseStaff => admitted || placeless,
        }
    }

    /// Whether the rules leave this visitor to a person: an unverified one, or one whose document is to be looked at.
    fn is_left_to_staff(&self) -> bool {
        let Verdict { outcome, reason, .. } = self.verdict;
        let left = matches!(reason, Some(Reason::Unverified | Reason::HouseDocument));
        outcome == Outcome::CannotConfirm && left
    }
}
