//! Status tokens on request: by what the registry knows and the policy says, remembered until they have ended, and
//! withdrawn when what is known of their holder becomes worse.

use minicbor::{Decode, Encode};
use sync::{
    id::{PublicKey, Subject},
    record::Status,
    sealed::Typed,
    time::{DAY_MILLIS, UnixMillis},
};

use super::{
    Authority,
    cabinet::{CabinetError, Filing},
    registry::RegistryError,
};
use crate::{
    code::ids::TypedNumber,
    policy::{StatusNow, status_of},
    token::{
        Claim, Cti, Fact, FactKind,
        fact::{Test, TestResult},
        status::{ClaimsError, StatusClaims, issue},
    },
};

const TOKENS: u8 = b'B';
const WITHDRAWN: u8 = b'W';
/// How long a token may hold, days: as long as the authority remembers anything of a person.
pub const TOKEN_DAYS_MAX: u32 = 28;
/// The most tokens of one person that are remembered at once: a strip, and what was asked for at a counter besides.
const TOKENS_MAX: usize = 256;

/// What a token says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Says {
    /// The colour alone, until it changes: nobody learns why.
    #[default]
    Colour,
    /// The fact behind it: the token outlasts the colour, and turns as the policy says.
    Fact,
}

/// A token that is asked for.
#[derive(Clone)]
pub struct TokenOrder {
    /// For whom.
    pub number: TypedNumber,
    /// What it is to say.
    pub says: Says,
    /// For how many days at most.
    pub days: u32,
    /// The name as far as staff may see it.
    pub masked_name: Option<String>,
    /// The year of birth.
    pub birth_year: Option<u16>,
    /// The key of the phone that it is bound to; none makes a paper code.
    pub holder: Option<PublicKey>,
    /// A telephone by which the person can be told of something, where it was given.
    pub phone: Option<TypedNumber>,
}

impl std::fmt::Debug for TokenOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenOrder({:?}, {} days)", self.says, self.days)
    }
}

/// A token that was issued. Never printed.
#[derive(Clone)]
pub struct IssuedToken {
    /// Its text, `ST1:…`.
    pub text: String,
    /// Its id.
    pub cti: Cti,
    /// The status that it gives now, or at its beginning.
    pub status: Status,
    /// From when it holds.
    pub from: UnixMillis,
    /// Until when it holds.
    pub until: UnixMillis,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IssuedToken({:?} until {})", self.status, self.until)
    }
}

/// What is remembered of an issued token.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Remembered {
    #[n(0)]
    cti: Cti,
    #[n(1)]
    status: Status,
    #[n(2)]
    from: UnixMillis,
    #[n(3)]
    until: UnixMillis,
}

/// Tokens of one person that no longer hold.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Withdrawn {
    /// Of whom.
    #[n(0)]
    pub subject: Subject,
    /// Those issued before then.
    #[n(1)]
    pub before: UnixMillis,
    /// From then on all of them have ended.
    #[n(2)]
    pub until: UnixMillis,
    /// Those that were issued for later days.
    #[n(3)]
    pub ctis: Vec<Cti>,
    /// When each of these ends; none where that was not noted.
    #[n(4)]
    pub ends: Option<Vec<UnixMillis>>,
}

impl Withdrawn {
    /// When one of [`Withdrawn::ctis`] ends.
    pub fn end_of(&self, place: usize) -> UnixMillis {
        let ends = self.ends.as_ref();
        ends.and_then(|ends| ends.get(place).copied()).unwrap_or(self.until)
    }

    /// What was withdrawn earlier stays so until it ends.
    fn join(&mut self, earlier: &Self, now: UnixMillis) {
        self.until = self.until.max(earlier.until);
        for (place, cti) in earlier.ctis.iter().enumerate() {
            let end = earlier.end_of(place);
            if end > now && !self.ctis.contains(cti) {
                self.ctis.push(*cti);
                self.ends.get_or_insert_default().push(end);
            }
        }
    }
}

