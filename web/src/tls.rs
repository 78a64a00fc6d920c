//! The node's certificate: made at the first start, loaded, and swapped while connections run.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

/// Where a node's certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Made by the node itself at its first start, and kept in this folder.
    SelfMade {
        /// The folder for `web-cert.pem` and `web-key.pem`.
        dir: PathBuf,
    },
    /// Made elsewhere; read again when the files change.
    Files {
        /// The certificate chain, PEM.
        cert: PathBuf,
        /// Its private key, PEM.
        key: PathBuf,
    },
    /// None: plain HTTP, refused unless the address is a loopback one.
    PlainLoopback,
}

/// Why a node has no certificate to show.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file holds no PEM of the expected kind.
    #[error("{path} holds no usable {what}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// What was found wrong.
        source: rustls::pki_types::pem::Error,
    },
    /// The certificate could not be made.
    #[error("no certificate could be made")]
    Make(#[from] rcgen::Error),
    /// The key does not fit the certificate, or is of an unknown kind.
    #[error("certificate and key of {path} do not work together")]
    Mismatch {
        /// The certificate's file.
        path: PathBuf,
        /// What rustls said.
        source: rustls::Error,
    },
}

/// Names rustls's crypto provider for this process; further calls change nothing.
pub fn install_crypto() {
    // An error means that a provider is already there, which is what is wanted.
    let _ = ring::default_provider().install_default();
}

/// The certificate in force, and the files it came from.
#[derive(Debug)]
pub(crate) struct Certificate {
    cert: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
    seen: RwLock<Stamp>,
}

/// What a changed file shows without being read.
type Stamp = Option<(SystemTime, u64, SystemTime, u64)>;

impl Certificate {
    /// Makes or loads what `tls` names; `None` for plain HTTP.
    pub(crate) fn open(tls: &Tls, names: &[String]) -> Result<Option<Arc<Self>>, TlsError> {
        let (cert, key) = match tls {
            Tls::PlainLoopback => return Ok(None),
            Tls::Files { cert, key } => (cert.clone(), key.clone()),
            Tls::SelfMade { dir } => {
                let (cert, key) = (dir.join("web-cert.pem"), dir.join("web-key.pem"));
                if !cert.exists() || !key.exists() {
                    let mut folder = DirBuilder::new();
                    let made = folder.recursive(true).mode(0o700).create(dir);
                    made.map_err(|source| file(dir, source))?;
                    make(&cert, &key, names)?;
                }
                (cert, key)
            }
        };
        let seen = RwLock::new(stamp(&cert, &key));
        let current = RwLock::new(Arc::new(load(&cert, &key)?));
        Ok(Some(Arc::new(Self { cert, key, current, seen })))
    }

