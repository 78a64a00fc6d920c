//! The EU Digital COVID Certificate `HC1:` (hcert-spec 1.3): Base45, zlib, COSE_Sign1, CWT; and its Swiss kin `LT1:`.
//!
//! Read leniently where real issuers differ: headers protected or not, times as floats, dates in many forms. What cannot
//! be read of a statement is left out of the facts; who signed it is checked all the same.

use data_encoding::HEXLOWER;
use minicbor::Decoder;
use sync::time::UnixMillis;

use super::{
    DccHashKind, DccKid, Fact, Format, HealthData, RevocableId, Statement,
    cose::Sign1,
    cwt, date,
    fact::{Recovery, Test, TestKind, TestResult, Vaccination},
    signature::Algorithm,
    transport::{self, Deflated},
    trust::Uses,
    unverified::{Draft, Person, Unverified, first_16},
};
use crate::reason::Reason;

/// The longest certificate that is inflated, bytes after Base45: all that fits into a QR code.
const DEFLATED_MAX: usize = 2864;
/// The longest certificate that is read, bytes. Real ones have some 400.
const INFLATED_MAX: usize = 32 * 1024;
/// The disease of which these certificates are, in SNOMED CT: the only one in the EU's value set.
const COVID_19: &str = "840539006";
/// More statements of one kind than this are not read; by the schema there is one.
const ENTRIES_MAX: usize = 8;

// CWT claims: RFC 8392 §4, and those of hcert-spec §3.3 and of the Swiss certificate light.
const ISS: i64 = 1;
const EXP: i64 = 4;
const IAT: i64 = 6;
const HCERT: i64 = -260;
const LIGHT: i64 = -250;

/// Reads a certificate: `HC1:` as [`Format::Dcc`], `LT1:` as [`Format::Light`].
pub(super) fn read(text: &str, format: Format) -> Result<Unverified, Reason> {
    let (prefix, claim) = match format {
        Format::Light => ("LT1:", LIGHT),
        _ => ("HC1:", HCERT),
    };
    let body = text.strip_prefix(prefix).ok_or(Reason::BadPrefix)?;
    let deflated = transport::base45(body, DEFLATED_MAX)?;
    let bytes = transport::inflate(&deflated, Deflated::Zlib, INFLATED_MAX)?;
    let message = Sign1::read(&bytes)?;
    let claims = Claims::read(message.payload, claim)?;
    let health = Health::read(claims.health)?;
    unverified(&message, &claims, &health, format)
}

fn unverified(
    message: &Sign1<'_>,
    claims: &Claims<'_>,
    health: &Health<'_>,
    format: Format,
) -> Result<Unverified, Reason> {
    let kid = message.kid.unwrap_or_default();
    let signed = message.to_be_signed(&[]);
    // Of what is signed: a signature has a second form that anybody can make.
    let own_id = HEXLOWER.encode(&first_16(&[&signed]));
    let expires = claims.expires.ok_or(Reason::Malformed)?;
    let draft = Draft {
        format,
        issuer: claims.issuer.unwrap_or("?"),
        person: Person {
            given: health.given,
            family: health.family,
            birth_date: health.birth_date,
        },
        id: health.ids.first().copied().unwrap_or(&own_id),
        ids: revocable(message, claims, health, kid),
        issued_at: claims.issued_at,
        // The moment that it names is still its own: so upstream's tests have it, unlike RFC 8392 §3.1.4.
        expires: Some(expires.plus_millis(1)),
        statement: match format {
            Format::Light => Statement::Facts([Fact::Pass].into()),
            _ if health.facts.is_empty() => Statement::Facts([Fact::Unread].into()),
            _ => Statement::Facts(health.facts.as_slice().into()),
        },
        health_data: Some(HealthData(claims.health.into())),
    };
    Ok(Unverified {
        credential: draft.finish()?,
        not_before: None,
        algorithm: message.algorithm,
        kid: kid.into(),
        message: signed,
        signature: message.signature.into(),
        uses: health.uses,
        certificate: None,
    })
}

