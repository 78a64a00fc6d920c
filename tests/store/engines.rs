//! The same story on each engine, to the same end.

use node_core::authority::{
    cabinet::Filing,
    store::postgres::schema::Layout,
    trace::{Question, Who},
};
use sync::{
    id::EntranceId,
    record::{
        Alert, AlertCause, Amend, Correction, Notice, NoticeCause, Record,
        VisitKind::{Entry, Exit, Refusal},
    },
    time::{DAY_MILLIS, Day, UnixMillis},
};
use tests::postgres::Cluster;

use crate::world::{Door, Engine, Hub, MINUTE, NOON, made, subject, today};

/// What can be seen of an authority from outside.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    counts: [u64; 9],
    stays: Vec<(UnixMillis, Option<UnixMillis>)>,
    contacts: Vec<(u8, i64)>,
    alerts: Vec<UnixMillis>,
    notices: Vec<UnixMillis>,
    apart: Vec<(u64, String)>,
    drawer: Vec<(Vec<u8>, u32)>,
}

fn question(person: u8) -> Question {
    Question {
        case: "2026-1".into(),
        purpose: "a suite".into(),
        asked_by: "A. Tracer".into(),
        who: Who::Subject(subject(person)),
        from: NOON.plus_millis(-3 * DAY_MILLIS),
        until: NOON.plus_millis(DAY_MILLIS),
    }
}

pub(crate) async fn look(hub: &Hub) -> Seen {
    let traced = hub.authority.trace(question(1)).await.unwrap();
    let view = hub.authority.overview().borrow().clone();
    let alerts = hub.authority.alerts().await.unwrap();
    let notices = hub.authority.notices().await.unwrap();
    let apart = hub.authority.set_apart_records().await.unwrap();
    Seen {
        counts: [
            view.visits,
            view.entries,
            view.exits,
            view.refusals,
            view.unreadable,
            view.quarantined,
            view.alerts,
            view.notices,
            view.venues.iter().map(|v| u64::from(v.doors)).sum(),
        ],
        stays: traced.stays.iter().map(|s| (s.entered_at, s.left_at)).collect(),
        contacts: traced
            .contacts
            .iter()
            .map(|c| (c.subject.as_bytes()[0], c.overlap_seconds / 60))
            .collect(),
        alerts: alerts.iter().map(|a| a.alert.at).collect(),
        notices: notices.iter().map(|n| n.notice.at).collect(),
        apart: apart.iter().map(|a| (a.id.number.get(), a.why.clone())).collect(),
        drawer: hub.authority.cabinet().all(b"A").await.unwrap(),
    }
}

/// Two doors, some days, everything that a door can say, and one record that nothing can be made of.
pub(crate) async fn doors() -> (Door, Door) {
    let (a, b) = (Door::open(1), Door::open(2));
    let at = |minutes: i64| NOON.plus_millis(minutes * MINUTE);
    a.visit(today(), at(0), Entry, Some(1)).await;
    b.visit(today(), at(5), Entry, Some(2)).await;
    b.visit(today(), at(10), Entry, Some(3)).await;
    a.visit(today(), at(30), Exit, Some(2)).await;
    a.visit(today(), at(40), Exit, Some(1)).await;
    a.visit(today(), at(41), Refusal, None).await;
    // Taken back: it was somebody else.
    let wrong = b.visit(today(), at(12), Entry, Some(4)).await;
    let void = Correction { at: at(13), of: wrong, amend: Amend::Void, why: None };
    b.write(b.ledger.name(today()), Record::Correction(void)).await;
    // Another door's word about it counts for nothing.
    let own = a.visit(today(), at(50), Entry, Some(5)).await;
    let void = Correction { at: at(51), of: own, amend: Amend::Void, why: None };
    b.write(b.ledger.name(today()), Record::Correction(void)).await;
    // Yesterday, and a day that nobody knew until later.
    let yesterday = today().plus(-1);
    a.visit(yesterday, NOON.plus_millis(-DAY_MILLIS), Entry, Some(1)).await;
    let lost = b.visit(Day::UNKNOWN, UnixMillis::new(1_000), Entry, Some(6)).await;
    let redate = Amend::Redate { at: at(20), day: today() };
    let redated = Correction { at: at(60), of: lost, amend: redate, why: None };
    b.write(b.ledger.name(today()), Record::Correction(redated)).await;
    let alert = Alert { at: at(61), of: own, cause: AlertCause::Revoked };
    a.write(a.ledger.name(today()), Record::Alert(alert)).await;
    let entrance = EntranceId::new(1);
    let notice = Notice { at: at(62), entrance, cause: NoticeCause::Red, of: Some(own), who: None };
    a.write(a.ledger.name(today()), Record::Notice(notice)).await;
    a.visit(today(), UnixMillis::new(i64::MAX), Entry, Some(7)).await;
    a.visit(today(), at(63), Entry, Some(8)).await;
    (a, b)
}

