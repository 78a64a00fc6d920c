//! Word to the sanitary authority: durable at once, sent like any record, received when a receipt covers it.

use std::collections::{BTreeMap, BTreeSet};

use sync::{
    id::{ChainId, PublicKey, RecordId, Seq},
    record::{Notice, NoticeCause, Record},
    time::UnixMillis,
};

use super::{Desk, acts::ActError, told::Told};
use crate::{event::PendingId, site::NoticeView};

/// The most notices that are shown.
const SHOWN_MAX: usize = 50;

/// Of whom the authority is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Whose verdict waits: the visit is named before it is written.
    Waiting(PendingId),
    /// Who came, or was turned away.
    Visit(RecordId),
    /// Somebody who showed no code.
    Nobody,
}

/// The notices of the venue, and what the authority has said of them.
#[derive(Debug, Default)]
pub(super) struct Notices {
    told: Told<(RecordId, Notice)>,
    ways: BTreeMap<RecordId, Way>,
}

/// Where a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// In its chain, at this place or before.
    Queued(Seq),
    /// With the authority, which said so then.
    Received(UnixMillis),
}

impl Notices {
    pub(super) fn take(&mut self, id: RecordId, notice: &Notice) {
        self.told.take(notice.at, id, (id, notice.clone()));
    }

    /// Before everything is read anew: what was received stays so.
    pub(super) fn clear(&mut self) {
        self.told.clear();
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&RecordId) -> bool) {
        self.told.retain(|(id, _)| keep(id));
        self.ways.retain(|id, _| keep(id));
    }

    fn find(&self, of: RecordId, cause: NoticeCause) -> Option<RecordId> {
        let same =
            |(_, notice): &&(RecordId, Notice)| (notice.of, notice.cause) == (Some(of), cause);
        self.told.iter().find(same).map(|(id, _)| *id)
    }

    /// The chains of which the authority's word is due: it holds more of them than is noted here.
    fn due(&mut self, head: impl Fn(&ChainId) -> Option<(Seq, Seq)>) -> BTreeSet<ChainId> {
        let mut due = BTreeSet::new();
        for (id, _) in self.told.iter() {
            let Some((last, acknowledged)) = head(&id.chain) else { continue };
            // At its first look the chain reaches at least as far as the notice.
            if let Way::Queued(place) = *self.ways.entry(*id).or_insert(Way::Queued(last))
                && acknowledged >= place
            {
                due.insert(id.chain);
            }
        }
        due
    }

    fn received(&mut self, chain: &ChainId, seq: Seq, at: UnixMillis) {
        for (_, way) in self.ways.iter_mut().filter(|(id, _)| id.chain == *chain) {
            if matches!(way, Way::Queued(place) if *place <= seq) {
                *way = Way::Received(at);
            }
        }
    }

    pub(super) fn view(&self, name: &impl Fn(&PublicKey) -> String) -> Vec<NoticeView> {
        let view = |(id, notice): &(RecordId, Notice)| NoticeView {
            id: *id,
            at: notice.at,
            door: name(&id.chain.author),
            cause: notice.cause,
            of: notice.of,
            received: match self.ways.get(id) {
                Some(Way::Received(at)) => Some(*at),
                Some(Way::Queued(_)) | None => None,
            },
        };
        let mut notices: Vec<NoticeView> = self.told.iter().map(view).collect();
        notices.sort_by_key(|notice| std::cmp::Reverse((notice.at, notice.id)));
        notices.truncate(SHOWN_MAX);
        notices
    }
}

impl Desk {
    /// Sends word to the sanitary authority; durable when this returns, and on its way as soon as there is a network.
    /// Of one visit and for one cause it is sent once.
    ///
    /// # Errors
    /// [`ActError`]; then nothing was sent.
    pub async fn notify(
        &self,
        about: About,
        cause: NoticeCause,
        who: Option<[u8; 8]>,
    ) -> Result<RecordId, ActError> {
        self.belongs()?;
        let now = self.moment();
        let day = self.0.config.day(now);
        let of = match about {
            About::Nobody => None,
            About::Visit(visit) => Some(visit),
            About::Waiting(id) => {
                let mut state = self.state();
                let waits = state.waiting.of(id, now.wall).ok_or(ActError::Gone)?;
                Some(*waits.weighed.name.get_or_insert_with(|| self.0.ledger.name(day)))
            }
        };
        if let Some(sent) = of.and_then(|of| self.state().notices.find(of, cause)) {
            return Ok(sent);
        }
        let (entrance, who) = (self.site().entrance, who.map(Into::into));
        let notice = Notice { at: now.wall, entrance, cause, of, who };
        self.write(day, Record::Notice(notice)).await
    }

    /// Notes which notices the authority has.
    pub(super) async fn hear_of_notices(&self) {
        let heads = self.0.ledger.heads().borrow().clone();
        let venue = self.site().venue;
        let due = self
            .state()
            .notices
            .due(|chain| heads.head(venue, chain).map(|head| (head.seq, head.acknowledged)));
        if due.is_empty() {
            return;
        }
        match self.0.ledger.said(due.into_iter().collect()).await {
            Ok(said) => {
                let mut state = self.state();
                said.iter().for_each(|r| state.notices.received(&r.chain, r.seq, r.at));
            }
            Err(error) => tracing::debug!(%error, "receipts could not be read"),
        }
    }
}
