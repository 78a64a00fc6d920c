//! The time that a desk believes: what moves its floor, what does not, and that it is kept over a restart.

use sync::{
    bulletin::{Bulletin, BulletinKind, Notice},
    id::{Seq, Subject},
    record::{Amend, ClockTrust},
    time::DAY_MILLIS,
};

use super::{
    venue::{REGION, key},
    *,
};
use crate::token::{
    Claim, Cti,
    status::{IssuerKey, StatusClaims, issue},
};

const HOUR: i64 = 3_600_000;

async fn sign(door: &Door, kind: BulletinKind, version: u64, hours: i64, body: &[u8]) {
    let issued_at = NOON.plus_millis(hours * HOUR);
    let (not_after, body) = (issued_at.plus_millis(DAY_MILLIS), body.to_vec());
    let notice = Notice { region: REGION, kind, version, issued_at, not_after, body };
    door.ledger.keep_bulletin(Bulletin::seal(&notice, &[&key(100)])).await.unwrap();
    door.read_anew().await;
    door.desk.keep_floor().await;
}

/// What this door says of an earlier record of its own.
async fn corrections(door: &Door, of: RecordId) -> Vec<Amend> {
    let heads = door.ledger.heads().borrow().clone();
    let mut said = Vec::new();
    for (chain, _) in heads.chains() {
        let (records, _) = door.ledger.records(*chain, Seq::default(), 100).await.unwrap();
        said.extend(records.iter().filter_map(|stored| match &stored.record {
            Record::Correction(correction) if correction.of == of => Some(correction.amend),
            _ => None,
        }));
    }
    said
}

fn floor(door: &Door) -> Option<i64> {
    let at = door.desk.state().rules.floor().at();
    at.map(|at| (at.get() - NOON.get()) / HOUR)
}

#[tokio::test]
async fn the_floor_outlasts_the_bulletin_that_raised_it_and_a_restart() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    assert_eq!(floor(&a), Some(0));
    sign(&a, BulletinKind::Policy, 2, 5, b"{}").await;
    assert_eq!(floor(&a), Some(5));
    sign(&a, BulletinKind::Policy, 3, 1, b"{}").await;
    assert_eq!(floor(&a), Some(5), "the bulletin of the fifth hour is gone");
    let a = venue.restart(a, None).await;
    assert_eq!(floor(&a), Some(5), "and what it proved is kept");
    assert_eq!(a.desk.moment().trust, ClockTrust::Unknown, "the clock says noon");
    assert_eq!(a.desk.view().borrow().clock, Some(ClockTrust::Unknown), "and the page says so");
}

#[tokio::test]
async fn a_signed_beacon_brings_a_floor_back_that_ran_ahead() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    sign(&a, BulletinKind::Policy, 2, 24 * 3650, b"{}").await;
    assert_eq!((floor(&a), a.desk.moment().trust), (Some(24 * 3650), ClockTrust::Unknown));
    sign(&a, BulletinKind::Beacon, 1, 0, br#"{"resets":true}"#).await;
    assert_eq!((floor(&a), a.desk.moment().trust), (Some(0), ClockTrust::Trusted));
    let a = venue.restart(a, None).await;
    assert_eq!(floor(&a), Some(0), "the wrong policy is still there and does not count");
    venue.wait(3 * HOUR);
    sign(&a, BulletinKind::Beacon, 2, 3, b"{}").await;
    assert_eq!(floor(&a), Some(3));
}

#[tokio::test]
async fn a_token_dated_ahead_is_refused_and_moves_nothing() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let token = |ahead_millis: i64| {
        let issued = NOON.plus_millis(ahead_millis);
        let (subject, cti) = (Subject::new([1; 16]), Cti::new([1; 8]));
        let (end, claim) = (issued.plus_millis(DAY_MILLIS), Claim::Colour(Status::Green));
        let claims = StatusClaims::new("test", subject, cti, issued, end, claim).unwrap();
        issue(&claims, &IssuerKey::new(&key(102)))
    };
    let verdict = |text: String| a.desk.self_check(&text);
    let ahead = verdict(token(crate::clock::SKEW_MILLIS + 1000));
    assert_eq!((ahead.outcome, ahead.reason), (Outcome::Refuse, Some(Reason::NotYetValid)));
    assert_eq!(floor(&a), Some(0), "a credential never moves the floor");
    assert_eq!(verdict(token(crate::clock::SKEW_MILLIS)).outcome, Outcome::Admit);
    assert_eq!(a.desk.moment(), Moment::trusted(NOON));
}

#[tokio::test]
async fn what_was_written_under_an_unbelieved_clock_is_dated_when_the_time_is_known() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.wait(-30 * DAY_MILLIS);
    assert_eq!(a.desk.moment().trust, ClockTrust::Unknown);
    let CheckedIn::Decided(decision) = a.desk.check_in(&venue::token_of(1)).await else {
        panic!("nothing was recorded");
    };
    assert_eq!(decision.visit.chain.day, Day::UNKNOWN);
    a.desk.do_duties().await;
    assert_eq!(corrections(&a, decision.visit).await, [], "nobody knows yet");

    venue.wait(30 * DAY_MILLIS + HOUR);
    a.desk.do_duties().await;
    a.desk.do_duties().await;
    let said = corrections(&a, decision.visit).await;
    let [Amend::Redate { at, day }] = said[..] else { panic!("{said:?}") };
    let ago = NOON.plus_millis(HOUR).get() - at.get();
    assert!(
        (0..20_000).contains(&ago),
        "it was a moment ago, however the clock was turned: {ago} ms"
    );
    assert_eq!(day, a.desk.site().zone.day(at));
}
