//! The database's own programs save an authority while it works, and bring it back: `deploy/AUTHORITY.md`, run.

use node_core::authority::{
    access::Access,
    store::postgres::{Address, Postgres, schema::Layout},
};
use sync::{record::VisitKind, sample};
use tests::postgres::Cluster;

use crate::{
    engines::{doors, look},
    world::{Engine, Hub, MINUTE, NOON, clock, made, today},
};

async fn signs_in(hub: &Hub, count: usize) {
    for _ in 0..count {
        hub.authority.note_access(Access::new(NOON, "signed-in")).await.unwrap();
    }
}

async fn story(cluster: &Cluster, layout: Layout, live: &str, back: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vestibule.dump");
    let engine = made(cluster.database(live), layout).await;
    let (a, b) = doors().await;
    let hub = Hub::open(50, &engine).await;
    a.send(&hub).await;
    b.send(&hub).await;
    hub.sees("all are counted", |o| o.visits == 11).await;
    signs_in(&hub, 5).await;
    let before = look(&hub).await;
    let log = hub.authority.verify_accesses().await.unwrap();
    cluster.dump(live, &file);
    // What comes after the dump is not in it.
    signs_in(&hub, 3).await;
    a.visit(today(), NOON.plus_millis(70 * MINUTE), VisitKind::Entry, Some(9)).await;
    a.send(&hub).await;
    hub.sees("one more", |o| o.visits == 12).await;
    hub.close().await;

    // A damaged dump brings nothing back, and no gateway starts on nothing.
    let url = cluster.database(back);
    let whole = std::fs::read(&file).unwrap();
    let cut = folder.path().join("cut.dump");
    std::fs::write(&cut, &whole[..whole.len() * 2 / 3]).unwrap();
    let why = cluster.restore(back, &cut).unwrap_err();
    assert!(why.contains("pg_restore"), "{why}");
    let schemas = "select count(*) from pg_namespace where nspname = 'vestibule'";
    assert_eq!(cluster.sql(back, schemas), "0", "nothing of it is there");
    let address = Address::read(&url).unwrap();
    let refused = Postgres::open(address, sample::REGION, clock()).await.unwrap_err();
    assert!(!refused.to_string().is_empty());
    assert!(cluster.restore(live, &file).is_err(), "what is there is not overwritten");

    // The whole one, on another gateway's new disk.
    cluster.restore(back, &file).unwrap();
    let hub = Hub::open(51, &Engine::Shared(url)).await;
    hub.sees("they are back", |o| o.visits == 11 && o.questions == 1).await;
    assert_eq!(hub.authority.verify_accesses().await.unwrap(), log, "the log hangs together");
    assert_eq!(look(&hub).await, before, "{layout:?}: a case traces as before");
    // It goes on: the visit that the dump lacks comes again from its door, each once, and the log grows.
    a.send(&hub).await;
    b.send(&hub).await;
    hub.sees("the twelfth", |o| o.visits == 12).await;
    signs_in(&hub, 1).await;
    assert_eq!(hub.authority.verify_accesses().await.unwrap().0, log.0 + 1);
    hub.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_a_working_authority_brings_it_back() {
    let cluster = Cluster::start();
    story(&cluster, Layout::Index, "one", "one_back").await;
    story(&cluster, Layout::SecondTable, "two", "two_back").await;
}