    /// Reads the files again and shows what they hold from the next handshake on. Broken files change nothing.
    ///
    /// # Errors
    /// [`TlsError`] says what is wrong with the files.
    pub(crate) fn reload(&self) -> Result<(), TlsError> {
        let fresh = Arc::new(load(&self.cert, &self.key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Reloads if the files look different from last time; a broken pair is logged once and the old one stays.
    pub(crate) fn look(&self) {
        let now = stamp(&self.cert, &self.key);
        {
            let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
            if now.is_none() || *seen == now {
                return;
            }
            *seen = now;
        }
        match self.reload() {
            Ok(()) => tracing::info!(path = %self.cert.display(), "new certificate in force"),
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, source, "new certificate not usable, the old one stays");
            }
        }
    }

    /// The settings for handshakes; they ask this certificate each time.
    pub(crate) fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// The SHA-256 of the certificate in force, as browsers show it.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        use sha2::Digest;
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let digest = sha2::Sha256::digest(current.cert.first()?);
        let pairs: Vec<String> = digest.iter().map(|b| format!("{b:02X}")).collect();
        Some(pairs.join(":"))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn stamp(cert: &Path, key: &Path) -> Stamp {
    let one = |path: &Path| {
        let meta = fs::metadata(path).ok()?;
        Some((meta.modified().ok()?, meta.len()))
    };
    let ((cert_at, cert_len), (key_at, key_len)) = (one(cert)?, one(key)?);
    Some((cert_at, cert_len, key_at, key_len))
}

fn load(cert: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let chain = pem(cert, "certificate", |bytes| {
        CertificateDer::pem_slice_iter(bytes).collect::<Result<Vec<_>, _>>()
    })?;
    let secret = pem(key, "private key", PrivateKeyDer::from_pem_slice)?;
    CertifiedKey::from_der(chain, secret, &ring::default_provider())
        .map_err(|source| TlsError::Mismatch { path: cert.to_owned(), source })
}

fn pem<T>(
    path: &Path,
    what: &'static str,
    read: impl FnOnce(&[u8]) -> Result<T, rustls::pki_types::pem::Error>,
) -> Result<T, TlsError> {
    let bytes = fs::read(path).map_err(|source| file(path, source))?;
    read(&bytes).map_err(|source| TlsError::Pem { path: path.to_owned(), what, source })
}

/// A certificate for `names`, valid for twenty years: whoever accepts it once must not be asked again.
fn make(cert: &Path, key: &Path, names: &[String]) -> Result<(), TlsError> {
    let mut params = rcgen::CertificateParams::new(names.to_vec())?;
    params.not_before = rcgen::date_time_ymd(2025, 1, 1);
    params.not_after = rcgen::date_time_ymd(2045, 1, 1);
    params.distinguished_name.push(rcgen::DnType::CommonName, "Vestibule node");
    let pair = rcgen::KeyPair::generate()?;
    let signed = params.self_signed(&pair)?;
    write(key, pair.serialize_pem().as_bytes(), 0o600)?;
    write(cert, signed.pem().as_bytes(), 0o644)
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), TlsError> {
    let write = || {
        let fresh = path.with_extension("new");
        let _ = fs::remove_file(&fresh); // left behind by a power cut
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().map_err(|source| file(path, source))
}

fn file(path: &Path, source: io::Error) -> TlsError {
    TlsError::File { path: path.to_owned(), source }
}

/// The names for a certificate: this machine's, its address, loopback, and what the operator configured.
pub(crate) fn names(own: &[IpAddr], hostname: Option<&str>, hosts: &[String]) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.extend(own.iter().map(ToString::to_string));
    names.extend(hostname.map(str::to_owned));
    names.extend(hostname.filter(|h| !h.contains('.')).map(|h| format!("{h}.local")));
    names.extend(hosts.iter().cloned());
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn made(dir: &Path) -> Arc<Certificate> {
        let tls = Tls::SelfMade { dir: dir.to_owned() };
        let names = names(&[], Some("door-a"), &["door.example".into()]);
        Certificate::open(&tls, &names).unwrap().unwrap()
    }

    #[test]
    fn a_certificate_is_made_once_and_its_key_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = made(dir.path()).fingerprint();
        assert!(first.is_some());
        assert_eq!(made(dir.path()).fingerprint(), first);
        let mode = fs::metadata(dir.path().join("web-key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_folder_that_is_not_there_is_made_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("data/tls");
        let first = made(&folder).fingerprint();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(made(&folder).fingerprint(), first);
    }

    #[test]
    fn a_changed_file_is_taken_and_a_broken_one_is_not() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let certificate = made(dir.path());
        let before = certificate.fingerprint();
        fs::write(dir.path().join("web-cert.pem"), "broken").unwrap();
        assert!(matches!(
            certificate.reload(),
            Err(TlsError::Mismatch { .. } | TlsError::Pem { .. })
        ));
        certificate.look();
        assert_eq!(certificate.fingerprint(), before);

        let next = made(other.path());
        for name in ["web-cert.pem", "web-key.pem"] {
            fs::copy(other.path().join(name), dir.path().join(name)).unwrap();
        }
        certificate.look();
        assert_eq!(certificate.fingerprint(), next.fingerprint());
        assert_ne!(certificate.fingerprint(), before);
    }

    #[test]
    fn a_missing_file_is_named() {
        let tls = Tls::Files { cert: "/nowhere/c.pem".into(), key: "/nowhere/k.pem".into() };
        let error = Certificate::open(&tls, &[]).unwrap_err();
        assert!(error.to_string().contains("/nowhere/c.pem"), "{error}");
    }
}
