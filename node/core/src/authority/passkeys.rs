//! Passkeys of officers: what a browser's authenticator says when one is made and at each sign-in, checked as Web
//! Authentication Level 2 (§7.1, §7.2) asks it, with nothing but what the caller gives.

mod key;
mod said;
#[cfg(test)]
mod tests;

use data_encoding::BASE64URL_NOPAD;
use minicbor::{Decode, Encode};
use ring::digest::{SHA256, digest};
use sync::time::UnixMillis;

use crate::staff::StaffId;
use key::PublicKey;
use said::{AuthenticatorData, ClientData, Kind};

/// The most passkeys of one account.
pub const PASSKEYS_MAX: usize = 8;
/// The longest name that a person gives one, characters.
pub const NAME_MAX: usize = 40;
/// The longest part of an answer that is looked at, bytes.
pub const ANSWER_MAX: usize = 8 * 1024;
/// The longest id of a credential (Level 2, §6.5.1), bytes.
const ID_MAX: usize = 1023;
/// The algorithms that are taken, as COSE numbers them, those that we like best first.
pub const ALGORITHMS: [i32; 3] = [-8, -7, -257];

/// Where officers sign in: the name for which browsers make passkeys, and the only pages that may use them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    id: String,
    origin: String,
}

/// Why a console's address is none at which browsers offer passkeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsoleError {
    /// Plain HTTP, and not on this machine.
    #[error("passkeys need https:// (or http://localhost)")]
    Plain,
    /// A number in place of a name.
    #[error(
        "passkeys need a name, such as https://console.example: browsers make none for an IP address"
    )]
    Number,
    /// No address at all, or one with a path.
    #[error(
        "the console's address is a scheme, a name and perhaps a port: https://console.example:8443"
    )]
    Form,
}

impl Party {
    /// The party of the pages at this address, such as `https://console.example:8443`.
    ///
    /// # Errors
    /// [`ConsoleError`] says what browsers want of it.
    pub fn of(address: &str) -> Result<Self, ConsoleError> {
        let address = address.trim_end_matches('/').to_ascii_lowercase();
        let (scheme, place) = address.split_once("://").ok_or(ConsoleError::Form)?;
        if place.starts_with('[') {
            return Err(ConsoleError::Number);
        }
        let (host, port) = match place.split_once(':') {
            Some((host, port)) => {
                (host, Some(port.parse::<u16>().map_err(|_| ConsoleError::Form)?))
            }
            None => (place, None),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if host.is_empty() || host.split('.').any(|l| l.is_empty() || !l.chars().all(plain)) {
            return Err(ConsoleError::Form);
        }
        // Of names whose last part is a number browsers make addresses.
        if host.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
            return Err(ConsoleError::Number);
        }
        let here = host == "localhost" || host.ends_with(".localhost");
        let usual = match scheme {
            "https" => 443,
            "http" if here => 80,
            "http" => return Err(ConsoleError::Plain),
            _ => return Err(ConsoleError::Form),
        };
        // Browsers leave the usual port out.
        let port = port.filter(|port| *port != usual);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self { id: host.to_owned(), origin: format!("{scheme}://{host}{port}") })
    }

    /// The relying party's id: the console's name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The console's origin, as browsers write it.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// A passkey as it is kept: nothing of it is secret, but whoever could change it could sign in.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Passkey {
    #[cbor(n(0), with = "minicbor::bytes")]
    id: Vec<u8>,
    #[n(1)]
    key: PublicKey,
    /// The authenticator's count of signatures, as it was told last; 0 where it counts none.
    #[n(2)]
    counter: u32,
    /// What the person calls it.
    #[n(3)]
    pub name: String,
    /// When it was added.
    #[n(4)]
    pub added: UnixMillis,
    /// When somebody signed in with it last.
    #[n(5)]
    pub used: Option<UnixMillis>,
}

impl Passkey {
    /// Its id as addresses and forms write it.
    pub fn id_text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.id)
    }

    /// Whether it has this id.
    pub fn has_id(&self, id: &[u8]) -> bool {
        self.id == id
    }
}

/// Why a passkey's word does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A part of it is longer than anything that is needed, or no text where one belongs.
    #[error("the answer is malformed")]
    Malformed,
    /// It answers another question: one was made where one was to be used, or the other way round.
    #[error("the answer is one to another kind of question")]
    Kind,
    /// It answers a question that was not asked here, not for this, too long ago, or that was answered already.
    #[error("the challenge is not one that is open here")]
    Challenge,
    /// The browser was at another page.
    #[error("the answer was given to another origin")]
    Origin,
    /// The authenticator was asked for another party's passkey.
    #[error("the passkey is another party's")]
    Party,
    /// Nobody touched the authenticator.
    #[error("nobody was present")]
    Presence,
    /// The authenticator did not ask who is there: no PIN, finger or face.
    #[error("the person was not verified")]
    Verification,
    /// Of a kind that is not taken.
    #[error("the key is of a kind that is not taken")]
    Key,
    /// It is nobody's here: removed, or never added.
    #[error("no such passkey is kept")]
    Unknown,
    /// It is somebody else's than it says.
    #[error("the passkey is another account's")]
    Holder,
    /// Not signed by it.
    #[error("the signature is forged")]
    Signature,
    /// The authenticator counted back or not on: there may be two of it.
    #[error("the counter went back")]
    Counter,
}

