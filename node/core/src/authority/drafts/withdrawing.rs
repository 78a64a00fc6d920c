//! Revocations that the registry draws up by itself: everything withdrawn, in as few bytes as the list has forms for.
//!
//! Of each person one line, which ends the tokens issued before a time, and the ids of those that begin later, packed by
//! the day of their end. Where that is over what a bulletin carries, the line alone ends them all, by a time that lies
//! ahead; for a person who was given other tokens since that would end those too, and the ids stay.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::PoisonError,
};

use data_encoding::BASE64;
use serde_json::{Value, json};
use sync::{
    bulletin::BulletinKind,
    id::Subject,
    time::{DAY_MILLIS, UnixMillis},
};

use super::{Authority, BY_REGISTRY, Draft, DraftError, DraftState, check_body, head_of};
use crate::{
    authority::{cabinet::CabinetError, issuing::Withdrawn},
    token::{Cti, ids::RevocableId, revocations::Revocations},
};

const KIND: BulletinKind = BulletinKind::Revocations;
/// For how many days revocations that the registry draws up count as current.
const REVOCATIONS_DAYS: u32 = 30;

/// Withdrawals that could not be drawn up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpublished {
    /// Since when.
    pub since: UnixMillis,
    /// Why, in words for the log.
    pub why: String,
}

/// By which line each person's tokens are ended: before when they were issued.
type Lines = BTreeMap<Subject, UnixMillis>;

