//! Bulletins on their way: drafts that wait for the signatures of as many roots as the region asks for, and then go out.

mod announcing;
mod withdrawing;

use std::sync::Arc;

use minicbor::{Decode, Encode};
use sync::{
    bulletin::{BULLETIN_MAX, Bulletin, BulletinError, BulletinKind, Notice},
    id::PublicKey,
    ledger::LedgerError,
    roots::Succession,
    time::{DAY_MILLIS, UnixMillis},
};

pub use withdrawing::Unpublished;

use super::{
    Authority,
    cabinet::{CabinetError, Filing},
    changes::{Change, changes},
    participation::counted::CountError,
    succession::asked,
};
use crate::{
    announcements::Announcements,
    policy::{Policy, PolicyError},
    standing::StandingList,
    token::{
        revocations::Revocations,
        trust::{ListError, TrustList},
    },
};

const HEADS: &[u8] = b"Dh";
const PIECES: &[u8] = b"Dp";
const LAST_NUMBER: &[u8] = b"Dn";
const PIECE: usize = 20 * 1024;
/// The most days for which a bulletin counts as current.
pub const DRAFT_DAYS_MAX: u32 = 366;
/// The longest name of whoever drew a draft up, bytes.
const NAME_MAX: usize = 120;
/// The most drafts that are kept; those that are done go first.
const DRAFTS_MAX: usize = 200;
/// What stands as the author of what the registry draws up by itself.
pub const BY_REGISTRY: &str = "registry";

/// Where a draft stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum DraftState {
    /// It waits for signatures.
    #[n(0)]
    Open,
    /// It went out.
    #[n(1)]
    Published,
    /// It was given up.
    #[n(2)]
    Dropped,
}

/// What is kept of a draft beside its text.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Head {
    #[n(0)]
    made_at: UnixMillis,
    #[n(1)]
    made_by: String,
    #[n(2)]
    state: DraftState,
    #[n(3)]
    pieces: u32,
}

/// A draft.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its number.
    pub number: u64,
    /// When it was drawn up.
    pub made_at: UnixMillis,
    /// By whom.
    pub made_by: String,
    /// Where it stands.
    pub state: DraftState,
    /// What it says; its signatures are no promise before it is published.
    pub notice: Notice,
    /// Which roots have signed it.
    pub signers: Vec<PublicKey>,
    /// How many must.
    pub needed: usize,
    /// Its text, for those who sign elsewhere.
    pub bulletin: Bulletin,
}

