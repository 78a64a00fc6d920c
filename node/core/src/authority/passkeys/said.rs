//! What a browser and an authenticator say: client data, authenticator data, and the object in which a new one comes.

use data_encoding::BASE64URL_NOPAD;
use minicbor::Decoder;
use ring::digest::{SHA256, digest};
use serde::Deserialize;

use super::{ANSWER_MAX, Party, Refusal};

const PARTY_HASH: usize = 32;
const FLAGS: usize = PARTY_HASH;
const COUNTER: usize = FLAGS + 1;
const FIXED: usize = COUNTER + 4;
const MAKER: usize = 16;

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_BE_COPIED: u8 = 0x08;
const IS_COPIED: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// What was asked of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// To make a passkey.
    Create,
    /// To use one.
    Get,
}

/// What the browser says of the question and of the page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

impl ClientData {
    pub(super) fn read(json: &[u8]) -> Result<Self, Refusal> {
        if json.len() > ANSWER_MAX {
            return Err(Refusal::Malformed);
        }
        serde_json::from_slice(json).map_err(|_| Refusal::Malformed)
    }

    pub(super) fn check(
        &self,
        kind: Kind,
        party: &Party,
        is_open: impl FnOnce(&[u8]) -> bool,
    ) -> Result<(), Refusal> {
        let word = match kind {
            Kind::Create => "webauthn.create",
            Kind::Get => "webauthn.get",
        };
        if self.kind != word {
            return Err(Refusal::Kind);
        }
        // No page of ours is shown within another's.
        if self.origin != party.origin() || self.cross_origin || self.top_origin.is_some() {
            return Err(Refusal::Origin);
        }
        let challenge = BASE64URL_NOPAD.decode(self.challenge.as_bytes());
        let challenge = challenge.map_err(|_| Refusal::Malformed)?;
        if is_open(&challenge) { Ok(()) } else { Err(Refusal::Challenge) }
    }
}

/// What the authenticator says (Level 2, §6.1).
pub(super) struct AuthenticatorData<'a> {
    bytes: &'a [u8],
    flags: u8,
    counter: u32,
}

impl<'a> AuthenticatorData<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let flags = *bytes.get(FLAGS)?;
        let counter = bytes.get(COUNTER..FIXED)?.try_into().ok()?;
        Some(Self { bytes, flags, counter: u32::from_be_bytes(counter) })
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn check(&self, party: &Party) -> Result<(), Refusal> {
        if self.bytes.get(..PARTY_HASH) != Some(digest(&SHA256, party.id().as_bytes()).as_ref()) {
            Err(Refusal::Party)
        } else if !self.has(PRESENT) {
            Err(Refusal::Presence)
        } else if !self.has(VERIFIED) {
            Err(Refusal::Verification)
        } else if self.has(IS_COPIED) && !self.has(MAY_BE_COPIED) {
            Err(Refusal::Malformed)
        } else {
            Ok(())
        }
    }

    pub(super) const fn counter(&self) -> u32 {
        self.counter
    }

    /// The new credential's id, and its key as COSE has it.
    pub(super) fn credential(&self) -> Option<(&'a [u8], &'a [u8])> {
        self.has(HAS_CREDENTIAL).then_some(())?;
        let rest = self.bytes.get(FIXED + MAKER..)?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let mut decoder = Decoder::new(rest);
        decoder.skip().ok()?;
        let key = rest.get(..decoder.position())?;
        // After it come extensions, if it says so, and nothing else.
        if self.has(HAS_EXTENSIONS) {
            decoder.skip().ok()?;
        }
        (decoder.position() == rest.len()).then_some((id, key))
    }
}

/// The authenticator's data within an attestation object; what the maker attests is not looked at.
pub(super) fn of_attestation(bytes: &[u8]) -> Option<&[u8]> {
    let mut decoder = Decoder::new(bytes);
    let mut data = None;
    for _ in 0..decoder.map().ok()?? {
        if decoder.str().ok()? == "authData" {
            data.is_none().then_some(())?;
            data = Some(decoder.bytes().ok()?);
        } else {
            decoder.skip().ok()?;
        }
    }
    data.filter(|_| decoder.position() == bytes.len())
}
