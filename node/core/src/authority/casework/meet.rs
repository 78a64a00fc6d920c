//! Who met whom: contacts of the first and second degree and everybody at a venue, without those who work there, with
//! what their visits say of entrance and part of the venue.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use sync::{
    id::{ChainId, EntranceId, RecordId, Seq, Subject, VenueId},
    record::{PlaceTaken, StoredRecord, StoredVisit, VisitKind},
    time::{DAY_MILLIS, UnixMillis},
};

use super::{About, Asked, CaseError, Found, Met};
use crate::authority::{
    Authority,
    abroad::Elsewhere,
    index::{self, Row},
    stays::{Span, pair},
    store::StoreError,
    trace::{Question, TraceError, Traced, Who},
};

/// The most contacts whose own contacts are looked for.
const SECOND_MAX: usize = 100;
/// The most lines of one answer.
const MET_MAX: usize = 10_000;
/// The most lines among which staff is looked for.
const LOOKED_AT_MAX: usize = 5 * MET_MAX;
/// Records read at once where visits are looked up.
const READ_AT_ONCE: usize = 1000;

/// A stay of the person asked about.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Stayed {
    /// Where.
    #[n(0)]
    pub venue: VenueId,
    /// By which entrance.
    #[n(1)]
    pub entrance: EntranceId,
    /// Since when.
    #[n(2)]
    pub from: UnixMillis,
    /// Until when, as seen or as assumed.
    #[n(3)]
    pub until: UnixMillis,
    /// Whether the person was seen to leave.
    #[n(4)]
    pub seen: bool,
    /// Where it was, if another region has told of it.
    #[n(5)]
    pub elsewhere: Option<Elsewhere>,
}

impl Authority {
    /// What there is to find for a question that is in the log. Who works there is left out first, so that nobody's
    /// contacts are looked for by way of the staff.
    pub(super) async fn find_contacts(&self, asked: &Asked) -> Result<Found, CaseError> {
        let (stays, met) = match asked.about {
            About::Person(subject) => self.around_person(subject, asked).await?,
            About::Venue(venue) => (Vec::new(), self.at_venue(venue, asked).await?),
        };
        let mut staff = BTreeSet::new();
        let (mut met, mut cut) = self.without_staff(met, &mut staff).await?;
        if asked.second_degree && matches!(asked.about, About::Person(_)) {
            let (second, more) = self.second_degree(asked, &met).await?;
            let (second, over) = self.without_staff(second, &mut staff).await?;
            met.extend(second);
            cut |= more | over;
        }
        cut |= met.len() > MET_MAX;
        met.truncate(MET_MAX);
        let staff = u32::try_from(staff.len()).unwrap_or(u32::MAX);
        Ok(Found { stays, met, staff, cut })
    }

    /// Those who do not work where they were met, and whether some were not looked at.
    async fn without_staff(
        &self,
        mut met: Vec<Met>,
        staff: &mut BTreeSet<Subject>,
    ) -> Result<(Vec<Met>, bool), CaseError> {
        let cut = met.len() > LOOKED_AT_MAX;
        met.truncate(LOOKED_AT_MAX);
        let visits = self.visits(met.iter().filter_map(|met| met.visit).collect()).await?;
        let works = |met: &Met| {
            let visit = met.visit.and_then(|id| visits.get(&id));
            visit.is_some_and(|stored| stored.visit.place == PlaceTaken::None)
        };
        staff.extend(met.iter().filter(|met| works(met)).map(|met| met.subject));
        met.retain(|met| !works(met));
        Ok((met, cut))
    }

    async fn around_person(
        &self,
        subject: Subject,
        asked: &Asked,
    ) -> Result<(Vec<Stayed>, Vec<Met>), CaseError> {
        let traced = self.answer(&plain(subject, asked.from, asked.until), subject).await?;
        let stays = traced.stays.iter().map(|stay| Stayed {
            venue: stay.venue,
            entrance: stay.entrance,
            from: stay.entered_at,
            until: stay.left_at.unwrap_or(stay.assumed_until),
            seen: stay.left_at.is_some(),
            elsewhere: stay.elsewhere.clone(),
        });
        let stays = stays.collect();
        Ok((stays, self.met(&traced, subject, 1).await?))
    }

    /// The contacts of an answer, with what their visits say.
    async fn met(&self, traced: &Traced, with: Subject, degree: u8) -> Result<Vec<Met>, CaseError> {
        let own = match (traced.contacts.first(), traced.contacts.last()) {
            (Some(first), Some(last)) => self.rows_of(with, first.from, last.until).await?,
            _ => return Ok(Vec::new()),
        };
        let mut found = Vec::with_capacity(traced.contacts.len());
        for contact in &traced.contacts {
            let rows = self.rows_of(contact.subject, contact.from, contact.until).await?;
            let theirs = entry(&rows, contact.venue, contact.from);
            let ours = entry(&own, contact.venue, contact.from);
            found.push((contact, theirs.cloned(), ours.cloned()));
        }
        let rows = found.iter().flat_map(|(_, a, b)| [a, b]).flatten().map(|row| row.visit);
        let visits = self.visits(rows.collect()).await?;
        let zone = |row: &Option<Row>| {
            let id = row.as_ref().map(|row| row.visit)?;
            visits.get(&id).map(|stored| stored.visit.zone).filter(|zone| zone.get() != 0)
        };
        let met = |(contact, theirs, ours): (&_, Option<Row>, Option<Row>)| {
            let contact: &crate::authority::trace::Contact = contact;
            let entrance = theirs.as_ref().map(|row| row.entrance);
            Met {
                subject: contact.subject,
                venue: contact.venue,
                from: contact.from,
                until: contact.until,
                degree,
                with: Some(with),
                entrance: entrance.unwrap_or_default(),
                same_entrance: entrance.is_some()
                    && entrance == ours.as_ref().map(|row| row.entrance),
                same_zone: zone(&theirs).is_some() && zone(&theirs) == zone(&ours),
                visit: theirs.map(|row| row.visit),
            }
        };
        Ok(found.into_iter().map(met).collect())
    }

