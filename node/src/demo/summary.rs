//! What the crowd saw beside what the nodes know: the demo's answer, and whether the two agree.

use std::{collections::BTreeMap, collections::BTreeSet, time::Duration};

use node_core::authority::trace::{Question, Who};
use serde::Serialize;
use sync::{
    id::{ChainId, Subject},
    time::UnixMillis,
};
use tokio_util::sync::CancellationToken;

use super::{Crowd, Demo, DemoError, crowd::Seen};
use crate::{start::Node, wall};

/// How long the nodes may take to agree after the last visitor.
const AGREEMENT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);

/// The demo's answer, as `--json` prints it.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Visitors who came.
    pub visitors: u32,
    /// Codes that were read, entries and exits.
    pub scanned: u64,
    /// Visitors let in.
    pub admitted: u64,
    /// Visitors turned away, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// Visits that the two doors wrote themselves.
    pub visits_recorded: u64,
    /// Visits that each door holds of the other, together.
    pub visits_at_sibling: u64,
    /// Visits that the authority has taken in.
    pub visits_at_authority: u64,
    /// People inside, as each door shows it.
    pub occupancy: BTreeMap<&'static str, u32>,
    /// People inside, as the crowd knows it.
    pub inside_truth: u64,
    /// One case traced.
    pub traced: Traced,
    /// From the frame to the durable decision.
    pub scan_to_decision_ms: Quantiles,
    /// Whatever was not as it should be; left out when nothing was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wrong: Vec<String>,
}

/// One case traced.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Traced {
    /// The case's reference.
    pub case: String,
    /// Contacts that the authority found.
    pub contacts_found: usize,
    /// Contacts that the crowd knows of.
    pub contacts_truth: usize,
}

/// Two quantiles, milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Quantiles {
    /// Half took at most this.
    pub p50: f64,
    /// Ninety-nine of a hundred took at most this.
    pub p99: f64,
}

impl Summary {
    /// Lets a crowd through, waits until the nodes agree, traces one case.
    ///
    /// # Errors
    /// [`DemoError`] when a part failed; disagreement is in the summary, not an error.
    pub async fn of(
        demo: &Demo,
        crowd: &Crowd,
        stop: CancellationToken,
    ) -> Result<Self, DemoError> {
        let seen = crowd.run(demo, stop).await?;
        let agreed = tokio::time::timeout(AGREEMENT, agreement(demo, &seen)).await.is_ok();
        let mut wrong = seen.wrong.clone();
        if !agreed {
            wrong.push(format!("the nodes did not agree within {AGREEMENT:?}"));
        }
        let (traced, contacts_wrong) = trace(demo, &seen).await?;
        wrong.extend(contacts_wrong);
        Ok(Self {
            visitors: seen.visitors,
            scanned: seen.scanned,
            admitted: seen.admitted,
            refused: seen.refused.clone(),
            visits_recorded: own_visits(&demo.door_a.node) + own_visits(&demo.door_b.node),
            visits_at_sibling: at_siblings(demo),
            visits_at_authority: at_authority(demo),
            occupancy: BTreeMap::from([
                ("A", inside(&demo.door_a.node)),
                ("B", inside(&demo.door_b.node)),
            ]),
            inside_truth: seen.inside() + demo.inside_before,
            traced,
            scan_to_decision_ms: quantiles(&seen.took),
            wrong,
        })
    }

    /// Whether everything is as it should be.
    pub fn agrees(&self) -> bool {
        self.wrong.is_empty()
            && self.visits_recorded == self.scanned
            && self.visits_at_sibling == self.visits_recorded
            && self.visits_at_authority == self.visits_recorded
            && self.occupancy.values().all(|n| u64::from(*n) == self.inside_truth)
            && self.traced.contacts_found == self.traced.contacts_truth
    }
}

/// Returns when every node knows of everything.
async fn agreement(demo: &Demo, seen: &Seen) {
    let (a, b) = (&demo.door_a.node, &demo.door_b.node);
    loop {
        let recorded = own_visits(a) + own_visits(b);
        let truth = seen.inside() + demo.inside_before;
        if recorded == seen.scanned
            && at_siblings(demo) == recorded
            && at_authority(demo) == recorded
            && u64::from(inside(a)) == truth
            && u64::from(inside(b)) == truth
        {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn own_visits(node: &Node) -> u64 {
    held_of(node, node)
}

/// A door's visits of this run, as a node holds them: an earlier run in the same folder has chains of its own.
fn held_of(holder: &Node, author: &Node) -> u64 {
    let author = author.ledger.charter();
    let of_run =
        |chain: &ChainId| chain.author == author.key.public() && chain.epoch == author.epoch;
    let heads = holder.ledger.heads();
    let heads = heads.borrow();
    heads.chains().filter(|(chain, _)| of_run(chain)).map(|(_, head)| head.visits).sum()
}

fn at_siblings(demo: &Demo) -> u64 {
    let (a, b) = (&demo.door_a.node, &demo.door_b.node);
    held_of(a, b) + held_of(b, a)
}

fn at_authority(demo: &Demo) -> u64 {
    let now = demo.authority.authority.as_ref().map_or(0, |a| a.overview().borrow().visits);
    now.saturating_sub(demo.visits_before)
}

fn inside(node: &Node) -> u32 {
    node.desk.as_ref().map_or(0, |d| d.view().borrow().inside)
}

/// Traces the visitor with the most contacts; says who was missed and who was found without having been there.
async fn trace(demo: &Demo, seen: &Seen) -> Result<(Traced, Vec<String>), DemoError> {
    let Some(authority) = &demo.authority.authority else {
        return Ok(Default::default());
    };
    let now = wall::now();
    let truth_of = |who: &Subject| seen.contacts_of(who, now).len();
    let Some(case) = seen.stays.keys().max_by_key(|who| truth_of(who)) else {
        return Ok(Default::default());
    };
    let truth: BTreeSet<Subject> = seen.contacts_of(case, now).into_iter().collect();
    let reference = "DEMO-1".to_owned();
    let answer = authority
        .trace(Question {
            case: reference.clone(),
            purpose: "demo: contacts of a visitor who later tested positive".into(),
            asked_by: "demo".into(),
            who: Who::Subject(*case),
            from: UnixMillis::new(now.get() - 86_400_000),
            until: now,
        })
        .await?;
    let mut found: BTreeSet<Subject> = answer.contacts.iter().map(|c| c.subject).collect();
    // Who was left inside by an earlier run in the same folder is a contact that this crowd cannot know.
    if demo.visits_before > 0 {
        found.retain(|who| seen.stays.contains_key(who));
    }
    let missed = truth.difference(&found).map(|s| format!("contact {s:?} was not found"));
    let invented = found.difference(&truth).map(|s| format!("contact {s:?} was not there"));
    let wrong = missed.chain(invented).collect();
    let traced =
        Traced { case: reference, contacts_found: found.len(), contacts_truth: truth.len() };
    Ok((traced, wrong))
}

fn quantiles(took: &[Duration]) -> Quantiles {
    let mut millis: Vec<f64> = took.iter().map(|d| d.as_secs_f64() * 1000.0).collect();
    millis.sort_by(f64::total_cmp);
    let at = |percent: usize| {
        let rank = (millis.len() * percent).div_ceil(100).max(1) - 1;
        millis.get(rank).map_or(0.0, |ms| (ms * 10.0).round() / 10.0)
    };
    Quantiles { p50: at(50), p99: at(99) }
}
