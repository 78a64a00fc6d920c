//! The JSON form of a trust list (`schema/trust.schema.json`): each entry's fields, and what is wrong with which.

use data_encoding::BASE64;
use serde::Deserialize;
use sync::id::RegionId;

use super::{
    Authority, Issuer, Kid, ListError, Signer, Terms, TrustList, Uses,
    certificate::Certificate,
    jwk, parse_json, read_key, read_time,
    regions::{self, RegionEntry},
};
use crate::token::Format;

const ISSUERS_MAX: usize = 1024;
const SIGNERS_MAX: usize = 4096;
const ISSUER_BYTES_MAX: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustFile {
    version: u64,
    issuers: Vec<IssuerEntry>,
    #[serde(default)]
    signers: Vec<SignerEntry>,
    #[serde(default)]
    regions: Vec<RegionEntry>,
}

/// A key of foreign credentials: a certificate, or a JSON Web Key with what a certificate would say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignerEntry {
    formats: Vec<String>,
    certificate: Option<String>,
    jwk: Option<jwk::Jwk>,
    issuer: Option<String>,
    kid: Option<String>,
    uses: Option<Vec<String>>,
    not_before: Option<String>,
    not_after: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerEntry {
    issuer: String,
    kid: String,
    algorithm: String,
    key: String,
    not_before: String,
    not_after: String,
    region: Option<u16>,
}

/// Reads a whole list.
pub(super) fn read(json: &[u8]) -> Result<TrustList, ListError> {
    let file: TrustFile = parse_json(json)?;
    if file.issuers.len() > ISSUERS_MAX {
        return Err(ListError::Field { field: "issuers", problem: "more than 1024 keys" });
    }
    let issuers = file.issuers.iter().enumerate().map(|(entry, issuer)| {
        read_issuer(issuer).map_err(|(field, problem)| ListError::Entry {
            list: "issuers",
            entry,
            field,
            problem,
        })
    });
    let issuers = issuers.collect::<Result<_, _>>()?;
    if file.signers.len() > SIGNERS_MAX {
        return Err(ListError::Field { field: "signers", problem: "more than 4096 keys" });
    }
    let mut list = TrustList { version: file.version, issuers, ..TrustList::default() };
    let mut signers = Vec::new();
    for (entry, signer) in file.signers.iter().enumerate() {
        let wrong = |(field, problem)| ListError::Entry { list: "signers", entry, field, problem };
        let (signer, authority) = read_signer(signer).map_err(wrong)?;
        signers.push(signer);
        list.authorities.extend(authority);
    }
    list.add_signers(signers);
    list.regions = regions::read(&file.regions)?;
    list.check_regions()?;
    Ok(list)
}

type Problem = (&'static str, &'static str);

fn read_issuer(entry: &IssuerEntry) -> Result<Issuer, Problem> {
    if !(1..=ISSUER_BYTES_MAX).contains(&entry.issuer.len()) {
        return Err(("issuer", "must have 1 to 64 bytes"));
    }
    if entry.algorithm != "EdDSA" {
        return Err(("algorithm", "only EdDSA is supported"));
    }
    let (public, key) = read_key(&entry.key).map_err(|problem| ("key", problem))?;
    let kid = Kid::of(&public);
    if entry.kid != kid.to_string() {
        return Err(("kid", "is not the first 8 hexadecimal digits of the key's SHA-256"));
    }
    let not_before = read_time(&entry.not_before).map_err(|problem| ("not_before", problem))?;
    let not_after = read_time(&entry.not_after).map_err(|problem| ("not_after", problem))?;
    if not_after <= not_before {
        return Err(("not_after", "must be later than not_before"));
    }
    let name = Some(entry.issuer.as_str().into());
    let region = entry.region.map(RegionId::new);
    Ok(Issuer { name, kid, key, not_before, not_after, region })
}

fn read_signer(entry: &SignerEntry) -> Result<(Signer, Option<Authority>), Problem> {
    let formats = entry.formats.iter().map(|word| Format::from_word(word));
    let formats: Option<Box<[Format]>> = formats.collect();
    let formats = formats.filter(|f| !f.is_empty() && !f.contains(&Format::Status));
    let formats = formats.ok_or(("formats", "must name dcc, light, shc, nzcp or vds-nc"))?;
    let (mut signer, mut authority) = match (&entry.certificate, &entry.jwk) {
        (Some(text), None) => of_certificate(text).map_err(|problem| ("certificate", problem))?,
        (None, Some(jwk)) => (of_jwk(jwk, entry, &formats)?, None),
        _ => return Err(("certificate", "or else jwk must be there, and not both")),
    };
    signer.formats = formats;
    if let Some(issuer) = &entry.issuer {
        signer.issuer = Some(issuer.as_str().into());
    }
    let mut uses = Uses::ANY;
    if let Some(words) = &entry.uses {
        let named = words.iter().map(|word| Uses::from_word(word));
        let named = named.reduce(|a, b| Some(a?.and(b?))).flatten();
        uses = named.ok_or(("uses", "must name test, vaccination or recovery"))?;
        signer.terms = signer.terms.within(Terms { uses, ..Terms::OPEN });
    }
    let time = |text: &Option<String>, open| text.as_deref().map_or(Ok(open), read_time);
    let listed = Terms {
        not_before: time(&entry.not_before, Terms::OPEN.not_before)
            .map_err(|problem| ("not_before", problem))?,
        not_after: time(&entry.not_after, Terms::OPEN.not_after)
            .map_err(|problem| ("not_after", problem))?,
        uses: Uses::ANY,
    };
    if listed.not_after <= listed.not_before {
        return Err(("not_after", "must be later than not_before"));
    }
    signer.terms = signer.terms.within(listed);
    if let Some(authority) = &mut authority {
        authority.formats = signer.formats.clone();
        authority.issuer = signer.issuer.clone();
        authority.terms = authority.terms.within(Terms { uses, ..listed });
    }
    Ok((signer, authority))
}

fn of_certificate(text: &str) -> Result<(Signer, Option<Authority>), &'static str> {
    let der = BASE64.decode(text.as_bytes()).map_err(|_| "is not base64")?;
    let certificate = Certificate::read(&der)?;
    let authority = certificate.is_authority().then(|| Authority::of(&certificate));
    Ok((certificate.signer(), authority))
}

fn of_jwk(jwk: &jwk::Jwk, entry: &SignerEntry, formats: &[Format]) -> Result<Signer, Problem> {
    let key = jwk.key().map_err(|problem| ("jwk", problem))?;
    let key =
        key.ok_or(("jwk", "is of a kind that is not supported (P-256, P-384, RSA, Ed25519)"))?;
    let kid = entry.kid.as_deref().or(jwk.kid()).ok_or(("kid", "is missing"))?;
    let in_base64 = formats.iter().any(|f| matches!(f, Format::Dcc | Format::Light));
    let kid = match in_base64 {
        true => BASE64
            .decode(kid.as_bytes())
            .map_err(|_| ("kid", "must be base64 for dcc and light"))?,
        false => kid.as_bytes().to_vec(),
    };
    let needs_issuer = formats.iter().any(|f| matches!(f, Format::Shc | Format::Nzcp));
    if needs_issuer && entry.issuer.is_none() {
        return Err(("issuer", "must be named for shc and nzcp"));
    }
    let (formats, kid) = (formats.into(), kid.into());
    let (issuer, country, certificate, terms) = (None, None, None, Terms::OPEN);
    Ok(Signer { formats, issuer, kid, country, key, terms, certificate })
}
