//! Two hands on one store at one moment: each number is given once, a question is settled once, nothing is issued on
//! what no longer holds. On both engines: on the embedded one both hands are of one node.

use node_core::{
    authority::{
        Authority,
        application::Application,
        casework::{CaseError, Step, Target, Wanted},
        enrolment::{EnrolError, Taken},
        issuing::{Says, TokenOrder},
        keys::{Issuer, OfficeKeys},
        registry::{Entry, How, Known},
        store::postgres::schema::Layout,
        trace::Who,
    },
    code::ids::TypedNumber,
    staff::StaffId,
    token::status::IssuerKey,
};
use sync::{
    bulletin::BulletinKind,
    key::SecretKey,
    record::{Status, VisitKind},
    sample::VENUE,
    sealed::NumberKind,
    time::DAY_MILLIS,
};
use tests::postgres::Cluster;

use crate::world::{Door, Engine, Hub, MINUTE, NOON, made, subject, today};

/// Two hands on each engine.
async fn on_both<F>(name: &str, story: impl Fn(Authority, Authority) -> F)
where
    F: Future<Output = ()>,
{
    let own = Hub::open(50, &Engine::Embedded).await;
    story(own.authority.clone(), own.authority.clone()).await;
    own.close().await;
    let cluster = Cluster::start();
    let engine = made(cluster.database(name), Layout::Index).await;
    let (a, b) = (Hub::open(50, &engine).await, Hub::open(51, &engine).await);
    story(a.authority.clone(), b.authority.clone()).await;
    a.close().await;
    b.close().await;
}

