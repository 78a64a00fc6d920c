//! The authority's store in PostgreSQL, which several of its nodes share: connections, and what they share besides rows.
//!
//! Nothing of a visit is sealed here beyond what its door has sealed: pseudonyms and times lie in clear, and erasure is the
//! dropping of a day's partitions ([`Postgres::purge`]).

mod columns;
mod keeping;
mod reading;
pub mod schema;
mod taking;
mod tls;

pub(in super::super) use taking::tip;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use sync::{id::RegionId, ledger::WallClock, time::Day};
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard},
    task::JoinHandle,
};
use tokio_postgres::{
    Client, Config, NoTls, Socket, Statement,
    config::{Host, SslMode},
    error::SqlState,
    tls::MakeTlsConnect,
};

use super::{StoreError, guard};
pub use tls::CaError;
use tls::Tls;

/// How long a connection may take to come about.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long one statement may take: what hangs for longer is broken off and tried again.
const STATEMENT_TIME: &str = "-c statement_timeout=60000 -c lock_timeout=20000";

/// What is wrong with the address of a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Not `postgres://…`.
    #[error("it is no address such as postgres:///vestibule?host=/run/postgresql")]
    Form,
    /// A secret where everybody can read it.
    #[error("its password goes into a file of its own: authority.store_password")]
    Password,
    /// Another machine, in clear.
    #[error(
        "{0} is another machine: that needs sslmode=verify-full and authority.store_ca; without encryption only a socket or \
         127.0.0.1 are spoken to"
    )]
    Elsewhere(String),
    /// Half a protection.
    #[error(
        "sslmode={0}: only disable, require and verify-full are known; require is as strict as verify-full"
    )]
    Mode(String),
    /// A CA's file that cannot be used.
    #[error("authority.store_ca: {0}")]
    Ca(#[from] CaError),
    /// One of the two without the other.
    #[error("sslmode=verify-full in authority.store and authority.store_ca go together")]
    CaMissing,
}

/// Where the store is and how to log in.
#[derive(Clone)]
pub struct Address {
    config: Config,
    tls: Option<Tls>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({})", self.config.get_dbname().unwrap_or("-"))
    }
}

/// Takes `sslmode` out of an address: whether it asks for encryption.
fn encrypted(text: &str) -> Result<(String, bool), AddressError> {
    let Some((place, query)) = text.split_once('?') else { return Ok((text.to_owned(), false)) };
    let mut wanted = false;
    let mut kept = Vec::new();
    for part in query.split('&') {
        match part.strip_prefix("sslmode=") {
            None => kept.push(part),
            Some("disable") => wanted = false,
            // There is no half way: who asks for encryption gets the right server, or none.
            Some("require" | "verify-full") => wanted = true,
            Some(other) => return Err(AddressError::Mode(other.to_owned())),
        }
    }
    Ok((format!("{place}?{}", kept.join("&")), wanted))
}

impl Address {
    /// Reads `postgres://user@host/database`; a host that begins with `/` is the folder of a socket. With
    /// `sslmode=verify-full` the server may be on another machine: [`Address::trusting`] says who vouches for it.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn read(text: &str) -> Result<Self, AddressError> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(AddressError::Form);
        }
        let (plain, wanted) = encrypted(text)?;
        let mut config: Config = plain.parse().map_err(|_| AddressError::Form)?;
        if config.get_password().is_some() {
            return Err(AddressError::Password);
        }
        for host in config.get_hosts() {
            if let Host::Tcp(name) = host
                && !wanted
                && name != "localhost"
                && !name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            {
                return Err(AddressError::Elsewhere(name.clone()));
            }
        }
        if let Some(far) = config.get_hostaddrs().iter().find(|ip| !ip.is_loopback())
            && !wanted
        {
            return Err(AddressError::Elsewhere(far.to_string()));
        }
        config.application_name("vestibule").connect_timeout(CONNECT_TIME).options(STATEMENT_TIME);
        config.ssl_mode(if wanted { SslMode::Require } else { SslMode::Disable });
        Ok(Self { config, tls: None })
    }

    /// Whether its server must show a certificate.
    pub fn is_encrypted(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }

    /// The same with the CAs of a PEM text, one of which must have signed the server's certificate.
    ///
    /// # Errors
    /// [`AddressError::Ca`], or [`AddressError::CaMissing`] where no encryption is asked for.
    pub fn trusting(mut self, ca: &[u8]) -> Result<Self, AddressError> {
        if !self.is_encrypted() {
            return Err(AddressError::CaMissing);
        }
        self.tls = Some(Tls::trusting(ca)?);
        Ok(self)
    }

    /// The same with a password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }
}

/// A connection with its prepared statements, by their texts.
struct Link {
    client: Client,
    prepared: BTreeMap<&'static str, Statement>,
    driver: JoinHandle<()>,
}

impl Link {
    async fn open(address: &Address) -> Result<Self, StoreError> {
        let (client, driver) = match &address.tls {
            Some(tls) => Self::connect(&address.config, tls.clone()).await?,
            None => Self::connect(&address.config, NoTls).await?,
        };
        Ok(Self { client, prepared: BTreeMap::new(), driver })
    }

