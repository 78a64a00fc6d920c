//! What one author may cost the others: bytes on the card, over all of its days together.
//!
//! What counts is what is kept for good: each record and envelope is counted with something for what it costs beside
//! its own bytes (the key, the seal, the header's row). One sealed visit that travels alone counts for 412 bytes; 2,000
//! of them a day over 14 days and the present one are 12.4 MB, within [`AUTHOR_BYTES_MAX`] (16.8 MB). A door that is
//! passed by more than about 2,700 people a day, every day, needs a sibling at its side or a shorter retention: its
//! siblings take no more from it until a day has ended. sled's log on the card is more than what counts: 1.3 times for
//! large records, about 4 times for visits that come one by one. An envelope counts for a lone visit at least: so a
//! hostile author costs no more on the card than an honest one may.
//! The authority takes more, for it keeps days for longer, and nobody else's word would do in its place.

use super::*;

/// The most bytes of one author that a door takes from others, over all days.
pub const AUTHOR_BYTES_MAX: u64 = 16 << 20;
/// The same at the authority: 28 days of [`AUTHOR_RECORDS_MAX`] grouped visits are 160 MB.
pub const AUTHOR_BYTES_MAX_AT_AUTHORITY: u64 = 256 << 20;
/// The most of it that one day may take, so that one bad day leaves room for others.
const DAYS_PART: u64 = 2;
/// The most records of one author on one day that are taken from others: fourteen a minute, day and night.
pub const AUTHOR_RECORDS_MAX: u64 = 20_000;
/// The most starts of one author on one day of the calendar, or without any day, that are taken from others.
pub const AUTHOR_CHAINS_MAX: usize = 200;
/// The same for what stands, which no day ends: a start every night for more than five years.
pub const STANDING_CHAINS_MAX: usize = 2_000;
/// What a record costs beside its own bytes: its number and its place in the document.
pub const RECORD_COST: u64 = 32;
/// What an envelope costs beside its records: its header, its signature, their keys and seals.
pub const ENVELOPE_COST: u64 = 256;
/// What an envelope counts for at least: as one sealed visit that travels alone. On the card a tiny one takes as much, so
/// that whoever writes tiny ones costs no more than a busy door of which every visitor comes alone.
pub const ENVELOPE_LEAST: u64 = 412;
/// What a chain costs beside its envelopes.
const CHAIN_COST: u64 = 512;
/// What a chain without a day costs: its storage key is a file of its own.
const UNDATED_COST: u64 = 4_096 + CHAIN_COST;
/// Pieces of evidence that are kept against one author.
pub(super) const AUTHOR_EVIDENCE_MAX: usize = 8;

/// What an envelope of items of these lengths, in bytes, counts for.
pub(super) fn cost_of(envelope: &CheckedEnvelope) -> u64 {
    let item = |item: &Item| item.bytes.len() as u64 + RECORD_COST;
    let counted = ENVELOPE_COST + envelope.items().iter().map(item).sum::<u64>();
    counted.max(ENVELOPE_LEAST)
}

fn chain_cost(chain: &ChainId) -> u64 {
    if chain.day == Day::UNKNOWN { UNDATED_COST } else { CHAIN_COST }
}

/// What is held of an author.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    chains: usize,
    records: u64,
    bytes: u64,
}

impl Held {
    fn add(&mut self, chain: &ChainId, records: u64, bytes: u64) {
        self.chains += 1;
        self.records += records;
        self.bytes += bytes + chain_cost(chain);
    }
}

impl Book {
    /// Whether these may be added to what is held of their author.
    pub(super) fn within_quota(
        &self,
        chain: &ChainId,
        head: &Head,
        fresh: &[CheckedEnvelope],
    ) -> Result<(), BookError> {
        let Some(header) = fresh.first().map(CheckedEnvelope::header) else { return Ok(()) };
        let (mut of_day, mut of_all) = (Held::default(), Held::default());
        if let Some(venue) = self.heads.venues.get(&header.venue) {
            let first = ChainId { epoch: Epoch::new([0; 8]), day: Day::UNKNOWN, ..*chain };
            let of_author = venue.chains.range(first..);
            for (held, head) in of_author.take_while(|(c, _)| c.author == chain.author) {
                of_all.add(held, head.records, head.bytes);
                if held.day == chain.day {
                    of_day.add(held, head.records, head.bytes);
                }
            }
        }
        let mut bytes: u64 = fresh.iter().map(cost_of).sum();
        let begins = head.seq == Seq::new(0);
        if begins {
            bytes += chain_cost(chain);
        }
        let records = fresh.iter().map(|e| e.items().len() as u64).sum::<u64>();
        let chains_max = match chain.day {
            Day::STANDING => STANDING_CHAINS_MAX,
            _ => AUTHOR_CHAINS_MAX,
        };
        let bytes_max = match self.charter.keeps {
            Keeps::Venue(_) => AUTHOR_BYTES_MAX,
            Keeps::Region => AUTHOR_BYTES_MAX_AT_AUTHORITY,
        };
        let over = begins && of_day.chains >= chains_max
            || of_day.records + records > AUTHOR_RECORDS_MAX
            || of_day.bytes + bytes > bytes_max / DAYS_PART
            || of_all.bytes + bytes > bytes_max;
        if over { Err(BookError::Quota(chain.author)) } else { Ok(()) }
    }
}
