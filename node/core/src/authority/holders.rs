//! Whose a token is: the number that it was issued for, sealed to a week's tracing key like what doors seal, and filed under
//! the blinded pseudonym. Opened for an answered question alone, so that whoever showed a token can be told.

use minicbor::{Decode, Encode};
use sync::{
    id::{ChainId, Epoch, PublicKey, RecordId, RecordNumber, Subject, VenueId},
    sealed::{Binding, Identity, Sealed, TracingKey, TracingSecret, Typed},
    time::{DAY_MILLIS, Day, UnixMillis},
};

use super::{
    Authority,
    cabinet::{CabinetError, Filing},
    issuing::TokenOrder,
};

/// The drawer of holders.
const DRAWER: u8 = b'G';
/// How long a holder is kept after the last token, days: as long as visits with it.
const KEPT_DAYS: i64 = 28;

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Holder {
    /// The number, and the telephone where one was given.
    #[n(0)]
    sealed: Vec<Sealed>,
    /// When the last token ends.
    #[n(1)]
    until: UnixMillis,
}

impl Authority {
    fn holder_name(&self, subject: &Subject) -> Vec<u8> {
        [&[DRAWER], &self.0.cabinet.blind(subject.as_bytes())[..]].concat()
    }

    /// What files the holder of tokens of which the last ends then. Sealed under the key of that week, which is destroyed
    /// when the last visit with it is; `None` where no such key is published, or the latest there is.
    pub(super) async fn holder_filing(
        &self,
        subject: &Subject,
        order: &TokenOrder,
        last: UnixMillis,
    ) -> Result<Option<Filing>, CabinetError> {
        let name = self.holder_name(subject);
        let held = self.0.cabinet.read::<Holder>(&name).await?;
        let until = held.map_or(last, |held| held.until.max(last));
        let Some(key) = self.key_until(until) else {
            tracing::warn!("no tracing key is published: whose a token is cannot be sealed");
            return Ok(None);
        };
        let binding = binding(subject);
        let typed = [Some(&order.number), order.phone.as_ref()].into_iter().flatten();
        let seal = |number: &crate::code::ids::TypedNumber| {
            Sealed::seal(&Identity::Typed(number.to_typed()), &key, &binding).ok()
        };
        let sealed: Vec<Sealed> = typed.filter_map(seal).collect();
        Ok(Some(Filing::put(name, &Holder { sealed, until })))
    }

    /// The tracing key of a time's week, or the last one before it that is not past.
    fn key_until(&self, until: UnixMillis) -> Option<TracingKey> {
        let this = (self.0.clock)().week();
        let rules = self.rules();
        let fits = |key: &&TracingKey| key.week >= this && key.week <= until.week();
        rules.tracing_keys().iter().filter(fits).max_by_key(|key| key.week).copied()
    }

    /// The numbers for which a person's tokens were issued, as far as the weeks' secrets open them. For an answered
    /// question alone.
    pub(super) async fn numbers_of(&self, subject: &Subject) -> Result<Vec<Typed>, CabinetError> {
        let held = self.0.cabinet.read::<Holder>(&self.holder_name(subject)).await?;
        let secrets: Vec<TracingSecret> = self.secrets().clone();
        let binding = binding(subject);
        let open = |sealed: &Sealed| {
            let of_week = secrets.iter().filter(|secret| secret.week() == sealed.week());
            let mut opened = of_week.filter_map(|secret| sealed.open(secret, &binding).ok());
            match opened.next() {
                Some(Identity::Typed(typed)) => Some(typed),
                _ => None,
            }
        };
        Ok(held.iter().flat_map(|held| &held.sealed).filter_map(open).collect())
    }

    /// Takes holders out whose last token ended longer ago than visits are kept.
    pub(super) async fn forget_holders(&self) -> Result<(), CabinetError> {
        let first = (self.0.clock)().plus_millis(-KEPT_DAYS * DAY_MILLIS);
        let all: Vec<(Vec<u8>, Holder)> = self.0.cabinet.all(&[DRAWER]).await?;
        let over = all.into_iter().filter(|(_, held)| held.until < first);
        let gone: Vec<_> = over.map(|(name, _)| Filing::Take(name)).collect();
        for some in gone.chunks(500) {
            self.0.cabinet.file(some.to_vec()).await?;
        }
        Ok(())
    }
}

/// A place that no visit has: what is sealed for it opens under this pseudonym alone.
fn binding(subject: &Subject) -> Binding {
    let mut author = [0; 32];
    author[..Subject::LEN].copy_from_slice(subject.as_bytes());
    let chain =
        ChainId { author: PublicKey::new(author), epoch: Epoch::new([0; 8]), day: Day::STANDING };
    let visit = RecordId { chain, number: RecordNumber::new(0) };
    Binding { venue: VenueId::new(0), visit, day: chain.day }
}