/// Why a draft was not made, signed or published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// The policy cannot be read.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The list cannot be read.
    #[error(transparent)]
    List(#[from] ListError),
    /// It is not drawn up here.
    #[error(
        "tracing keys and the time are published from where the secrets are, not drawn up here"
    )]
    Kind,
    /// Too large for a bulletin.
    #[error("it is over what one bulletin carries")]
    TooLarge,
    /// More persons are withdrawn than one bulletin carries, in the shortest form.
    #[error("{0} persons are withdrawn: more than one bulletin carries")]
    TooMany(usize),
    /// The tokens of who was withdrawn could not be read.
    #[error("the tokens of who was withdrawn could not be read")]
    Tokens(#[source] CabinetError),
    /// Days out of range.
    #[error("a bulletin counts as current for 1 to {DRAFT_DAYS_MAX} days")]
    Days,
    /// No name, or too long a one.
    #[error("say who draws it up, in at most {NAME_MAX} bytes")]
    Name,
    /// No such draft waits.
    #[error("no draft of this text waits for signatures")]
    Unknown,
    /// No root's key is kept on this machine.
    #[error("no root's key is kept on this machine: sign it where one is")]
    NoRoot,
    /// Nobody has signed it properly.
    #[error("it has no signature of a root of this region that the draft did not have")]
    NotSigned,
    /// What is in force is as new.
    #[error("version {0} is in force, and only a higher one replaces it")]
    NotNewer(u64),
    /// Its text is no bulletin, or not enough roots of this region have signed it.
    #[error(transparent)]
    Bulletin(#[from] BulletinError),
    /// No announcement of this name holds.
    #[error("no such announcement holds")]
    NotAnnounced,
    /// Who takes part could not be counted.
    #[error(transparent)]
    Count(#[from] CountError),
    /// The ledger.
    #[error("the bulletin could not be kept")]
    Ledger(#[from] LedgerError),
    /// The cabinet.
    #[error(transparent)]
    Cabinet(#[from] CabinetError),
}

fn head_name(number: u64) -> Vec<u8> {
    [HEADS, &number.to_be_bytes()].concat()
}

fn piece_names(number: u64) -> Vec<u8> {
    [PIECES, &number.to_be_bytes()].concat()
}

/// Checks a body as whoever goes by it will read it.
///
/// # Errors
/// [`DraftError`] names the field.
pub fn check_body(kind: BulletinKind, body: &[u8]) -> Result<(), DraftError> {
    if body.len() > BULLETIN_MAX - 1024 {
        return Err(DraftError::TooLarge); // room for the notice around it
    }
    match kind {
        BulletinKind::Policy => drop(Policy::parse(body)?),
        BulletinKind::Trust => drop(TrustList::parse(body)?),
        BulletinKind::Revocations => drop(Revocations::parse(body)?),
        BulletinKind::Standing => drop(StandingList::parse(body)?),
        BulletinKind::Announcements => drop(Announcements::parse(body)?),
        BulletinKind::Roots => drop(Succession::read(body)?),
        BulletinKind::TracingKeys | BulletinKind::Beacon => return Err(DraftError::Kind),
    }
    Ok(())
}

fn checked_name(by: &str, days: u32) -> Result<&str, DraftError> {
    let by = by.trim();
    if by.is_empty() || by.len() > NAME_MAX || by.chars().any(char::is_control) {
        return Err(DraftError::Name);
    }
    if (1..=DRAFT_DAYS_MAX).contains(&days) { Ok(by) } else { Err(DraftError::Days) }
}

impl Authority {
    /// The bulletin of a kind that is in force.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn in_force(&self, kind: BulletinKind) -> Result<Option<Arc<Notice>>, LedgerError> {
        let notices = self.0.ledger.notices().await?;
        Ok(notices.into_iter().find(|notice| notice.kind == kind))
    }

    /// What a body would change against what is in force.
    ///
    /// # Errors
    /// [`DraftError`] where the body cannot be read.
    pub async fn preview(
        &self,
        kind: BulletinKind,
        body: &[u8],
    ) -> Result<Vec<Change>, DraftError> {
        check_body(kind, body)?;
        let held = self.body_in_force(kind).await?;
        Ok(changes(kind, held.as_deref(), body))
    }

    /// Draws up a bulletin: it waits for signatures from then on.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn draw_up(
        &self,
        kind: BulletinKind,
        body: Vec<u8>,
        days: u32,
        by: &str,
    ) -> Result<Draft, DraftError> {
        let by = checked_name(by, days)?;
        check_body(kind, &body)?;
        let _alone = self.0.office.lock().await;
        self.lay_draft(kind, body, days, by).await
    }

    async fn lay_draft(
        &self,
        kind: BulletinKind,
        body: Vec<u8>,
        days: u32,
        by: &str,
    ) -> Result<Draft, DraftError> {
        let now = (self.0.clock)();
        let held = self.in_force(kind).await?.map_or(0, |notice| notice.version);
        let version = u64::try_from(now.secs()).unwrap_or(0).max(held.saturating_add(1));
        let notice = Notice {
            region: self.0.ledger.charter().region,
            kind,
            version,
            issued_at: now,
            not_after: now.plus_millis(i64::from(days) * DAY_MILLIS),
            body,
        };
        let number = self.next_draft().await?;
        let made_by = by.to_owned();
        let head = Head { made_at: now, made_by, state: DraftState::Open, pieces: 0 };
        let bulletin = Bulletin::seal(&notice, &[]);
        self.clear_done().await?;
        self.keep_draft(number, head, &bulletin).await?;
        self.draft(number).await?.ok_or(DraftError::Unknown)
    }

    /// A number that no draft has, nor gets from another gateway.
    async fn next_draft(&self) -> Result<u64, CabinetError> {
        loop {
            let last = self.0.cabinet.read::<u64>(LAST_NUMBER).await?;
            let number = last.unwrap_or(0) + 1;
            let filing = vec![Filing::put(LAST_NUMBER.to_vec(), &number)];
            if self.0.cabinet.file_if(LAST_NUMBER, last.as_ref(), filing).await? {
                return Ok(number);
            }
        }
    }

    async fn keep_draft(
        &self,
        number: u64,
        head: Head,
        bulletin: &Bulletin,
    ) -> Result<(), CabinetError> {
        let text = bulletin.to_text().into_bytes();
        let mut filings = Vec::new();
        for (n, piece) in (0u32..).zip(text.chunks(PIECE)) {
            let name = [&piece_names(number)[..], &n.to_be_bytes()].concat();
            let piece = minicbor::bytes::ByteVec::from(piece.to_vec());
            filings.push(Filing::put(name, &piece));
        }
        let pieces = u32::try_from(filings.len()).unwrap_or(u32::MAX);
        filings.push(Filing::put(head_name(number), &Head { pieces, ..head }));
        self.0.cabinet.file(filings).await
    }

    /// A draft.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn draft(&self, number: u64) -> Result<Option<Draft>, DraftError> {
        let Some(head) = self.0.cabinet.read::<Head>(&head_name(number)).await? else {
            return Ok(None);
        };
        let prefix = piece_names(number);
        let pieces: Vec<(Vec<u8>, minicbor::bytes::ByteVec)> = self.0.cabinet.all(&prefix).await?;
        let wanted = usize::try_from(head.pieces).unwrap_or(usize::MAX);
        let text: Vec<u8> =
            pieces.into_iter().take(wanted).flat_map(|(_, p)| Vec::from(p)).collect();
        let bulletin = Bulletin::from_text(&String::from_utf8_lossy(&text))?;
        let charter = self.0.ledger.charter();
        let notice = bulletin.unverified()?;
        Ok(Some(Draft {
            number,
            made_at: head.made_at,
            made_by: head.made_by,
            state: head.state,
            signers: bulletin.signers(&asked(&charter.roots, &notice)),
            needed: charter.signatures_needed(notice.kind).max(1),
            notice,
            bulletin,
        }))
    }

    /// All drafts, the latest first.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn drafts(&self) -> Result<Vec<Draft>, DraftError> {
        let mut all = Vec::new();
        for number in self.draft_numbers(|_| true).await? {
            all.extend(self.draft(number).await?);
        }
        all.reverse();
        Ok(all)
    }

    async fn draft_numbers(&self, keep: impl Fn(&Head) -> bool) -> Result<Vec<u64>, CabinetError> {
        let heads: Vec<(Vec<u8>, Head)> = self.0.cabinet.all(HEADS).await?;
        let number = |name: &[u8]| {
            let bytes = name.strip_prefix(HEADS)?.try_into().ok()?;
            Some(u64::from_be_bytes(bytes))
        };
        Ok(heads.iter().filter(|(_, head)| keep(head)).filter_map(|(n, _)| number(n)).collect())
    }

    /// Makes room: of those that are done the earliest go.
    async fn clear_done(&self) -> Result<(), CabinetError> {
        let all = self.draft_numbers(|_| true).await?.len();
        let done = self.draft_numbers(|head| head.state != DraftState::Open).await?;
        for number in done.into_iter().take(all.saturating_sub(DRAFTS_MAX - 1)) {
            let pieces: Vec<(Vec<u8>, minicbor::bytes::ByteVec)> =
                self.0.cabinet.all(&piece_names(number)).await?;
            let mut filings: Vec<_> = pieces.into_iter().map(|(n, _)| Filing::Take(n)).collect();
            filings.push(Filing::Take(head_name(number)));
            self.0.cabinet.file(filings).await?;
        }
        Ok(())
    }

    /// Takes a bulletin that enough roots have signed elsewhere.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn take_bulletin(&self, text: &str) -> Result<Notice, DraftError> {
        let bulletin = Bulletin::from_text(text)?;
        let notice = self.0.ledger.charter().open(&bulletin)?;
        let held = self.in_force(notice.kind).await?.map_or(0, |held| held.version);
        if held >= notice.version {
            return Err(DraftError::NotNewer(held));
        }
        self.0.ledger.keep_bulletin(bulletin).await?;
        Ok(notice)
    }

    /// Signs a draft with the root's key of this machine. It goes out once enough have signed.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn sign_draft(&self, number: u64) -> Result<Draft, DraftError> {
        let root = self.keys().root.ok_or(DraftError::NoRoot)?;
        let _alone = self.0.office.lock().await;
        let draft = self.open_draft(number).await?;
        let signed = draft.bulletin.clone().signed_by(&root);
        self.settle_draft(draft, signed).await
    }

    /// Takes the signatures of a draft's text that was signed elsewhere. It goes out once enough have signed.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn add_signatures(&self, text: &str) -> Result<Draft, DraftError> {
        let signed = Bulletin::from_text(text)?;
        let _alone = self.0.office.lock().await;
        let roots = asked(&self.0.ledger.charter().roots, &signed.unverified()?);
        for number in self.draft_numbers(|head| head.state == DraftState::Open).await? {
            let draft = self.open_draft(number).await?;
            if let Some(joined) = draft.bulletin.clone().joined(&signed, &roots) {
                if joined.signers(&roots).len() == draft.signers.len() {
                    return Err(DraftError::NotSigned);
                }
                return self.settle_draft(draft, joined).await;
            }
        }
        Err(DraftError::Unknown)
    }

    /// Draws up anew what is in force, word for word, of every kind that people draw up: before it counts as overdue, or when
    /// roots that signed it sign no more.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn draw_up_anew(&self, days: u32, by: &str) -> Result<Vec<Draft>, DraftError> {
        let by = checked_name(by, days)?;
        let _alone = self.0.office.lock().await;
        let mut drawn = Vec::new();
        for kind in [
            BulletinKind::Policy,
            BulletinKind::Trust,
            BulletinKind::Revocations,
            BulletinKind::TracingKeys,
            BulletinKind::Standing,
            BulletinKind::Announcements,
        ] {
            if let Some(held) = self.in_force(kind).await? {
                drawn.push(self.lay_draft(kind, held.body.clone(), days, by).await?);
            }
        }
        Ok(drawn)
    }

    /// Gives a draft up.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn drop_draft(&self, number: u64) -> Result<(), DraftError> {
        let _alone = self.0.office.lock().await;
        let draft = self.open_draft(number).await?;
        Ok(self.keep_draft(number, head_of(&draft, DraftState::Dropped), &draft.bulletin).await?)
    }

    async fn open_draft(&self, number: u64) -> Result<Draft, DraftError> {
        let draft = self.draft(number).await?;
        draft.filter(|draft| draft.state == DraftState::Open).ok_or(DraftError::Unknown)
    }

    /// Keeps a draft with more signatures, and publishes it where they are enough. A crash in between leaves it open: it
    /// can be signed again.
    async fn settle_draft(&self, draft: Draft, signed: Bulletin) -> Result<Draft, DraftError> {
        let charter = self.0.ledger.charter();
        let enough = charter.open(&signed).is_ok();
        if enough {
            self.0.ledger.keep_bulletin(signed.clone()).await?;
        }
        let state = if enough { DraftState::Published } else { DraftState::Open };
        self.keep_draft(draft.number, head_of(&draft, state), &signed).await?;
        if enough {
            tracing::info!(version = draft.notice.version, kind = ?draft.notice.kind,
                "a bulletin was published");
        }
        self.draft(draft.number).await?.ok_or(DraftError::Unknown)
    }
}

fn head_of(draft: &Draft, state: DraftState) -> Head {
    Head { made_at: draft.made_at, made_by: draft.made_by.clone(), state, pieces: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_as_doors_will_read_it() {
        let refused = |kind, body: &[u8]| check_body(kind, body).unwrap_err().to_string();
        assert!(check_body(BulletinKind::Policy, b"{}").is_ok());
        assert!(refused(BulletinKind::Policy, br#"{"green_hours":"x"}"#).contains("green_hours"));
        assert!(matches!(check_body(BulletinKind::Beacon, b"{}"), Err(DraftError::Kind)));
        let large = vec![b' '; BULLETIN_MAX];
        assert!(matches!(check_body(BulletinKind::Trust, &large), Err(DraftError::TooLarge)));
    }
}
