//! The authority's store as the configuration names it: the node's own ledger, or a PostgreSQL that nodes share.

use std::path::PathBuf;

use node_core::authority::{
    Authority, OpenError,
    store::{
        StoreError,
        postgres::{Address, AddressError, Postgres},
    },
};
use sync::{
    id::RegionId,
    ledger::{Ledger, WallClock},
};

use crate::{
    command::{in_words, read_file},
    config::AuthoritySection,
    secret::{self, SecretError},
};

/// The longest file of CA certificates, bytes.
const CA_MAX: usize = 256 * 1024;

/// Why the authority's store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoringError {
    /// A key file.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The address of the store.
    #[error("authority.store: {0}")]
    Address(#[from] AddressError),
    /// The file of its CA.
    #[error("authority.store_ca: {path}: {error}", path = path.display())]
    Ca {
        /// The file.
        path: PathBuf,
        /// Why not, in words.
        error: String,
    },
    /// The file with those who vouch for other regions' servers.
    #[error("authority.abroad_ca: {0}")]
    AbroadCa(String),
    /// The shared store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the store holds.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// The address of the shared store with its password; `None` where the node keeps all by itself.
pub(crate) fn address(section: &AuthoritySection) -> Result<Option<Address>, StoringError> {
    let Some(store) = &section.store else { return Ok(None) };
    let mut address = Address::read(store)?;
    if let Some(path) = &section.store_ca {
        let ca = read_file(path, CA_MAX)
            .map_err(|error| StoringError::Ca { path: path.clone(), error: in_words(&error) })?;
        address = address.trusting(&ca)?;
    }
    Ok(Some(match &section.store_password {
        Some(file) => address.with_password(&secret::load_line(file)?),
        None => address,
    }))
}

/// Opens the authority on its store.
pub(crate) async fn open(
    section: &AuthoritySection,
    ledger: Ledger,
    clock: WallClock,
) -> Result<Authority, StoringError> {
    let secrets = secret::load_tracing(&section.tracing)?;
    let Some(address) = address(section)? else {
        return Ok(Authority::open(ledger, secrets, clock).await?);
    };
    let region: RegionId = ledger.charter().region;
    let postgres = Postgres::open(address, region, clock.clone()).await?;
    let key = match &section.cabinet_key {
        Some(file) => secret::load_key(file)?,
        None => ledger.charter().key.clone(),
    };
    Ok(Authority::open_shared(postgres, &key, ledger, secrets, clock).await?)
}
