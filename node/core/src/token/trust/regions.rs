//! Other regions whose people are let in here: their roots, by which their authorities' signatures hold, and where to ask.

use serde::Deserialize;
use sync::id::{PublicKey, RegionId};

use super::{Kid, ListError, TrustList, read_key};

const REGIONS_MAX: usize = 256;
const ROOTS_MAX: usize = 8;
const NAME_BYTES_MAX: usize = 120;
const URL_BYTES_MAX: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegionEntry {
    region: u16,
    name: String,
    roots: Vec<String>,
    #[serde(default = "one")]
    roots_needed: u8,
    url: Option<String>,
}

const fn one() -> u8 {
    1
}

/// Another region: its people are let in here, and told to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its number.
    pub region: RegionId,
    /// What its authority is called: who is asked about its venues and people.
    pub name: String,
    /// Its root keys.
    pub roots: Vec<PublicKey>,
    /// How many of them sign its bulletins.
    pub needed: usize,
    /// Where its authority's interface is, such as `https://authority.example`; none: letters go by file.
    pub url: Option<String>,
}

impl TrustList {
    /// The other regions of the list.
    pub fn neighbours(&self) -> &[Neighbour] {
        &self.regions
    }

    /// Another region, by its number.
    pub fn neighbour(&self, region: RegionId) -> Option<&Neighbour> {
        self.regions.iter().find(|other| other.region == region)
    }

    /// Which other region's people the tokens of a key name.
    pub(in crate::token) fn region_of(&self, kid: Kid, issuer: &str) -> Option<RegionId> {
        let mut named = self
            .issuers
            .iter()
            .filter(|i| i.kid == kid && i.name.as_deref().is_none_or(|name| name == issuer));
        named.find_map(|i| i.region)
    }

    /// Whose people a key names must be in the list: else nobody could be told.
    pub(super) fn check_regions(&self) -> Result<(), ListError> {
        let unknown = |region: RegionId| self.neighbour(region).is_none();
        let entry = self.issuers.iter().position(|i| i.region.is_some_and(unknown));
        entry.map_or(Ok(()), |entry| {
            let (list, field) = ("issuers", "region");
            Err(ListError::Entry { list, entry, field, problem: "is none of `regions`" })
        })
    }
}

pub(super) fn read(entries: &[RegionEntry]) -> Result<Vec<Neighbour>, ListError> {
    if entries.len() > REGIONS_MAX {
        return Err(ListError::Field { field: "regions", problem: "more than 256" });
    }
    let mut regions: Vec<Neighbour> = Vec::new();
    for (entry, written) in entries.iter().enumerate() {
        let wrong = |(field, problem)| ListError::Entry { list: "regions", entry, field, problem };
        let read = neighbour(written).map_err(wrong)?;
        if regions.iter().any(|other| other.region == read.region) {
            return Err(wrong(("region", "is there twice")));
        }
        regions.push(read);
    }
    Ok(regions)
}

fn neighbour(entry: &RegionEntry) -> Result<Neighbour, (&'static str, &'static str)> {
    if !(1..=NAME_BYTES_MAX).contains(&entry.name.len()) || entry.name.chars().any(char::is_control)
    {
        return Err(("name", "must have 1 to 120 bytes, and none that are not shown"));
    }
    let key = |text: &String| read_key(text).map(|(public, _)| public);
    let roots: Result<Vec<_>, _> = entry.roots.iter().map(key).collect();
    let roots = roots.map_err(|problem| ("roots", problem))?;
    let needed = usize::from(entry.roots_needed);
    if !(1..=ROOTS_MAX).contains(&roots.len()) || !(1..=roots.len()).contains(&needed) {
        return Err(("roots", "must be 1 to 8 keys, of which roots_needed sign"));
    }
    if let Some(url) = &entry.url {
        check_url(url).map_err(|problem| ("url", problem))?;
    }
    let (region, url) = (RegionId::new(entry.region), entry.url.clone());
    Ok(Neighbour { region, name: entry.name.clone(), roots, needed, url })
}

fn check_url(url: &str) -> Result<(), &'static str> {
    let near = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .filter_map(|host| url.strip_prefix(host))
        .any(|rest| rest.is_empty() || rest.starts_with([':', '/']));
    let plain = url.len() <= URL_BYTES_MAX && url.chars().all(|c| c.is_ascii_graphic());
    match plain && (near || url.starts_with("https://")) && !url.contains('@') {
        true => Ok(()),
        false => Err("must begin with https://, and name no user"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    fn list(issuer_region: &str, regions: &str) -> Result<TrustList, String> {
        let kid = Kid::of(&PublicKey::from_hex(KEY).unwrap());
        let json = format!(
            r#"{{"version":1,"issuers":[{{"issuer":"KZ-B","kid":"{kid}","algorithm":"EdDSA","key":"{KEY}",
            "not_before":"2026-01-01T00:00:00Z","not_after":"2027-01-01T00:00:00Z"{issuer_region}}}],"regions":{regions}}}"#
        );
        TrustList::parse(json.as_bytes()).map_err(|error| error.to_string())
    }

    fn region(more: &str) -> String {
        format!(r#"[{{"region":2,"name":"Beta","roots":["{KEY}"]{more}}}]"#)
    }

    #[test]
    fn a_key_says_whose_people_it_names() {
        let read = list(r#","region":2"#, &region(r#","url":"https://beta.example""#)).unwrap();
        let kid = Kid::of(&PublicKey::from_hex(KEY).unwrap());
        assert_eq!(read.region_of(kid, "KZ-B"), Some(RegionId::new(2)));
        assert_eq!(read.region_of(kid, "KZ"), None);
        let beta = read.neighbour(RegionId::new(2)).unwrap();
        assert_eq!((beta.name.as_str(), beta.needed, beta.roots.len()), ("Beta", 1, 1));
        assert_eq!(list("", "[]").unwrap().region_of(kid, "KZ-B"), None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |issuer: &str, regions: &str| list(issuer, regions).unwrap_err();
        assert!(wrong(r#","region":3"#, &region("")).contains("issuers[0].region"));
        assert!(wrong("", &region(r#","roots_needed":2"#)).contains("regions[0].roots"));
        assert!(wrong("", &region(r#","url":"http://beta.example""#)).contains("regions[0].url"));
        assert!(wrong("", &region(r#","url":"https://u:p@b.example""#)).contains("url"));
        let twice = format!("[{0},{0}]", region("").trim_matches(['[', ']']));
        assert!(wrong("", &twice).is_ascii());
    }
}