/// Why no token was issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// No issuer's key is configured.
    #[error("no issuer's key is configured: [authority] issuing and issuer")]
    NoIssuer,
    /// Days out of range.
    #[error("a token holds for 1 to {TOKEN_DAYS_MAX} days")]
    Days,
    /// No fact is known that a token could say.
    #[error("nothing is known that a token could say; issue its colour")]
    NoFact,
    /// Too many tokens of one person hold.
    #[error("{TOKENS_MAX} tokens of this person hold already")]
    TooMany,
    /// A claim is out of its bounds.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The cabinet.
    #[error(transparent)]
    Cabinet(#[from] CabinetError),
    /// The system gave no random bytes.
    #[error("no random bytes for a token")]
    Random,
}

impl Authority {
    /// The status that follows from what is known of a number, by the policy in force.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn status_of_number(&self, number: &TypedNumber) -> Result<StatusNow, RegistryError> {
        let facts = self.known_of(&number.to_typed(), None).await?.unwrap_or_default();
        Ok(status_of(&facts, &self.policy(), (self.0.clock)()))
    }

    /// Issues one token, and remembers it before it is given out.
    ///
    /// # Errors
    /// [`IssueError`]; then none was issued.
    pub async fn issue_token(&self, order: &TokenOrder) -> Result<IssuedToken, IssueError> {
        let wanted = |facts: &[Fact], now: UnixMillis| {
            let StatusNow { status, until, .. } = status_of(facts, &self.policy(), now);
            let latest = now.plus_millis(i64::from(order.days) * DAY_MILLIS);
            let (claim, until) = match order.says {
                Says::Colour => {
                    (Claim::Colour(status), until.map_or(latest, |until| until.min(latest)))
                }
                Says::Fact => (fact_of(facts, status).ok_or(IssueError::NoFact)?, latest),
            };
            Ok(vec![(claim, status, now, until)])
        };
        let mut issued = self.issue_all(order, wanted).await?;
        issued.pop().ok_or(IssueError::Random)
    }

    /// Issues a strip: tokens of at most 24 hours, one after the other, for as many days as are asked for. Each says the
    /// colour that what is known now gives at its time; none says why, nor for how long.
    ///
    /// # Errors
    /// [`IssueError`]; then none was issued.
    pub async fn issue_strip(&self, order: &TokenOrder) -> Result<Vec<IssuedToken>, IssueError> {
        let wanted = |facts: &[Fact], now: UnixMillis| {
            let policy = self.policy();
            let end = now.plus_millis(i64::from(order.days) * DAY_MILLIS);
            let mut wanted = Vec::new();
            let mut from = now;
            while from < end {
                let StatusNow { status, until, .. } = status_of(facts, &policy, from);
                let day = from.plus_millis(DAY_MILLIS).min(end);
                let until = until.map_or(day, |until| until.min(day));
                // A second is the shortest that a token counts in.
                let until = until.max(from.plus_millis(1000));
                wanted.push((Claim::Colour(status), status, from, until));
                from = until;
            }
            Ok(wanted)
        };
        self.issue_all(order, wanted).await
    }

    /// Issues what follows from what is known of a person. That is read where nothing changes it: at this node under a
    /// lock, and for other gateways by the person's row, which is written anew with the tokens, so that who adds to it
    /// at the same moment sees them.
    async fn issue_all(
        &self,
        order: &TokenOrder,
        wanted: impl Fn(&[Fact], UnixMillis) -> Result<Vec<Piece>, IssueError> + Send + Sync,
    ) -> Result<Vec<IssuedToken>, IssueError> {
        if !(1..=TOKEN_DAYS_MAX).contains(&order.days) {
            return Err(IssueError::Days);
        }
        let issuer = self.keys().issuer.ok_or(IssueError::NoIssuer)?;
        let subject = self.0.registry.pseudonym(&order.number.to_typed());
        let issued = loop {
            let _alone = self.0.registering.lock().await;
            let now = (self.0.clock)();
            let (facts, mut held) = self.held_of(&order.number.to_typed()).await?;
            let (mut filings, count) = self.room(&subject, now).await?;
            let wanted = wanted(&facts, now)?;
            if count + wanted.len() > TOKENS_MAX {
                return Err(IssueError::TooMany);
            }
            let mut all = Vec::with_capacity(wanted.len());
            for piece in wanted {
                let claims = claims(order, &issuer.name, subject, piece)?;
                let (cti, status) = (claims.cti(), piece.1);
                let (from, until) = (claims.issued_at(), claims.expires());
                let name = [&self.token_names(&subject)[..], cti.as_bytes()].concat();
                filings.push(Filing::put(name, &Remembered { cti, status, from, until }));
                let text = issue(&claims, &issuer.key);
                all.push(IssuedToken { text, cti, status, from, until });
            }
            let last = all.iter().map(|token| token.until).max().unwrap_or(now);
            filings.extend(self.holder_filing(&subject, order, last).await?);
            for filing in filings {
                held.rows.push(self.0.cabinet.row(filing)?);
            }
            let kept = self.0.store.keep_rows_if_all(&held.seen, held.rows).await;
            if kept.map_err(RegistryError::from)? {
                break all;
            }
        };
        self.free_of_withdrawals(&subject, &issued).await;
        Ok(issued)
    }

    /// The tokens of a person that have ended, to be forgotten, and how many are left.
    async fn room(
        &self,
        subject: &Subject,
        now: UnixMillis,
    ) -> Result<(Vec<Filing>, usize), CabinetError> {
        let held = self.remembered(subject).await?;
        let (over, left): (Vec<_>, Vec<_>) =
            held.into_iter().partition(|(_, token)| token.until <= now);
        Ok((over.into_iter().map(|(name, _)| Filing::Take(name)).collect(), left.len()))
    }

    /// Where the list in force ends this person's tokens by one line that reaches ahead, it is drawn up anew by ids.
    async fn free_of_withdrawals(&self, subject: &Subject, issued: &[IssuedToken]) {
        let now = (self.0.clock)();
        let named = {
            let rules = self.rules();
            let list = &rules.revocations;
            issued.iter().any(|token| list.names_subject(subject, Some(token.from), now))
        };
        if named && let Err(error) = self.publish_withdrawals().await {
            tracing::error!(%error, "a token was issued that the list in force ends");
        }
    }

    fn token_names(&self, subject: &Subject) -> Vec<u8> {
        [&[TOKENS], &self.0.cabinet.blind(subject.as_bytes())[..]].concat()
    }

    async fn remembered(
        &self,
        subject: &Subject,
    ) -> Result<Vec<(Vec<u8>, Remembered)>, CabinetError> {
        self.0.cabinet.all(&self.token_names(subject)).await
    }

    /// When each remembered token of a person begins.
    pub(super) async fn begins_of(
        &self,
        subject: &Subject,
    ) -> Result<Vec<(Cti, UnixMillis)>, CabinetError> {
        let held = self.remembered(subject).await?;
        Ok(held.into_iter().map(|(_, token)| (token.cti, token.from)).collect())
    }

    /// How many tokens of a person hold now or are issued for later.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn tokens_of(&self, number: &TypedNumber) -> Result<usize, CabinetError> {
        let now = (self.0.clock)();
        let subject = self.0.registry.pseudonym(&number.to_typed());
        let held = self.remembered(&subject).await?;
        Ok(held.iter().filter(|(_, token)| token.until > now).count())
    }

    /// What is to be filed when these facts are all that is known of a person: tokens that say better are withdrawn. It
    /// hangs on what is known and not on what is new, so that a call that was cut short is made good by the next. Where
    /// something was taken back, also those go that say better than what is left gives at their time.
    pub(super) async fn withdrawal(
        &self,
        typed: &Typed,
        facts: &[Fact],
        struck: bool,
    ) -> Result<Option<Filing>, CabinetError> {
        let now = (self.0.clock)();
        let subject = self.0.registry.pseudonym(typed);
        let StatusNow { status, .. } = status_of(facts, &self.policy(), now);
        let held = self.remembered(&subject).await?;
        let policy = self.policy();
        let unfounded = |token: &Remembered| {
            let StatusNow { status, .. } = status_of(facts, &policy, token.from.max(now));
            struck && token.status == Status::Green && status != Status::Green
        };
        let live: Vec<Remembered> = held
            .into_iter()
            .map(|(_, token)| token)
            .filter(|token| token.until > now)
            .filter(|token| gravity(status) > gravity(token.status) || unfounded(token))
            .collect();
        let Some(until) = live.iter().map(|token| token.until).max() else { return Ok(None) };
        let before = UnixMillis::from_secs(now.secs());
        let later = live.iter().filter(|token| token.from >= before);
        let (ctis, ends): (Vec<Cti>, Vec<UnixMillis>) =
            later.map(|token| (token.cti, token.until)).unzip();
        let name = [&[WITHDRAWN], &self.0.cabinet.blind(subject.as_bytes())[..]].concat();
        let known = self.0.cabinet.read::<Withdrawn>(&name).await?;
        // Once is enough: a later call about the same tokens is no news.
        let told = known.as_ref().is_some_and(|w| {
            w.until >= until && live.iter().all(|t| t.from < w.before || w.ctis.contains(&t.cti))
        });
        if told {
            return Ok(None);
        }
        let mut withdrawn = Withdrawn { subject, before, until, ctis, ends: Some(ends) };
        if let Some(known) = known {
            withdrawn.join(&known, now);
        }
        Ok(Some(Filing::put(name, &withdrawn)))
    }

    /// All withdrawals that still matter; those that no longer do are taken out.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn withdrawals(&self) -> Result<Vec<Withdrawn>, CabinetError> {
        let now = (self.0.clock)();
        let all: Vec<(Vec<u8>, Withdrawn)> = self.0.cabinet.all(&[WITHDRAWN]).await?;
        let (live, over): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, w)| w.until > now);
        if !over.is_empty() {
            let gone = over.into_iter().map(|(name, _)| Filing::Take(name)).collect();
            self.0.cabinet.file(gone).await?;
        }
        Ok(live.into_iter().map(|(_, withdrawn)| withdrawn).collect())
    }

    /// Forgets the tokens that have ended; how many those were.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn forget_ended_tokens(&self) -> Result<usize, CabinetError> {
        let now = (self.0.clock)();
        let all: Vec<(Vec<u8>, Remembered)> = self.0.cabinet.all(&[TOKENS]).await?;
        let over = all.into_iter().filter(|(_, token)| token.until <= now);
        let gone: Vec<_> = over.map(|(name, _)| Filing::Take(name)).collect();
        let count = gone.len();
        for some in gone.chunks(500) {
            self.0.cabinet.file(some.to_vec()).await?;
        }
        Ok(count)
    }
}