impl Refusal {
    /// The stable word, for the access log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Kind => "kind",
            Self::Challenge => "challenge",
            Self::Origin => "origin",
            Self::Party => "party",
            Self::Presence => "presence",
            Self::Verification => "verification",
            Self::Key => "key",
            Self::Unknown => "unknown",
            Self::Holder => "holder",
            Self::Signature => "signature",
            Self::Counter => "counter",
        }
    }
}

/// What a browser sends of a passkey that was made.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    /// `clientDataJSON`.
    pub client: &'a [u8],
    /// `attestationObject`.
    pub attestation: &'a [u8],
}

/// What a browser sends of a passkey that was used.
#[derive(Clone, Copy, Debug)]
pub struct Used<'a> {
    /// `rawId`.
    pub id: &'a [u8],
    /// `clientDataJSON`.
    pub client: &'a [u8],
    /// `authenticatorData`.
    pub authenticator: &'a [u8],
    /// `signature`.
    pub signature: &'a [u8],
    /// `userHandle`: whose it is, as it was told when it was made.
    pub holder: &'a [u8],
}

impl Used<'_> {
    /// The account that it says it is of.
    pub fn account(&self) -> Option<StaffId> {
        Some(StaffId::new(self.holder.try_into().ok()?))
    }
}

/// Takes a passkey that was made. No attestation is asked for: which maker's device it is, is the person's matter.
///
/// # Errors
/// [`Refusal`].
pub fn take(
    party: &Party,
    made: &Made<'_>,
    is_open: impl FnOnce(&[u8]) -> bool,
    name: &str,
    now: UnixMillis,
) -> Result<Passkey, Refusal> {
    if made.attestation.len() > ANSWER_MAX {
        return Err(Refusal::Malformed);
    }
    ClientData::read(made.client)?.check(Kind::Create, party, is_open)?;
    let bytes = said::of_attestation(made.attestation).ok_or(Refusal::Malformed)?;
    let data = AuthenticatorData::read(bytes).ok_or(Refusal::Malformed)?;
    data.check(party)?;
    let (id, key) = data.credential().ok_or(Refusal::Malformed)?;
    let key = PublicKey::of_cose(key).ok_or(Refusal::Key)?;
    if id.is_empty() || id.len() > ID_MAX {
        return Err(Refusal::Malformed);
    }
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
    let name = name.trim().to_owned();
    Ok(Passkey { id: id.to_vec(), key, counter: data.counter(), name, added: now, used: None })
}

/// Checks that a passkey was used by `owner` here and now; the same one as it is to be kept from now on.
///
/// # Errors
/// [`Refusal`]. The challenge is asked for last but the counter: whoever has no key cannot use one up.
pub fn check(
    party: &Party,
    used: &Used<'_>,
    is_open: impl FnOnce(&[u8]) -> bool,
    owner: StaffId,
    kept: &[Passkey],
    now: UnixMillis,
) -> Result<Passkey, Refusal> {
    let parts = [used.id, used.client, used.authenticator, used.signature, used.holder];
    if parts.iter().any(|part| part.len() > ANSWER_MAX) {
        return Err(Refusal::Malformed);
    }
    if used.account() != Some(owner) {
        return Err(Refusal::Holder);
    }
    let passkey = kept.iter().find(|p| p.has_id(used.id)).ok_or(Refusal::Unknown)?;
    let client = ClientData::read(used.client)?;
    client.check(Kind::Get, party, |_| true)?;
    let data = AuthenticatorData::read(used.authenticator).ok_or(Refusal::Malformed)?;
    data.check(party)?;
    let signed = [used.authenticator, digest(&SHA256, used.client).as_ref()].concat();
    if !passkey.key.has_signed(&signed, used.signature) {
        return Err(Refusal::Signature);
    }
    client.check(Kind::Get, party, is_open)?;
    let counter = data.counter();
    if (counter, passkey.counter) != (0, 0) && counter <= passkey.counter {
        return Err(Refusal::Counter);
    }
    Ok(Passkey { counter, used: Some(now), ..passkey.clone() })
}

/// For fuzzing: a browser's answer with nothing of it known.
pub fn read_anything(bytes: &[u8]) {
    let _ = ClientData::read(bytes);
    let _ = said::of_attestation(bytes);
    if let Some((_, key)) = AuthenticatorData::read(bytes).as_ref().and_then(|d| d.credential()) {
        let _ = PublicKey::of_cose(key);
    }
    let _ = PublicKey::of_cose(bytes);
}
