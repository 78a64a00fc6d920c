//! `[authority]`: the health authority's node, and where it keeps its visits.

use std::path::PathBuf;

use node_core::authority::{
    access::KEPT_DAYS,
    officers::{Office, Offices},
    passkeys::Party,
    store::postgres::{Address, AddressError},
};
use serde::Deserialize;

/// For how many days the access log may be kept.
const ACCESS_LOG_DAYS: std::ops::RangeInclusive<u32> = 30..=36_500;

/// The authority.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthoritySection {
    /// The tracing secrets file.
    pub tracing: PathBuf,
    /// A PostgreSQL that several nodes of the authority share, `postgres://…`: by a socket, on this machine, or with
    /// `sslmode=verify-full` on another; none: the node's own ledger.
    pub store: Option<String>,
    /// A file with the password of `store`, one line; none.
    pub store_password: Option<PathBuf>,
    /// A file with the CA of the server's certificate, PEM, where `store` says `sslmode=verify-full`; none.
    pub store_ca: Option<PathBuf>,
    /// The key file of the cabinet and the registry, the same at all nodes that share `store`; the node's own key.
    pub cabinet_key: Option<PathBuf>,
    /// The key file of the issuer of tokens; with `issuer`. None: tokens are issued elsewhere.
    pub issuing: Option<PathBuf>,
    /// The issuer's name, as the trust list has it.
    pub issuer: Option<String>,
    /// The key file of one of `roots`, where the region keeps one on this machine: it grants venues their place and signs
    /// along in bulletins. None: that is signed elsewhere.
    pub root: Option<PathBuf>,
    /// A SORMAS server to which answers of cases are sent; none.
    pub sormas: Option<SormasSection>,
    /// A file with the authorities whose word counts for the servers of other regions, PEM; none: the public ones.
    pub abroad_ca: Option<PathBuf>,
    /// Whether each tracing question waits until a second tracer approves it; no.
    #[serde(default)]
    pub second_approver: bool,
    /// The address under which officers open the console, `https://console.example:8443`: passkeys are made for it. None:
    /// `localhost`, where the node listens on loopback alone.
    pub console: Option<String>,
    /// Whether officers may sign in with a passkey or must; may.
    #[serde(default)]
    pub passkeys: PasskeySetting,
    /// Who must, where some must; all.
    pub passkeys_of: Option<Vec<String>>,
    /// How long the access log, in which sign-ins and all else that officers do stand, is kept, days; five years.
    #[serde(default = "access_log_days")]
    pub access_log_days: u32,
}

const fn access_log_days() -> u32 {
    KEPT_DAYS
}

/// What `passkeys` may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasskeySetting {
    /// Beside the password.
    #[default]
    Allowed,
    /// With a passkey alone; the password is for adding the first one.
    Required,
}

/// A SORMAS server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SormasSection {
    /// The address of its interface, such as `https://sormas.example/sormas-rest`.
    pub url: String,
    /// The name of a user with the right to create what is sent.
    pub user: String,
    /// A file with that user's password, one line.
    pub password: PathBuf,
    /// The uuid of the user who reports.
    pub reporting_user: String,
    /// The uuid of the region in which contacts and events are.
    pub region: String,
    /// The uuid of the district in which they are.
    pub district: String,
    /// The disease as SORMAS names it.
    #[serde(default = "disease")]
    pub disease: String,
}

fn disease() -> String {
    "CORONAVIRUS".into()
}

impl SormasSection {
    /// Names of people travel there: only over HTTPS, but for a server on this machine.
    fn check(&self) -> Result<(), String> {
        let near = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
            .iter()
            .filter_map(|host| self.url.strip_prefix(host))
            .any(|rest| rest.is_empty() || rest.starts_with([':', '/']));
        if !near && !self.url.starts_with("https://") {
            return Err("authority.sormas.url: must begin with https://".into());
        }
        if self.url.contains('@') {
            return Err("authority.sormas.url: user and password have keys of their own".into());
        }
        Ok(())
    }
}

impl AuthoritySection {
    /// The offices whose officers sign in with a passkey alone.
    ///
    /// # Errors
    /// A word that is no office, or offices where nobody must.
    pub fn passkeys_required_of(&self) -> Result<Offices, String> {
        let Some(words) = &self.passkeys_of else {
            return Ok(match self.passkeys {
                PasskeySetting::Allowed => Offices::default(),
                PasskeySetting::Required => Offices::EVERY,
            });
        };
        if self.passkeys == PasskeySetting::Allowed {
            return Err("authority.passkeys_of goes with passkeys = \"required\"".into());
        }
        let office = |word: &String| {
            let office = Office::from_word(word).filter(|office| Office::ALL.contains(office));
            office.ok_or_else(|| format!("authority.passkeys_of: {word:?} is no office"))
        };
        Ok(Offices::of(words.iter().map(office).collect::<Result<Vec<_>, _>>()?))
    }

    fn check_passkeys(&self) -> Result<(), String> {
        let required = self.passkeys_required_of()?;
        match &self.console {
            Some(console) => {
                Party::of(console).map(drop).map_err(|e| format!("authority.console: {e}"))
            }
            None if required.is_empty() => Ok(()),
            None => Err("authority.passkeys = \"required\" needs authority.console, the address under which officers \
                         open the console: https://console.example"
                .into()),
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.check_passkeys()?;
        if !ACCESS_LOG_DAYS.contains(&self.access_log_days) {
            return Err("authority.access_log_days: between 30 and 36500".into());
        }
        if let Some(sormas) = &self.sormas {
            sormas.check()?;
        }
        match &self.store {
            Some(store) => match Address::read(store) {
                Ok(address) if address.is_encrypted() != self.store_ca.is_some() => {
                    Err(format!("authority.store: {}", AddressError::CaMissing))
                }
                Ok(_) => Ok(()),
                Err(error) => Err(format!("authority.store: {error}")),
            },
            None if self.store_password.is_some()
                || self.store_ca.is_some()
                || self.cabinet_key.is_some() =>
            {
                Err("authority.store_password, store_ca and cabinet_key go with authority.store"
                    .into())
            }
            None => Ok(()),
        }
    }
}