fn application(permit: &str) -> Application {
    let field = |name: &str| match name {
        "permit" => permit.to_owned(),
        other => match other {
            "permit_date" => "2026-09-01",
            "kind" => "hotel",
            "activity" => "55.10",
            "class" => "obligatory",
            "name" => "Hotel",
            "address" => "Abay 1",
            "area" => "almaty",
            "place" => "city",
            "time_zone" => "Asia/Almaty",
            _ => "",
        }
        .to_owned(),
    };
    let fields: std::collections::BTreeMap<_, _> =
        node_core::authority::application::FIELDS.iter().map(|name| (*name, field(name))).collect();
    Application::read(|name| fields.get(name).map_or("", String::as_str)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_venue_and_each_draft_has_a_number_of_its_own() {
    on_both("numbers", |a, b| async move {
        let mut numbers = Vec::new();
        for n in 0..15 {
            let (one, other) = (format!("P{n}a"), format!("P{n}b"));
            let both = tokio::join!(
                a.enrol(None, application(&one)),
                b.enrol(None, application(&other))
            );
            numbers.extend([both.0.unwrap().venue(), both.1.unwrap().venue()]);
            // The same permit twice is one venue's.
            let same = format!("S{n}");
            let both =
                tokio::join!(a.enrol(None, application(&same)), b.enrol(None, application(&same)));
            let won = [&both.0, &both.1].into_iter().filter(|taken| taken.is_ok()).count();
            let refused = [&both.0, &both.1]
                .into_iter()
                .filter(|taken| matches!(taken, Err(EnrolError::PermitTaken(_))))
                .count();
            assert_eq!((won, refused), (1, 1), "{both:?}");
            numbers.extend([both.0, both.1].into_iter().flatten().map(Taken::venue));
        }
        let table =
            |side: &str| (0..120).map(|n| application(&format!("T{side}{n}"))).collect::<Vec<_>>();
        let tables = tokio::join!(a.enrol_all(table("a")), b.enrol_all(table("b")));
        for taken in [tables.0.unwrap(), tables.1.unwrap()] {
            numbers.extend(taken.into_iter().map(Taken::venue));
        }
        let count = numbers.len();
        assert_eq!(count, 15 * 3 + 240);
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count, "no number twice");
        let mut drafts = Vec::new();
        for _ in 0..10 {
            let draft =
                |at: &Authority| {
                    let at = at.clone();
                    async move {
                        at.draw_up(BulletinKind::Policy, b"{}".to_vec(), 30, "x").await.unwrap()
                    }
                };
            let both = tokio::join!(draft(&a), draft(&b));
            drafts.extend([both.0.number, both.1.number]);
        }
        drafts.sort_unstable();
        drafts.dedup();
        assert_eq!(drafts.len(), 20);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_settled_once_and_its_venues_are_counted_once() {
    on_both("settled", |a, b| async move {
        a.require_second(true);
        b.require_second(true);
        let account = |n| Some(StaffId::new([n; 8]));
        for round in 0..8 {
            let wanted = Wanted {
                case: "A-1".into(),
                purpose: "x".into(),
                by: "Tom".into(),
                account: account(1),
                about: Target::Venue(VENUE),
                from: NOON,
                until: NOON.plus_millis(DAY_MILLIS),
                second_degree: false,
            };
            let nobodys = Wanted { account: None, ..wanted.clone() };
            assert!(matches!(a.ask(nobodys).await, Err(CaseError::NoAccount)));
            let (id, asked) = a.ask(wanted).await.unwrap();
            let own = a.settle(id, asked.number, account(1), "Tom", true).await;
            assert!(matches!(own, Err(CaseError::Own)));
            // One approves and another refuses, or approves too.
            let refuses = round % 2 == 0;
            let both = tokio::join!(
                a.settle(id, asked.number, account(2), "Una", true),
                b.settle(id, asked.number, account(3), "Vera", !refuses),
            );
            let settled: Vec<_> = [&both.0, &both.1].into_iter().flatten().collect();
            assert_eq!(settled.len(), 1, "{both:?}");
            assert_eq!(a.question(id, asked.number).await.unwrap().step, settled[0].step);
        }
        let (_, asked) = a.case(a.case_id("A-1")).await.unwrap();
        let answered = asked.iter().filter(|q| matches!(q.step, Step::Answered(_))).count();
        assert_eq!(a.questions_about(VENUE).await.unwrap(), answered as u64);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_outlives_the_fact_that_came_while_it_was_issued() {
    on_both("issued", |a, b| async move {
        let key = IssuerKey::new(&SecretKey::from_bytes(&[6; 32]));
        for at in [&a, &b] {
            let issuer = Some(Issuer { name: "test".into(), key: key.clone() });
            at.equip(OfficeKeys { issuer, root: None });
        }
        for n in 0..25 {
            let number = TypedNumber::read(NumberKind::Cccd, &format!("001080{n:06}")).unwrap();
            let (at, how) = (NOON.plus_millis(-60 * MINUTE), How::Adds);
            let known = Known::Test { at, positive: true, antigen: false };
            let red = [Entry { number: number.clone(), name: None, known, how }];
            let order = TokenOrder {
                number,
                says: Says::Colour,
                days: 5,
                masked_name: None,
                birth_year: None,
                holder: None,
                phone: None,
            };
            let before = a.withdrawals().await.unwrap().len();
            let both = tokio::join!(a.issue_strip(&order), b.register(&red));
            let tokens = both.0.unwrap();
            both.1.unwrap();
            let withdrawn = a.withdrawals().await.unwrap().len() > before;
            let red = tokens.iter().all(|token| token.status == Status::Red);
            assert!(red || withdrawn, "number {n}: {:?}", tokens[0]);
        }
    })
    .await;
}

/// Whoever works there met everybody: nobody is a contact by way of the staff alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_staff_leads_to_no_contacts_of_the_second_degree() {
    let at = |minutes: i64| NOON.plus_millis(minutes * MINUTE);
    let door = Door::open(1);
    door.comes_to_work(today(), at(-60), 9).await;
    for (from, until, person) in [(0, 20, 1), (5, 25, 2), (30, 60, 3)] {
        door.visit(today(), at(from), VisitKind::Entry, Some(person)).await;
        door.visit(today(), at(until), VisitKind::Exit, Some(person)).await;
    }
    door.visit(today(), at(90), VisitKind::Exit, Some(9)).await;
    let hub = Hub::open(50, &Engine::Embedded).await;
    door.send(&hub).await;
    hub.sees("all are counted", |o| o.visits == 8).await;
    let wanted = Wanted {
        case: "A-1".into(),
        purpose: "x".into(),
        by: "Tom".into(),
        account: None,
        about: Target::Person(Who::Subject(subject(1))),
        from: at(-120),
        until: at(240),
        second_degree: true,
    };
    let (id, asked) = hub.authority.ask(wanted).await.unwrap();
    let (_, found) = hub.authority.found(id, asked.number).await.unwrap();
    let who: Vec<u8> = found.met.iter().map(|met| met.subject.as_bytes()[0]).collect();
    assert_eq!((who, found.staff, found.cut), (vec![2], 1, false), "3 met the staff alone");
    assert_eq!(asked.cut, Some(false));
    hub.close().await;
}
