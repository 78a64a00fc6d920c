//! Bearer tokens of programs that ask the authority over HTTP: made by an admin, kept as digests, ended by hand or by time.

use minicbor::{Decode, Encode, bytes::ByteArray};
use sha2::{Digest, Sha256};
use sync::time::UnixMillis;

use super::{
    Authority,
    cabinet::{CabinetError, Filing},
    officers::Offices,
};
use crate::staff::StaffId;

/// The drawer of programs' tokens.
const DRAWER: u8 = b'T';
/// The most tokens at once.
pub const PROGRAMS_MAX: usize = 64;
/// How tokens begin, so that scanners for leaked secrets know one.
pub const PREFIX: &str = "vestibule_";
const TOKEN_BYTES: usize = 32;

/// A program that may ask.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Program {
    /// SHA-256 of its token.
    #[n(0)]
    pub digest: ByteArray<32>,
    /// What the admin calls it.
    #[n(1)]
    pub name: String,
    /// What it may do.
    #[n(2)]
    pub offices: Offices,
    /// Who made it; nobody where it was the access key.
    #[n(3)]
    pub made_by: Option<StaffId>,
    /// When it was made.
    #[n(4)]
    pub since: UnixMillis,
    /// Until when it holds.
    #[n(5)]
    pub until: UnixMillis,
}

impl Program {
    /// The digest in hexadecimal: names it on pages.
    pub fn id(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.digest[..])
    }
}

fn entry(digest: &[u8; 32]) -> Vec<u8> {
    [&[DRAWER], &digest[..]].concat()
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Authority {
    /// Makes a token; it is returned once and kept nowhere.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn admit_program(
        &self,
        name: &str,
        offices: Offices,
        made_by: Option<StaffId>,
        until: UnixMillis,
    ) -> Result<String, CabinetError> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes).map_err(|_| CabinetError::Random)?;
        let token = format!("{PREFIX}{}", data_encoding::BASE64URL_NOPAD.encode(&bytes));
        let digest = digest(&token);
        let name = name.chars().take(60).collect();
        let since = (self.0.clock)();
        let program = Program { digest: digest.into(), name, offices, made_by, since, until };
        self.cabinet().file(vec![Filing::put(entry(&digest), &program)]).await?;
        Ok(token)
    }

    /// The program that has a token, while it holds.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn program(&self, token: &str) -> Result<Option<Program>, CabinetError> {
        if !token.starts_with(PREFIX) || token.len() > 128 {
            return Ok(None);
        }
        let found = self.cabinet().read::<Program>(&entry(&digest(token))).await?;
        let now = (self.0.clock)();
        Ok(found.filter(|program| now < program.until))
    }

    /// Every program, also those whose token holds no more.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn programs(&self) -> Result<Vec<Program>, CabinetError> {
        let found = self.cabinet().all::<Program>(&[DRAWER]).await?;
        Ok(found.into_iter().map(|(_, program)| program).collect())
    }

    /// Ends a token, by its digest in hexadecimal; `false` where there is none.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn dismiss_program(&self, id: &str) -> Result<bool, CabinetError> {
        let Ok(bytes) = data_encoding::HEXLOWER.decode(id.as_bytes()) else { return Ok(false) };
        let Ok(digest) = <[u8; 32]>::try_from(bytes) else { return Ok(false) };
        let there = self.cabinet().read::<Program>(&entry(&digest)).await?.is_some();
        if there {
            self.cabinet().file(vec![Filing::Take(entry(&digest))]).await?;
        }
        Ok(there)
    }
}
