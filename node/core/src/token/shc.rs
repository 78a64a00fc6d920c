//! SMART Health Cards `shc:/` (spec.smarthealth.cards 1.x): digits of a JWS (RFC 7515) over a deflated FHIR bundle.

mod bundle;
mod parts;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::Deserialize;

use super::{
    Format, RevocableId,
    cwt::of_float,
    signature::Algorithm,
    transport::{self, Deflated},
    trust::Uses,
    unverified::{Draft, Person, Unverified, first_16},
};
use crate::reason::Reason;
pub use parts::{Gathered, Gatherer};

const PREFIX: &str = "shc:/";
/// The longest JWS that is read, characters: of a card in twelve codes.
const JWS_MAX: usize = parts::PARTS_MAX * parts::CHUNK_MAX;
/// The longest bundle that is read, bytes inflated.
const INFLATED_MAX: usize = 128 * 1024;
const HEADER_MAX: usize = 1024;
const RID_MAX: usize = 24;
const HEALTH_CARD: &str = "https://smarthealth.cards#health-card";

/// The header of the JWS.
#[derive(Deserialize)]
struct Header {
    alg: Option<String>,
    kid: Option<String>,
    zip: Option<String>,
    /// What must be understood beyond RFC 7515 §4.1.11, which nothing here is.
    crit: Option<serde::de::IgnoredAny>,
}

/// The payload: a W3C verifiable credential as a JWT.
#[derive(Deserialize)]
struct Payload {
    iss: String,
    nbf: Option<f64>,
    exp: Option<f64>,
    vc: Vc,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vc {
    #[serde(rename = "type")]
    types: Vec<String>,
    rid: Option<String>,
    credential_subject: CredentialSubject,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialSubject {
    fhir_bundle: bundle::Json,
}

/// Reads a card: all of it as digits, or the JWS itself. A part of a card is [`Reason::Incomplete`].
pub(super) fn read(text: &str) -> Result<Unverified, Reason> {
    if !text.starts_with(PREFIX) {
        return of_jws(text);
    }
    match parts::Part::read(text)? {
        parts::Part { place: None, digits } => of_jws(&jws_of_digits(digits)?),
        parts::Part { place: Some(_), .. } => Err(Reason::Incomplete),
    }
}

// "Encoding Chunks as QR Codes": each character is its place after `-` in ASCII, as two digits.
fn jws_of_digits(digits: &str) -> Result<String, Reason> {
    if digits.len() > 2 * JWS_MAX {
        return Err(Reason::TooLarge);
    }
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return Err(Reason::BadEncoding) };
    let character = |[tens, ones]: &[u8; 2]| {
        let digit = |b: &u8| b.is_ascii_digit().then(|| b - b'0');
        let place = digit(tens)? * 10 + digit(ones)?;
        (place <= b'z' - b'-').then(|| char::from(place + b'-'))
    };
    pairs.iter().map(character).collect::<Option<_>>().ok_or(Reason::BadEncoding)
}

fn of_jws(jws: &str) -> Result<Unverified, Reason> {
    if jws.len() > JWS_MAX {
        return Err(Reason::TooLarge);
    }
    let (message, signature) = jws.rsplit_once('.').ok_or(Reason::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(Reason::Malformed)?;
    let decode =
        |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| Reason::BadEncoding);
    let header = decode(header)?;
    if header.len() > HEADER_MAX {
        return Err(Reason::TooLarge);
    }
    let header: Header = serde_json::from_slice(&header).map_err(|_| Reason::BadJson)?;
    if header.zip.as_deref() != Some("DEF") || header.crit.is_some() {
        return Err(Reason::Malformed);
    }
    let kid = header.kid.ok_or(Reason::Malformed)?;
    let inflated = transport::inflate(&decode(payload)?, Deflated::Raw, INFLATED_MAX)?;
    let mut payload: Payload = serde_json::from_slice(&inflated).map_err(|_| Reason::BadJson)?;
    let credential = draft(&mut payload, &inflated, &kid)?;
    let nbf = payload.nbf.and_then(of_float).ok_or(Reason::Malformed)?;
    Ok(Unverified {
        credential,
        not_before: Some(nbf),
        algorithm: header
            .alg
            .as_deref()
            .and_then(Algorithm::of_name)
            .filter(|a| *a == Algorithm::Es256),
        kid: kid.into_bytes().into(),
        message: message.as_bytes().to_vec(),
        signature: decode(signature)?.into(),
        uses: Uses::NONE,
        certificate: None,
    })
}

fn draft(payload: &mut Payload, inflated: &[u8], kid: &str) -> Result<super::Credential, Reason> {
    // "Issuer's URL": https, and no slash at its end, so that one issuer has one name.
    let is_address = payload.iss.starts_with("https://") && !payload.iss.ends_with('/');
    if !is_address || !payload.vc.types.iter().any(|t| t == HEALTH_CARD) {
        return Err(Reason::Malformed);
    }
    let issued_at = payload.nbf.and_then(of_float).ok_or(Reason::Malformed)?;
    let bundle = bundle::read(std::mem::take(&mut payload.vc.credential_subject.fhir_bundle))?;
    let own_id = HEXLOWER.encode(&first_16(&[inflated]));
    let rid = payload.vc.rid.as_deref();
    if rid.is_some_and(|rid| !is_rid(rid)) {
        return Err(Reason::Malformed);
    }
    let named_id = rid.map(|rid| format!("{kid}/{rid}"));
    let draft = Draft {
        format: Format::Shc,
        issuer: &payload.iss,
        person: Person {
            given: bundle.given.as_deref(),
            family: bundle.family.as_deref(),
            birth_date: bundle.birth_date.as_deref(),
        },
        id: named_id.as_deref().unwrap_or(&own_id),
        ids: rid
            .map(|rid| RevocableId::Shc { kid: kid.into(), rid: rid.into(), issued_at })
            .into_iter()
            .collect(),
        issued_at: Some(issued_at),
        expires: payload.exp.map(|exp| of_float(exp).ok_or(Reason::Malformed)).transpose()?,
        statement: super::Statement::Facts(bundle.facts.into()),
        health_data: None,
    };
    draft.finish()
}

// "Revocation": base64url, at most 24 characters.
fn is_rid(rid: &str) -> bool {
    let in_alphabet = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=RID_MAX).contains(&rid.len()) && rid.bytes().all(in_alphabet)
}
