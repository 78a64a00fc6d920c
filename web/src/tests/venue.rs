//! What a venue with several doors needs: counting by hand, taking back, notes, anomalies, doors that come and go.

use super::{
    browser::{Answer, Served, form, served},
    region::token_of,
};

/// The value of the first hidden field of this name after `from`.
fn hidden<'a>(page: &'a str, from: &str, name: &str) -> &'a str {
    let rest = page.split_once(from).unwrap_or_else(|| panic!("no {from} in {page}")).1;
    let field = format!(r#"name="{name}" value=""#);
    rest.split_once(&field).unwrap().1.split('"').next().unwrap()
}

async fn send(node: &Served, page: &str, fields: &[(&str, &str)]) -> Answer {
    let token = node.get("/desk").await.token().to_owned();
    let fields: Vec<_> = [("token", &*token)].iter().chain(fields).copied().collect();
    node.post(page, &form(&fields)).await
}

#[tokio::test]
async fn people_without_codes_are_counted_and_a_count_by_hand_ends_the_difference() {
    let mut node = served().await;
    node.enter().await;
    for people in ["1", "1", "-1"] {
        assert_eq!(send(&node, "/desk/click", &[("people", people)]).await.status, 303);
    }
    assert_eq!(send(&node, "/desk/click", &[("people", "7")]).await.status, 400);
    assert!(node.get("/desk").await.body.contains(">1 / 120</strong>"));
    let zone = ("zone", "0");
    for (inside, sure, words) in [("x", "yes", "as a number"), ("42", "", "Confirm")] {
        let fields = [zone, ("inside", inside), ("sure", sure)];
        let answer = send(&node, "/venue/count", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(words), "{}", answer.body);
    }
    let fields = [("zone", "9"), ("inside", "42"), ("sure", "yes")];
    assert_eq!(send(&node, "/venue/count", &fields).await.status, 400, "no such part");
    let fields = [zone, ("inside", "42"), ("sure", "yes")];
    assert_eq!(send(&node, "/venue/count", &fields).await.status, 303);
    assert!(node.get("/door").await.body.contains("42 / 120"));
}

