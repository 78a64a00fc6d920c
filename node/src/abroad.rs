//! Letters between regions: handed to another region's authority over HTTPS as they come, or by file; what its commands do.

use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use node_core::authority::{
    Authority,
    abroad::{AbroadError, Settled},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sync::{
    abroad::{Bag, Receipt, Sent, TEXT_MAX},
    bulletin::Bulletin,
    id::RegionId,
};
use tokio_util::sync::CancellationToken;
use ureq::tls::{self, PemItem, RootCerts, TlsConfig};

use crate::command::{in_words, read_file, write_file};

/// How often it is looked whether letters wait.
const LOOK: Duration = Duration::from_secs(5);
/// How long after a region could not be reached it is tried again: at first, and at most, in looks.
const AGAIN: (u32, u32) = (2, 120);
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The most bags that go to one region before the others have their turn.
const BAGS_MAX: usize = 20;
const CA_MAX: usize = 256 * 1024;

/// What a person asks of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum AbroadAsk {
    /// How it stands with each region.
    Status,
    /// Write what waits for a region into a file.
    Export {
        /// The region.
        region: u16,
        /// An absolute path.
        out: PathBuf,
    },
    /// Take a bag, a receipt or tracing keys of another region from a file.
    Import {
        /// An absolute path.
        file: PathBuf,
        /// Where the receipt for a bag is written; an absolute path.
        receipt: Option<PathBuf>,
    },
}

/// Does what is asked.
///
/// # Errors
/// Why not, in words.
pub(crate) async fn act(authority: &Authority, ask: AbroadAsk) -> Result<Value, String> {
    match ask {
        AbroadAsk::Status => status(authority).await,
        AbroadAsk::Export { region, out } => {
            let packed = authority.pack(RegionId::new(region)).await.map_err(|e| in_words(&e))?;
            write_file(&out, &packed.text).map_err(|e| in_words(&e))?;
            Ok(json!({
                "region": region, "letters": packed.letters, "without_key": packed.without_key, "out": out,
            }))
        }
        AbroadAsk::Import { file, receipt } => import(authority, &file, receipt.as_deref()).await,
    }
}

async fn status(authority: &Authority) -> Result<Value, String> {
    let standing = authority.abroad_standing().await.map_err(|e| in_words(&e))?;
    let regions = standing.iter().map(|stands| {
        let known = stands.neighbour.as_ref();
        json!({
            "region": stands.region.get(),
            "name": known.map(|n| n.name.clone()),
            "url": known.and_then(|n| n.url.clone()),
            "waiting": stands.waiting,
            "has_key": stands.has_key,
        })
    });
    let regions: Vec<Value> = regions.collect();
    let counts = authority.abroad_counts();
    Ok(json!({
        "regions": regions,
        "since_start": {
            "sent": counts.sent, "told": counts.told, "known": counts.known, "expired": counts.expired,
            "refused": counts.refused,
        },
    }))
}

async fn import(
    authority: &Authority,
    file: &Path,
    receipt: Option<&Path>,
) -> Result<Value, String> {
    let text = read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let refused = |e: AbroadError| format!("{} is refused: {}", file.display(), in_words(&e));
    if let Ok(bulletin) = Bulletin::from_text(&text) {
        let new = authority.take_keys(&bulletin).await.map_err(refused)?;
        return Ok(json!({ "kind": "keys", "taken": new }));
    }
    if Sent::<Receipt>::from_text(&text).is_ok() {
        let Settled { region, taken, refused: lost } =
            authority.settle_letters(&text).await.map_err(refused)?;
        return Ok(
            json!({ "kind": "receipt", "region": region.get(), "taken": taken, "refused": lost }),
        );
    }
    // Whatever is wrong with it is named as what is wrong with a bag.
    if Sent::<Bag>::from_text(&text).is_ok() && receipt.is_none() {
        return Err(
            "say with --receipt where the receipt goes: without it the letters come again".into()
        );
    }
    let (taken, said) = authority.receive(&text).await.map_err(refused)?;
    if let Some(path) = receipt {
        write_file(path, &said).map_err(|e| in_words(&e))?;
    }
    Ok(json!({
        "kind": "letters", "region": taken.region.get(), "taken": taken.taken, "known": taken.known,
        "refused": taken.refused, "receipt": receipt,
    }))
}

