//! A browser that keeps its cookies, of which there can be several at one node: for tests of people and their accounts.

use std::{cell::RefCell, collections::BTreeMap};

use super::browser::{Answer, Served, form};

/// One person's browser.
pub(super) struct Phone<'a> {
    pub(super) node: &'a Served,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl<'a> Phone<'a> {
    pub(super) fn new(node: &'a Served) -> Self {
        Self { node, cookies: RefCell::default() }
    }

    /// The cookies as a header has them.
    pub(super) fn cookies(&self) -> String {
        let cookies = self.cookies.borrow();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Puts a cookie into the browser, as an attacker would.
    pub(super) fn plant(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// The value of the cookie whose name begins so.
    pub(super) fn cookie(&self, beginning: &str) -> Option<(String, String)> {
        let cookies = self.cookies.borrow();
        cookies.iter().find(|(n, _)| n.starts_with(beginning)).map(|(n, v)| (n.clone(), v.clone()))
    }

    fn keep(&self, answer: Answer) -> Answer {
        for line in answer.head.lines() {
            let Some((name, value)) = line.split_once(": ") else { continue };
            if name.eq_ignore_ascii_case("set-cookie") {
                let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub(super) async fn get(&self, page: &str) -> Answer {
        let head = format!("GET {page} HTTP/1.1\r\nHost: localhost\r\nCookie: {}", self.cookies());
        self.keep(self.node.ask(&head, "").await)
    }

    pub(super) async fn post(&self, page: &str, fields: &[(&str, &str)]) -> Answer {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin";
        let head = format!(
            "POST {page} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n{kind}",
            self.cookies()
        );
        self.keep(self.node.ask(&head, &form(fields)).await)
    }

    /// Sends a form with the token of the page `from`.
    pub(super) async fn send(&self, from: &str, page: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.get(from).await.token().to_owned();
        let fields: Vec<_> = [("token", &*token)].iter().chain(fields).copied().collect();
        self.post(page, &fields).await
    }

    pub(super) async fn sign_in(&self, name: &str, secret: &str) -> Answer {
        self.post("/enter", &[("name", name), ("secret", secret), ("next", "/desk")]).await
    }

    /// Makes the first manager with the code that the door's screen shows.
    pub(super) async fn set_up(&self, name: &str, secret: &str) -> Answer {
        let code = set_up_code(&self.get("/door").await.body).expect("the screen shows the code");
        let fields = [("code", &*code), ("name", name), ("secret", secret), ("again", secret)];
        self.post("/setup", &fields).await
    }

    /// Invites somebody; the code.
    pub(super) async fn invite(&self, name: &str, role: &str) -> String {
        let fields = [("name", name), ("role", role), ("shift_end", "")];
        let answer = self.send("/venue/staff", "/venue/staff/invite", &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        code_of(&answer)
    }

    /// Accepts an invitation.
    pub(super) async fn bind(&self, code: &str, secret: &str) -> Answer {
        self.post("/bind", &[("code", code), ("secret", secret), ("again", secret)]).await
    }
}

/// The code of an invitation on the page that shows it.
pub(super) fn code_of(answer: &Answer) -> String {
    let (_, rest) = answer.body.split_once("/bind?code=").expect("an invitation");
    rest.chars().take(19).collect()
}

/// The set-up code on the door's screen, if it is there.
pub(super) fn set_up_code(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("id=\"set-up\">")?;
    let (_, rest) = rest.split_once("Set-up code ")?;
    Some(rest.chars().take(9).collect())
}
