//! The invitation: what the inviting door shows as a QR symbol, or as text to paste.

use std::{fmt, net::SocketAddr};

use minicbor::{
    Decode, Decoder, Encode, Encoder, bytes::ByteArray, decode, encode as cbor, encode::Write,
};
use zeroize::Zeroizing;

use crate::{
    id::{PublicKey, VenueId},
    key::encode,
    time::UnixMillis,
};

/// How long an invitation holds, ms.
pub const LIFETIME_MILLIS: i64 = 600_000;
/// The longest text that is read, characters.
pub const INVITATION_MAX: usize = 512;
/// The most addresses of the inviting door.
pub const ADDRESSES_MAX: usize = 3;
const PREFIX: &str = "VP1:";
const VENUE_NAME_MAX: usize = 24;
const NETWORK_NAME_MAX: usize = 32;
const NETWORK_KEY_LEN: std::ops::RangeInclusive<usize> = 8..=64;

/// The secret of one invitation. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct OnceSecret(Zeroizing<[u8; 16]>);

impl OnceSecret {
    /// From its bytes.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for OnceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnceSecret")
    }
}

impl<C> Encode<C> for OnceSecret {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), cbor::Error<W::Error>> {
        e.bytes(&*self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for OnceSecret {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Ok(Self::new(d.decode::<ByteArray<16>>()?.into()))
    }
}

/// The Wi-Fi that the doors share: WPA with a passphrase.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Wifi {
    /// The network's name, 1 to 32 bytes.
    #[n(0)]
    pub name: String,
    /// Its passphrase, 8 to 63 characters, or 64 hexadecimal digits.
    #[n(1)]
    pub key: String,
}

impl fmt::Debug for Wifi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wifi({:?})", self.name)
    }
}

impl Wifi {
    /// Whether name and key can be those of a network.
    pub fn is_bounded(&self) -> bool {
        (1..=NETWORK_NAME_MAX).contains(&self.name.len())
            && !self.name.chars().any(char::is_control)
            && NETWORK_KEY_LEN.contains(&self.key.len())
            && self.key.bytes().all(|b| (0x20..0x7f).contains(&b))
    }
}

/// What the inviting door shows.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Invitation {
    /// What the joining node proves to have seen.
    #[n(0)]
    pub secret: OnceSecret,
    /// The inviting node.
    #[n(1)]
    pub inviter: PublicKey,
    /// Where it is called.
    #[n(2)]
    pub addresses: Vec<SocketAddr>,
    /// Until when it answers, by its own clock.
    #[n(3)]
    pub expires: UnixMillis,
    /// The venue.
    #[n(4)]
    pub venue: VenueId,
    /// The beginning of its name, for people.
    #[n(5)]
    pub venue_name: String,
    /// The network on which the addresses are.
    #[n(6)]
    pub wifi: Option<Wifi>,
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation(of {:?} until {})", self.inviter, self.expires)
    }
}

/// Why there is no invitation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvitationError {
    /// Another kind of text.
    #[error("this is no invitation: one begins with {PREFIX}")]
    Other,
    /// Over the limit, damaged or of another version.
    #[error("the invitation is damaged, or of a later version")]
    Malformed,
    /// A field breaks its bound.
    #[error("the invitation has a bad {0}")]
    Field(&'static str),
    /// The system has no randomness to give.
    #[error("the system has no randomness")]
    Randomness,
}

impl Invitation {
    /// A new one, which holds for [`LIFETIME_MILLIS`]. Of the addresses the first three are told, of the venue's
    /// name its beginning.
    ///
    /// # Errors
    /// [`InvitationError`] without an address, with a Wi-Fi that cannot be, and without randomness.
    pub fn new(
        inviter: PublicKey,
        mut addresses: Vec<SocketAddr>,
        venue: (VenueId, &str),
        wifi: Option<Wifi>,
        now: UnixMillis,
    ) -> Result<Self, InvitationError> {
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(|_| InvitationError::Randomness)?;
        addresses.truncate(ADDRESSES_MAX);
        let visible: String = venue.1.chars().filter(|c| !c.is_control()).collect();
        let end =
            (0..=VENUE_NAME_MAX.min(visible.len())).rev().find(|i| visible.is_char_boundary(*i));
        let invitation = Self {
            secret: OnceSecret::new(secret),
            inviter,
            addresses,
            expires: now.plus_millis(LIFETIME_MILLIS),
            venue: venue.0,
            venue_name: visible[..end.unwrap_or(0)].to_owned(),
            wifi,
        };
        invitation.bounded()?;
        Ok(invitation)
    }

    /// The text for a QR symbol (all of its alphanumeric alphabet) or for pasting: a prefix, then base45 of the CBOR.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", base45::encode(Zeroizing::new(encode(self)))))
    }

    /// Reads [`Invitation::to_text`].
    ///
    /// # Errors
    /// [`InvitationError`] for anything else.
    pub fn from_text(text: &str) -> Result<Self, InvitationError> {
        let body = text.trim().strip_prefix(PREFIX).ok_or(InvitationError::Other)?;
        if body.len() > INVITATION_MAX {
            return Err(InvitationError::Malformed);
        }
        let bytes = base45::decode(body).map_err(|_| InvitationError::Malformed)?;
        let bytes = Zeroizing::new(bytes);
        let mut decoder = Decoder::new(&bytes);
        let read: Self = decoder.decode().map_err(|_| InvitationError::Malformed)?;
        if decoder.position() != bytes.len() {
            return Err(InvitationError::Malformed);
        }
        read.bounded()?;
        Ok(read)
    }

    fn bounded(&self) -> Result<(), InvitationError> {
        if !(1..=ADDRESSES_MAX).contains(&self.addresses.len()) {
            Err(InvitationError::Field("list of addresses"))
        } else if self.venue_name.len() > VENUE_NAME_MAX
            || self.venue_name.chars().any(char::is_control)
        {
            Err(InvitationError::Field("venue name"))
        } else if self.wifi.as_ref().is_some_and(|w| !w.is_bounded()) {
            Err(InvitationError::Field("Wi-Fi name or key"))
        } else {
            Ok(())
        }
    }
}
