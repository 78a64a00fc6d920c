//! Visitors for the stories: tokens of any kind, rendered as frames into a folder that a door replays.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use node_core::token::{
    Claim, Cti, FactKind,
    status::{IssuerKey, StatusClaims, issue},
};
use scanner::{View, stage};
use sync::{id::Subject, record::Status, time::UnixMillis};

/// Makes visitors; each is somebody else.
#[derive(Debug)]
pub struct Visitors {
    issuer: IssuerKey,
    named: String,
    next: AtomicU64,
}

/// A visitor with a token.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The pseudonym.
    pub subject: Subject,
    /// The token's number, by which it is revoked.
    pub cti: Cti,
    /// The token's text.
    pub token: String,
}

impl Visitors {
    /// Visitors whose tokens this issuer signs.
    pub fn new(issuer: &IssuerKey) -> Self {
        Self::of(node::demo::region::ISSUER, issuer)
    }

    /// The same where the trust list knows the issuer by another name.
    pub fn of(named: &str, issuer: &IssuerKey) -> Self {
        Self { issuer: issuer.clone(), named: named.to_owned(), next: AtomicU64::new(1) }
    }

    /// One who tested negative an hour ago.
    pub fn green(&self) -> Visitor {
        self.with(Claim::Fact { kind: FactKind::NegativeTest, at: hours_ago(1) }, 24)
    }

    /// One who tested positive yesterday.
    pub fn red(&self) -> Visitor {
        self.with(Claim::Fact { kind: FactKind::PositiveTest, at: hours_ago(24) }, 24)
    }

    /// One whose token ran out an hour ago.
    ///
    /// # Panics
    /// When the claims are refused.
    pub fn expired(&self) -> Visitor {
        self.make(Claim::Colour(Status::Blue), hours_ago(48), hours_ago(1))
    }

    fn with(&self, claim: Claim, hours: i64) -> Visitor {
        self.make(claim, hours_ago(0).plus_millis(-60_000), hours_ago(-hours))
    }

    fn make(&self, claim: Claim, issued_at: UnixMillis, expires: UnixMillis) -> Visitor {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        let subject = Subject::new(bytes);
        let cti = Cti::new(number.to_be_bytes());
        let claims = StatusClaims::new(&self.named, subject, cti, issued_at, expires, claim)
            .expect("claims in bounds");
        Visitor { subject, cti, token: issue(&claims, &self.issuer) }
    }
}

impl Visitor {
    /// Holds the code up at a door: two frames, as a camera would see it walk up.
    ///
    /// # Panics
    /// When the frame cannot be written.
    pub fn hold_up(&self, frames: &Path) {
        let number = u64::from_be_bytes(self.subject.as_bytes()[..8].try_into().expect("8 bytes"));
        for look in 0..2 {
            let seed = number * 7 + look;
            let frame =
                stage(&self.token, &View::walk_up(seed), seed).expect("a token fits a symbol");
            let mut pgm = format!("P5\n{} {}\n255\n", frame.width(), frame.height()).into_bytes();
            pgm.extend_from_slice(frame.pixels());
            // Whole or not at all: the door may be looking right now.
            let name = format!("{number:08}-{look}.pgm");
            let beside = frames.join(format!(".{name}.part"));
            fs::write(&beside, pgm).expect("a frame is written");
            fs::rename(&beside, frames.join(name)).expect("a frame is named");
        }
    }
}

fn hours_ago(hours: i64) -> UnixMillis {
    node::wall::now().plus_millis(-hours * 3_600_000)
}
