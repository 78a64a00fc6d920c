//! Browsers in which a member of the staff has signed in before: a cookie that only this node can make.
//!
//! It opens nothing. It lets a person try in a lane and a queue of its own, so that strangers who type wrong secrets at a
//! name cannot keep its owner out.

use axum::http::HeaderMap;
use data_encoding::BASE64URL_NOPAD;
use node_core::staff::StaffId;
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    caller::cookie,
    session::{Digest32, digest},
};

const MAX_AGE_SECONDS: u32 = 180 * 24 * 60 * 60;
const ID: usize = 8;
const NONCE: usize = 16;
const TAG: usize = 32;

impl App {
    fn known_cookie(&self) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}known-{}", self.port)
    }

    fn known_tag(&self, id_and_nonce: &[u8]) -> Digest32 {
        let key = self.sessions.derived("browser");
        // The length of what is hashed is always the same, so nothing can be appended to it.
        Sha256::new().chain_update(key).chain_update(id_and_nonce).finalize().into()
    }

    /// The cookie that makes this browser known for a member of the staff.
    pub(crate) fn know(&self, id: StaffId) -> Result<String, getrandom::Error> {
        let mut bytes = [0; ID + NONCE];
        bytes[..ID].copy_from_slice(id.as_bytes());
        getrandom::fill(&mut bytes[ID..])?;
        let value = BASE64URL_NOPAD.encode(&[&bytes[..], &self.known_tag(&bytes)].concat());
        let (name, secure) = (self.known_cookie(), if self.secure { "; Secure" } else { "" });
        Ok(format!(
            "{name}={value}; Path=/; Max-Age={MAX_AGE_SECONDS}; HttpOnly; SameSite=Strict{secure}"
        ))
    }

    /// The browser that asks, where it is known for this member; for no other is it.
    pub(crate) fn known_for(&self, headers: &HeaderMap, id: StaffId) -> Option<Digest32> {
        let value = cookie(headers, &self.known_cookie())?;
        let bytes = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        if bytes.len() != ID + NONCE + TAG {
            return None;
        }
        let (own, tag) = bytes.split_at(ID + NONCE);
        let genuine = Sha256::digest(self.known_tag(own)) == Sha256::digest(tag);
        (genuine && own[..ID] == *id.as_bytes()).then(|| digest(value))
    }
}
