//! User and password of a camera in the network.

use std::fmt;

use thiserror::Error;

/// Longest user name or password, in bytes.
const PART_BYTES_MAX: usize = 256;

/// User and password; neither is ever printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    user: String,
    password: String,
}

/// Why a text is no login. Names no part of it.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "a login is one line `user:password`, each at most {PART_BYTES_MAX} bytes, without control characters"
)]
pub struct LoginError;

impl Login {
    /// Reads `user:password`; white space around it is not part of it.
    ///
    /// # Errors
    /// No colon, several lines, or too long.
    pub fn read(text: &str) -> Result<Self, LoginError> {
        let (user, password) = text.trim().split_once(':').ok_or(LoginError)?;
        Self::new(user, password).ok_or(LoginError)
    }

    pub(crate) fn new(user: &str, password: &str) -> Option<Self> {
        let fine = |part: &str| part.len() <= PART_BYTES_MAX && !part.contains(char::is_control);
        (fine(user) && fine(password))
            .then(|| Self { user: user.to_owned(), password: password.to_owned() })
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_one_line_and_says_nothing_of_itself() {
        let login = Login::read(" admin:pass:word\n").unwrap();
        assert_eq!((login.user(), login.password()), ("admin", "pass:word"));
        assert_eq!(format!("{login:?}"), "Login");
        for wrong in ["", "admin", "a:b\nc:d", &format!("a:{}", "b".repeat(257))] {
            assert_eq!(Login::read(wrong), Err(LoginError), "{wrong}");
        }
    }
}