// eu-dcc-revocation: the three hashes, each cut to 16 bytes.
fn revocable(
    message: &Sign1<'_>,
    claims: &Claims<'_>,
    health: &Health<'_>,
    kid: &[u8],
) -> Vec<RevocableId> {
    // Until the signer is known: see `Unverified::name_signer`.
    let kid = DccKid::from_slice(kid).unwrap_or(DccKid::new([0; 8]));
    let id = |kind, parts: &[&[u8]]| RevocableId::Dcc { kid, kind, hash: first_16(parts) };
    let is_ecdsa = matches!(message.algorithm, Some(Algorithm::Es256 | Algorithm::Es384));
    let half = message.signature.get(..message.signature.len() / 2).unwrap_or_default();
    let signature = if is_ecdsa { half } else { message.signature };
    let mut ids = vec![id(DccHashKind::Signature, &[signature])];
    for uci in health.ids.iter().take(1) {
        ids.push(id(DccHashKind::Uci, &[uci.as_bytes()]));
        // Of the issuer's country; some lists were made with that of the statement.
        let countries = [claims.issuer, health.country.filter(|c| Some(*c) != claims.issuer)];
        ids.extend(
            countries.iter().flatten().map(|country| {
                id(DccHashKind::CountryCodeUci, &[country.as_bytes(), uci.as_bytes()])
            }),
        );
    }
    ids
}

/// The claims of the token around the health data.
struct Claims<'b> {
    issuer: Option<&'b str>,
    issued_at: Option<UnixMillis>,
    expires: Option<UnixMillis>,
    /// One map.
    health: &'b [u8],
}

