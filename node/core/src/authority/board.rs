//! The board of notices: what doors have sent word of, and how far each has been seen to.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use sync::{
    id::RecordId,
    time::{DAY_MILLIS, UnixMillis},
};

use super::{
    Authority, OpenError,
    cabinet::{CabinetError, Filing},
    index::encode,
    notices::SentNotice,
};

/// The drawer of notices' states.
const DRAWER: u8 = b'N';
/// How long a state is kept, days: as long as the authority keeps the visit.
const KEPT_DAYS: i64 = 28;

/// How far a notice has been seen to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Stage {
    /// Nobody has done anything yet.
    #[default]
    #[n(0)]
    New,
    /// The venue or the person was called.
    #[n(1)]
    Called,
    /// Nothing is left to do.
    #[n(2)]
    Closed,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 3] = [Self::New, Self::Called, Self::Closed];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Called => "called",
            Self::Closed => "closed",
        }
    }

    /// Reads [`Stage::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }
}

/// Who brought a notice how far, and when.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Step {
    /// How far.
    #[n(0)]
    pub stage: Stage,
    /// Who, as the person is called at the authority.
    #[n(1)]
    pub by: String,
    /// When.
    #[n(2)]
    pub at: UnixMillis,
}

/// A notice on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// What the door sent.
    pub sent: SentNotice,
    /// What was done, oldest first; nothing while it is new.
    pub steps: Vec<Step>,
}

impl Pinned {
    /// How far it is.
    pub fn stage(&self) -> Stage {
        self.steps.last().map(|step| step.stage).unwrap_or_default()
    }
}

/// The text by which a notice is named on pages and in the API: hexadecimal of its record's name.
pub fn name_of(id: &RecordId) -> String {
    data_encoding::HEXLOWER.encode(&encode(id))
}

fn entry(id: &RecordId) -> Vec<u8> {
    [vec![DRAWER], encode(id)].concat()
}

/// Why a notice was not brought further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoardError {
    /// No notice of that name is on the board.
    #[error("no such notice is on the board")]
    Unknown,
    /// Somebody else was quicker.
    #[error("somebody else has changed this notice meanwhile")]
    Changed,
    /// The index.
    #[error(transparent)]
    Index(#[from] OpenError),
    /// The cabinet.
    #[error(transparent)]
    Cabinet(#[from] CabinetError),
}

impl Authority {
    /// The board: what is open first, each part newest first.
    ///
    /// # Errors
    /// [`BoardError`].
    pub async fn board(&self) -> Result<Vec<Pinned>, BoardError> {
        let steps: BTreeMap<Vec<u8>, Vec<Step>> =
            self.cabinet().all(&[DRAWER]).await?.into_iter().collect();
        let pin = |sent: SentNotice| {
            let steps = steps.get(&entry(&sent.id)).cloned().unwrap_or_default();
            Pinned { sent, steps }
        };
        let mut board: Vec<Pinned> = self.all_notices().await?.into_iter().map(pin).collect();
        // Stable: within a stage the newest stays first.
        board.sort_by_key(|pinned| pinned.stage() == Stage::Closed);
        Ok(board)
    }

    /// One notice of the board, by its name.
    ///
    /// # Errors
    /// [`BoardError::Unknown`] where it is not on it.
    pub async fn notice(&self, name: &str) -> Result<Pinned, BoardError> {
        let all = self.all_notices().await?;
        let sent = all.into_iter().find(|sent| name_of(&sent.id) == name);
        let sent = sent.ok_or(BoardError::Unknown)?;
        let steps = self.cabinet().read(&entry(&sent.id)).await?.unwrap_or_default();
        Ok(Pinned { sent, steps })
    }

    /// Brings a notice to a stage. `seen` is the stage that the person saw: who looks at an old page changes nothing.
    ///
    /// # Errors
    /// [`BoardError`].
    pub async fn bring(
        &self,
        name: &str,
        seen: Stage,
        to: Stage,
        by: &str,
    ) -> Result<(), BoardError> {
        let pinned = self.notice(name).await?;
        if pinned.stage() != seen {
            return Err(BoardError::Changed);
        }
        let step = Step { stage: to, by: by.chars().take(200).collect(), at: (self.0.clock)() };
        let before = (!pinned.steps.is_empty()).then_some(pinned.steps);
        let mut after = before.clone().unwrap_or_default();
        after.push(step);
        after.drain(..after.len().saturating_sub(20));
        let entry = entry(&pinned.sent.id);
        let filing = vec![Filing::put(entry.clone(), &after)];
        if self.cabinet().file_if(&entry, before.as_ref(), filing).await? {
            Ok(())
        } else {
            Err(BoardError::Changed)
        }
    }

    /// Takes the states out that speak of what is no longer kept.
    pub(super) async fn clear_board(&self, now: UnixMillis) -> Result<(), CabinetError> {
        let first = now.plus_millis(-KEPT_DAYS * DAY_MILLIS);
        let old = self.cabinet().all::<Vec<Step>>(&[DRAWER]).await?.into_iter();
        let old = old.filter(|(_, steps)| steps.last().is_none_or(|step| step.at < first));
        let filings: Vec<_> = old.map(|(name, _)| Filing::Take(name)).collect();
        if filings.is_empty() { Ok(()) } else { self.cabinet().file(filings).await }
    }
}
