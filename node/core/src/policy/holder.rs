//! What the policy asks of a credential's holder: the age, and the name that staff see.

use sync::time::UnixMillis;

use super::{Identity, Policy, certlogic};
use crate::token::Credential;

/// Nobody is older, years.
const AGE_MAX: u32 = 150;

impl Policy {
    /// Whether the credential says that its holder is, or may still be, below the age of majority. Of a year alone its
    /// last day counts, as in the EU's rules.
    pub fn is_minor(&self, credential: &Credential, now: UnixMillis) -> bool {
        let grown = birth_of(credential)
            .and_then(|birth| certlogic::years_later(birth, i64::from(self.minor_below_years)));
        grown.is_some_and(|grown| now < grown)
    }

    /// The name that staff see, with the age in full years where the policy shows whom it names in full.
    pub fn shown_name(&self, credential: &Credential, now: UnixMillis) -> Option<String> {
        let masked = || credential.masked_name().map(str::to_owned);
        match self.identity {
            Identity::Masked => masked(),
            Identity::Full => {
                let whole = credential.holder().and_then(|h| h.name()).map(str::to_owned);
                let name = whole.or_else(masked)?;
                Some(match age(credential, now) {
                    Some(age) => format!("{name}, {age}"),
                    None => name,
                })
            }
        }
    }
}

/// The age in full years, at least.
fn age(credential: &Credential, now: UnixMillis) -> Option<u32> {
    let birth = birth_of(credential)?;
    let reached =
        |age: &u32| certlogic::years_later(birth, i64::from(*age)).is_some_and(|day| day <= now);
    (0..AGE_MAX).take_while(reached).last()
}

/// The last day that the credential's date of birth may mean.
fn birth_of(credential: &Credential) -> Option<UnixMillis> {
    let written = credential.holder().and_then(|holder| holder.birth_date());
    let by_date = written.and_then(certlogic::date_of_birth);
    let by_year = || certlogic::date_of_birth(&format!("{:04}", credential.birth_year()?));
    by_date.or_else(by_year)
}
