//! Letters to other regions: queued, packed into a bag, and let go when the receipt for them is here.

use sync::{
    abroad::{BAG_LETTERS_MAX, Bag, Letter, Receipt, Sent},
    id::{RegionId, VenueId},
    membership::Membership,
    sealed::TracingKey,
};

use super::{AbroadError, Authority, Filing, Held, Outgoing, QUEUE, Queued};
use crate::{
    authority::{cabinet::CabinetError, store::StoreError},
    code::paper::unverified,
};

/// Entries that are made durable together.
const FILED_AT_ONCE: usize = 100;

/// What is to be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// The bag.
    pub text: String,
    /// How many letters are in it.
    pub letters: usize,
    /// How many more wait that could not be packed: the other region's key of the week is not known.
    pub without_key: usize,
}

/// What a receipt has settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Whose receipt it is.
    pub region: RegionId,
    /// Letters that are durable there, and wait here no more.
    pub taken: u64,
    /// Letters that are of no use there, and wait here no more.
    pub refused: u64,
}

impl Authority {
    /// Queues what other regions are to be told. The same again takes the place of what was queued.
    pub(in crate::authority) async fn queue_letters(
        &self,
        outgoing: Vec<Outgoing>,
    ) -> Result<(), StoreError> {
        match self.queue_all(outgoing).await {
            Ok(()) => Ok(()),
            Err(CabinetError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(%error, "letters to other regions cannot be queued");
                Err(StoreError::Damaged)
            }
        }
    }

    async fn queue_all(&self, outgoing: Vec<Outgoing>) -> Result<(), CabinetError> {
        let since = (self.0.clock)();
        let (mut filings, mut new) = (Vec::with_capacity(outgoing.len()), 0);
        let mut keys: std::collections::BTreeMap<RegionId, Option<TracingKey>> = Default::default();
        for Outgoing { address, mut told } in outgoing {
            if let std::collections::btree_map::Entry::Vacant(entry) = keys.entry(address.to) {
                entry.insert(match self.neighbour(address.to) {
                    Some(neighbour) => self.key_of(&neighbour).await?,
                    None => None,
                });
            }
            told.venue_name = self.name_of_venue(address.venue).await;
            let key = keys.get(&address.to).and_then(Option::as_ref);
            let sealed = key.and_then(|key| Letter::seal(&told, address, key).ok());
            let held = sealed.map_or(Held::Plain(told), Held::Sealed);
            let name = self.queue_name(address.to, &address.visit);
            new += u64::from(self.cabinet().read::<Queued>(&name).await?.is_none());
            filings.push(Filing::put(name, &Queued { address, since, held }));
        }
        for some in filings.chunks(FILED_AT_ONCE) {
            self.cabinet().file(some.to_vec()).await?;
        }
        self.count_abroad(|counts| counts.waiting += new);
        Ok(())
    }

    async fn name_of_venue(&self, venue: VenueId) -> String {
        let known = {
            let overview = self.0.overview.borrow();
            overview.venues.iter().find(|v| v.venue == venue).map(|v| v.name.clone())
        };
        if let Some(name) = known {
            return name;
        }
        let papers = self.0.ledger.papers(venue).await.unwrap_or_default(); // then by its number
        let grants = papers.iter().filter_map(|papers| match papers {
            Membership::Door { venue: grant, .. } => unverified(grant),
            Membership::Authority(_) => None,
        });
        let named = grants.filter(|grant| grant.venue == venue).map(|grant| grant.name).next();
        named.unwrap_or_else(|| venue.to_string())
    }

    /// Packs what waits for another region, as much as goes into one bag; an empty bag asks for its keys. What is packed
    /// waits on until the receipt is here.
    ///
    /// # Errors
    /// [`AbroadError`].
    pub async fn pack(&self, to: RegionId) -> Result<Packed, AbroadError> {
        let neighbour = self.known_region(Some(to))?;
        let key = self.key_of(&neighbour).await?;
        let prefix = [&QUEUE[..], &to.get().to_be_bytes()].concat();
        let waiting = self.cabinet().page::<Queued>(&prefix, None, BAG_LETTERS_MAX).await?;
        let (mut letters, mut sealed_now, mut without_key) = (Vec::new(), Vec::new(), 0);
        for (name, queued) in waiting {
            let letter = match (&queued.held, &key) {
                (Held::Sealed(letter), _) => letter.clone(),
                (Held::Plain(told), Some(key)) => {
                    let Ok(letter) = Letter::seal(told, queued.address, key) else {
                        without_key += 1;
                        continue;
                    };
                    let held = Held::Sealed(letter.clone());
                    sealed_now.push(Filing::put(name, &Queued { held, ..queued }));
                    letter
                }
                (Held::Plain(_), None) => {
                    without_key += 1;
                    continue;
                }
            };
            letters.push(letter);
        }
        for some in sealed_now.chunks(FILED_AT_ONCE) {
            self.cabinet().file(some.to_vec()).await?;
        }
        let (count, at) = (letters.len(), (self.0.clock)());
        let bag = Bag { from: self.region(), to, at, letters };
        Ok(Packed { text: self.signed(&bag), letters: count, without_key })
    }

    /// Signed by this node, beside its papers of now.
    pub(super) fn signed<T: sync::abroad::Travels>(&self, said: &T) -> String {
        let charter = self.0.ledger.charter();
        let heads = self.0.ledger.heads().borrow().clone();
        let papers = heads.own_papers((self.0.clock)()).unwrap_or(&charter.membership);
        Sent::seal(said, &charter.key, papers.clone()).to_text()
    }

    /// Takes another region's receipt: what it has taken waits no more, and its keys are learned if its roots have signed them.
    ///
    /// # Errors
    /// [`AbroadError`]; then what is not let go waits on.
    pub async fn settle_letters(&self, text: &str) -> Result<Settled, AbroadError> {
        let (receipt, region) = self.read_receipt(text).map_err(|error| self.refused(error))?;
        let mut settled = Settled { region, ..Settled::default() };
        let mut gone = Vec::new();
        let taken = receipt.taken.iter().map(|visit| (visit, true));
        for (visit, taken) in taken.chain(receipt.refused.iter().map(|visit| (visit, false))) {
            let name = self.queue_name(region, visit);
            if self.cabinet().read::<Queued>(&name).await?.is_some() {
                gone.push(Filing::Take(name));
                *if taken { &mut settled.taken } else { &mut settled.refused } += 1;
            }
        }
        for some in gone.chunks(FILED_AT_ONCE) {
            self.cabinet().file(some.to_vec()).await?;
        }
        self.count_abroad(|counts| {
            counts.waiting = counts.waiting.saturating_sub(settled.taken + settled.refused);
            counts.sent += settled.taken;
            if settled.refused > 0 {
                *counts.refused.entry("refused-there").or_default() += settled.refused;
            }
        });
        if let Some(keys) = &receipt.keys {
            match self.take_keys(keys).await {
                Ok(_) => {}
                // Its roots are others than the list says: what it has taken is settled all the same.
                Err(error) if error.is_senders() => {
                    tracing::warn!(%region, %error, "another region's tracing keys are refused");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(settled)
    }

    fn read_receipt(&self, text: &str) -> Result<(Receipt, RegionId), AbroadError> {
        let sent = Sent::<Receipt>::from_text(text)?;
        let neighbour = self.known_region(sent.claimed())?;
        let receipt = sent.open(&neighbour.roots, (self.0.clock)())?;
        match receipt.to == self.region() {
            true => Ok((receipt, neighbour.region)),
            false => Err(AbroadError::OtherRegion(receipt.to)),
        }
    }
}
