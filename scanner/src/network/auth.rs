//! The answer to a camera that asks who is there: digest or basic (RFC 7616, RFC 7617).

use http_auth::{PasswordClient, PasswordParams};
use url::Url;

use super::Head;
use crate::camera::Login;

/// The login in an address, such as `http://user:password@camera/`.
pub(super) fn login_in(url: &Url) -> Option<Login> {
    let part = |text: &str| {
        percent_encoding::percent_decode_str(text).decode_utf8().ok().map(|t| t.into_owned())
    };
    Login::new(&part(url.username())?, &part(url.password()?)?)
}

/// What is known of the camera's question.
pub(super) struct Auth {
    login: Option<Login>,
    client: Option<PasswordClient>,
}

impl Auth {
    pub(super) fn new(login: Option<Login>) -> Self {
        Self { login, client: None }
    }

    /// Takes in the question of an answer with status 401.
    pub(super) fn asked(&mut self, head: &Head) -> Result<(), String> {
        if self.login.is_none() {
            return Err("the camera asks for a user and a password".to_owned());
        }
        if self.client.is_some() {
            return Err("the camera refuses the user or the password".to_owned());
        }
        let mut builder = PasswordClient::builder();
        for question in head.all("www-authenticate") {
            builder = builder.challenges(question);
        }
        let client = builder.build();
        self.client = Some(client.map_err(|_| "the camera asks for a login of an unknown kind")?);
        Ok(())
    }

    /// The header line for a request, with its end; empty where none was asked for.
    pub(super) fn line(&mut self, method: &str, uri: &str) -> Result<String, String> {
        let (Some(client), Some(login)) = (&mut self.client, &self.login) else {
            return Ok(String::new());
        };
        let params = PasswordParams {
            username: login.user(),
            password: login.password(),
            uri,
            method,
            body: Some(&[]),
        };
        let answer = client.respond(&params);
        let answer = answer.map_err(|_| "the camera asks for a login that cannot be given")?;
        Ok(format!("Authorization: {answer}\r\n"))
    }
}
