//! `[authority]`: the health authority's node, and where it keeps its visits.

use std::path::PathBuf;

use node_core::authority::store::postgres::Address;
use serde::Deserialize;

/// The authority.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthoritySection {
    /// The tracing secrets file.
    pub tracing: PathBuf,
    /// A PostgreSQL that several nodes of the authority share, `postgres://…` by a socket or on this machine; none: the
    /// node's own ledger.
    pub store: Option<String>,
    /// A file with the password of `store`, one line; none.
    pub store_password: Option<PathBuf>,
    /// The key file of the cabinet and the registry, the same at all nodes that share `store`; the node's own key.
    pub cabinet_key: Option<PathBuf>,
    /// The key file of the issuer of tokens; with `issuer`. None: tokens are issued elsewhere.
    pub issuing: Option<PathBuf>,
    /// The issuer's name, as the trust list has it.
    pub issuer: Option<String>,
    /// The key file of one of `roots`, where the region keeps one on this machine: it grants venues their place and signs
    /// along in bulletins. None: that is signed elsewhere.
    pub root: Option<PathBuf>,
    /// Whether each tracing question waits until a second tracer approves it; no.
    #[serde(default)]
    pub second_approver: bool,
}

impl AuthoritySection {
    pub(super) fn check(&self) -> Result<(), String> {
        match &self.store {
            Some(store) => match Address::read(store) {
                Ok(_) => Ok(()),
                Err(error) => Err(format!("authority.store: {error}")),
            },
            None if self.store_password.is_some() || self.cabinet_key.is_some() => {
                Err("authority.store_password and authority.cabinet_key go with authority.store"
                    .into())
            }
            None => Ok(()),
        }
    }
}
