//! People with accounts: the first manager, invitations, roles, ends of sessions, doors that only hear of the staff.

use super::{
    browser::{Served, config, served, start},
    phone::{Phone, code_of, set_up_code},
    region::Region,
};
use crate::bind;

const HOUR: i64 = 60 * 60 * 1000;
pub(super) const MANAGERS: &str = "one wise owl at night";
pub(super) const STAFFS: &str = "184027";

/// A venue with its manager, signed in.
pub(super) async fn managed(node: &Served) -> Phone<'_> {
    let manager = Phone::new(node);
    assert_eq!(manager.set_up("Maria Manager", MANAGERS).await.status, 200);
    assert_eq!(manager.sign_in("maria manager", MANAGERS).await.status, 303);
    manager
}

/// Somebody who was invited, chose a PIN and signed in.
pub(super) async fn joined<'a>(manager: &Phone<'a>, name: &str, role: &str) -> Phone<'a> {
    let code = manager.invite(name, role).await;
    let phone = Phone::new(manager.node);
    assert_eq!(phone.bind(&code, STAFFS).await.status, 200);
    assert_eq!(phone.sign_in(name, STAFFS).await.status, 303);
    phone
}

/// The id of an account on the manager's page.
pub(super) async fn id_of(manager: &Phone<'_>, name: &str) -> String {
    let page = manager.get("/venue/staff").await.body;
    let (_, rest) = page.split_once(&format!("<strong>{name}</strong>")).expect("on the list");
    rest.split_once(r#"name="id" value=""#).unwrap().1.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_first_manager_is_made_with_the_code_on_the_screen_and_then_never_again() {
    let node = served().await;
    let phone = Phone::new(&node);
    let code = set_up_code(&phone.get("/door").await.body).unwrap();
    assert!(phone.get("/enter").await.body.contains("/setup"));
    let secret = [("secret", MANAGERS), ("again", MANAGERS)];
    let send = async |code: &str, name: &str, secret: &str, again: &str| {
        let fields = [("code", code), ("name", name), ("secret", secret), ("again", again)];
        phone.post("/setup", &fields).await
    };
    assert_eq!(send("AAAA-AAAA", "Maria", MANAGERS, MANAGERS).await.status, 403);
    for (name, secret, again, words) in [
        ("", MANAGERS, MANAGERS, "Write the person’s name"),
        ("Maria", "123456", "123456", "guessed too easily"),
        ("Maria", "12", "12", "too short"),
        ("Maria", MANAGERS, "other", "not the same"),
    ] {
        let answer = send(&code, name, secret, again).await;
        assert_eq!(answer.status, 422, "{words}");
        assert!(answer.body.contains(words), "{}", answer.body);
        assert!(answer.body.contains(&format!(r#"name="code" class="code" value="{code}""#)));
        assert!(!answer.body.contains(MANAGERS), "no secret comes back");
    }
    let typed = code.to_lowercase().replace('-', " ");
    let made = send(&typed, "Maria <Manager>", secret[0].1, secret[1].1).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert!(made.body.contains("Maria &#60;Manager&#62;, your staff number is"));
    assert_eq!(send(&code, "Eve", MANAGERS, MANAGERS).await.status, 403, "used");
    assert!(phone.get("/setup").await.body.contains("has its manager"));
    assert_eq!(set_up_code(&phone.get("/door").await.body), None);
    assert!(!phone.get("/enter").await.body.contains("/setup"));
    assert_eq!(phone.sign_in("MARIA <manager>", MANAGERS).await.status, 303);
    assert_eq!(phone.get("/venue/staff").await.status, 200);
}

#[tokio::test]
async fn who_has_the_access_key_makes_a_manager_without_the_code() {
    let mut node = served().await;
    node.enter().await;
    let page = node.get("/setup").await;
    assert!(!page.body.contains("Set-up code"), "{}", page.body);
    let fields = |token: &str| {
        super::browser::form(&[
            ("token", token),
            ("name", "Maria"),
            ("secret", MANAGERS),
            ("again", MANAGERS),
        ])
    };
    assert_eq!(node.post("/setup", &fields("wrong")).await.status, 403);
    assert_eq!(node.post("/setup", &fields(page.token())).await.status, 200);
    assert_eq!(node.get("/venue/staff").await.status, 200, "the key stays the emergency way in");
}

#[tokio::test]
async fn an_invitation_binds_one_person_once_within_a_day() {
    let node = served().await;
    let manager = managed(&node).await;
    let code = manager.invite("Anna Petrova", "staff").await;
    assert!(!manager.get("/venue/staff").await.body.contains(&code), "shown once");
    let phone = Phone::new(&node);
    let page = phone.get(&format!("/bind?code={code}")).await;
    assert!(page.body.contains("<strong>Anna Petrova</strong> · Staff"), "{}", page.body);
    assert_eq!(phone.sign_in("Anna Petrova", STAFFS).await.status, 403, "not bound yet");
    assert_eq!(phone.bind(&code, "anna petrova").await.status, 422, "the own name");
    let bound = phone.bind(&code, STAFFS).await;
    assert_eq!(bound.status, 200, "{}", bound.body);
    assert!(bound.body.contains("several venues"));
    assert_eq!(phone.bind(&code, "905173").await.status, 403, "used");
    assert_eq!(phone.sign_in("anna  petrova", STAFFS).await.status, 303);
    assert_eq!(phone.get("/desk").await.status, 200);
    let account = phone.get("/account").await.body;
    let (_, rest) = account.split_once(r#"<dd class="code">"#).unwrap();
    let number: String = rest.chars().take(4).collect();
    assert_eq!(Phone::new(&node).sign_in(&number, STAFFS).await.status, 303);

    let late = manager.invite("Li Wei", "inspector").await;
    node.region.later(24 * HOUR + 1);
    assert_eq!(Phone::new(&node).get(&format!("/bind?code={late}")).await.status, 403);
    assert_eq!(Phone::new(&node).bind(&late, STAFFS).await.status, 403);
}

#[tokio::test]
async fn wrong_codes_end_the_invitation_that_they_aim_at() {
    let node = served().await;
    let manager = managed(&node).await;
    let code = manager.invite("Anna", "staff").await;
    let (aimed, phone) = (format!("{}A-AAAA-AAAA", &code[..8]), Phone::new(&node));
    let mut wrong = 0;
    while wrong < 10 {
        match phone.get(&format!("/bind?code={aimed}")).await.status {
            403 => wrong += 1,
            429 => node.region.later(HOUR / 4),
            other => panic!("{other}"),
        }
    }
    node.region.later(HOUR / 4);
    assert_eq!(phone.bind(&code, STAFFS).await.status, 403, "the right one came too late");
    node.region.later(HOUR);
    let manager = Phone::new(&node);
    assert_eq!(manager.sign_in("Maria Manager", MANAGERS).await.status, 303);
    let page = manager.get("/venue/staff").await.body;
    assert!(page.contains("Cannot sign in until invited again"), "{page}");
    assert!(manager.get("/venue/audit").await.body.contains("Invitation ended after wrong tries"));
}

#[tokio::test]
async fn each_role_may_what_it_is_for_and_hears_why_not() {
    let node = served().await;
    let manager = managed(&node).await;
    let staff = joined(&manager, "Anna", "staff").await;
    let inspector = joined(&manager, "Igor", "inspector").await;
    for phone in [&staff, &inspector, &manager] {
        for page in ["/desk", "/venue", "/venue/anomalies", "/account"] {
            assert_eq!(phone.get(page).await.status, 200, "{page}");
        }
        let answer = phone.get("/authority").await;
        assert_eq!(answer.status, 403, "no account of a venue opens the authority's pages");
    }
    for phone in [&staff, &inspector] {
        for page in ["/venue/staff", "/venue/audit", "/venue/doors"] {
            let answer = phone.get(page).await;
            assert_eq!(answer.status, 403, "{page}");
            assert!(answer.body.contains("Only the manager"), "{}", answer.body);
        }
        assert_eq!(phone.get("/events/doors").await.status, 403);
        let page = phone.get("/venue").await.body;
        assert!(!page.contains("/venue/count") && !page.contains("/venue/doors"), "{page}");
    }
    let count = [("zone", "0"), ("inside", "3"), ("sure", "yes")];
    let note = [("text", "Lift out of order")];
    let field = [("field", "hours"), ("seen", ""), ("text", "9–17"), ("act", "save")];
    let check = [("code", "x")];
    type Form<'a> = &'a [(&'a str, &'a str)];
    let table: [(&str, Form<'_>, [u16; 3]); 5] = [
        ("/venue/count", &count, [403, 403, 303]),
        ("/venue/note", &note, [303, 403, 303]),
        ("/venue/field", &field, [403, 403, 303]),
        ("/desk/check", &check, [422, 403, 422]),
        ("/venue/staff/invite", &[], [403, 403, 422]),
    ];
    for (page, fields, expected) in table {
        for (phone, status) in [&staff, &inspector, &manager].into_iter().zip(expected) {
            let answer = phone.send("/account", page, fields).await;
            assert_eq!(answer.status, status, "{page}: {}", answer.body);
        }
    }
    let answer = inspector.send("/account", "/desk/check", &[("code", "x")]).await;
    assert!(answer.body.contains("looks and changes nothing"), "{}", answer.body);
    // A day pass lets its bearer in.
    for page in ["/desk/pass/x", "/desk/pass/x/roll"] {
        assert_eq!(inspector.get(page).await.status, 403, "{page}");
        assert_ne!(staff.get(page).await.status, 403, "{page}");
    }
    let russian = staff.get("/venue/staff?lang=ru").await.body;
    assert!(russian.contains("только руководитель"), "{russian}");
}

#[tokio::test]
async fn a_session_ends_when_its_person_is_removed_or_gets_another_secret() {
    let node = served().await;
    let manager = managed(&node).await;
    let anna = joined(&manager, "Anna", "staff").await;
    let id = id_of(&manager, "Anna").await;
    let unsure = manager.send("/venue/staff", "/venue/staff/remove", &[("id", &id)]).await;
    assert_eq!(unsure.status, 422);
    assert_eq!(anna.get("/desk").await.status, 200);
    let code = code_of(&manager.send("/venue/staff", "/venue/staff/reset", &[("id", &id)]).await);
    assert_eq!(anna.get("/desk").await.status, 303, "the old secret counts no more");
    assert_eq!(anna.sign_in("Anna", STAFFS).await.status, 403);
    assert_eq!(anna.bind(&code, "905173").await.status, 200);
    assert_eq!(anna.sign_in("Anna", "905173").await.status, 303);

    let other = Phone::new(&node);
    assert_eq!(other.sign_in("Anna", "905173").await.status, 303);
    let change = |old, new| [("old", old), ("secret", new), ("again", new)];
    let wrong = anna.send("/account", "/account/secret", &change("000000", "772910")).await;
    assert_eq!(wrong.status, 403);
    let changed = anna.send("/account", "/account/secret", &change("905173", "772910")).await;
    assert_eq!(changed.status, 303, "{}", changed.body);
    assert_eq!(anna.get("/desk").await.status, 303, "signed out here");
    assert_eq!(other.get("/desk").await.status, 303, "and there");
    assert_eq!(anna.sign_in("Anna", "772910").await.status, 303);

    let sure = [("id", &*id), ("sure", "yes")];
    assert_eq!(manager.send("/venue/staff", "/venue/staff/remove", &sure).await.status, 303);
    assert_eq!(anna.get("/desk").await.status, 303);
    assert_eq!(anna.get("/events/desk").await.status, 401);
    assert_eq!(anna.sign_in("Anna", "772910").await.status, 403);
    let again = manager.send("/venue/staff", "/venue/staff/remove", &sure).await;
    assert!(again.body.contains("gone or was removed"), "{}", again.body);
}

#[tokio::test]
async fn a_session_ends_with_the_shift_and_when_nobody_is_there() {
    let node = served().await;
    let manager = managed(&node).await;
    let anna = joined(&manager, "Anna", "staff").await;
    let id = id_of(&manager, "Anna").await;
    // It is 19:13 there.
    let fields = [("id", &*id), ("role", "staff"), ("shift_end", "20:00")];
    assert_eq!(manager.send("/venue/staff", "/venue/staff/change", &fields).await.status, 303);
    assert!(anna.get("/account").await.body.contains("20:00"));
    for _ in 0..2 {
        node.region.later(HOUR / 3);
        assert_eq!(anna.get("/desk").await.status, 200);
    }
    node.region.later(HOUR / 6);
    assert_eq!(anna.get("/desk").await.status, 303, "the shift is over");
    node.region.later(HOUR);
    assert_eq!(anna.sign_in("Anna", STAFFS).await.status, 303, "overtime is a new session");
    node.region.later(HOUR / 2 - 1);
    assert_eq!(anna.get("/desk").await.status, 200);
    node.region.later(HOUR / 2);
    assert_eq!(anna.get("/desk").await.status, 303, "nobody asked for half an hour");
    let wrong = [("id", &*id), ("role", "staff"), ("shift_end", "25:00")];
    let manager = Phone::new(&node);
    manager.sign_in("Maria Manager", MANAGERS).await;
    let answer = manager.send("/venue/staff", "/venue/staff/change", &wrong).await;
    assert!(answer.body.contains("hours and minutes"), "{}", answer.body);
}

#[tokio::test]
async fn there_is_one_manager_who_hands_over_and_cannot_step_down() {
    let node = served().await;
    let maria = managed(&node).await;
    let anna = joined(&maria, "Anna", "staff").await;
    let own = id_of(&maria, "Maria Manager").await;
    for (act, fields) in [
        ("change", vec![("id", &*own), ("role", "staff"), ("shift_end", "")]),
        ("remove", vec![("id", &*own), ("sure", "yes")]),
    ] {
        let page = format!("/venue/staff/{act}");
        let answer = maria.send("/venue/staff", &page, &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("from yourself"), "{}", answer.body);
    }
    let id = id_of(&maria, "Anna").await;
    let fields = [("id", &*id), ("role", "manager"), ("shift_end", "")];
    assert_eq!(maria.send("/venue/staff", "/venue/staff/change", &fields).await.status, 303);
    assert_eq!(anna.get("/venue/staff").await.status, 200, "at once, in the same session");
    assert_eq!(maria.get("/venue/staff").await.status, 403);
    assert_eq!(maria.get("/desk").await.status, 200, "and works at the desk");
    let third = joined(&anna, "Oleg", "manager").await;
    assert_eq!(third.get("/venue/staff").await.status, 200, "who is bound as manager takes over");
    assert_eq!(anna.get("/venue/staff").await.status, 403);
    let audit = third.get("/venue/audit").await.body;
    assert!(audit.contains("New role: Manager") && audit.contains("Joined by invitation"));
}

#[tokio::test]
async fn what_one_door_makes_another_knows_without_a_network_and_cannot_change() {
    let node = served().await;
    let manager = managed(&node).await;
    let anna = joined(&manager, "Anna", "staff").await;
    node.region.desk.click(1).await.unwrap(); // a word of the door's own: then others know its start
    node.region.tell_second().await;
    let web = bind(
        crate::WebConfig {
            access_file: node.region.dir.path().join("second-key"),
            ..config(&node.region)
        },
        node.region.services_of_second(),
    );
    let web = web.await.unwrap();
    let second = start_beside(web, &node);
    let there = Phone::new(&second);
    for _ in 0..200 {
        if node.region.second_desk.staff().all().count() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(there.sign_in("Anna", STAFFS).await.status, 303);
    assert_eq!(there.get("/desk").await.status, 200);
    let account = there.get("/account").await.body;
    assert!(account.contains("kept at the door “A”") && !account.contains("/account/secret"));
    let change = [("old", STAFFS), ("secret", "772910"), ("again", "772910")];
    let answer = there.send("/account", "/account/secret", &change).await;
    assert!(answer.body.contains("kept at the door"), "{}", answer.body);
    let maria = Phone::new(&second);
    assert_eq!(maria.sign_in("Maria Manager", MANAGERS).await.status, 303);
    let page = maria.get("/venue/staff").await.body;
    assert!(
        page.contains("kept at the door “A”") && !page.contains("/venue/staff/invite"),
        "{page}"
    );
    let fields = [("name", "Eve"), ("role", "manager"), ("shift_end", "")];
    let answer = maria.send("/account", "/venue/staff/invite", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(set_up_code(&there.get("/door").await.body).is_none());

    let id = id_of(&manager, "Anna").await;
    let sure = [("id", &*id), ("sure", "yes")];
    assert_eq!(manager.send("/venue/staff", "/venue/staff/remove", &sure).await.status, 303);
    assert_eq!(anna.get("/desk").await.status, 303, "here at once");
    assert_eq!(there.get("/desk").await.status, 200, "there when it hears of it");
    node.region.tell_second().await;
    for _ in 0..200 {
        if there.get("/desk").await.status == 303 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(there.get("/desk").await.status, 303);
    // The cookie of one door opens nothing at another.
    let elsewhere = Phone::new(&node);
    let (name, value) = maria.cookie("session-").unwrap();
    elsewhere.plant(&name, &value);
    elsewhere.plant(&node.session_cookie(), &value);
    assert_eq!(elsewhere.get("/venue/staff").await.status, 303);
}

/// The second door's pages, over the same region.
fn start_beside(web: crate::Web, first: &Served) -> Served {
    start(web, Region::beside(&first.region))
}
