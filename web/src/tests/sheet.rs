//! Lines of a paper sheet that are typed in afterwards, and what the manager reads of backups.

use node_core::code::sheet::sheet;
use sync::id::VenueId;

use super::browser::{Answer, Served, form, served};

async fn enter(node: &Served, fields: &[(&str, &str)]) -> Answer {
    let token = node.get("/desk").await.token().to_owned();
    let fields: Vec<_> = [("token", &*token)].iter().chain(fields).copied().collect();
    node.post("/venue/sheet/enter", &form(&fields)).await
}

#[tokio::test]
async fn a_time_of_leaving_that_was_wrong_is_mended_beside_the_time_of_coming() {
    let mut node = served().await;
    node.enter().await;
    let code = sheet(VenueId::new(17), [1; 5])[0].code();
    let line = |entered, came, left| {
        let day = "2026-09-21"; // it is 18:33 there
        let kind = "";
        [
            ("code", &*code),
            ("day", day),
            ("entered", entered),
            ("came", came),
            ("left", left),
            ("kind", kind),
        ]
        .map(|(name, value): (&str, &str)| (name, value.to_owned()))
    };
    let send = async |fields: [(&str, String); 6]| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
        enter(&node, &fields).await
    };
    let desk = node.region.desk.clone();
    #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
    let _counts = tokio::spawn(desk.count(std::future::pending::<()>()));
    let mut answer = send(line("17:00", "", "16:00")).await;
    while answer.body.contains("still being counted") {
        answer = send(line("17:00", "", "16:00")).await;
    }
    assert_eq!(answer.status, 422, "it would be tomorrow");
    assert!(answer.body.contains(r#"name="came" value="17:00""#), "{}", answer.body);
    assert!(answer.body.contains(r#"name="entered" type="time" value="""#), "{}", answer.body);
    node.until("/desk", ">1 / 120</strong>").await;
    let answer = send(line("", "17:00", "16:30")).await;
    assert_eq!(answer.status, 422, "nobody leaves before coming");
    let answer = send(line("", "17:00", "17:30")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains(r#"name="came" value="""#), "{}", answer.body);
    node.until("/desk", ">0 / 120</strong>").await;
}

#[tokio::test]
async fn the_managers_page_says_when_this_door_was_last_saved() {
    let mut node = served().await;
    node.enter().await;
    assert!(node.get("/venue/care").await.body.contains("No backup of this door was made yet"));
    let at = super::region::NOON.secs().to_string().into_bytes();
    let other = format!("{}9", crate::LAST_BACKUP);
    node.region.desk.set_field(&other, Some(at.clone())).await.unwrap();
    node.until("/venue/care", "No backup of this door was made yet").await;
    let own = format!("{}1", crate::LAST_BACKUP);
    node.region.desk.set_field(&own, Some(at)).await.unwrap();
    node.until("/venue/care", "The last backup of this door was made").await;
}
