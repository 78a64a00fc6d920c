//! The set-up code: shown on this machine's own screen and terminal while the venue has no manager, for an hour.

use std::{net::IpAddr, time::Duration};

use data_encoding::BASE32_NOPAD;
use tokio::time::Instant;

use crate::{
    app::App,
    session::{digest, plain},
};

/// How long the code holds after the node's start. By a clock that nobody sets: at a first start the other may jump.
pub(crate) const HOLDS: Duration = Duration::from_secs(60 * 60);
const CODE_BYTES: usize = 5;

/// The code of this start.
pub(crate) struct SetUp {
    code: String,
    until: Instant,
}

impl SetUp {
    /// A new code: eight letters and digits, forty bits.
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; CODE_BYTES];
        getrandom::fill(&mut bytes)?;
        let letters = BASE32_NOPAD.encode(&bytes);
        let code = format!("{}-{}", &letters[..4], &letters[4..]);
        Ok(Self { code, until: Instant::now() + HOLDS })
    }
}

impl App {
    /// Whether a first manager is to be made here: this door keeps the staff, and nobody is its manager; or nobody is the
    /// authority's admin.
    pub(crate) fn lacks_manager(&self) -> bool {
        match (&self.services.door, &self.services.authority) {
            (Some(desk), _) => {
                desk.keeps_staff() && desk.staff().managers(self.now()).next().is_none()
            }
            (None, Some(authority)) => authority.lacks_admin(),
            (None, None) => false,
        }
    }

    /// The set-up code, while it holds.
    pub(crate) fn set_up_code(&self) -> Option<&str> {
        let holds = Instant::now() < self.set_up.until && self.lacks_manager();
        holds.then_some(self.set_up.code.as_str())
    }

    /// The same for who looks at `/door` from this very machine: its own screen, and nobody else's.
    pub(crate) fn set_up_code_for(&self, peer: Option<IpAddr>) -> Option<&str> {
        self.set_up_code().filter(|_| peer.is_some_and(|ip| ip.is_loopback()))
    }

    /// Whether this is the set-up code.
    pub(crate) fn is_set_up_code(&self, typed: &str) -> bool {
        self.set_up_code()
            .is_some_and(|code| digest(&code_plain(typed)) == digest(&code_plain(code)))
    }
}

/// A code as typed, with the digits that its letters are taken for put back.
pub(crate) fn code_plain(typed: &str) -> String {
    let letter = |c| match c {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other,
    };
    plain(typed).chars().map(letter).collect()
}
