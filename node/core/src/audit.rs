//! What is written down of who signed in, tried to, looked up a number, and changed the staff or the venue's rules: times
//! and ids, never a secret or a name.

use std::net::IpAddr;

use minicbor::{Decode, Encode, bytes::ByteVec};
use sync::{record::LookedUp, time::UnixMillis};

use crate::staff::{Role, StaffId};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[non_exhaustive]
pub enum AuditKind {
    /// A member of the staff signed in.
    #[n(0)]
    SignedIn,
    /// Somebody came in with the node's access key.
    #[n(1)]
    EnteredByKey,
    /// A wrong PIN or password, of an account that there is or is not.
    #[n(2)]
    WrongSecret,
    /// A wrong access key.
    #[n(3)]
    WrongKey,
    /// So many wrong tries that further ones must wait.
    #[n(4)]
    LockedOut,
    /// Somebody signed out.
    #[n(5)]
    SignedOut,
    /// An invitation was made, to join or to choose a new secret.
    #[n(6)]
    Invited,
    /// An invitation was used.
    #[n(7)]
    Bound,
    /// A wrong or late invitation was tried.
    #[n(8)]
    WrongInvitation,
    /// An invitation ended after too many wrong tries.
    #[n(9)]
    InvitationEnded,
    /// The first manager was made.
    #[n(10)]
    SetUp,
    /// A wrong set-up code.
    #[n(11)]
    WrongSetUp,
    /// Somebody has another role now.
    #[n(12)]
    Role(#[n(0)] Role),
    /// Somebody's shift ends at another time now.
    #[n(13)]
    Shift,
    /// Somebody changed the own secret.
    #[n(14)]
    SecretChanged,
    /// Somebody was removed.
    #[n(15)]
    Removed,
    /// A number was looked up; never whose.
    #[n(16)]
    LookedUp(#[n(0)] LookedUp),
    /// The venue's own rules were changed.
    #[n(17)]
    HouseRules,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AuditEntry {
    /// When, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// What.
    #[n(1)]
    pub kind: AuditKind,
    /// Who did it; nobody where it was the access key, or a stranger.
    #[n(2)]
    pub who: Option<StaffId>,
    /// Whom it was about.
    #[n(3)]
    pub about: Option<StaffId>,
    /// The address from which it was done, as bytes.
    #[n(4)]
    from: Option<ByteVec>,
}

impl AuditEntry {
    /// A line.
    pub fn new(at: UnixMillis, kind: AuditKind, from: Option<IpAddr>) -> Self {
        let from = from.map(|ip| match ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        });
        Self { at, kind, who: None, about: None, from: from.map(Into::into) }
    }

    /// The same, with who did it.
    #[must_use]
    pub fn by(self, who: Option<StaffId>) -> Self {
        Self { who, ..self }
    }

    /// The same, with whom it is about.
    #[must_use]
    pub fn about(self, whom: StaffId) -> Self {
        Self { about: Some(whom), ..self }
    }

    /// The address from which it was done.
    pub fn from(&self) -> Option<IpAddr> {
        let bytes = self.from.as_ref()?.as_slice();
        let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
        v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back() {
        for from in [None, Some([10, 0, 0, 1].into()), Some(IpAddr::from([7; 16]))] {
            let entry = AuditEntry::new(UnixMillis::new(5), AuditKind::Role(Role::Staff), from)
                .by(Some(StaffId::new([1; 8])))
                .about(StaffId::new([2; 8]));
            let bytes = minicbor::to_vec(&entry).unwrap();
            assert_eq!(minicbor::decode::<AuditEntry>(&bytes).unwrap(), entry);
            assert_eq!(entry.from(), from);
        }
    }
}
