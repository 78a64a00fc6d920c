//! Guard mode, look-ups and families as a browser without scripts sees them; the authority is not reached here.

use super::browser::{Answer, Served, form, served};

const IIN: &str = "800101300006";

async fn send(node: &Served, page: &str, fields: &[(&str, &str)]) -> Answer {
    let token = node.get("/desk").await.token().to_owned();
    let fields: Vec<_> = [("token", &*token)].iter().chain(fields).copied().collect();
    node.post(page, &form(&fields)).await
}

fn typed<'a>(kind: &'a str, number: &'a str) -> [(&'a str, &'a str); 4] {
    [("kind", kind), ("number", number), ("consent", "yes"), ("way", "in")]
}

#[tokio::test]
async fn what_is_wrong_with_a_number_stands_beside_it_and_nothing_typed_is_lost() {
    let mut node = served().await;
    node.enter().await;
    for (kind, number, words) in [
        ("iin", "", "Type the number first"),
        ("iin", "8001013", "An IIN has 12 digits"),
        ("iin", "800101300007", "check digit does not agree"),
        ("iin", "801301300006", "no day of the calendar"),
        ("cccd", "003080000001", "names no place"),
        ("resident-id", "1101", "17 digits"),
        ("passport", "ANNA<b>", "The check digit"),
        ("passport", "<script>", "5 to 12 letters"),
        ("", IIN, "Choose one of these"),
    ] {
        let answer = send(&node, "/desk/guard", &typed(kind, number)).await;
        assert_eq!(answer.status, 422, "{kind} {number}");
        let about = if kind.is_empty() { "wrong-kind" } else { "wrong-number" };
        assert!(answer.body.contains(&format!(r#"id="{about}""#)), "{kind} {number}");
        if !number.contains('<') {
            assert!(answer.body.contains(words), "{words}: {}", answer.body);
            assert!(answer.body.contains(&format!(r#"value="{number}""#)), "it is kept");
        } else {
            assert!(!answer.body.contains(number), "and harms nobody");
        }
    }
    let fields = [("kind", "iin"), ("number", IIN), ("consent", ""), ("way", "in")];
    let answer = send(&node, "/desk/guard", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Ask the visitor") && answer.body.contains(IIN));
    assert!(node.get("/desk/lookups").await.body.contains("Nobody was looked up"));
}

#[tokio::test]
async fn a_number_without_an_answer_waits_unverified_and_is_shown_no_more() {
    let mut node = served().await;
    node.enter().await;
    let answer = send(&node, "/desk/guard", &typed("iin", IIN)).await;
    let next = answer.header("location").unwrap().to_owned();
    assert_eq!((answer.status, next.as_str()), (303, "/desk/guard?said=unanswered"));
    let page = node.get(&next).await.body;
    assert!(page.contains("this visitor is unverified"), "{page}");
    assert!(page.contains("Cannot be confirmed · Entry") && page.contains("…06"), "{page}");
    assert!(!page.contains(IIN), "the number does not come back");
    let list = node.get("/desk/lookups").await.body;
    assert!(list.contains("A visitor’s number") && list.contains("119 / 120"), "{list}");
    assert!(!list.contains(IIN));
    let id = page.split_once(r#"name="id" value=""#).unwrap().1.split('"').next().unwrap();
    let released = send(&node, "/desk/decide", &[("id", id), ("act", "release")]).await;
    assert_eq!(released.status, 303);
    let page = node.get("/desk").await.body;
    assert!(page.contains("1 / 120") && page.contains("By staff"), "{page}");
    // Who leaves is not asked about.
    let leaves = [("kind", "iin"), ("number", IIN), ("consent", "yes"), ("way", "out")];
    let answer = send(&node, "/desk/guard", &leaves).await;
    assert_eq!(answer.header("location"), Some("/desk/guard?said=not-asked"));
    assert!(node.get("/desk/lookups").await.body.contains("119 / 120"));
}

#[tokio::test]
async fn only_elders_and_children_are_looked_up_and_only_by_national_numbers() {
    let mut node = served().await;
    node.enter().await;
    let ask = |group: &'static str,
               name: &'static str,
               kind: &'static str,
               number: &'static str| {
        [("group", group), ("name", name), ("kind", kind), ("number", number), ("consent", "yes")]
    };
    for (fields, words) in [
        (ask("elder", "", "iin", "600101300014"), "Type the name"),
        (ask("", "Anna", "iin", "600101300014"), "Choose one of these"),
        (ask("elder", "Anna", "iin", IIN), "of the age that you chose"),
        (ask("child", "Anna", "iin", "600101300014"), "of the age that you chose"),
        (ask("elder", "Anna", "passport", "N12345678"), "no look-up by passport"),
        (ask("elder", "Anna", "iin", "600101300015"), "check digit does not agree"),
    ] {
        let answer = send(&node, "/desk/lookup", &fields).await;
        assert_eq!(answer.status, 422, "{fields:?}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        let name = fields[1].1;
        assert!(answer.body.contains(&format!(r#"value="{name}""#)), "the name is kept");
    }
    assert!(node.get("/desk/lookups").await.body.contains("Nobody was looked up"));
    // The authority is not reached: it was written down that somebody asked, and nobody is shown.
    let answer = send(&node, "/desk/lookup", &ask("elder", "Anna", "iin", "600101300014")).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("The authority did not answer"), "{}", answer.body);
    assert!(answer.body.contains(r#"value="600101300014""#), "the number is kept");
    assert!(node.get("/desk/lookups").await.body.contains("An elder"));
    let late = send(&node, "/desk/lookup/come", &[("id", "7")]).await;
    assert!(late.status == 422 && late.body.contains("older than two minutes"));
}

#[tokio::test]
async fn a_family_comes_in_by_one_act() {
    let mut node = served().await;
    node.enter().await;
    let nobody = node.get("/desk/family").await.body;
    assert!(nobody.contains("Nobody is waiting"));
    for number in [IIN, "600101300014", "150101500001"] {
        assert_eq!(send(&node, "/desk/guard", &typed("iin", number)).await.status, 303);
    }
    let page = node.get("/desk/family").await.body;
    assert!(page.contains("Person 3") && page.contains("…14"), "{page}");
    assert!(node.get("/desk").await.body.contains("Release several together"));
    let none = send(&node, "/desk/family", &[]).await;
    assert!(none.status == 422 && none.body.contains("Tick at least one"), "{}", none.body);
    let names: Vec<String> = page
        .split(r#"name="take-"#)
        .skip(1)
        .map(|rest| format!("take-{}", rest.split('"').next().unwrap()))
        .collect();
    assert_eq!(names.len(), 3);
    let ticked: Vec<_> = names.iter().map(|name| (name.as_str(), "yes")).collect();
    assert_eq!(send(&node, "/desk/family", &ticked).await.status, 303);
    let desk = node.get("/desk").await.body;
    assert!(desk.contains("3 / 120") && desk.contains("Nobody is waiting"), "{desk}");
    let again = send(&node, "/desk/family", &ticked).await;
    assert_eq!(again.status, 422, "nobody waits any more");
}
