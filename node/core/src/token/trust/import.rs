//! Trust from files of other makers: which kind a file is, by its name, and the keys in it.

use data_encoding::BASE64;

use super::{Authority, ListError, TrustList, certificate::Certificate, jwk, signer::Signer};

/// More certificates than this no file has.
const CERTIFICATES_MAX: usize = 4096;

/// What a file of trust holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImportKind {
    /// Certificates of signers or of who issues theirs, PEM or DER: `*.pem`, `*.cer`, `*.der`, `*.crt`.
    Certificates,
    /// A JSON Web Key Set with the issuer's address in `iss`: `*.jwks.json`.
    KeySet,
    /// A `did` document: `*.did.json`.
    DidDocument,
    /// Our own list: `*.trust`.
    List,
    /// A bare Ed25519 key, 32 bytes as hexadecimal or base64url: `*.pub`.
    PublicKey,
}

impl ImportKind {
    /// The kind of a file by its name; `None` for other files.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        match () {
            () if ends(&[".jwks.json"]) => Some(Self::KeySet),
            () if ends(&[".did.json"]) => Some(Self::DidDocument),
            () if ends(&[".pem", ".cer", ".der", ".crt"]) => Some(Self::Certificates),
            () if ends(&[".trust"]) => Some(Self::List),
            () if ends(&[".pub"]) => Some(Self::PublicKey),
            () => None,
        }
    }
}

impl TrustList {
    /// The trust in a file of this kind: all of it, or nothing.
    ///
    /// # Errors
    /// [`ListError`] names the entry and field that is wrong.
    pub fn import(kind: ImportKind, bytes: &[u8]) -> Result<Self, ListError> {
        if bytes.len() > super::LIST_BYTES_MAX {
            return Err(ListError::TooLarge { bytes: bytes.len(), most: super::LIST_BYTES_MAX });
        }
        match kind {
            ImportKind::Certificates => certificates(bytes),
            ImportKind::KeySet => jwk::of_key_set(bytes).map(Self::of_signers),
            ImportKind::DidDocument => jwk::of_did_document(bytes).map(Self::of_signers),
            ImportKind::List => Self::parse(bytes),
            ImportKind::PublicKey => {
                let text = std::str::from_utf8(bytes);
                let problem = "is not text";
                Self::from_public_key(text.map_err(|_| ListError::Field { field: "key", problem })?)
            }
        }
    }

    fn of_signers(signers: Vec<Signer>) -> Self {
        let mut list = Self::default();
        list.add_signers(signers);
        list
    }
}

fn certificates(bytes: &[u8]) -> Result<TrustList, ListError> {
    let armoured = bytes.windows(11).any(|w| w == b"-----BEGIN ");
    let ders = if armoured { armoured_ders(bytes)? } else { vec![bytes.to_vec()] };
    let mut list = TrustList::default();
    let mut signers = Vec::new();
    for (entry, der) in ders.iter().enumerate() {
        let wrong = |problem| ListError::Entry {
            list: "certificates",
            entry,
            field: "certificate",
            problem,
        };
        let certificate = Certificate::read(der).map_err(wrong)?;
        // Some test authorities sign statements with their own key: it is taken for both.
        if certificate.is_authority() {
            list.authorities.push(Authority::of(&certificate));
        }
        signers.push(certificate.signer());
    }
    list.add_signers(signers);
    Ok(list)
}

// RFC 7468: text around the blocks is passed over, and so are blocks of other labels.
fn armoured_ders(bytes: &[u8]) -> Result<Vec<Vec<u8>>, ListError> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let field = |problem| ListError::Field { field: "certificate", problem };
    let text = std::str::from_utf8(bytes).map_err(|_| field("is not text"))?;
    let mut ders = Vec::new();
    for block in text.split(BEGIN).skip(1).take(CERTIFICATES_MAX) {
        let body = block.split_once(END).ok_or(field("does not end"))?.0;
        let body: String = body.split_ascii_whitespace().collect();
        ders.push(BASE64.decode(body.as_bytes()).map_err(|_| field("is not base64"))?);
    }
    if ders.is_empty() { Err(field("is missing: no such block is in the file")) } else { Ok(ders) }
}
