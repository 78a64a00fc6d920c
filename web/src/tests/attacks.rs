//! What hostile browsers, networks and guests try: each attack, and what the honest side still does.
//!
//! | attack | where |
//! |---|---|
//! | CSRF | `forms_from_other_sites_change_nothing`; `guard::tests::changes_come_from_our_own_pages` |
//! | DNS rebinding | `a_name_that_is_not_ours_is_not_answered`; `guard::tests::only_own_names_are_answered` |
//! | clickjacking | `no_page_can_be_framed_and_none_runs_foreign_scripts` |
//! | brute force | `guesses_are_slowed_…`, `many_guesses_at_once_…`, `strangers_who_guess_…`; rules in `tries` |
//! | session theft | `a_stolen_planted_or_foreign_cookie_opens_nothing` |
//! | oversized and slow bodies | `large_bodies_are_refused_and_slow_ones_given_up` |
//! | script in names | `a_name_is_text_and_nothing_else` |
//! | listing the staff | `who_guesses_names_learns_none` |
//! | formula injection | the pages export nothing; the authority's exports are commands |

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    accounts::{MANAGERS, STAFFS, joined, managed},
    browser::{form, served},
    phone::{Phone, set_up_code},
};

const MINUTE: i64 = 60 * 1000;

#[tokio::test]
async fn forms_from_other_sites_change_nothing() {
    let node = served().await;
    let manager = managed(&node).await;
    let code = manager.invite("Anna", "staff").await;
    let token = manager.get("/venue/staff").await.token().to_owned();
    let enter = [("name", "Maria Manager"), ("secret", MANAGERS)];
    let bind = [("code", &*code), ("secret", STAFFS), ("again", STAFFS)];
    let invite = [("token", &*token), ("name", "Eve"), ("role", "manager"), ("shift_end", "")];
    let set_up = [("code", "x"), ("name", "Eve"), ("secret", MANAGERS), ("again", MANAGERS)];
    let forms: [(&str, &[(&str, &str)]); 4] = [
        ("/enter", &enter),
        ("/bind", &bind),
        ("/venue/staff/invite", &invite),
        ("/setup", &set_up),
    ];
    for (page, fields) in forms {
        for foreign in [
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site",
            "Origin: https://evil.example",
        ] {
            let head = format!(
                "POST {page} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n{foreign}\r\n\
                 Content-Type: application/x-www-form-urlencoded",
                manager.cookies()
            );
            let answer = node.ask(&head, &form(fields)).await;
            assert_eq!(answer.status, 403, "{page} {foreign}");
            assert!(answer.header("set-cookie").is_none(), "{page}");
        }
    }
    // A form without the session's token, or with another's, changes nothing either.
    let without = [("name", "Eve"), ("role", "manager"), ("shift_end", "")];
    assert_eq!(manager.post("/venue/staff/invite", &without).await.status, 403);
    let anna = Phone::new(&node);
    assert_eq!(anna.bind(&code, STAFFS).await.status, 200);
    assert_eq!(anna.sign_in("Anna", STAFFS).await.status, 303);
    let theirs = anna.get("/account").await.token().to_owned();
    let fields = [("token", &*theirs), ("name", "Eve"), ("role", "manager"), ("shift_end", "")];
    assert_eq!(manager.post("/venue/staff/invite", &fields).await.status, 403);
    assert!(!manager.get("/venue/staff").await.body.contains("Eve"));
    for page in ["/leave", "/venue/staff/remove", "/account/secret"] {
        let status = manager.get(page).await.status;
        assert!(matches!(status, 200 | 405), "{page} by GET changes nothing: {status}");
    }
    assert_eq!(manager.get("/venue/staff").await.status, 200);
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_not_answered() {
    let node = served().await;
    for host in ["evil.example", "localhost.evil.example", "10.1.2.3", ""] {
        for page in ["/door", "/setup", "/enter", "/bind"] {
            let head = format!("GET {page} HTTP/1.1\r\nHost: {host}");
            let answer = node.ask(&head, "").await;
            assert_eq!(answer.status, 421, "{page} as {host}");
            assert_eq!(set_up_code(&answer.body), None);
        }
    }
}

#[tokio::test]
async fn no_page_can_be_framed_and_none_runs_foreign_scripts() {
    let node = served().await;
    let manager = managed(&node).await;
    let pages = ["/", "/door", "/enter", "/setup", "/bind", "/desk", "/venue", "/venue/staff"];
    let others = ["/venue/audit", "/account", "/nowhere", "/static/staff.css"];
    for page in pages.into_iter().chain(others) {
        let answer = manager.get(page).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{page}: {policy}");
        assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{page}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{page}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{page}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{page}");
        assert!(!answer.body.contains(" onclick=") && !answer.body.contains("<script>"), "{page}");
    }
}

#[tokio::test]
async fn guesses_are_slowed_and_nobody_is_shut_out_for_good() {
    let node = served().await;
    managed(&node).await;
    let guesser = Phone::new(&node);
    for _ in 0..5 {
        assert_eq!(guesser.sign_in("Maria Manager", "000000").await.status, 403);
    }
    let waits = guesser.sign_in("Maria Manager", MANAGERS).await;
    assert_eq!((waits.status, waits.header("retry-after")), (429, Some("30")));
    assert!(waits.body.contains("Wait 30 seconds"), "{}", waits.body);
    assert!(waits.body.contains(r#"value="Maria Manager""#), "what was typed stays");
    assert!(!waits.body.contains(MANAGERS), "but for the secret");
    let mut tried = 0;
    for _ in 0..24 * 60 {
        node.region.later(MINUTE);
        tried += u32::from(guesser.sign_in("Maria Manager", "000000").await.status == 403);
    }
    assert!(tried < 40, "{tried} guesses in a day");
    node.region.later(60 * MINUTE);
    assert_eq!(guesser.sign_in("Maria Manager", MANAGERS).await.status, 303, "after an hour");
}

#[tokio::test]
async fn many_guesses_at_once_count_one_by_one() {
    let node = served().await;
    managed(&node).await;
    let guess = || async { Phone::new(&node).sign_in("Maria Manager", "000000").await.status };
    let all = futures::future::join_all((0..40).map(|_| guess())).await;
    let looked_at = all.iter().filter(|status| **status == 403).count();
    assert!(looked_at <= 5, "{looked_at} of 40 at once were looked at");
    assert!(all.iter().all(|status| matches!(status, 403 | 429 | 503)));
}

#[tokio::test]
async fn strangers_who_guess_keep_out_neither_a_known_browser_nor_the_access_key() {
    let mut node = served().await;
    let known = {
        let manager = managed(&node).await;
        manager.cookie("known-").expect("a browser that signed in is known")
    };
    let guesser = Phone::new(&node);
    while guesser.sign_in("Maria Manager", "000000").await.status != 429 {}
    let maria = Phone::new(&node);
    maria.plant(&known.0, &known.1);
    assert_eq!(maria.sign_in("Maria Manager", MANAGERS).await.status, 303, "her own browser");
    let forged = Phone::new(&node);
    forged.plant(&known.0, &known.1.replace(&known.1[60..], &"A".repeat(known.1.len() - 60)));
    assert_eq!(forged.sign_in("Maria Manager", MANAGERS).await.status, 429, "a forged one");
    let thief = Phone::new(&node);
    thief.plant(&known.0, &known.1);
    for _ in 0..5 {
        assert_eq!(thief.sign_in("Maria Manager", "000000").await.status, 403);
    }
    assert_eq!(thief.sign_in("Maria Manager", "000000").await.status, 429, "a stolen one");
    drop((guesser, maria, forged, thief));
    node.enter().await;
    assert_eq!(node.get("/venue/staff").await.status, 200, "the access key");
    let audit = node.get("/venue/audit").await.body;
    assert!(audit.contains("must wait") && audit.contains("Entered with the access key"));
}

#[tokio::test]
async fn wrong_access_keys_are_slowed_and_hold_up_no_account() {
    let node = served().await;
    managed(&node).await;
    let guesser = Phone::new(&node);
    for _ in 0..5 {
        assert_eq!(guesser.post("/enter", &[("key", "AAAA")]).await.status, 403);
    }
    assert_eq!(guesser.post("/enter", &[("key", &node.key)]).await.status, 429);
    assert_eq!(guesser.sign_in("Maria Manager", MANAGERS).await.status, 303);
    node.region.later(MINUTE);
    assert_eq!(guesser.post("/enter", &[("key", &node.key)]).await.status, 303);
}

#[tokio::test]
async fn a_stolen_planted_or_foreign_cookie_opens_nothing() {
    let (node, other) = (served().await, served().await);
    let manager = managed(&node).await;
    let signed = manager.sign_in("Maria Manager", MANAGERS).await;
    for line in signed.head.lines().filter(|l| l.to_ascii_lowercase().starts_with("set-cookie")) {
        assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict"), "{line}");
        assert!(line.contains("Path=/") && !line.contains("Domain"), "{line}");
    }
    let (name, value) = manager.cookie("session-").unwrap();
    assert!(value.len() >= 43, "256 bits");
    // Fixation: a name that somebody planted before the sign-in is none afterwards.
    let victim = Phone::new(&node);
    victim.plant(&name, "planted-by-somebody-else");
    assert_eq!(victim.sign_in("Maria Manager", MANAGERS).await.status, 303);
    assert_ne!(victim.cookie("session-").unwrap().1, "planted-by-somebody-else");
    let attacker = Phone::new(&node);
    attacker.plant(&name, "planted-by-somebody-else");
    assert_eq!(attacker.get("/venue/staff").await.status, 303);
    // Another node's cookie, under its own name and under ours.
    let elsewhere = Phone::new(&other);
    elsewhere.plant(&name, &value);
    elsewhere.plant(&other.session_cookie(), &value);
    assert_eq!(elsewhere.get("/venue/staff").await.status, 303);
    // Signing in again ends the earlier session; signing out ends it for who has copied the cookie.
    let thief = Phone::new(&node);
    let (name, value) = victim.cookie("session-").unwrap();
    thief.plant(&name, &value);
    assert_eq!(thief.get("/venue/staff").await.status, 200, "a copy is as good as the original");
    assert_eq!(victim.sign_in("Maria Manager", MANAGERS).await.status, 303);
    assert_eq!(thief.get("/venue/staff").await.status, 303);
    let (name, value) = victim.cookie("session-").unwrap();
    thief.plant(&name, &value);
    assert_eq!(victim.send("/account", "/leave", &[]).await.status, 303);
    assert_eq!(thief.get("/venue/staff").await.status, 303);
    let audit = manager.get("/venue/audit").await.body;
    assert!(audit.contains("Signed out"), "{audit}");
}

#[tokio::test]
async fn large_bodies_are_refused_and_slow_ones_given_up() {
    let node = served().await;
    let large = "a".repeat(65 * 1024);
    for page in ["/enter", "/setup", "/bind", "/venue/staff/invite"] {
        let answer = node.post(page, &format!("name={large}")).await;
        assert_eq!(answer.status, 413, "{page}");
    }
    let mut slow = Vec::new();
    for page in ["/enter", "/setup", "/bind"] {
        let mut stream = TcpStream::connect(node.addr).await.unwrap();
        let head = format!(
            "POST {page} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\nname="
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    // While they dawdle, others are answered.
    assert_eq!(Phone::new(&node).get("/door").await.status, 200);
    for mut stream in slow {
        let mut bytes = [0; 12];
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_exact(&mut bytes));
        read.await.expect("it is given up").unwrap();
        assert_eq!(&bytes[9..], b"408");
    }
}

#[tokio::test]
async fn a_name_is_text_and_nothing_else() {
    let node = served().await;
    let manager = managed(&node).await;
    let name = r#"<script>alert("x")</script>'"#;
    let escaped = "&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;&#39;";
    let phone = joined(&manager, name, "staff").await;
    for (reader, page) in [
        (&manager, "/venue/staff"),
        (&manager, "/venue/audit"),
        (&phone, "/account"),
        (&phone, "/desk"),
    ] {
        let body = reader.get(page).await.body;
        assert!(body.contains(escaped) && !body.contains("<script>"), "{page}: {body}");
    }
    let twice = [("name", name), ("role", "staff"), ("shift_end", "")];
    let answer = manager.send("/venue/staff", "/venue/staff/invite", &twice).await;
    assert!(answer.status == 422 && !answer.body.contains("<script>"), "{}", answer.body);
    let wrong = Phone::new(&node).sign_in(name, "000000").await;
    assert!(wrong.status == 403 && !wrong.body.contains("<script>"), "{}", wrong.body);
    let bind = Phone::new(&node).get("/bind?code=%22%3E%3Cscript%3E").await;
    assert!(bind.status == 403 && !bind.body.contains("<script>"), "{}", bind.body);
    let turned = [("name", "Anna\u{202e}nimda"), ("role", "staff"), ("shift_end", "")];
    let answer = manager.send("/venue/staff", "/venue/staff/invite", &turned).await;
    assert!(answer.body.contains("cannot be seen"), "{}", answer.body);
}

#[tokio::test]
async fn who_guesses_names_learns_none() {
    let node = served().await;
    let manager = managed(&node).await;
    joined(&manager, "Anna Petrova", "staff").await;
    let page = Phone::new(&node).get("/enter").await.body;
    assert!(!page.contains("Anna") && !page.contains("Maria"), "strangers see no list: {page}");
    let answer = |answer: super::browser::Answer, typed: &str| {
        (answer.status, answer.body.replace(typed, "NAME"))
    };
    let known = Phone::new(&node).sign_in("Anna Petrova", "000000").await;
    let unknown = Phone::new(&node).sign_in("Boris Nobody", "000000").await;
    assert_eq!(answer(known, "Anna Petrova"), answer(unknown, "Boris Nobody"));
    for _ in 0..4 {
        Phone::new(&node).sign_in("Boris Nobody", "000000").await;
    }
    let locked = Phone::new(&node).sign_in("Boris Nobody", "000000").await;
    assert_eq!(locked.status, 429, "who does not exist is locked as who does");
}

#[tokio::test]
async fn no_secret_name_or_code_is_in_clear_on_the_disk_or_in_the_audit_log() {
    let node = served().await;
    let manager = managed(&node).await;
    let code = manager.invite("Anna Unmistakable", "staff").await;
    let phone = Phone::new(&node);
    assert_eq!(phone.bind(&code, "773901-long-secret").await.status, 200);
    phone.sign_in("Anna Unmistakable", "wrong-773901-secret").await;
    let audit = manager.get("/venue/audit").await.body;
    assert!(audit.contains("Anna Unmistakable") && audit.contains("127.0.0.1"), "{audit}");
    for secret in ["773901-long-secret", "wrong-773901-secret", &*code, "argon2id", MANAGERS] {
        assert!(!audit.contains(secret), "{secret}");
    }
    let mut folders = vec![node.region.dir.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            for words in ["Unmistakable", "773901", &*code, "argon2id", "wise owl"] {
                let found = bytes.windows(words.len()).any(|part| part == words.as_bytes());
                assert!(!found, "{words} in {}", path.display());
            }
        }
    }
    assert!(files > 3, "the store is there");
}
