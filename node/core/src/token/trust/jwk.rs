//! Keys as JSON: JSON Web Keys (RFC 7517), sets of them, and `did` documents that hold them.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD};
use serde::Deserialize;

use super::{
    ListError,
    signer::{Signer, Terms},
};
use crate::token::{Format, signature::VerifyingKey};

/// More keys than this no issuer has.
const KEYS_MAX: usize = 4096;

/// The fields of a key that matter; others are passed over, as RFC 7517 §4 wants it.
#[derive(Deserialize)]
pub(super) struct Jwk {
    kty: String,
    kid: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
}

impl Jwk {
    /// The key; `None` for a kind or use that is not ours, an error for one that is broken.
    pub(super) fn key(&self) -> Result<Option<VerifyingKey>, &'static str> {
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Ok(None);
        }
        let part = |field: &Option<String>, problem| {
            let text = field.as_deref().ok_or(problem)?;
            BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes()).map_err(|_| problem)
        };
        let (x, y) =
            (|| part(&self.x, "x is not base64url"), || part(&self.y, "y is not base64url"));
        let read = match (self.kty.as_str(), self.crv.as_deref()) {
            ("EC", Some(curve @ ("P-256" | "P-384"))) => {
                let size = if curve == "P-256" { 32 } else { 48 };
                let (x, y) = (x()?, y()?);
                if (x.len(), y.len()) != (size, size) {
                    return Err("x or y is not as long as the curve's numbers");
                }
                VerifyingKey::ec(&[&[4], x.as_slice(), &y].concat())
            }
            ("OKP", Some("Ed25519")) => VerifyingKey::ed25519(&x()?),
            ("RSA", _) => VerifyingKey::rsa_numbers(
                &part(&self.n, "n is not base64url")?,
                &part(&self.e, "e is not base64url")?,
            ),
            _ => return Ok(None),
        };
        read.map(Some).map_err(|_| "is not a well-formed key")
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

#[derive(Deserialize)]
struct JwkSet {
    iss: Option<String>,
    keys: Vec<Jwk>,
}

/// The signers of a key set (`*.jwks.json`): SMART Health Cards of the issuer `iss`.
pub(super) fn of_key_set(json: &[u8]) -> Result<Vec<Signer>, ListError> {
    let set: JwkSet = super::parse_json(json)?;
    let issuer = set.iss.ok_or(ListError::Field {
        field: "iss",
        problem: "is missing: add the issuer's address, as the cards name it",
    })?;
    let mut signers = Vec::new();
    for (entry, jwk) in set.keys.iter().enumerate().take(KEYS_MAX) {
        let wrong = |field, problem| ListError::Entry { list: "keys", entry, field, problem };
        let Some(key) = jwk.key().map_err(|problem| wrong("key", problem))? else { continue };
        let kid = jwk.kid().ok_or_else(|| wrong("kid", "is missing"))?;
        signers.push(Signer {
            formats: [Format::Shc].into(),
            issuer: Some(issuer.as_str().into()),
            kid: kid.as_bytes().into(),
            country: None,
            key,
            terms: Terms::OPEN,
            certificate: None,
        });
    }
    usable(signers, "keys")
}

fn usable(signers: Vec<Signer>, field: &'static str) -> Result<Vec<Signer>, ListError> {
    match signers.is_empty() {
        true => Err(ListError::Field { field, problem: "hold no key that can be used here" }),
        false => Ok(signers),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DidDocument {
    id: String,
    #[serde(default)]
    verification_method: Vec<Method>,
    assertion_method: Option<Vec<Assertion>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Method {
    id: String,
    public_key_jwk: Option<Jwk>,
}

/// A method that may sign credentials: by its name, or written out.
#[derive(Deserialize)]
#[serde(untagged)]
enum Assertion {
    Name(String),
    Method(Method),
}

/// The signers of a `did` document (`*.did.json`; W3C DID core §5.3): New Zealand's passes of this issuer, by the name of
/// the key after `#`; and EU certificates, where that name is a key's id in base64 as in the WHO's trust network.
pub(super) fn of_did_document(json: &[u8]) -> Result<Vec<Signer>, ListError> {
    let document: DidDocument = super::parse_json(json)?;
    if !document.id.starts_with("did:") {
        return Err(ListError::Field { field: "id", problem: "is not a did" });
    }
    let mut written_out = Vec::new();
    let mut names = None;
    if let Some(assertions) = document.assertion_method {
        let names = names.insert(Vec::new());
        for assertion in assertions {
            match assertion {
                Assertion::Name(name) => names.push(name),
                Assertion::Method(method) => written_out.push(method),
            }
        }
    }
    // Without a list of those that may assert, nothing but credentials is what such a document is for.
    let may_assert =
        |m: &&Method| names.as_ref().is_none_or(|names| names.iter().any(|n| same(n, &m.id)));
    let named = document.verification_method.iter().filter(may_assert);
    let mut signers = Vec::new();
    for (entry, method) in named.chain(&written_out).enumerate().take(KEYS_MAX) {
        let wrong = |problem| ListError::Entry {
            list: "verificationMethod",
            entry,
            field: "publicKeyJwk",
            problem,
        };
        let Some(jwk) = &method.public_key_jwk else { continue };
        let Some(key) = jwk.key().map_err(wrong)? else { continue };
        let name = method.id.rsplit('#').next().unwrap_or_default();
        signers.extend(signers_of_method(&document.id, name, &key));
    }
    usable(signers, "verificationMethod")
}

// A relative name begins with `#`.
fn same(name: &str, id: &str) -> bool {
    name == id
        || (name.starts_with('#') && id.ends_with(name))
        || (id.starts_with('#') && name.ends_with(id))
}

fn signers_of_method(did: &str, name: &str, key: &VerifyingKey) -> Vec<Signer> {
    let signer = |format: &[Format], issuer: Option<&str>, kid: &[u8]| Signer {
        formats: format.into(),
        issuer: issuer.map(Into::into),
        kid: kid.into(),
        country: None,
        key: key.clone(),
        terms: Terms::OPEN,
        certificate: None,
    };
    let mut signers = vec![signer(&[Format::Nzcp], Some(did), name.as_bytes())];
    let decoded = percent_decoded(name);
    let kid = [BASE64, BASE64_NOPAD, BASE64URL_NOPAD]
        .iter()
        .find_map(|base| base.decode(decoded.as_bytes()).ok())
        .filter(|kid| kid.len() == 8);
    signers.extend(kid.map(|kid| signer(&[Format::Dcc], None, &kid)));
    signers
}

// `+`, `/` and `=` of base64 are written so in addresses.
fn percent_decoded(name: &str) -> String {
    ["%2B+", "%2b+", "%2F/", "%2f/", "%3D=", "%3d="]
        .iter()
        .fold(name.to_owned(), |name, pair| name.replace(&pair[..3], &pair[3..]))
}