impl<'b> Claims<'b> {
    fn read(payload: &'b [u8], health_claim: i64) -> Result<Self, Reason> {
        let (mut issuer, mut issued_at, mut expires, mut health) = (None, None, None, None);
        let mut d = Decoder::new(payload);
        cwt::claims(&mut d, |key, d| {
            match key {
                ISS => issuer = cwt::text(d)?,
                IAT => issued_at = Some(cwt::time(d)?),
                EXP => expires = Some(cwt::time(d)?),
                _ if key == health_claim => cwt::claims(d, |version, d| {
                    let from = d.position();
                    d.skip().map_err(|_| Reason::BadCbor)?;
                    if version == 1 {
                        health = payload.get(from..d.position());
                    }
                    Ok(true)
                })?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if d.position() != payload.len() {
            return Err(Reason::BadCbor);
        }
        let health = health.ok_or(Reason::Malformed)?;
        Ok(Self { issuer, issued_at, expires, health })
    }
}

/// What the health data says, as far as it is understood.
#[derive(Default)]
struct Health<'b> {
    given: Option<&'b str>,
    family: Option<&'b str>,
    birth_date: Option<&'b str>,
    facts: Vec<Fact>,
    uses: Uses,
    /// The certificate identifiers, in the order of the statements.
    ids: Vec<&'b str>,
    /// The country that the first statement names.
    country: Option<&'b str>,
}

impl<'b> Health<'b> {
    fn read(bytes: &'b [u8]) -> Result<Self, Reason> {
        let mut health = Self::default();
        cwt::fields(&mut Decoder::new(bytes), |key, d| {
            match key {
                "nam" => health.read_name(d)?,
                "dob" => health.birth_date = cwt::text(d)?,
                "v" => health.read_entries(d, Uses::VACCINATION, Entry::vaccination)?,
                "t" => health.read_entries(d, Uses::TEST, Entry::test)?,
                "r" => health.read_entries(d, Uses::RECOVERY, Entry::recovery)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(health)
    }

    // The standardised names (ICAO transliteration) are always there; the others read better.
    fn read_name(&mut self, d: &mut Decoder<'b>) -> Result<(), Reason> {
        let (mut given, mut family) = (None, None);
        cwt::fields(d, |key, d| {
            match key {
                "gn" => self.given = cwt::text(d)?,
                "fn" => self.family = cwt::text(d)?,
                "gnt" => given = cwt::text(d)?,
                "fnt" => family = cwt::text(d)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        self.given = self.given.or(given);
        self.family = self.family.or(family);
        Ok(())
    }

    fn read_entries(
        &mut self,
        d: &mut Decoder<'b>,
        uses: Uses,
        fact: fn(&Entry<'b>) -> Option<Fact>,
    ) -> Result<(), Reason> {
        // Some issuers write the kinds that are not there as null.
        if d.datatype().is_ok_and(|t| t == minicbor::data::Type::Null) {
            return d.skip().map_err(|_| Reason::BadCbor);
        }
        cwt::items(d, ENTRIES_MAX, |d| {
            let entry = Entry::read(d)?;
            self.uses = self.uses.and(uses);
            self.ids.extend(entry.id);
            self.country = self.country.or(entry.country);
            if entry.target.is_none_or(|target| target == COVID_19) {
                // A test that is not understood may have been positive.
                let unread = (uses == Uses::TEST).then_some(Fact::Unread);
                self.facts.extend(fact(&entry).or(unread));
            }
            Ok(())
        })
    }
}

/// One statement of any kind.
#[derive(Default)]
struct Entry<'b> {
    /// `ci`.
    id: Option<&'b str>,
    /// `co`.
    country: Option<&'b str>,
    /// `tg`.
    target: Option<&'b str>,
    /// `mp`.
    product: Option<&'b str>,
    /// `dn` and `sd`.
    dose: Option<u8>,
    of: Option<u8>,
    /// `dt`, `sc`, `fr`: when it happened.
    at: Option<UnixMillis>,
    /// `tt` and `tr`.
    kind: Option<&'b str>,
    result: Option<&'b str>,
    /// `df` and `du`.
    from: Option<UnixMillis>,
    until: Option<UnixMillis>,
}

impl<'b> Entry<'b> {
    fn read(d: &mut Decoder<'b>) -> Result<Self, Reason> {
        let mut entry = Self::default();
        let moment = |d: &mut Decoder<'b>| cwt::text(d).map(|t| t.and_then(date::moment));
        let count = |d: &mut Decoder<'_>| cwt::whole(d).map(|n| n.and_then(|n| n.try_into().ok()));
        cwt::fields(d, |key, d| {
            match key {
                "ci" => entry.id = cwt::text(d)?,
                "co" => entry.country = cwt::text(d)?,
                "tg" => entry.target = cwt::text(d)?,
                "mp" => entry.product = cwt::text(d)?,
                "dn" => entry.dose = count(d)?,
                "sd" => entry.of = count(d)?,
                "dt" | "sc" | "fr" => entry.at = moment(d)?,
                "tt" => entry.kind = cwt::text(d)?,
                "tr" => entry.result = cwt::text(d)?,
                "df" => entry.from = moment(d)?,
                "du" => entry.until = moment(d)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(entry)
    }

    fn vaccination(&self) -> Option<Fact> {
        Some(Fact::Vaccination(Vaccination {
            at: self.at?,
            dose: Some(self.dose?),
            of: Some(self.of?),
            product: self.product.map(Into::into),
            target: self.target.map(Into::into),
        }))
    }

    // Value sets of the EU: LOINC for the kind of test, SNOMED CT for the result.
    fn test(&self) -> Option<Fact> {
        Some(Fact::Test(Test {
            sampled_at: self.at?,
            kind: match self.kind? {
                "LP6464-4" => TestKind::Naat,
                "LP217198-3" => TestKind::Antigen,
                _ => TestKind::Other,
            },
            result: match self.result? {
                "260415000" => TestResult::Negative,
                "260373001" => TestResult::Positive,
                _ => TestResult::Unclear,
            },
            target: self.target.map(Into::into),
        }))
    }

    fn recovery(&self) -> Option<Fact> {
        Some(Fact::Recovery(Recovery {
            first_positive: self.at?,
            valid_from: self.from,
            valid_until: self.until.map(date::end_of_day),
            target: self.target.map(Into::into),
        }))
    }
}
