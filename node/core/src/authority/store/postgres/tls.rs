//! TLS to a PostgreSQL on another machine: its certificate must be signed by the named CA and bear the host's name.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream as Session,
    rustls::{
        self, ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{
            CertificateDer, InvalidDnsNameError, ServerName,
            pem::{self, PemObject},
        },
    },
};

/// Why a file of CA certificates cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaError {
    /// No PEM.
    #[error("it is no PEM file of certificates: {0}")]
    Pem(pem::Error),
    /// No certificate in it.
    #[error("it holds no certificate")]
    Empty,
    /// Not a CA's.
    #[error("one of its certificates cannot be trusted: {0}")]
    Certificate(rustls::Error),
    /// No version of TLS in common with itself: never in a build that works.
    #[error(transparent)]
    Versions(rustls::Error),
}

/// Makes sessions with servers that these CAs vouch for.
#[derive(Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Trusts the certificates of a PEM text and nobody else.
    pub(super) fn trusting(text: &[u8]) -> Result<Self, CaError> {
        let mut trusted = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(text) {
            trusted.add(certificate.map_err(CaError::Pem)?).map_err(CaError::Certificate)?;
        }
        if trusted.is_empty() {
            return Err(CaError::Empty);
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(CaError::Versions)?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, Self::Error> {
        let name = ServerName::try_from(host)?.to_owned();
        Ok(Handshake { connector: TlsConnector::from(Arc::clone(&self.0)), name })
    }
}

/// A handshake with a server of this name.
pub(super) struct Handshake {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { self.connector.connect(self.name, stream).await.map(Encrypted) })
    }
}

/// A session. It is bound to the server's name and CA, not to the password's exchange.
pub(super) struct Encrypted<S>(Session<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_ca_is_refused() {
        let refused = |text: &str| Tls::trusting(text.as_bytes()).err().map(|e| e.to_string());
        assert!(refused("").unwrap().contains("no certificate"));
        assert!(refused("hello").unwrap().contains("no certificate"));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(refused(broken).unwrap().contains("trusted"));
        assert!(refused("-----BEGIN CERTIFICATE-----\nAAAA\n").unwrap().contains("PEM"));
    }
}