    /// Whom the contacts met from their contact on; and whether there are more contacts than were looked at.
    async fn second_degree(
        &self,
        asked: &Asked,
        first: &[Met],
    ) -> Result<(Vec<Met>, bool), CaseError> {
        let mut known: BTreeSet<Subject> = first.iter().map(|met| met.subject).collect();
        if let About::Person(subject) = asked.about {
            known.insert(subject);
        }
        let mut earliest: BTreeMap<Subject, UnixMillis> = BTreeMap::new();
        for met in first {
            let at = earliest.entry(met.subject).or_insert(met.from);
            *at = (*at).min(met.from);
        }
        let cut = earliest.len() > SECOND_MAX;
        let mut second = Vec::new();
        for (subject, from) in earliest.into_iter().take(SECOND_MAX) {
            if from >= asked.until {
                continue;
            }
            let mut traced = self.answer(&plain(subject, from, asked.until), subject).await?;
            traced.contacts.retain(|contact| !known.contains(&contact.subject));
            second.extend(self.met(&traced, subject, 2).await?);
        }
        Ok((second, cut))
    }

    /// Everybody who was at a venue in the window, for at least as long as the policy asks of a contact.
    async fn at_venue(&self, venue: VenueId, asked: &Asked) -> Result<Vec<Met>, CaseError> {
        let (stay, least) = self.measures();
        let since = asked.from.plus_millis(-DAY_MILLIS);
        let later = asked.until.plus_millis(DAY_MILLIS);
        let rows = index::of_venue(&self.0.store, venue, since, later).await?;
        let entries: BTreeMap<(Subject, UnixMillis), RecordId> =
            rows.iter().map(|row| ((row.subject, row.at), row.visit)).collect();
        let met = |span: Span| {
            let (from, until) = (span.from.max(asked.from), span.until.min(asked.until));
            (until.get() - from.get() >= least.max(1)).then(|| Met {
                subject: span.subject,
                venue,
                from,
                until,
                degree: 1,
                with: None,
                entrance: span.entrance,
                same_entrance: false,
                same_zone: false,
                visit: entries.get(&(span.subject, span.from)).copied(),
            })
        };
        Ok(pair(rows, stay).into_iter().filter_map(met).collect())
    }

    async fn rows_of(
        &self,
        subject: Subject,
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<Row>, CaseError> {
        let since = from.plus_millis(-DAY_MILLIS);
        Ok(index::of_person(&self.0.store, &subject, since, until.plus_millis(1)).await?)
    }

    /// The visits of these names, as their doors wrote them.
    pub(super) async fn visits(
        &self,
        ids: BTreeSet<RecordId>,
    ) -> Result<BTreeMap<RecordId, StoredVisit>, CaseError> {
        let mut found = BTreeMap::new();
        let chains: BTreeSet<ChainId> = ids.iter().map(|id| id.chain).collect();
        for chain in chains {
            self.have(&chain).await.map_err(TraceError::from)?;
            let mut after = Seq::default();
            loop {
                let (records, reached) = self.records_of(chain, after).await?;
                let visits = records.iter().filter(|stored| ids.contains(&stored.id));
                found.extend(visits.filter_map(StoredRecord::visit).map(|visit| (visit.id, visit)));
                if reached == after {
                    break;
                }
                after = reached;
            }
        }
        Ok(found)
    }

    async fn records_of(
        &self,
        chain: ChainId,
        after: Seq,
    ) -> Result<(Vec<StoredRecord>, Seq), CaseError> {
        let read = self.0.ledger.records(chain, after, READ_AT_ONCE).await;
        Ok(read.map_err(StoreError::from).map_err(TraceError::from)?)
    }

    /// How long who was not seen to leave is taken to have stayed, and how long a contact lasts at least; ms.
    fn measures(&self) -> (i64, i64) {
        let policy = &self.rules().policy;
        let stay = i64::from(policy.default_stay_minutes) * 60_000;
        (stay, i64::from(policy.trace_min_overlap_seconds) * 1000)
    }
}

/// A person's last entry to a venue that is not later than `at`.
fn entry(rows: &[Row], venue: VenueId, at: UnixMillis) -> Option<&Row> {
    let entered = |row: &&Row| row.kind == VisitKind::Entry && row.venue == venue && row.at <= at;
    rows.iter().filter(entered).max_by_key(|row| row.at)
}

fn plain(subject: Subject, from: UnixMillis, until: UnixMillis) -> Question {
    let (case, purpose, asked_by) = (String::new(), String::new(), String::new());
    Question { case, purpose, asked_by, who: Who::Subject(subject), from, until }
}
