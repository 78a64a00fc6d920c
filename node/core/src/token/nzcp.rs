//! New Zealand's COVID Pass `NZCP:/1/` (nzcp.covid19.health.nz, version 1): base32 of a COSE_Sign1 over CWT claims.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use minicbor::{Decoder, data::Type};
use sync::time::UnixMillis;

use super::{
    Fact, Format, RevocableId, Statement,
    cose::Sign1,
    cwt,
    signature::Algorithm,
    trust::Uses,
    unverified::{Draft, Person, Unverified, first_16},
};
use crate::reason::Reason;

const PREFIX: &str = "NZCP:/1/";
/// The longest pass that is decoded, bytes: all that fits into a QR code.
const PASS_MAX: usize = 2680;
const TYPES_MAX: usize = 8;

// CWT claims, RFC 8392 §4.
const ISS: i64 = 1;
const EXP: i64 = 4;
const NBF: i64 = 5;
const CTI: i64 = 7;

/// Reads a pass.
pub(super) fn read(text: &str) -> Result<Unverified, Reason> {
    let body = text.strip_prefix(PREFIX).ok_or(Reason::BadPrefix)?;
    if body.len() > PASS_MAX / 5 * 8 {
        return Err(Reason::TooLarge);
    }
    // §4.4: the padding is left out; who adds it is understood.
    let body = body.trim_end_matches('=');
    let bytes = BASE32_NOPAD.decode(body.as_bytes()).map_err(|_| Reason::BadEncoding)?;
    let message = Sign1::read(&bytes)?;
    let claims = Claims::read(message.payload)?;
    let (issuer, id) =
        (claims.issuer.ok_or(Reason::Malformed)?, claims.id.ok_or(Reason::Malformed)?);
    let id = HEXLOWER.encode(id);
    let person = claims.person.ok_or(Reason::Malformed)?;
    let draft = Draft {
        format: Format::Nzcp,
        issuer,
        person,
        id: &id,
        ids: vec![RevocableId::Other(first_16(&[b"nzcp\0", id.as_bytes()]))],
        issued_at: claims.not_before,
        expires: Some(claims.expires.ok_or(Reason::Malformed)?),
        statement: Statement::Facts([Fact::Pass].into()),
        health_data: None,
    };
    Ok(Unverified {
        credential: draft.finish()?,
        not_before: Some(claims.not_before.ok_or(Reason::Malformed)?),
        // §3: ES256 and nothing else.
        algorithm: message.algorithm.filter(|a| *a == Algorithm::Es256),
        kid: message.kid.unwrap_or_default().into(),
        message: message.to_be_signed(&[]),
        signature: message.signature.into(),
        uses: Uses::NONE,
        certificate: None,
    })
}

#[derive(Default)]
struct Claims<'b> {
    issuer: Option<&'b str>,
    not_before: Option<UnixMillis>,
    expires: Option<UnixMillis>,
    id: Option<&'b [u8]>,
    /// Only from a credential of the right types.
    person: Option<Person<'b>>,
}

fn bad(_: minicbor::decode::Error) -> Reason {
    Reason::BadCbor
}

impl<'b> Claims<'b> {
    // Its claims have numbers for keys, but for `vc`.
    fn read(payload: &'b [u8]) -> Result<Self, Reason> {
        let mut claims = Self::default();
        let mut d = Decoder::new(payload);
        cwt::claims(&mut d, |key, d| {
            match key {
                ISS => claims.issuer = cwt::text(d)?,
                EXP => claims.expires = Some(cwt::time(d)?),
                NBF => claims.not_before = Some(cwt::time(d)?),
                CTI => claims.id = Some(d.bytes().map_err(bad)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if d.position() != payload.len() {
            return Err(Reason::BadCbor);
        }
        cwt::fields(&mut Decoder::new(payload), |key, d| {
            if key != "vc" {
                return Ok(false);
            }
            claims.person = credential(d)?;
            Ok(true)
        })?;
        // §5: a UUID of 16 bytes.
        claims.id = claims.id.filter(|id| id.len() == 16);
        Ok(claims)
    }
}

// §6: a verifiable credential of type PublicCovidPass.
fn credential<'b>(d: &mut Decoder<'b>) -> Result<Option<Person<'b>>, Reason> {
    let (mut person, mut types) = (None, Vec::new());
    cwt::fields(d, |key, d| {
        match key {
            "type" if d.datatype().map_err(bad)? == Type::String => types.extend(cwt::text(d)?),
            "type" => cwt::items(d, TYPES_MAX, |d| {
                types.extend(cwt::text(d)?);
                Ok(())
            })?,
            "credentialSubject" => person = Some(subject(d)?),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let is_pass = ["VerifiableCredential", "PublicCovidPass"].iter().all(|t| types.contains(t));
    Ok(person.filter(|_| is_pass))
}

fn subject<'b>(d: &mut Decoder<'b>) -> Result<Person<'b>, Reason> {
    let mut person = Person::default();
    cwt::fields(d, |key, d| {
        match key {
            "givenName" => person.given = cwt::text(d)?,
            "familyName" => person.family = cwt::text(d)?,
            "dob" => person.birth_date = cwt::text(d)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(person)
}
