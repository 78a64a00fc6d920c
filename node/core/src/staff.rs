//! Who works at the venue and what each may do: accounts that the manager keeps, read from the manager's documents alone.
//!
//! An account is the field `staff/<id>` of the venue's documents, so that who was bound at one door signs in at every door,
//! without a network. It is believed only from the document that the venue's manager signs: no door can make itself an
//! account. Where two values of one account stand, what allows less holds. Pure.

mod name;
mod roster;
mod shift;

use minicbor::{Decode, Encode, bytes::ByteArray};
use sync::time::UnixMillis;

pub use name::{Name, NameError};
pub use roster::Roster;
pub use shift::ShiftEnd;

/// How the names of the fields of accounts begin.
pub const FIELD: &str = "staff/";
/// The version of an account's shape.
const VERSION: u8 = 1;
/// The longest secret as it is kept, bytes: a PHC string of argon2id has about a hundred.
const SECRET_MAX: usize = 160;

/// Who of the staff: opaque, random, the same at every door.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct StaffId(#[cbor(with = "minicbor::bytes")] [u8; 8]);

impl StaffId {
    /// From the bytes as they are stored and sent.
    pub const fn new(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The bytes as they are stored and sent.
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// From sixteen lower-case hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for StaffId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl std::fmt::Debug for StaffId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StaffId({self})")
    }
}

/// What a person may do at the venue; the later allows more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// Looks at everything, and changes nothing.
    #[n(0)]
    Inspector,
    /// Works at the desk.
    #[n(1)]
    Staff,
    /// Answers for the venue: there is one.
    #[n(2)]
    Manager,
}

impl Role {
    /// Every role, in the order in which pages list them.
    pub const ALL: [Self; 3] = [Self::Staff, Self::Inspector, Self::Manager];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inspector => "inspector",
            Self::Staff => "staff",
            Self::Manager => "manager",
        }
    }

    /// Reads [`Role::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// How a person comes in.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub enum Access {
    /// Not at all, until a new invitation: two doors wrote different secrets.
    #[n(0)]
    Unsettled,
    /// By choosing a secret, with a code of which this is the digest.
    #[n(1)]
    Invited {
        /// SHA-256 of the code.
        #[n(0)]
        digest: ByteArray<32>,
        /// Until when it can be used.
        #[n(1)]
        until: UnixMillis,
    },
    /// By a PIN or a password: a PHC string of argon2id.
    #[n(2)]
    Secret(#[n(0)] String),
    /// Never again.
    #[n(3)]
    Removed,
}

/// Never what is kept.
impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unsettled => "Unsettled",
            Self::Invited { .. } => "Invited",
            Self::Secret(_) => "Secret",
            Self::Removed => "Removed",
        })
    }
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// Its id.
    pub id: StaffId,
    /// The short number by which the person can sign in; four digits.
    pub number: u16,
    /// The person's name, as the manager wrote it.
    pub name: Name,
    /// What the person may do.
    pub role: Role,
    /// How the person comes in.
    pub access: Access,
    /// Since when the person works here.
    pub since: UnixMillis,
    /// The last moment at which the person may sign in, where one is set.
    pub until: Option<UnixMillis>,
    /// When the person's shift ends, on the venue's clock, where that is set.
    pub shift_end: Option<ShiftEnd>,
}

/// An account as it is kept.
#[derive(Encode, Decode)]
struct Shape {
    #[n(0)]
    version: u8,
    #[n(1)]
    number: u16,
    #[n(2)]
    name: String,
    #[n(3)]
    role: Role,
    #[n(4)]
    access: Access,
    #[n(5)]
    since: UnixMillis,
    #[n(6)]
    until: Option<UnixMillis>,
    #[n(7)]
    shift_end: Option<u16>,
}

impl StaffMember {
    /// The field in which an account is kept.
    pub fn field(id: &StaffId) -> String {
        format!("{FIELD}{id}")
    }

    /// The value of its field: CBOR, at most 640 bytes by the bounds of its parts.
    pub fn to_bytes(&self) -> Vec<u8> {
        let shape = Shape {
            version: VERSION,
            number: self.number,
            name: self.name.as_str().to_owned(),
            role: self.role,
            access: self.access.clone(),
            since: self.since,
            until: self.until,
            shift_end: self.shift_end.map(ShiftEnd::minute),
        };
        minicbor::to_vec(&shape).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"))
    }

    /// Reads a field; `None` where it is no account, or of a later version.
    pub fn from_field(field: &str, value: &[u8]) -> Option<Self> {
        let id = StaffId::from_hex(field.strip_prefix(FIELD)?)?;
        let shape: Shape = minicbor::decode(value).ok()?;
        let bounded = match &shape.access {
            Access::Secret(phc) => phc.len() <= SECRET_MAX && phc.starts_with("$argon2id$"),
            _ => true,
        };
        if shape.version != VERSION || !bounded {
            return None;
        }
        Some(Self {
            id,
            number: shape.number,
            name: Name::new(&shape.name).ok()?,
            role: shape.role,
            access: shape.access,
            since: shape.since,
            until: shape.until,
            shift_end: match shape.shift_end {
                Some(minute) => Some(ShiftEnd::new(minute)?),
                None => None,
            },
        })
    }

    /// The secret by which the person signs in at `now`, if that is possible.
    pub fn secret(&self, now: UnixMillis) -> Option<&str> {
        match &self.access {
            Access::Secret(phc) if self.until.is_none_or(|until| now <= until) => Some(phc),
            _ => None,
        }
    }

    /// Whether the account was taken away.
    pub fn is_removed(&self) -> bool {
        self.access == Access::Removed
    }

    /// Whether an invitation waits for the person at `now`.
    pub fn is_invited(&self, now: UnixMillis) -> bool {
        matches!(self.access, Access::Invited { until, .. } if now <= until)
    }

    /// Of two values that stand for one account, what allows less: written at once at two doors that hold the
    /// manager's key. Removed beats everything, an invitation beats a secret, and two secrets are none.
    fn meet(self, other: Self) -> Self {
        let earliest = |a: Option<UnixMillis>, b: Option<UnixMillis>| a.into_iter().chain(b).min();
        let access = match (&self.access, &other.access) {
            (Access::Removed, _) | (_, Access::Removed) => Access::Removed,
            (Access::Invited { digest, until }, Access::Invited { digest: d, until: u }) => {
                let (until, digest) = (until, digest).min((u, d));
                Access::Invited { digest: *digest, until: *until }
            }
            (invited @ Access::Invited { .. }, _) | (_, invited @ Access::Invited { .. }) => {
                invited.clone()
            }
            (a, b) if a == b => a.clone(),
            _ => Access::Unsettled,
        };
        Self {
            role: self.role.min(other.role),
            access,
            until: earliest(self.until, other.until),
            shift_end: self.shift_end.into_iter().chain(other.shift_end).min(),
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
