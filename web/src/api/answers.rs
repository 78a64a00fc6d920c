//! How the interface words what it answers: JSON of cases, questions, people met, notices, venues.

use node_core::{
    authority::{
        Authority,
        board::{BoardError, Pinned, name_of},
        casework::{About, Asked, Case, CaseId, Met, Stayed, Step},
        participation::{Standing, VenueFacts},
    },
    policy::{VenueGroup, VenuePlace},
};
use serde_json::{Value, json};
use sync::record::NoticeCause;

use super::{Answer, Problem, ok};

pub(super) fn case(id: CaseId, case: &Case) -> Value {
    json!({
        "id": id.to_string(),
        "case": case.reference,
        "opened_by": case.opened_by,
        "opened_at": case.opened_at.to_string(),
        "questions": case.questions,
    })
}

pub(super) fn asked(asked: &Asked) -> Value {
    let (state, by) = match &asked.step {
        Step::Waiting => ("waiting", None),
        Step::Answered(by) => ("answered", by.as_ref()),
        Step::Refused(by) => ("refused", Some(by)),
    };
    let (person, venue) = match asked.about {
        About::Person(subject) => (Some(subject.to_string()), None),
        About::Venue(venue) => (None, Some(venue.get())),
    };
    json!({
        "number": asked.number,
        "purpose": asked.purpose,
        "asked_by": asked.by,
        "asked_at": asked.at.to_string(),
        "person": person,
        "venue": venue,
        "from": asked.from.to_string(),
        "until": asked.until.to_string(),
        "second_degree": asked.second_degree,
        "state": state,
        "settled_by": by,
        "persons": asked.persons,
        "staff_left_out": asked.staff,
        "cut": asked.cut,
    })
}

pub(super) fn stay(stayed: &Stayed) -> Value {
    json!({
        "venue": stayed.venue.get(),
        "entrance": stayed.entrance.get(),
        "from": stayed.from.to_string(),
        "until": stayed.until.to_string(),
        "seen_to_leave": stayed.seen,
        "elsewhere": stayed.elsewhere.as_ref().map(|there| json!({
            "region": there.region.get(),
            "authority": there.authority,
            "url": there.url,
            "venue_name": there.venue_name,
        })),
    })
}

pub(super) fn met(met: &Met) -> Value {
    json!({
        "person": met.subject.to_string(),
        "venue": met.venue.get(),
        "from": met.from.to_string(),
        "until": met.until.to_string(),
        "minutes": met.minutes(),
        "degree": met.degree,
        "with": met.with.map(|with| with.to_string()),
        "same_entrance": met.same_entrance,
        "same_part": met.same_zone,
    })
}

pub(super) fn pinned(pinned: &Pinned) -> Value {
    let cause = match pinned.sent.notice.cause {
        NoticeCause::Red => "red",
        NoticeCause::Yellow => "yellow",
        NoticeCause::Fever => "fever",
    };
    let steps = pinned.steps.iter().map(
        |step| json!({ "stage": step.stage.word(), "by": step.by, "at": step.at.to_string() }),
    );
    json!({
        "id": name_of(&pinned.sent.id),
        "venue": pinned.sent.venue.get(),
        "entrance": pinned.sent.notice.entrance.get(),
        "cause": cause,
        "at": pinned.sent.notice.at.to_string(),
        "stage": pinned.stage().word(),
        "steps": steps.collect::<Vec<_>>(),
    })
}

/// One notice of the board.
pub(super) async fn one(authority: &Authority, name: &str) -> Answer {
    match authority.notice(name).await {
        Ok(found) => ok(&pinned(&found)),
        Err(BoardError::Unknown) => Err(Problem::missing()),
        Err(error) => Err(Problem::internal(&error)),
    }
}

pub(super) fn participant(facts: &VenueFacts, standing: Standing) -> Value {
    json!({
        "venue": facts.venue.get(),
        "name": facts.name,
        "state": standing.phase.word(),
        "at": standing.phase.at().map(|at| at.to_string()),
        "leader": standing.leader,
        "since": facts.since.map(|at| at.to_string()),
        "group": facts.group.map(|group| match group {
            VenueGroup::First => 1,
            VenueGroup::Second => 2,
        }),
        "place": facts.place.map(|place| match place {
            VenuePlace::City => "city",
            VenuePlace::Region => "region",
        }),
        "voluntary": facts.voluntary,
        "outages": facts.outages.len(),
        "check_ins_14_days": facts.check_ins,
        "refusals_14_days": facts.refusals,
        "violations": standing.violations,
        "last_check_in": facts.last_check_in.map(|at| at.to_string()),
    })
}
