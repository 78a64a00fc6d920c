//! What a restart must not give away: tries at a PIN that were used up before it.

use super::{
    accounts::{STAFFS, joined, managed},
    browser::{config, served, start},
    phone::Phone,
    region::Region,
};
use crate::{WebConfig, bind};

#[tokio::test]
async fn who_pulls_the_plug_has_no_more_tries_than_before() {
    let node = served().await;
    let manager = managed(&node).await;
    joined(&manager, "Anna", "staff").await;
    let stranger = Phone::new(&node);
    for _ in 0..5 {
        assert_eq!(stranger.sign_in("Anna", "000001").await.status, 403);
    }
    assert_eq!(stranger.sign_in("Anna", STAFFS).await.status, 429);

    // Another program over the same door's store.
    let settings =
        WebConfig { access_file: node.region.dir.path().join("again-key"), ..config(&node.region) };
    let web = bind(settings, node.region.services()).await.unwrap();
    let again = start(web, Region::beside(&node.region));
    let stranger = Phone::new(&again);
    assert_eq!(stranger.sign_in("Anna", STAFFS).await.status, 429, "the wait goes on");
    node.region.later(31_000);
    let signed_in = stranger.sign_in("Anna", STAFFS).await;
    assert_eq!(signed_in.status, 303, "and ends: {}", signed_in.body);
}