/// A token to be issued: what it says, the status that gives, from when and until when.
type Piece = (Claim, Status, UnixMillis, UnixMillis);

fn claims(
    order: &TokenOrder,
    issuer: &str,
    subject: Subject,
    (claim, _, from, until): Piece,
) -> Result<StatusClaims, IssueError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|_| IssueError::Random)?;
    let mut claims = StatusClaims::new(issuer, subject, Cti::new(bytes), from, until, claim)?;
    if let Some(name) = &order.masked_name {
        claims = claims.with_masked_name(name)?;
    }
    if let Some(year) = order.birth_year {
        claims = claims.with_birth_year(year)?;
    }
    if let Some(holder) = order.holder {
        claims = claims.with_holder(holder);
    }
    Ok(claims)
}

/// The fact that a token may say: of those that give the status now the latest, else the latest of all.
fn fact_of(facts: &[Fact], status: Status) -> Option<Claim> {
    let claim = |fact: &Fact| {
        let (kind, at) = match fact {
            Fact::Test(Test { result: TestResult::Negative, sampled_at, .. }) => {
                (FactKind::NegativeTest, *sampled_at)
            }
            Fact::Test(Test { result: TestResult::Positive, sampled_at, .. }) => {
                (FactKind::PositiveTest, *sampled_at)
            }
            Fact::Contact { at } => (FactKind::Contact, *at),
            Fact::Vaccination(dose) => (FactKind::Vaccination, dose.at),
            _ => return None,
        };
        Some((gives(kind) == status, at, Claim::Fact { kind, at }))
    };
    facts.iter().filter_map(claim).max_by_key(|(fits, at, _)| (*fits, *at)).map(|(_, _, c)| c)
}

const fn gives(kind: FactKind) -> Status {
    match kind {
        FactKind::PositiveTest => Status::Red,
        FactKind::Contact => Status::Yellow,
        _ => Status::Green,
    }
}

/// How much a status says against its holder.
const fn gravity(status: Status) -> u8 {
    match status {
        Status::Red => 2,
        Status::Yellow => 1,
        _ => 0,
    }
}