async fn story(engine: Engine) -> (Seen, Seen) {
    let (a, b) = doors().await;
    let hub = Hub::open(50, &engine).await;
    a.send(&hub).await;
    b.send(&hub).await;
    hub.sees("all are counted", |o| o.visits == 11).await;
    let cabinet = hub.authority.cabinet();
    let put = |name: &[u8], n: u32| Filing::put(name.to_vec(), &n);
    cabinet.file(vec![put(b"A1", 1), put(b"A2", 2), put(b"A3", 3), put(b"B1", 9)]).await.unwrap();
    cabinet.file(vec![Filing::Take(b"A3".to_vec())]).await.unwrap();
    assert!(!cabinet.file_if(b"A1", Some(&7u32), vec![put(b"A1", 8)]).await.unwrap());
    assert!(!cabinet.file_if::<u32>(b"A1", None, vec![put(b"A1", 8)]).await.unwrap());
    assert!(cabinet.file_if(b"A1", Some(&1u32), vec![put(b"A1", 4)]).await.unwrap());
    assert!(cabinet.file_if::<u32>(b"A5", None, vec![put(b"A5", 5)]).await.unwrap());
    assert_eq!(cabinet.read::<u32>(b"A9").await.unwrap(), None);
    assert_eq!(cabinet.page::<u32>(b"A", Some(b"A1"), 1).await.unwrap().len(), 1);
    let first = look(&hub).await;
    // What was said twice counts once, also after a new start.
    a.send(&hub).await;
    let hub = hub.open_again(50, &engine).await;
    hub.sees("all are counted still", |o| o.visits == 11 && o.questions == 1).await;
    let again = look(&hub).await;
    assert_eq!(first, again, "{engine:?}: a new start changes nothing");
    // The days before today go.
    let believed = sync::vault::Believed::when(sync::record::ClockTrust::Trusted).unwrap();
    hub.ledger.purge(today(), today(), believed).await.unwrap();
    hub.authority.forget_days_before(today()).await.unwrap();
    let later = look(&hub).await;
    hub.close().await;
    (first, later)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_story_ends_the_same_on_each_engine() {
    let cluster = Cluster::start();
    let (first, later) = story(Engine::Embedded).await;
    assert_eq!(first.counts, [11, 8, 2, 1, 0, 1, 1, 1, 2]);
    let at = |minutes: i64| NOON.plus_millis(minutes * MINUTE);
    assert_eq!(first.stays.last(), Some(&(at(0), Some(at(40)))));
    assert_eq!(first.stays.len(), 2, "{first:?}");
    let who: Vec<u8> = first.contacts.iter().map(|(who, _)| *who).collect();
    assert!(who.contains(&2) && who.contains(&3) && who.contains(&6), "redated into it: {who:?}");
    assert!(!who.contains(&4), "taken back: {who:?}");
    assert_eq!((first.alerts.len(), first.notices.len(), first.apart.len()), (1, 1, 1));
    assert_eq!(first.drawer.len(), 3);
    assert_eq!(later.stays.len(), 1, "yesterday is gone: {later:?}");
    assert_eq!(later.counts[..8], first.counts[..8], "what it added up to stays");
    for (name, layout) in [("one", Layout::Index), ("two", Layout::SecondTable)] {
        let engine = made(cluster.database(name), layout).await;
        let (on_postgres, later_there) = story(engine).await;
        assert_eq!(on_postgres, first, "{layout:?}");
        assert_eq!(later_there, later, "{layout:?}");
        let days =
            cluster.sql(name, "select count(*) from pg_class where relname like 'visits_d%'");
        let first_day = today().get();
        let old = cluster.sql(
            name,
            &format!("select count(*) from pg_class where relname ~ '_d[0-9]+$' and substring(relname from '_d([0-9]+)$')::int < {first_day}"),
        );
        assert_eq!((days != "0", old.as_str()), (true, "0"), "{layout:?}: partitions are dropped");
    }
}