    async fn connect<T>(config: &Config, tls: T) -> Result<(Client, JoinHandle<()>), StoreError>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
    {
        let opened = tokio::time::timeout(CONNECT_TIME, config.connect(tls)).await;
        let (client, connection) =
            opened.map_err(|_| StoreError::Away("no answer".into()))?.map_err(fault)?;
        #[expect(clippy::disallowed_methods, reason = "kept, and ended with its client")]
        let driver = tokio::task::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(why = %in_words(&error), "a connection to the shared store ended");
            }
        });
        Ok((client, driver))
    }

    /// The statement, prepared once in a connection.
    async fn statement(&mut self, text: &'static str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.prepared.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text).await.map_err(fault)?;
        self.prepared.insert(text, statement.clone());
        Ok(statement)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// A place for a connection: opened when it is needed, anew after it broke.
#[derive(Default)]
struct Line(Arc<AsyncMutex<Option<Link>>>);

/// A PostgreSQL that several nodes of the authority share.
pub struct Postgres {
    address: Address,
    region: RegionId,
    layout: schema::Layout,
    clock: WallClock,
    /// Takes in, in order.
    writer: Line,
    /// What people ask and file must not wait behind what is taken in.
    desk: Line,
    /// The days that have partitions, as far as is known here.
    days: Mutex<BTreeSet<Day>>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Postgres({:?})", self.address)
    }
}

impl Postgres {
    /// Connects to a store that was made by [`schema::init`].
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be reached or is another version's.
    pub async fn open(
        address: Address,
        region: RegionId,
        clock: WallClock,
    ) -> Result<Self, StoreError> {
        let link = Link::open(&address).await?;
        let layout = schema::check(&link.client).await?;
        let (writer, desk) = (Line::default(), Line(Arc::new(AsyncMutex::new(Some(link)))));
        Ok(Self { address, region, layout, clock, writer, desk, days: Mutex::default() })
    }

    /// The connection of a line, opened if need be.
    async fn on(&self, line: &Line) -> Result<Turn, StoreError> {
        let mut place = Arc::clone(&line.0).lock_owned().await;
        if place.as_ref().is_none_or(|link| link.client.is_closed()) {
            *place = Some(Link::open(&self.address).await?);
        }
        Ok(Turn(place))
    }

    fn forget_days(&self) {
        guard(&self.days).clear();
    }
}

/// Who holds it has the connection for itself.
struct Turn(OwnedMutexGuard<Option<Link>>);

impl Turn {
    fn link(&mut self) -> Result<&mut Link, StoreError> {
        self.0.as_mut().ok_or_else(|| StoreError::Away("the connection is gone".into()))
    }

    /// A connection on which something failed is not used again: what it was in the middle of nobody knows.
    fn failed(&mut self, error: tokio_postgres::Error) -> StoreError {
        *self.0 = None;
        fault(error)
    }
}

/// What an error says, without the values that a server's detail may quote.
fn in_words(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} ({})", db.message(), db.code().code()),
        None => match std::error::Error::source(error) {
            Some(source) => source.to_string(),
            None => error.to_string(),
        },
    }
}

fn fault(error: tokio_postgres::Error) -> StoreError {
    let why = in_words(&error);
    let Some(code) = error.code() else { return StoreError::Away(why) };
    let full =
        [SqlState::DISK_FULL, SqlState::OUT_OF_MEMORY, SqlState::CONFIGURATION_LIMIT_EXCEEDED];
    match code.code().get(..2) {
        _ if full.contains(code) => StoreError::Full(why),
        // Resources, read-only after a fail-over, input and output of the server.
        Some("53" | "58" | "XX") => StoreError::Full(why),
        _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::Full(why),
        // Shut down, conflicts between nodes, connections: it passes.
        Some("08" | "40" | "55" | "57" | "28" | "3D") => StoreError::Away(why),
        _ => StoreError::Refused(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_local_and_hold_no_secret() {
        for good in [
            "postgres:///vestibule?host=/run/postgresql",
            "postgres://vestibule@127.0.0.1:5433/vestibule",
            "postgresql://localhost/vestibule",
            "postgres://[::1]/vestibule",
        ] {
            assert!(Address::read(good).is_ok(), "{good}");
        }
        let why = |text: &str| Address::read(text).unwrap_err().to_string();
        assert!(why("sqlite:///x").contains("no address"));
        assert!(why("postgres://u:secret@localhost/v").contains("store_password"));
        assert!(why("postgres://db.example/v").contains("db.example"));
        assert!(why("postgres://localhost/v?hostaddr=192.0.2.1").contains("192.0.2.1"));
        for mode in ["prefer", "verify-ca", "allow", "x"] {
            assert!(why(&format!("postgres://localhost/v?sslmode={mode}")).contains(mode));
        }
        let far = "postgres://v@db.example:5432/v?sslmode=verify-full&hostaddr=192.0.2.1";
        let far = Address::read(far).unwrap();
        assert!(far.is_encrypted() && far.clone().trusting(b"").is_err());
        let near = Address::read("postgres://localhost/v?sslmode=disable").unwrap();
        assert!(matches!(near.trusting(b""), Err(AddressError::CaMissing)));
        let address = Address::read("postgres://localhost/v").unwrap().with_password("secret");
        assert!(!format!("{address:?}").contains("secret"));
    }
}
