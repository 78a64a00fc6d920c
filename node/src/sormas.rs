//! The way to a SORMAS server: its REST interface over HTTPS, with a user's name and password, a hundred records at a time.

use std::{collections::BTreeSet, io::Read, time::Duration};

use data_encoding::BASE64;
use node_core::authority::sormas::{
    Batch, Delivered, Item, Parcel, Terms, Verdict, batches, verdicts,
};
use serde_json::Value;
use sync::id::Subject;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::{
    config::SormasSection,
    secret::{self, SecretError},
};

/// Records of one request.
const AT_ONCE: usize = 100;
/// The most of an answer that is read, bytes.
const ANSWER_MAX: u64 = 1 << 20;
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A server.
#[derive(Clone)]
pub(crate) struct Server {
    url: String,
    login: Zeroizing<String>,
    terms: Terms,
}

impl Server {
    /// As configured.
    ///
    /// # Errors
    /// [`SecretError`] names the password's file.
    pub(crate) fn open(section: &SormasSection) -> Result<Self, SecretError> {
        let password = secret::load_line(&section.password)?;
        let login = Zeroizing::new(format!("{}:{}", section.user, *password));
        let login = Zeroizing::new(format!("Basic {}", BASE64.encode(login.as_bytes())));
        let terms = Terms {
            disease: section.disease.clone(),
            reporting_user: section.reporting_user.clone(),
            region: section.region.clone(),
            district: section.district.clone(),
        };
        Ok(Self { url: section.url.trim_end_matches('/').to_owned(), login, terms })
    }

    /// Sends the batches one after the other; whose record was refused, none of the later ones is sent. Blocks.
    fn deliver(&self, batches: &[Batch]) -> Delivered {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .new_agent();
        let mut done = Delivered::default();
        let mut refused: BTreeSet<Option<Subject>> = BTreeSet::new();
        for batch in batches {
            let held_back = |item: &&Item| {
                // Without the event there are no participants.
                refused.contains(&item.0) || refused.contains(&None)
            };
            let kept: Vec<_> = batch.items.iter().filter(held_back).map(|(who, _)| *who).collect();
            let open: Vec<&Item> = batch.items.iter().filter(|item| !held_back(item)).collect();
            let why = "kept back: what it belongs to was refused";
            done.refused.extend(kept.into_iter().map(|who| (who, why.to_owned())));
            for some in open.chunks(AT_ONCE) {
                match self.push(&agent, batch.path, some) {
                    Ok(said) => note(&mut done, &mut refused, some, said),
                    Err(trouble) => {
                        done.trouble = Some(trouble);
                        return done;
                    }
                }
            }
        }
        done
    }

    fn push(
        &self,
        agent: &ureq::Agent,
        path: &str,
        items: &[&Item],
    ) -> Result<Vec<Verdict>, String> {
        let body: Value = items.iter().map(|(_, record)| record.clone()).collect();
        let body = Zeroizing::new(body.to_string());
        let answered = agent
            .post(format!("{}/{path}", self.url))
            .header("Authorization", self.login.as_str())
            .header("Content-Type", "application/json; charset=UTF-8")
            .send(body.as_str());
        let mut answer = answered.map_err(|error| cause(&error))?;
        let status = answer.status().as_u16();
        if matches!(status, 401 | 403) {
            return Err(format!("the server refuses the login ({status})"));
        }
        let mut text = String::new();
        let read = answer.body_mut().as_reader().take(ANSWER_MAX).read_to_string(&mut text);
        let said = read.ok().and_then(|_| serde_json::from_str::<Value>(&text).ok());
        let said = said.as_ref().and_then(|said| verdicts(said, items.len()));
        said.ok_or_else(|| format!("the server answered {status}, and not what was taken"))
    }
}

fn note(
    done: &mut Delivered,
    refused: &mut BTreeSet<Option<Subject>>,
    items: &[&Item],
    said: Vec<Verdict>,
) {
    for ((who, _), verdict) in items.iter().zip(said) {
        match verdict {
            Verdict::Taken => done.taken += 1,
            Verdict::Known => done.known += 1,
            Verdict::Refused(why) => {
                refused.insert(*who);
                done.refused.push((*who, why));
            }
        }
    }
}

/// The kind of an error: its own words may hold what was sent.
fn cause(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "the server took too long".into(),
        ureq::Error::HostNotFound => "the server's name is not known".into(),
        ureq::Error::ConnectionFailed => "the server refuses connections".into(),
        ureq::Error::Io(error) => format!("the server cannot be reached: {}", error.kind()),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
            "the server's certificate is refused".into()
        }
        _ => "the request failed".into(),
    }
}

/// Sends what is handed in until `shutdown`, one answer after another.
pub(crate) async fn run(
    server: Server,
    mut parcels: mpsc::Receiver<Parcel>,
    shutdown: CancellationToken,
) {
    loop {
        let parcel = tokio::select! {
            () = shutdown.cancelled() => return,
            parcel = parcels.recv() => parcel,
        };
        let Some(Parcel { sheet, about, answer }) = parcel else { return };
        let records = batches(&sheet, about, &server.terms);
        let server = server.clone();
        let sent = tokio::task::spawn_blocking(move || server.deliver(&records)).await;
        let done = sent.unwrap_or_else(|_| Delivered {
            trouble: Some("the sender failed".into()),
            ..Delivered::default()
        });
        if let Some(trouble) = &done.trouble {
            tracing::warn!(%trouble, "an answer was not sent whole");
        }
        let _ = answer.send(done); // nobody waiting is fine
    }
}
