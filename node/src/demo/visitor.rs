//! The demo's visitors: who they are, which token they hold, and what a right door must do with it.

use node_core::{
    reason::Reason,
    token::{
        Claim, Cti, FactKind,
        status::{IssuerKey, StatusClaims, issue},
    },
};
use rand::{Rng, RngExt, seq::IndexedRandom};
use sync::{id::Subject, key::SecretKey, record::Status, time::UnixMillis};

use super::region::ISSUER;

const HOUR_MILLIS: i64 = 3_600_000;

/// What kind of visitor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tested,
    Neutral,
    Contact,
    Positive,
    Expired,
    Forged,
    Altered,
}

/// One visitor.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) subject: Subject,
    pub(super) kind: Kind,
    pub(super) token: String,
}

impl Visitor {
    /// Makes one at random: seven of ten are fine.
    pub(super) fn random(rng: &mut impl Rng, issuer: &IssuerKey, now: UnixMillis) -> Option<Self> {
        let kinds = [
            (Kind::Tested, 45),
            (Kind::Neutral, 25),
            (Kind::Contact, 7),
            (Kind::Positive, 7),
            (Kind::Expired, 6),
            (Kind::Forged, 5),
            (Kind::Altered, 5),
        ];
        let kind = kinds.choose_weighted(rng, |(_, weight)| *weight).ok()?.0;
        let subject = Subject::new(rng.random());
        let token = token(kind, subject, Cti::new(rng.random()), issuer, now, rng)?;
        Some(Self { subject, kind, token })
    }

    /// What a right door answers; `None` is "come in".
    pub(super) fn expected(&self) -> Option<Reason> {
        match self.kind {
            Kind::Tested | Kind::Neutral => None,
            Kind::Contact => Some(Reason::StatusYellow),
            Kind::Positive => Some(Reason::StatusRed),
            Kind::Expired => Some(Reason::Expired),
            Kind::Forged => Some(Reason::UnknownIssuer),
            Kind::Altered => Some(Reason::BadSignature),
        }
    }
}

fn token(
    kind: Kind,
    subject: Subject,
    cti: Cti,
    issuer: &IssuerKey,
    now: UnixMillis,
    rng: &mut impl Rng,
) -> Option<String> {
    let ago = |hours: i64| now.plus_millis(-hours * HOUR_MILLIS);
    let fact = |kind, hours| Claim::Fact { kind, at: ago(hours) };
    let claim = match kind {
        Kind::Tested => fact(FactKind::NegativeTest, rng.random_range(1..70)),
        Kind::Contact => fact(FactKind::Contact, rng.random_range(1..300)),
        Kind::Positive => fact(FactKind::PositiveTest, rng.random_range(1..300)),
        Kind::Neutral | Kind::Expired | Kind::Forged | Kind::Altered => Claim::Colour(Status::Blue),
    };
    let (issued_at, expires) = match kind {
        Kind::Expired => (ago(48), ago(1)),
        _ => (now.plus_millis(-60_000), now.plus_millis(24 * HOUR_MILLIS)),
    };
    let claims = StatusClaims::new(ISSUER, subject, cti, issued_at, expires, claim)
        .and_then(|c| c.with_masked_name(masked_name(rng)))
        .ok()?;
    Some(match kind {
        Kind::Forged => issue(&claims, &IssuerKey::new(&SecretKey::from_bytes(&rng.random()))),
        Kind::Altered => alter(&issue(&claims, issuer))?,
        _ => issue(&claims, issuer),
    })
}

/// The same token with the last bit of its signature turned.
fn alter(token: &str) -> Option<String> {
    let mut bytes = base45::decode(token.strip_prefix("ST1:")?).ok()?;
    *bytes.last_mut()? ^= 1;
    Some(format!("ST1:{}", base45::encode(&bytes)))
}

fn masked_name(rng: &mut impl Rng) -> &'static str {
    ["A* K*", "Б* С*", "Ә* Т*", "王*", "N* T* H*", "M* J*"].choose(rng).unwrap_or(&"A*")
}