impl Authority {
    /// Draws up revocations with everything that the registry has withdrawn, where that is not in force yet, and signs them
    /// with the root's key of this machine, if one is kept here. `None` where nothing is to be withdrawn. Where it fails,
    /// [`Authority::unpublished`] says so until it does not any more.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn publish_withdrawals(&self) -> Result<Option<Draft>, DraftError> {
        let done = self.draw_withdrawals_up().await;
        let mut held = self.0.unpublished.lock().unwrap_or_else(PoisonError::into_inner);
        match &done {
            Ok(_) => *held = None,
            Err(error) => {
                let since = held.as_ref().map_or_else(|| (self.0.clock)(), |held| held.since);
                *held = Some(Unpublished { since, why: error.to_string() });
                tracing::error!(%error, "withdrawn tokens are NOT revoked: the list was not drawn up");
            }
        }
        drop(held);
        self.0.overview.send_if_modified(|view| {
            let now = self.unpublished();
            let changed = view.unpublished != now;
            view.unpublished = now;
            changed
        });
        done
    }

    /// Why what was withdrawn is not drawn up, while it is not.
    pub fn unpublished(&self) -> Option<Unpublished> {
        self.0.unpublished.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn draw_withdrawals_up(&self) -> Result<Option<Draft>, DraftError> {
        let _alone = self.0.office.lock().await;
        let withdrawn = self.withdrawals().await.map_err(DraftError::Tokens)?;
        let now = (self.0.clock)();
        let held = self.in_force(KIND).await?;
        let version = held.as_ref().map(|notice| notice.version);
        let held = held.as_ref().map(|notice| notice.body.as_slice());
        if self.says_all(held, &withdrawn, now).await? {
            return Ok(None);
        }
        let mine = self.draft_numbers(|h| h.state == DraftState::Open && h.made_by == BY_REGISTRY);
        for number in mine.await? {
            let draft = self.open_draft(number).await?;
            let would_count = version.is_none_or(|version| version < draft.notice.version);
            if would_count && self.says_all(Some(&draft.notice.body), &withdrawn, now).await? {
                return Ok(Some(self.sign_here(draft).await?));
            }
            let head = head_of(&draft, DraftState::Dropped);
            self.keep_draft(number, head, &draft.bulletin).await?;
        }
        let body = self.body_of(held, &withdrawn, now).await?;
        let draft = self.lay_draft(KIND, body, REVOCATIONS_DAYS, BY_REGISTRY).await?;
        Ok(Some(self.sign_here(draft).await?))
    }

    /// Signs with the root of this machine, where one is kept here and has not signed: a power cut, or another gateway without
    /// a root, may have left a draft without it.
    async fn sign_here(&self, draft: Draft) -> Result<Draft, DraftError> {
        let Some(root) = self.keys().root else { return Ok(draft) };
        if !draft.bulletin.signers(&[root.public()]).is_empty() {
            return Ok(draft);
        }
        let signed = draft.bulletin.clone().signed_by(&root);
        self.settle_draft(draft, signed).await
    }

    /// The list in the longest form that fits.
    async fn body_of(
        &self,
        held: Option<&[u8]>,
        withdrawn: &[Withdrawn],
        now: UnixMillis,
    ) -> Result<Vec<u8>, DraftError> {
        let body = with_withdrawn(held, withdrawn, &Lines::new(), now);
        match check_body(KIND, &body) {
            Err(DraftError::TooLarge) => {}
            other => return other.map(|()| body),
        }
        let mut lines = Lines::new();
        for person in withdrawn.iter().filter(|person| !person.ctis.is_empty()) {
            let (newest, good) = self.begins(person).await.map_err(DraftError::Tokens)?;
            if let (Some(newest), true) = (newest, good.is_empty()) {
                // Not before what is to be withdrawn, though its last token may have been forgotten.
                lines.insert(person.subject, newest.plus_millis(1000).max(person.before));
            }
        }
        let body = with_withdrawn(held, withdrawn, &lines, now);
        match check_body(KIND, &body) {
            Err(DraftError::TooLarge) => Err(DraftError::TooMany(withdrawn.len())),
            other => other.map(|()| {
                tracing::warn!(
                    persons = lines.len(),
                    bytes = body.len(),
                    "withdrawn tokens are listed in short, for the list is nearly full"
                );
                body
            }),
        }
    }

    /// When the last of a person's withdrawn tokens begins, and when those do that the person was given since.
    async fn begins(
        &self,
        person: &Withdrawn,
    ) -> Result<(Option<UnixMillis>, Vec<UnixMillis>), CabinetError> {
        let held = self.begins_of(&person.subject).await?;
        let (bad, good): (Vec<_>, Vec<_>) = held
            .into_iter()
            .partition(|(cti, at)| *at < person.before || person.ctis.contains(cti));
        let newest = bad.into_iter().map(|(_, at)| at).max();
        Ok((newest, good.into_iter().map(|(_, at)| at).collect()))
    }

    /// Whether a list of revocations has everything that was withdrawn, and no token that was given since.
    async fn says_all(
        &self,
        body: Option<&[u8]>,
        withdrawn: &[Withdrawn],
        now: UnixMillis,
    ) -> Result<bool, DraftError> {
        if withdrawn.is_empty() {
            return Ok(true);
        }
        let Some(Ok(list)) = body.map(Revocations::parse) else { return Ok(false) };
        for person in withdrawn {
            let just_before = Some(person.before.plus_millis(-1));
            if !list.names_subject(&person.subject, just_before, now) {
                return Ok(false);
            }
            let named = |cti: &Cti| list.names_id(&RevocableId::Cti(*cti), now);
            let ended = |place: usize| person.end_of(place) <= now;
            let mut ids = person.ctis.iter().enumerate().filter(|(place, _)| !ended(*place));
            let all = ids.all(|(_, cti)| named(cti));
            let ahead = list.names_subject(&person.subject, Some(person.before), now);
            if all && !ahead {
                continue;
            }
            let (newest, good) = self.begins(person).await.map_err(DraftError::Tokens)?;
            let named = |at: UnixMillis| list.names_subject(&person.subject, Some(at), now);
            if !(all || newest.is_none_or(named)) || good.into_iter().any(named) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn list<'a>(body: &'a Value, name: &str) -> &'a [Value] {
    body[name].as_array().map_or(&[], Vec::as_slice)
}

/// The end of the day: entries that end on one share a line.
fn end_of_day(at: UnixMillis) -> UnixMillis {
    UnixMillis::new(at.get().div_euclid(DAY_MILLIS).saturating_add(1).saturating_mul(DAY_MILLIS))
}

fn subject_entry(person: &Withdrawn, lines: &Lines) -> Value {
    let before = lines.get(&person.subject).copied().unwrap_or(person.before);
    json!({
        "subject": person.subject.to_string(),
        "before": before.to_string(),
        "until": end_of_day(person.until).to_string(),
    })
}

/// A list of revocations with what was withdrawn; what has ended is left out.
fn with_withdrawn(
    body: Option<&[u8]>,
    withdrawn: &[Withdrawn],
    lines: &Lines,
    now: UnixMillis,
) -> Vec<u8> {
    let held = body.and_then(|body| serde_json::from_slice::<Value>(body).ok());
    let mut body = held.unwrap_or_else(|| json!({}));
    let until = |entry: &Value| entry["until"].as_str().and_then(UnixMillis::parse);
    let live = |entry: &&Value| until(entry).is_none_or(|until| until > now);
    let named: BTreeSet<String> = withdrawn.iter().map(|w| w.subject.to_string()).collect();
    let earlier = |entry: &&Value| !entry["subject"].as_str().is_some_and(|s| named.contains(s));
    let subjects = list(&body, "subjects").iter().filter(live).filter(earlier).cloned();
    let subjects: Vec<Value> =
        subjects.chain(withdrawn.iter().map(|person| subject_entry(person, lines))).collect();

    // Ids of these persons are laid out anew; whatever else is listed stays.
    let own: BTreeSet<Cti> = withdrawn.iter().flat_map(|w| w.ctis.iter().copied()).collect();
    let other = |entry: &&Value| {
        !entry["cti"].as_str().and_then(Cti::from_hex).is_some_and(|c| own.contains(&c))
    };
    let revoked: Vec<Value> =
        list(&body, "revoked").iter().filter(live).filter(other).cloned().collect();
    let mut packed: BTreeMap<Option<UnixMillis>, BTreeSet<Cti>> = BTreeMap::new();
    for batch in list(&body, "ctis").iter().filter(live) {
        let ids = batch["ids"].as_str().and_then(|ids| BASE64.decode(ids.as_bytes()).ok());
        let ids = ids.unwrap_or_default();
        let ids = ids.as_chunks::<8>().0.iter().map(|id| Cti::new(*id));
        packed.entry(until(batch)).or_default().extend(ids.filter(|cti| !own.contains(cti)));
    }
    for person in withdrawn.iter().filter(|person| !lines.contains_key(&person.subject)) {
        for (place, cti) in person.ctis.iter().enumerate() {
            let end = person.end_of(place);
            if end > now {
                packed.entry(Some(end_of_day(end))).or_default().insert(*cti);
            }
        }
    }
    let batch = |(until, ids): (&Option<UnixMillis>, &BTreeSet<Cti>)| {
        let bytes: Vec<u8> = ids.iter().flat_map(|cti| *cti.as_bytes()).collect();
        let mut batch = json!({ "ids": BASE64.encode(&bytes) });
        if let Some(until) = until {
            batch["until"] = json!(until.to_string());
        }
        (!bytes.is_empty()).then_some(batch)
    };
    let ctis: Vec<Value> = packed.iter().filter_map(batch).collect();
    body["version"] = json!(now.secs());
    body["issued_at"] = json!(now.to_string());
    body["revoked"] = json!(revoked);
    body["ctis"] = json!(ctis);
    body["subjects"] = json!(subjects);
    body.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn days(n: i64) -> UnixMillis {
        NOW.plus_millis(n * DAY_MILLIS)
    }

    fn subject(n: u32) -> Subject {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        Subject::new(bytes)
    }

    fn cti(n: u64) -> Cti {
        Cti::new(n.to_be_bytes())
    }

    /// A person with a strip of so many days.
    fn strip(n: u32, length: i64) -> Withdrawn {
        let ctis = (1..length).map(|day| cti(u64::from(n) * 1000 + day as u64)).collect();
        let ends = Some((1..length).map(|day| days(day + 1)).collect());
        Withdrawn { subject: subject(n), before: NOW, until: days(length), ctis, ends }
    }

    fn body(held: Option<&[u8]>, all: &[Withdrawn], lines: &Lines, now: UnixMillis) -> Vec<u8> {
        with_withdrawn(held, all, lines, now)
    }

    #[test]
    fn what_was_withdrawn_joins_the_list_in_force() {
        let held = br#"{"version":3,"issued_at":"2026-01-01T00:00:00Z","shc":[],
            "revoked":[{"cti":"0101010101010101","until":"2026-01-02T00:00:00Z"},{"cti":"0202020202020202"}],
            "ctis":[{"ids":"AwMDAwMDAwM="}],
            "subjects":[{"subject":"00000007000000000000000000000000","before":"2026-01-01T00:00:00Z"}]}"#;
        let made = body(Some(held), &[strip(7, 2), strip(8, 1)], &Lines::new(), NOW);
        check_body(KIND, &made).unwrap();
        let read: Value = serde_json::from_slice(&made).unwrap();
        assert_eq!(list(&read, "revoked").len(), 1, "one has ended");
        assert_eq!(list(&read, "subjects").len(), 2, "one person stands once");
        let revocations = Revocations::parse(&made).unwrap();
        let named = |cti: Cti| revocations.names_id(&RevocableId::Cti(cti), NOW);
        assert!(named(Cti::new([2; 8])) && named(Cti::new([3; 8])) && named(cti(7001)));
        let earlier = Some(NOW.plus_millis(-1000));
        assert!(revocations.names_subject(&subject(8), earlier, NOW));
        assert!(!revocations.names_subject(&subject(8), Some(NOW), NOW));
        let again = body(Some(&made), &[strip(7, 2), strip(8, 1)], &Lines::new(), NOW);
        assert_eq!(made, again, "a second time adds nothing");
    }

    #[test]
    fn ids_go_with_their_tokens() {
        let all = [strip(1, 28)];
        let long = body(None, &all, &Lines::new(), NOW);
        let count = |bytes: &[u8]| Revocations::parse(bytes).unwrap().len();
        assert_eq!(count(&long), 28);
        let later = body(Some(&long), &all, &Lines::new(), days(10));
        assert!((18..=20).contains(&count(&later)), "ten days have ended: {}", count(&later));
        assert_eq!(count(&body(Some(&later), &[], &Lines::new(), days(40))), 0);
    }

    #[test]
    fn thousands_with_strips_fit_and_more_do_in_short() {
        let many = |n: u32| (0..n).map(|n| strip(n, 28)).collect::<Vec<_>>();
        let all = many(2300);
        let made = body(None, &all, &Lines::new(), NOW);
        check_body(KIND, &made).unwrap();
        let all = many(8000);
        let long = body(None, &all, &Lines::new(), NOW);
        assert!(matches!(check_body(KIND, &long), Err(DraftError::TooLarge)));
        let lines = all.iter().map(|person| (person.subject, days(27).plus_millis(1000)));
        let lines: Lines = lines.collect();
        let short = body(None, &all, &lines, NOW);
        check_body(KIND, &short).unwrap();
        let read = Revocations::parse(&short).unwrap();
        assert!(read.names_subject(&subject(7999), Some(days(27)), NOW), "the last of the strip");
        assert!(!read.names_subject(&subject(7999), Some(days(28)), NOW));
    }
}