fn read(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(file)?.take(TEXT_MAX as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// Hands over what waits for regions whose list entry has an address, until `stopped`; asks those for their keys whose key of
/// the week is not known.
pub(crate) async fn run(authority: Authority, ca: RootCerts, stopped: CancellationToken) {
    let agent = agent(ca);
    let mut look = tokio::time::interval(LOOK);
    let mut troubles: BTreeMap<RegionId, (u32, u32)> = BTreeMap::new();
    loop {
        tokio::select! {
            () = stopped.cancelled() => return,
            _ = look.tick() => {}
        }
        let due = match authority.abroad_due().await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(%error, "letters to other regions cannot be read");
                continue;
            }
        };
        for (region, url) in due {
            if let Some((left, _)) = troubles.get_mut(&region)
                && *left > 0
            {
                *left -= 1;
                continue;
            }
            match hand_over(&authority, &agent, region, &url).await {
                Ok(letters) if letters > 0 => {
                    troubles.remove(&region);
                    tracing::info!(%region, letters, "letters are handed to another region");
                    continue;
                }
                // It was asked for its keys, or has not said what became of the letters.
                Ok(_) => {}
                Err(trouble) => {
                    tracing::warn!(%region, %trouble, "another region took no letters");
                }
            }
            let (_, wait) = troubles.get(&region).copied().unwrap_or((0, AGAIN.0 / 2));
            let wait = (wait * 2).min(AGAIN.1);
            troubles.insert(region, (wait, wait));
        }
    }
}

/// Bag by bag, as long as there are letters; how many were taken or refused.
async fn hand_over(
    authority: &Authority,
    agent: &ureq::Agent,
    region: RegionId,
    url: &str,
) -> Result<u64, String> {
    let url = format!("{}/api/v1/abroad", url.trim_end_matches('/'));
    let (mut settled, mut asked) = (0, false);
    for _ in 0..BAGS_MAX {
        let packed = authority.pack(region).await.map_err(|e| in_words(&e))?;
        let (agent, url) = (agent.clone(), url.clone());
        let sent = tokio::task::spawn_blocking(move || post(&agent, &url, &packed.text));
        let receipt = sent.await.map_err(|_| "the sender failed".to_owned())??;
        let done = authority.settle_letters(&receipt).await.map_err(|e| in_words(&e))?;
        settled += done.taken + done.refused;
        // An empty bag has asked for keys, once; what waited for them goes next.
        let stuck = done.taken + done.refused == 0 && (packed.letters > 0 || asked);
        if stuck || packed.letters + packed.without_key == 0 {
            break;
        }
        asked = packed.letters == 0;
    }
    Ok(settled)
}

/// By whose word the servers of other regions are known: that of the authorities in a file, or the public ones.
///
/// # Errors
/// What is wrong with the file, in words.
pub(crate) fn trusted(ca: Option<&Path>) -> Result<RootCerts, String> {
    let Some(path) = ca else { return Ok(RootCerts::WebPki) };
    let pem = read_file(path, CA_MAX).map_err(|error| in_words(&error))?;
    let mut certificates = Vec::new();
    for item in tls::parse_pem(&pem) {
        match item.map_err(|error| format!("{}: {error}", path.display()))? {
            PemItem::Certificate(certificate) => certificates.push(certificate),
            _ => return Err(format!("{} holds more than certificates", path.display())),
        }
    }
    match certificates.is_empty() {
        true => Err(format!("{} holds no certificate in PEM", path.display())),
        false => Ok(RootCerts::new_with_certs(&certificates)),
    }
}

fn agent(ca: RootCerts) -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .max_redirects(0)
        .tls_config(TlsConfig::builder().root_certs(ca).build())
        .build()
        .new_agent()
}

/// Blocks. The errors name no letter.
fn post(agent: &ureq::Agent, url: &str, text: &str) -> Result<String, String> {
    let answered = agent.post(url).header("Content-Type", "text/plain; charset=UTF-8").send(text);
    let mut answer = answered.map_err(|error| format!("it cannot be reached: {error}"))?;
    let mut said = String::new();
    let body = answer.body_mut().as_reader().take(TEXT_MAX as u64 + 1);
    let read = { body }.read_to_string(&mut said);
    match (answer.status().as_u16(), read) {
        (200, Ok(_)) => Ok(said),
        (status, _) => {
            let problem = serde_json::from_str::<Value>(&said).unwrap_or_default();
            let detail = problem["detail"].as_str().unwrap_or("no reason is given");
            Err(format!("it answered {status}: {}", detail.chars().take(200).collect::<String>()))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_file_without_certificates_vouches_for_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        assert!(trusted(Some(&file)).unwrap_err().contains("ca.pem"), "there is none");
        std::fs::write(&file, "no certificate").unwrap();
        assert!(trusted(Some(&file)).unwrap_err().contains("holds no certificate"));
        let pem = |what: &str| format!("-----BEGIN {what}-----\nAAAA\n-----END {what}-----\n");
        std::fs::write(&file, pem("CERTIFICATE").repeat(2)).unwrap();
        assert!(matches!(trusted(Some(&file)), Ok(RootCerts::Specific(of)) if of.len() == 2));
        std::fs::write(&file, pem("PRIVATE KEY")).unwrap();
        assert!(trusted(Some(&file)).unwrap_err().contains("more than certificates"));
        assert!(!matches!(trusted(None), Ok(RootCerts::Specific(_))));
    }
}