#[tokio::test]
async fn a_decision_is_taken_back_once_and_a_staff_pass_takes_no_place() {
    let mut node = served().await;
    node.enter().await;
    for (n, act, inside) in [(1, "release", "1 / 120"), (2, "release-staff", "1 / 120")] {
        assert_eq!(send(&node, "/desk/check", &[("code", &token_of(n))]).await.status, 303);
        let page = node.get("/desk").await.body;
        let id = hidden(&page, "/desk/decide", "id").to_owned();
        let fields = [("id", &*id), ("act", act)];
        assert_eq!(send(&node, "/desk/decide", &fields).await.status, 303);
        let page = node.get("/desk").await.body;
        assert!(page.contains(inside), "{page}");
    }
    let page = node.get("/desk").await.body;
    let first = page.rsplit_once(r#"class="undo""#).unwrap().1.to_owned();
    let visit = hidden(&first, "", "visit").to_owned();
    for why in ["", "because"] {
        let answer = send(&node, "/desk/undo", &[("visit", &visit), ("why", why)]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("choose a reason"), "{}", answer.body);
    }
    let why = ("why", "wrong-person");
    assert_eq!(send(&node, "/desk/undo", &[("visit", &visit), why]).await.status, 303);
    let page = node.get("/desk").await.body;
    assert!(page.contains("taken back: Wrong person") && page.contains("0 / 120"), "{page}");
    for visit in [&*visit, "", "x.y.1.1"] {
        let answer = send(&node, "/desk/undo", &[("visit", visit), why]).await;
        assert_eq!(answer.status, 422, "{visit}");
    }
}

#[tokio::test]
async fn notes_are_added_changed_and_removed_and_a_later_change_is_not_written_over() {
    let mut node = served().await;
    node.enter().await;
    assert_eq!(send(&node, "/venue/note", &[("text", " ")]).await.status, 422);
    let long = "ж".repeat(400);
    let answer = send(&node, "/venue/note", &[("text", &long)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains(&long), "what was typed stays");
    assert_eq!(send(&node, "/venue/note", &[("text", "Lift <out>")]).await.status, 303);
    let page = node.get("/venue").await.body;
    assert!(page.contains("Lift &#60;out&#62;"), "{page}");
    let field = hidden(&page, "/venue/field", "field").to_owned();
    let seen = hidden(&page, "/venue/field", "seen").to_owned();
    let change = |text| [("field", &*field), ("seen", &*seen), ("text", text), ("act", "save")];
    assert_eq!(send(&node, "/venue/field", &change("Lift works")).await.status, 303);
    let late = send(&node, "/venue/field", &change("Lift still out")).await;
    assert_eq!(late.status, 422);
    assert!(late.body.contains("Lift works") && late.body.contains("Lift still out"));
    let seen = hidden(&late.body, "/venue/field", "seen").to_owned();
    let remove = [("field", &*field), ("seen", &*seen), ("act", "remove")];
    assert_eq!(send(&node, "/venue/field", &remove).await.status, 303);
    assert!(node.get("/venue").await.body.contains("No notes."));
}

#[tokio::test]
async fn the_managers_fields_change_at_the_managers_door_alone() {
    let mut node = served().await;
    node.enter().await;
    let hours = [("field", "hours"), ("seen", ""), ("text", "9–17"), ("act", "save")];
    assert_eq!(send(&node, "/venue/field", &hours).await.status, 303);
    assert!(node.get("/venue").await.body.contains("9–17"));
    let strange = [("field", "capacity"), ("seen", ""), ("text", "9"), ("act", "save")];
    assert_eq!(send(&node, "/venue/field", &strange).await.status, 403);
    let mut other = super::browser::served_without_manager().await;
    other.enter().await;
    assert_eq!(send(&other, "/venue/field", &hours).await.status, 403);
    let page = other.get("/venue/doors").await.body;
    assert!(page.contains("This is not that door") && !page.contains("/venue/doors/invite"));
    assert_eq!(send(&other, "/venue/doors/invite", &[]).await.status, 404);
    assert_eq!(send(&other, "/venue/doors/remove", &[]).await.status, 404);
}

#[tokio::test]
async fn two_values_written_at_once_are_both_shown_until_one_is_kept() {
    let mut node = served().await;
    node.enter().await;
    node.region.desk.set_field("note/1", Some(b"from A".into())).await.unwrap();
    node.region.second_desk.set_field("note/1", Some(b"from B".into())).await.unwrap();
    node.region.hear_second().await;
    let page = node.until("/venue", "from B").await;
    assert!(page.contains("from A") && page.contains("Two doors wrote"), "{page}");
    let (field, edit) = ("note/1", hidden(&page, "from B", "edit").to_owned());
    let keep = [("field", field), ("edit", &*edit)];
    assert_eq!(send(&node, "/venue/keep", &keep).await.status, 303);
    let page = node.get("/venue").await.body;
    assert!(page.contains("from B") && !page.contains("from A"), "{page}");
    assert_eq!(send(&node, "/venue/keep", &keep).await.status, 422, "that edit stands no more");
}

#[tokio::test]
async fn one_code_in_at_two_doors_is_named_and_an_entry_is_voided() {
    let mut node = served().await;
    node.enter().await;
    assert!(node.get("/venue/anomalies").await.body.contains("Nothing to look at"));
    node.region.admit_at_both(1).await;
    node.region.hear_second().await;
    let page = node.until("/venue/anomalies", "One code in twice").await;
    assert!(page.contains(r#"id="badge">1<"#), "{page}");
    assert!(node.get("/venue").await.body.contains("1 anomaly to look at"));
    let visit = hidden(&page, "/venue/void", "visit").to_owned();
    let token = node.get("/desk").await.token().to_owned();
    let elsewhere = form(&[("token", &token), ("visit", "00.00.1.1")]);
    assert_eq!(node.post("/venue/void", &elsewhere).await.status, 422);
    assert_eq!(send(&node, "/venue/void", &[("visit", &visit)]).await.status, 303);
    assert!(node.get("/venue/anomalies").await.body.contains("Nothing to look at"));
    assert_eq!(send(&node, "/venue/void", &[("visit", &visit)]).await.status, 422);
}

#[tokio::test]
async fn a_door_is_invited_by_a_code_that_is_shown_once() {
    let mut node = served().await;
    node.enter().await;
    let half = [("wifi", "Market"), ("wifi_key", "")];
    let answer = send(&node, "/venue/doors/invite", &half).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains(r#"name="wifi" value="Market""#), "{}", answer.body);
    let whole = [("wifi", "Market"), ("wifi_key", "quite secret"), ("replaces", "")];
    let answer = send(&node, "/venue/doors/invite", &whole).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains(r#"class="symbol""#) && answer.body.contains("VP1:"));
    assert!(answer.body.contains("Waiting for the new device until"), "{}", answer.body);
    let page = node.get("/venue/doors").await.body;
    assert!(page.contains("Waiting for the new device") && !page.contains("VP1:"), "{page}");
    assert_eq!(send(&node, "/venue/doors/cancel", &[]).await.status, 303);
    assert!(node.get("/venue/doors").await.body.contains("Nobody is invited"));
}

#[tokio::test]
async fn a_door_is_removed_with_a_cause_and_a_confirmation() {
    let mut node = served().await;
    node.enter().await;
    node.region.admit_at_both(1).await;
    node.region.hear_second().await;
    let (own, second) = (node.region.own().to_string(), node.region.second().to_string());
    let wrong = [
        (&*second, "", "yes", "Say why"),
        (&*second, "lost", "", "Confirm the removal"),
        ("x", "lost", "yes", "Choose a door"),
        (&*own, "lost", "yes", "cannot remove itself"),
    ];
    for (door, cause, sure, words) in wrong {
        let fields = [("node", door), ("cause", cause), ("sure", sure)];
        let answer = send(&node, "/venue/doors/remove", &fields).await;
        assert_eq!(answer.status, 422, "{words}");
        assert!(answer.body.contains(words), "{}", answer.body);
    }
    let fields = [("node", &*second), ("cause", "lost"), ("sure", "yes")];
    assert_eq!(send(&node, "/venue/doors/remove", &fields).await.status, 303);
    let page = node.get("/venue/doors").await.body;
    assert!(page.contains("removed as lost") && page.contains("no other door to remove"), "{page}");
    let again = send(&node, "/venue/doors/remove", &fields).await;
    assert!(again.body.contains("Choose a door"), "{}", again.body);
}
