//! The keys that the authority's office works with, where its machine keeps them.

use sync::key::SecretKey;

use super::Authority;
use crate::token::status::IssuerKey;

/// Who issues tokens here.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Its name, as the trust list has it.
    pub name: String,
    /// Its key.
    pub key: IssuerKey,
}

/// The keys of the office. Never printed.
#[derive(Clone, Default)]
pub struct OfficeKeys {
    /// Issues tokens.
    pub issuer: Option<Issuer>,
    /// One of the region's roots, where the region keeps one on this machine: grants venues their place, and signs along in
    /// bulletins.
    pub root: Option<SecretKey>,
}

impl std::fmt::Debug for OfficeKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OfficeKeys({:?})", self.issuer)
    }
}

impl Authority {
    /// Gives the office its keys; those given first stay.
    pub fn equip(&self, keys: OfficeKeys) {
        let _ = self.0.keys.set(keys); // a second set of keys is never given
    }

    /// The keys of the office.
    pub fn keys(&self) -> OfficeKeys {
        self.0.keys.get().cloned().unwrap_or_default()
    }
}
