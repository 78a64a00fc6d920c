//! What other regions tell of this one's people: checked, kept once, answered with a receipt, and found by tracing.

use std::collections::{BTreeMap, BTreeSet};

use sync::{
    abroad::{Bag, Letter, LetterError, Receipt, Sent, Told},
    bulletin::BulletinKind,
    id::{RegionId, Subject, VenueId},
    time::{DAY_MILLIS, UnixMillis},
};

use super::{AbroadError, Authority, Elsewhere, Filing, KEPT_MILLIS, Kept, Taken};
use crate::authority::{
    cabinet::CabinetError,
    index::Row,
    stays::{Span, pair},
    trace::Stay,
};

impl Authority {
    /// Takes another region's bag: what it tells of this region's people is durable when the receipt is given. The same bag
    /// again changes nothing.
    ///
    /// # Errors
    /// [`AbroadError`]; then nothing of it was taken.
    pub async fn receive(&self, text: &str) -> Result<(Taken, String), AbroadError> {
        let bag = self.read_bag(text).map_err(|error| self.refused(error))?;
        let now = (self.0.clock)();
        let secrets = self.secrets().clone();
        let letters = bag.letters;
        // An opening is some fifty microseconds of arithmetic: beside the tasks.
        let opened = tokio::task::spawn_blocking(move || {
            let open = |letter: Letter| (letter.open(&secrets), letter.address);
            letters.into_iter().map(open).collect::<Vec<_>>()
        });
        let opened = opened.await.map_err(|_| sync::ledger::LedgerError::Closed)?;
        let mut taken = Taken { region: bag.from, ..Taken::default() };
        let (mut durable, mut refused) = (Vec::new(), Vec::new());
        let mut filings = BTreeMap::new();
        for (told, address) in opened {
            let of_bag = address.from == bag.from && address.to == self.region();
            let fault = if of_bag { fault(&told, now) } else { Some("other-address") };
            let (Ok(told), None) = (told, fault) else {
                let fault = fault.unwrap_or("unreadable");
                *taken.refused.entry(fault).or_default() += 1;
                // A secret may be brought, and a clock put right: such letters wait where they are.
                if !matches!(fault, "no-secret" | "ahead") {
                    refused.push(address.visit);
                }
                continue;
            };
            let name = self.told_name(&told.subject, &address);
            let known =
                filings.contains_key(&name) || self.cabinet().read::<Kept>(&name).await?.is_some();
            durable.push(address.visit);
            if known {
                taken.known += 1;
            } else {
                taken.taken += 1;
                filings.insert(name.clone(), Filing::put(name, &Kept { address, told }));
            }
        }
        let filings: Vec<Filing> = filings.into_values().collect();
        for some in filings.chunks(100) {
            self.cabinet().file(some.to_vec()).await?;
        }
        self.count_abroad(|counts| {
            counts.told += taken.taken as u64;
            counts.known += taken.known as u64;
            for (word, count) in &taken.refused {
                *counts.refused.entry(*word).or_default() += *count as u64;
            }
        });
        let (from, to) = (self.region(), bag.from);
        let keys = self.0.ledger.bulletins(vec![BulletinKind::TracingKeys]).await?.pop();
        let receipt = Receipt { from, to, at: now, taken: durable, refused, keys };
        Ok((taken, self.signed(&receipt)))
    }

    fn read_bag(&self, text: &str) -> Result<Bag, AbroadError> {
        let sent = Sent::<Bag>::from_text(text)?;
        let neighbour = self.known_region(sent.claimed())?;
        let bag = sent.open(&neighbour.roots, (self.0.clock)())?;
        if bag.to == self.region() { Ok(bag) } else { Err(AbroadError::OtherRegion(bag.to)) }
    }

    /// A person's stays at venues of other regions that touch the window, cut to it.
    pub(in crate::authority) async fn stays_abroad(
        &self,
        subject: &Subject,
        (from, until): (UnixMillis, UnixMillis),
        stay_millis: i64,
    ) -> Result<Vec<Stay>, CabinetError> {
        let told = self.cabinet().all::<Kept>(&self.told_of(subject)).await?;
        let mut names: BTreeMap<(RegionId, VenueId), String> = BTreeMap::new();
        let mut regions = BTreeSet::new();
        for (_, kept) in &told {
            regions.insert(kept.address.from);
            names.insert((kept.address.from, kept.address.venue), kept.told.venue_name.clone());
        }
        let mut stays = Vec::new();
        for region in regions {
            let of_region = told.iter().filter(|(_, kept)| kept.address.from == region);
            let rows = of_region.map(|(_, kept)| row(kept)).collect();
            let spans = pair(rows, stay_millis).into_iter();
            let touching = spans.filter(|span| span.from < until && from < span.until);
            let neighbour = self.neighbour(region);
            stays.extend(touching.map(|span: Span| {
                let number = span.venue.to_string();
                let name = names.get(&(region, span.venue)).cloned().unwrap_or(number);
                let known = neighbour.as_ref();
                Stay {
                    venue: span.venue,
                    venue_name: name.clone(),
                    entrance: span.entrance,
                    entered_at: span.from.max(from),
                    left_at: span.left.filter(|left| *left <= until),
                    assumed_until: span.until.min(until),
                    elsewhere: Some(Elsewhere {
                        region,
                        authority: known.map_or_else(|| region.to_string(), |n| n.name.clone()),
                        url: known.and_then(|n| n.url.clone()),
                        venue_name: name,
                    }),
                }
            }));
        }
        stays.sort_by_key(|stay| stay.entered_at);
        Ok(stays)
    }
}

/// Why a letter is of no use here.
fn fault(told: &Result<Told, LetterError>, now: UnixMillis) -> Option<&'static str> {
    match told {
        Err(LetterError::Week(_)) => Some("no-secret"),
        Err(_) => Some("unreadable"),
        Ok(told) if told.at < now.plus_millis(-KEPT_MILLIS) => Some("too-old"),
        Ok(told) if told.at > now.plus_millis(DAY_MILLIS) => Some("ahead"),
        Ok(_) => None,
    }
}

fn row(kept: &Kept) -> Row {
    Row {
        at: kept.told.at,
        kind: kept.told.kind,
        subject: kept.told.subject,
        venue: kept.address.venue,
        entrance: kept.told.entrance,
        visit: kept.address.visit,
    }
}
