//! What a door takes back counts in no answer of the authority.

use node_core::authority::{
    Authority,
    trace::{Question, Who},
};
use sync::{id::Subject, time::DAY_MILLIS};

use super::region::{NOON, Region};

async fn contacts(authority: &Authority, n: u8) -> usize {
    let question = Question {
        case: "C-1".into(),
        purpose: "contacts".into(),
        asked_by: "tracer".into(),
        who: Who::Subject(Subject::new([n; 16])),
        from: NOON.plus_millis(-DAY_MILLIS),
        until: NOON.plus_millis(DAY_MILLIS),
    };
    authority.trace(question).await.unwrap().contacts.len()
}

#[tokio::test]
async fn a_visit_that_its_door_took_back_is_nobodys_contact() {
    let region = Region::found().await;
    region.welcome(1).await;
    region.welcome(2).await;
    region.take_in(async |authority| contacts(authority, 1).await == 1).await;
    let wrong = region.desk.recent()[0].visit;
    region.desk.void(wrong).await.unwrap();
    region.take_in(async |authority| contacts(authority, 1).await == 0).await;
}
