//! Contact details, opened for an answered question alone, and the record of who was told what and when.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use sync::{
    id::{RecordId, Subject},
    sealed::{Identity, NumberKind},
    time::UnixMillis,
};

use super::{Authority, CaseError, CaseId, Filing, Met};

/// The drawer of who was told.
const TOLD: u8 = b'M';

/// What the seal of a visit says of a person. Never logged, never kept in clear.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// The whole name, where a credential had it.
    pub name: Option<String>,
    /// The date of birth, as the credential writes it.
    pub birth_date: Option<String>,
    /// The number of a document, and of what kind.
    pub document: Option<(NumberKind, String)>,
    /// A telephone number, as E.164 writes it.
    pub phone: Option<String>,
}

impl std::fmt::Debug for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Detail(…)")
    }
}

/// How somebody was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ToldBy {
    /// By a short message, which the gateway took.
    #[n(0)]
    Sms,
    /// By a letter that was given out to be sent.
    #[n(1)]
    Letter,
    /// By a short message that the gateway did not take.
    #[n(2)]
    Failed,
}

impl ToldBy {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Letter => "letter",
            Self::Failed => "failed",
        }
    }
}

/// That somebody was told.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Told {
    /// Who.
    #[n(0)]
    pub subject: Subject,
    /// How.
    #[n(1)]
    pub how: ToldBy,
    /// When.
    #[n(2)]
    pub at: UnixMillis,
    /// By whom of the authority.
    #[n(3)]
    pub by: String,
    /// In which language.
    #[n(4)]
    pub language: String,
    /// The very words.
    #[n(5)]
    pub words: String,
}

impl Authority {
    /// What the visits of these persons say of them. Ask it for an answered question alone, and write it down.
    ///
    /// # Errors
    /// [`CaseError::NotAnswered`] where the question waits or was refused.
    pub async fn details(
        &self,
        id: CaseId,
        number: u32,
    ) -> Result<BTreeMap<Subject, Detail>, CaseError> {
        let (_, found) = self.found(id, number).await?;
        let of_visit: BTreeMap<RecordId, &Met> =
            found.met.iter().filter_map(|met| Some((met.visit?, met))).collect();
        let visits = self.visits(of_visit.keys().copied().collect::<BTreeSet<_>>()).await?;
        let mut details: BTreeMap<Subject, Detail> = BTreeMap::new();
        for (visit, stored) in &visits {
            let Some(met) = of_visit.get(visit) else { continue };
            if let Some(Ok(identity)) = self.identity(met.venue, stored) {
                details.entry(met.subject).or_default().learn(&identity);
            }
        }
        // A token says no number: that lies with what the authority knows of the token.
        let persons: BTreeSet<Subject> = found.met.iter().map(|met| met.subject).collect();
        for subject in persons {
            for typed in self.numbers_of(&subject).await? {
                details.entry(subject).or_default().learn(&Identity::Typed(typed));
            }
        }
        Ok(details)
    }

    /// Writes down that somebody was told; the latest of each person stands.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn keep_told(&self, id: CaseId, told: Vec<Told>) -> Result<(), CaseError> {
        let filing = |told: &Told| Filing::put(self.told_entry(id, &told.subject), told);
        Ok(self.cabinet().file(told.iter().map(filing).collect()).await?)
    }

    /// Who was told in a case.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn told_in(&self, id: CaseId) -> Result<BTreeMap<Subject, Told>, CaseError> {
        let told = self.cabinet().all::<Told>(&drawer(id)).await?;
        Ok(told.into_iter().map(|(_, told)| (told.subject, told)).collect())
    }

    pub(super) async fn forget_told(&self, id: CaseId, first: UnixMillis) -> Result<(), CaseError> {
        let told = self.cabinet().all::<Told>(&drawer(id)).await?;
        let old = told.into_iter().filter(|(_, told)| told.at < first);
        let gone: Vec<_> = old.map(|(name, _)| Filing::Take(name)).collect();
        if gone.is_empty() { Ok(()) } else { Ok(self.cabinet().file(gone).await?) }
    }

    fn told_entry(&self, id: CaseId, subject: &Subject) -> Vec<u8> {
        [drawer(id), self.cabinet().blind(subject.as_bytes()).to_vec()].concat()
    }
}

fn drawer(id: CaseId) -> Vec<u8> {
    [&[TOLD], &id.0[..]].concat()
}

impl Detail {
    fn learn(&mut self, identity: &Identity) {
        match identity {
            Identity::Native(..) => {}
            Identity::Foreign(foreign) => {
                self.name = foreign.name.clone().or(self.name.take());
                self.birth_date = foreign.birth_date.clone().or(self.birth_date.take());
            }
            Identity::Typed(typed) if typed.kind == NumberKind::Phone => {
                self.phone = Some(typed.number.clone());
            }
            Identity::Typed(typed) => self.document = Some((typed.kind, typed.number.clone())),
        }
    }
}
