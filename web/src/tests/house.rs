//! The page of the venue's own rules: who may change them, what is refused, what stands on the verdict and in the audit log.

use sync::record::Status;

use super::{
    accounts::{joined, managed},
    browser::{Served, config, served, start},
    region::{Region, coloured},
};
use crate::bind;

/// What the desk shows of somebody who shows a colour.
async fn shown(node: &Served, phone: &super::phone::Phone<'_>, n: u8, status: Status) -> String {
    let code = coloured(n, status);
    let answer = phone.send("/desk", "/desk/check", &[("code", &code)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let _ = node;
    phone.get("/desk").await.body
}

#[tokio::test]
async fn the_manager_alone_makes_the_venue_stricter_and_the_verdict_says_whose_rule_it_is() {
    let node = served().await;
    let manager = managed(&node).await;
    let staff = joined(&manager, "Anna", "staff").await;
    let page = staff.get("/venue/rules").await;
    assert_eq!(page.status, 200, "staff may read them");
    assert!(page.body.contains("<fieldset disabled>"), "{}", page.body);
    let send = async |who: &super::phone::Phone<'_>, fields: &[(&str, &str)]| {
        who.send("/venue/rules", "/venue/rules", fields).await
    };
    assert_eq!(send(&staff, &[("blue", "1")]).await.status, 403);
    for (fields, words) in [
        ([("from", "09:00"), ("until", "")], "two different times"),
        ([("places", "none"), ("until", "")], "at least 1"),
        ([("places", "121"), ("until", "")], "more than the venue has places"),
    ] {
        let answer = send(&manager, &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(words), "{}", answer.body);
    }
    let before = shown(&node, &staff, 1, Status::Blue).await;
    assert!(!before.contains("own rule"), "{before}");
    let saved = send(&manager, &[("blue", "1"), ("document", "1"), ("binding", "1")]).await;
    assert_eq!((saved.status, saved.header("location")), (303, Some("/venue/rules?saved")));
    let page = manager.get("/venue/rules?saved").await.body;
    assert!(page.contains("Saved") && page.contains(r#"name="blue" value="1" checked"#), "{page}");
    assert!(page.contains("The region refuses this already"), "yellow and grey: {page}");
    let blue = shown(&node, &staff, 2, Status::Blue).await;
    assert!(blue.contains("The venue’s own rule: this status is not let in here"), "{blue}");
    let green = shown(&node, &staff, 3, Status::Green).await;
    assert!(green.contains("looks at an identity document"), "{green}");
    let red = shown(&node, &staff, 4, Status::Red).await;
    assert!(red.contains("Tested positive"), "the region's reason stays: {red}");
    let log = manager.get("/venue/audit").await.body;
    assert!(log.contains("The venue’s own rules changed"), "{log}");
}

#[tokio::test]
async fn another_door_shows_them_and_says_where_they_are_made() {
    let first = served().await;
    let manager = managed(&first).await;
    let fields = [("temperature", "required"), ("places", "80")];
    assert_eq!(manager.send("/venue/rules", "/venue/rules", &fields).await.status, 303);
    first.region.tell_second().await;
    let second = Region::beside(&first.region);
    let web = bind(config(&second), first.region.services_of_second()).await.unwrap();
    let mut node = start(web, second);
    node.enter().await;
    let page = node.until("/venue/rules", r#"value="80""#).await;
    assert!(page.contains(r#"id="elsewhere""#) && page.contains("<fieldset disabled>"), "{page}");
    assert!(page.contains(r#"<option value="required" selected>"#), "{page}");
}

#[tokio::test]
async fn what_is_looked_up_stands_in_the_audit_log_with_who_did_it() {
    let node = served().await;
    let manager = managed(&node).await;
    let staff = joined(&manager, "Anna", "staff").await;
    let typed = [("kind", "iin"), ("number", "800101300006"), ("consent", "yes"), ("way", "in")];
    assert_eq!(staff.send("/desk/guard", "/desk/guard", &typed).await.status, 303);
    let log = manager.get("/venue/audit").await.body;
    assert!(log.contains("Looked up: A visitor’s number"), "{log}");
    assert!(!log.contains("800101300006"));
    let (_, after) = log.split_once("Looked up").unwrap();
    assert!(after.split("</tr>").next().unwrap().contains("Anna"), "{log}");
}
