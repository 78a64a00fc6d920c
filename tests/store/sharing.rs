//! Authorities that share one PostgreSQL: who takes what in, what is acknowledged, what comes back.

use node_core::{
    authority::{
        Authority,
        registry::{Entry, How, Known},
        store::postgres::{
            Address, Postgres,
            schema::{self, Layout},
        },
    },
    code::ids::TypedNumber,
};
use sync::{
    key::SecretKey,
    ledger::Ledger,
    peers::Arrival,
    record::{Status, VisitKind},
    sample::{self, VENUE},
    sealed::NumberKind,
    store::Durability,
};
use tests::{postgres::Cluster, wait_until};
use tokio::sync::{mpsc, oneshot};

use crate::world::{Door, Hub, MINUTE, NOON, clock, made, today};

/// A door arrives: what others hold is here when it hears.
async fn arrives(hub: &Hub) {
    let (arrivals, calls) = mpsc::channel(1);
    let (done, heard) = oneshot::channel();
    arrivals.send(Arrival { venue: VENUE, done }).await.unwrap();
    tokio::select! {
        () = hub.authority.clone().welcome(calls, std::future::pending()) => {}
        gone = heard => assert!(gone.is_err(), "it is dropped"),
    }
}

async fn written(door: &Door, from: i64, count: i64) {
    for n in from..from + count {
        door.visit(
            today(),
            NOON.plus_millis(n * MINUTE / 60),
            VisitKind::Entry,
            Some((n % 200) as u8),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_has_acknowledged_the_others_have_and_count_once() {
    let cluster = Cluster::start();
    let engine = made(cluster.database("shared"), Layout::Index).await;
    let (a, b) = (Hub::open(50, &engine).await, Hub::open(51, &engine).await);
    let door = Door::open(1);
    written(&door, 0, 100).await;
    let chain = door.ledger.charter().chain(today());
    door.send(&a).await;
    a.sees("a has them", |o| o.visits == 100).await;
    wait_until("a acknowledges them", || a.acknowledged(&chain) == a.place(&chain));
    b.sees("b counts what a has taken in", |o| o.visits == 100).await;

    // The disk of a is gone. The door goes to b, which holds it all before the door hears what is held.
    drop(a.close().await);
    assert_eq!(b.place(&chain).get(), 0);
    // Who takes part is counted without bringing every visit of every venue here.
    assert_eq!(b.authority.participants().await.unwrap().len(), 1);
    assert_eq!(b.place(&chain).get(), 0);
    arrives(&b).await;
    let head = *door.ledger.heads().borrow().head(VENUE, &chain).unwrap();
    assert_eq!((b.place(&chain), b.acknowledged(&chain)), (head.seq, head.seq));

    // It goes on there, and a third node takes in the same at the same time.
    let c = Hub::open(52, &engine).await;
    arrives(&c).await;
    written(&door, 100, 150).await;
    tokio::join!(door.send(&b), door.send(&c));
    b.sees("each counts once", |o| o.visits == 250).await;
    c.sees("at c too", |o| o.visits == 250).await;
    wait_until("both acknowledge it", || {
        b.acknowledged(&chain) == b.place(&chain) && c.acknowledged(&chain) == c.place(&chain)
    });
    assert_eq!(cluster.sql("shared", "select count(*) from vestibule.visits"), "250");
    assert_eq!(
        cluster.sql("shared", "select count(distinct event_id) from vestibule.visits"),
        "250"
    );
    b.close().await;
    c.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_vanishes_is_named_and_nothing_is_acknowledged_or_lost() {
    let mut cluster = Cluster::start();
    let engine = made(cluster.database("away"), Layout::Index).await;
    let hub = Hub::open(50, &engine).await;
    let door = Door::open(1);
    written(&door, 0, 10).await;
    let chain = door.ledger.charter().chain(today());
    door.send(&hub).await;
    hub.sees("it has ten", |o| o.visits == 10 && o.store_trouble.is_none()).await;
    wait_until("ten are acknowledged", || hub.acknowledged(&chain) == hub.place(&chain));
    let before = hub.acknowledged(&chain);

    cluster.stop();
    written(&door, 10, 20).await;
    door.send(&hub).await;
    hub.sees("it says that the store is away", |o| o.store_trouble.is_some()).await;
    assert!(hub.place(&chain) > before, "what came is kept here");
    assert_eq!(hub.acknowledged(&chain), before, "and not acknowledged");

    cluster.start_again();
    hub.sees("it goes on by itself", |o| o.visits == 30 && o.store_trouble.is_none()).await;
    wait_until("all are acknowledged", || hub.acknowledged(&chain) == hub.place(&chain));

    // A server that takes nothing, as one without room does.
    cluster.sql("away", "alter database away set default_transaction_read_only = on");
    cluster.sql("away", "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'vestibule'");
    written(&door, 30, 5).await;
    door.send(&hub).await;
    hub.sees("it says so", |o| o.store_trouble.is_some()).await;
    cluster.sql("postgres", "alter database away reset default_transaction_read_only");
    cluster.sql("postgres", "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'vestibule'");
    hub.sees("all are there", |o| o.visits == 35 && o.store_trouble.is_none()).await;
    hub.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_another_version_or_key_is_refused_by_name() {
    let cluster = Cluster::start();
    let url = cluster.database("strange");
    let open = async || {
        let address = Address::read(&url).unwrap();
        Postgres::open(address, sample::REGION, clock()).await
    };
    let empty = open().await.unwrap_err().to_string();
    assert!(empty.contains("init-store"), "{empty}");
    let engine = made(url.clone(), Layout::Index).await;
    Hub::open(50, &engine).await.close().await;

    let folder = tempfile::tempdir().unwrap();
    let charter = sample::authority(51, 51);
    let ledger =
        Ledger::open(&folder.path().join("a"), charter, Durability::Volatile, clock()).unwrap();
    let other = SecretKey::from_bytes(&[78; 32]);
    let opened =
        Authority::open_shared(open().await.unwrap(), &other, ledger, Vec::new(), clock()).await;
    assert!(opened.unwrap_err().to_string().contains("another cabinet key"));

    // A store of before version 2 is brought up, and keeps what it has.
    cluster.sql("strange", "drop table vestibule.orders, vestibule.papers; delete from vestibule.schema where version = 2");
    assert!(open().await.is_err());
    let address = Address::read(&url).unwrap();
    let raised = schema::init(&address, Layout::Index, false, today()).await.unwrap();
    assert_eq!(raised.before, 1);
    assert!(open().await.is_ok());
    let spread = schema::init(&address, Layout::Index, true, today()).await.unwrap_err();
    assert!(spread.to_string().contains("one server"), "{spread}");

    cluster.sql("strange", "insert into vestibule.schema values (99, now())");
    let newer = open().await.unwrap_err().to_string();
    assert!(newer.contains("99"), "{newer}");
}

/// Each node reads a person's row, adds to it and writes it back: whoever was slower must read it anew.
#[tokio::test(flavor = "multi_thread")]
async fn what_two_nodes_learn_of_a_person_at_one_moment_is_kept_by_both() {
    let cluster = Cluster::start();
    let engine = made(cluster.database("registry"), Layout::Index).await;
    let (a, b) = (Hub::open(50, &engine).await, Hub::open(51, &engine).await);
    let test = |positive| {
        move |at| Known::Test { at: NOON.plus_millis(at * MINUTE), positive, antigen: false }
    };
    for n in 0..40 {
        let number = TypedNumber::read(NumberKind::Cccd, &format!("001080{n:06}")).unwrap();
        let entry = |known| [Entry { number: number.clone(), name: None, known, how: How::Adds }];
        // Of half of them something is known before.
        if n % 2 == 0 {
            a.authority.register(&entry(test(false)(-180))).await.unwrap();
        }
        let (one, other) = if n % 4 < 2 { (&a, &b) } else { (&b, &a) };
        let (red, green) = (entry(test(true)(-60)), entry(test(false)(-120)));
        let both = tokio::join!(one.authority.register(&red), other.authority.register(&green));
        assert_eq!((both.0.unwrap(), both.1.unwrap()), (1, 1));
        let status = b.authority.status_of_number(&number).await.unwrap().status;
        assert_eq!(status, Status::Red, "number {n}: the positive test is kept");
    }
    a.close().await;
    b.close().await;
}
