//! `[authority]`: the health authority's node, and where it keeps its visits.

use std::path::PathBuf;

use node_core::authority::store::postgres::{Address, AddressError};
use serde::Deserialize;

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
    pub(super) fn check(&self) -> Result<(), String> {
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
