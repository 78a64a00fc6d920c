//! The JSON form of revocations, read within bounds and with the field named that is wrong.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use serde::Deserialize;
use sync::{id::Subject, time::UnixMillis};

use super::{
    CardList, DccFilter, DccList, Filter, HexPrefix, REVOCATIONS_BYTES_MAX, Revocations,
    packed::{NEVER, Packed, Term},
    rid_of,
};
use crate::token::{
    Cti, DccHashKind, DccKid,
    trust::{ListError, parse_within, read_time},
};

/// More lists or filters than this no region has, one for each key, kind and batch.
const BATCHES_MAX: usize = 16_384;
const KID_BYTES_MAX: usize = 64;
/// As many digits may part a list: two of the EU's, and two more.
const PREFIX_MAX: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u64,
    issued_at: String,
    revoked: Vec<Revoked>,
    #[serde(default)]
    ctis: Vec<Ctis>,
    #[serde(default)]
    subjects: Vec<Person>,
    #[serde(default)]
    dcc: Vec<Dcc>,
    #[serde(default)]
    shc: Vec<Shc>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    cti: String,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ctis {
    ids: String,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    subject: String,
    before: String,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dcc {
    kid: String,
    kind: String,
    hashes: Option<String>,
    filter: Option<String>,
    prefix: Option<String>,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shc {
    kid: String,
    rids: Vec<String>,
    until: Option<String>,
}

/// Which field of an entry is wrong, and how.
type Problem = (&'static str, &'static str);

pub(super) fn read(json: &[u8]) -> Result<Revocations, ListError> {
    let file: File = parse_within(json, REVOCATIONS_BYTES_MAX)?;
    let issued_at = read_time(&file.issued_at)
        .map_err(|problem| ListError::Field { field: "issued_at", problem })?;
    let mut ctis = Vec::with_capacity(file.revoked.len());
    each("revoked", &file.revoked, |entry| {
        let cti =
            Cti::from_hex(&entry.cti).ok_or(("cti", "must be 16 lower-case hexadecimal digits"))?;
        ctis.push((*cti.as_bytes(), term(&entry.until, NEVER)?));
        Ok(())
    })?;
    each("ctis", &file.ctis, |batch| {
        let term = term(&batch.until, NEVER)?;
        let ids =
            packed::<8>(&batch.ids).ok_or(("ids", "must be ids of 8 bytes each as base64"))?;
        ctis.extend(ids.into_iter().map(|id| (id, term)));
        Ok(())
    })?;
    let mut subjects = Vec::with_capacity(file.subjects.len());
    each("subjects", &file.subjects, |person| {
        let subject = subject_of(&person.subject)
            .ok_or(("subject", "must be 32 lower-case hexadecimal digits"))?;
        let before = read_time(&person.before).map_err(|problem| ("before", problem))?;
        subjects.push((*subject.as_bytes(), term(&person.until, before)?));
        Ok(())
    })?;
    let (dcc, filters) = read_dcc(&file.dcc)?;
    Ok(Revocations {
        version: file.version,
        issued_at,
        ctis: pack("revoked", ctis)?,
        subjects: pack("subjects", subjects)?,
        dcc,
        filters,
        cards: read_cards(&file.shc)?,
    })
}

type HashLists = BTreeMap<(DccKid, DccHashKind), Vec<([u8; 16], Term)>>;

fn read_dcc(batches: &[Dcc]) -> Result<(Vec<DccList>, Vec<DccFilter>), ListError> {
    let mut lists: HashLists = BTreeMap::new();
    let mut filters = Vec::new();
    each("dcc", batches, |batch| {
        let kid = BASE64.decode(batch.kid.as_bytes()).ok();
        let kid = kid.and_then(|bytes| DccKid::from_slice(&bytes));
        let kid = kid.ok_or(("kid", "must be 8 bytes as base64"))?;
        let kind = DccHashKind::from_word(&batch.kind)
            .ok_or(("kind", "must be SIGNATURE, UCI or COUNTRYCODEUCI"))?;
        let term = term(&batch.until, NEVER)?;
        let prefix = prefix_of(batch.prefix.as_deref())?;
        match (&batch.hashes, &batch.filter) {
            (Some(hashes), None) => {
                let hashes = packed::<16>(hashes)
                    .ok_or(("hashes", "must be hashes of 16 bytes each as base64"))?;
                if !hashes.iter().all(|hash| prefix.begins(hash)) {
                    return Err(("prefix", "is not what every hash begins with"));
                }
                let list = lists.entry((kid, kind)).or_default();
                list.extend(hashes.into_iter().map(|hash| (hash, term)));
            }
            (None, Some(filter)) => {
                let bytes =
                    BASE64.decode(filter.as_bytes()).map_err(|_| ("filter", "is not base64"))?;
                let filter = Filter::from_bytes(&bytes)
                    .map_err(|_| ("filter", "is no Bloom filter of version 1 over SHA-256"))?;
                filters.push(DccFilter { kid, kind, prefix, filter, until: term.until });
            }
            _ => return Err(("hashes", "an entry has either hashes or a filter")),
        }
        Ok(())
    })?;
    filters.sort_by_key(|slice| (slice.kid, slice.kind));
    let list = |((kid, kind), hashes)| Ok(DccList { kid, kind, hashes: pack("dcc", hashes)? });
    Ok((lists.into_iter().map(list).collect::<Result<_, ListError>>()?, filters))
}

/// As issuers publish them: `rid`, or `rid.seconds` for cards issued before (spec.smarthealth.cards, "Revocation").
fn read_cards(batches: &[Shc]) -> Result<Vec<CardList>, ListError> {
    let mut lists: BTreeMap<&str, Vec<([u8; 24], Term)>> = BTreeMap::new();
    each("shc", batches, |batch| {
        if !(1..=KID_BYTES_MAX).contains(&batch.kid.len()) {
            return Err(("kid", "must have 1 to 64 bytes"));
        }
        let list = lists.entry(&batch.kid).or_default();
        for text in &batch.rids {
            let (rid, before) = match text.split_once('.') {
                None => (text.as_str(), NEVER),
                Some((rid, seconds)) => {
                    let digits = seconds.bytes().all(|b| b.is_ascii_digit());
                    let seconds = seconds.parse().ok().filter(|_| digits);
                    let seconds: i64 = seconds.ok_or(("rids", "a time must be whole seconds"))?;
                    (rid, UnixMillis::from_secs(seconds))
                }
            };
            let rid =
                rid_of(rid).ok_or(("rids", "must be 1 to 24 characters of base64url each"))?;
            list.push((rid, term(&batch.until, before)?));
        }
        Ok(())
    })?;
    let list = |(kid, rids): (&str, _)| Ok(CardList { kid: kid.into(), rids: pack("shc", rids)? });
    lists.into_iter().map(list).collect()
}

fn each<'e, T>(
    list: &'static str,
    entries: &'e [T],
    mut read: impl FnMut(&'e T) -> Result<(), Problem>,
) -> Result<(), ListError> {
    if list != "revoked" && list != "subjects" && entries.len() > BATCHES_MAX {
        return Err(ListError::Field { field: list, problem: "more than 16384 batches" });
    }
    for (entry, value) in entries.iter().enumerate() {
        read(value).map_err(|(field, problem)| ListError::Entry { list, entry, field, problem })?;
    }
    Ok(())
}

fn pack<const N: usize>(
    field: &'static str,
    entries: Vec<([u8; N], Term)>,
) -> Result<Packed<N>, ListError> {
    let problem = "more than 65536 different times";
    Packed::pack(entries).map_err(|_| ListError::Field { field, problem })
}

fn term(until: &Option<String>, issued_before: UnixMillis) -> Result<Term, Problem> {
    let until = match until {
        None => NEVER,
        Some(text) => read_time(text).map_err(|problem| ("until", problem))?,
    };
    Ok(Term { until, issued_before })
}

fn packed<const N: usize>(base64: &str) -> Option<Vec<[u8; N]>> {
    let bytes = BASE64.decode(base64.as_bytes()).ok()?;
    let (ids, rest) = bytes.as_chunks::<N>();
    rest.is_empty().then(|| ids.to_vec())
}

fn subject_of(hex: &str) -> Option<Subject> {
    let bytes: [u8; 16] = HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()?;
    Some(Subject::new(bytes))
}

fn prefix_of(text: Option<&str>) -> Result<HexPrefix, Problem> {
    let text = text.unwrap_or_default();
    let allowed = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() > PREFIX_MAX || !text.bytes().all(allowed) {
        return Err(("prefix", "must be at most 4 lower-case hexadecimal digits"));
    }
    Ok(HexPrefix(text.into()))
}
