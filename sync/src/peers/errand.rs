//! The errands that a session sends to the ledger: reading what a peer lacks, storing what it brought.

use super::{
    session::{Fetch, Fetched, Intake, Learned, Outcome},
    wire::DELIVERY_BYTES,
};
use crate::{
    bulletin::Bulletin,
    id::{ChainId, Seq, VenueId},
    ledger::{Ledger, LedgerError},
    order::SignedOrder,
};

/// Reads what a session asked for.
///
/// # Errors
/// [`LedgerError`] when the store cannot be read.
pub async fn fetch(ledger: &Ledger, what: Fetch) -> Result<Fetched, LedgerError> {
    Ok(match what {
        Fetch::Run(chain, after) => {
            let (papers, run) = ledger.run(chain, after, DELIVERY_BYTES).await?;
            Fetched::Run(papers, run)
        }
        Fetch::Bulletins(kinds) => Fetched::Bulletins(ledger.bulletins(kinds).await?),
        Fetch::Orders(venue, slots) => Fetched::Orders(ledger.signed_orders(venue, slots).await?),
        Fetch::Receipts(chains) => {
            let (papers, receipts) = ledger.receipts(chains).await?;
            Fetched::Receipts(papers, receipts)
        }
    })
}

/// Stores what a peer brought and says what came of it. What is another's fault is not the messenger's: that chain
/// waits, the rest goes on.
pub async fn take(ledger: &Ledger, intake: Intake) -> Outcome {
    match intake {
        Intake::Run(introduced, run) => {
            let (venue, chain, brought) = (run.venue, run.chain, run.last());
            let merged = ledger.merge(introduced, run).await;
            outcome(chain, brought, head(ledger, venue, &chain), merged)
        }
        Intake::Bulletins(bulletins) => keep_bulletins(ledger, bulletins).await,
        Intake::Orders(orders) => keep_orders(ledger, orders).await,
        Intake::Receipts(papers, receipts) => {
            let kept = match ledger.introduce(papers).await {
                Ok(()) => ledger.acknowledge(receipts).await,
                Err(error) => Err(error),
            };
            without_blame(kept, "a receipt is not taken", Outcome::Taken)
        }
        // The ledger knows of nobody: the run loop takes questions elsewhere.
        Intake::Inquiry(_) => Outcome::Found(None),
        // Nor does it sign papers.
        Intake::Renewal(_) => Outcome::Renewed(Vec::new()),
    }
}

/// What came of a run that reaches to `brought`, by what the ledger said and where the chain `stands` here now.
pub fn outcome(
    chain: ChainId,
    brought: Seq,
    stands: Seq,
    merged: Result<(), LedgerError>,
) -> Outcome {
    match merged {
        Ok(()) => Outcome::Stored { chain, brought, stands },
        Err(error) if error.is_stranger() => {
            tracing::info!(author = ?chain.author, %error, "papers of an author are asked for");
            Outcome::Stranger
        }
        Err(error) if error.is_authors() => {
            tracing::warn!(author = ?chain.author, %error, "an author's records are not taken");
            Outcome::Stored { chain, brought, stands }
        }
        Err(error) if error.is_senders() => {
            tracing::warn!(author = ?chain.author, %error, "delivery refused");
            Outcome::Breach("bad-envelope")
        }
        Err(_) => Outcome::Later,
    }
}

async fn keep_bulletins(ledger: &Ledger, bulletins: Vec<Bulletin>) -> Outcome {
    for bulletin in bulletins {
        let kept = ledger.keep_bulletin(bulletin).await;
        if without_blame(kept, "a bulletin is not taken", Outcome::Bulletins) == Outcome::Later {
            return Outcome::Later;
        }
    }
    Outcome::Bulletins
}

async fn keep_orders(ledger: &Ledger, orders: Vec<SignedOrder>) -> Outcome {
    for order in orders {
        let kept = ledger.keep_order(order).await;
        if without_blame(kept, "an order is not taken", Outcome::Taken) == Outcome::Later {
            return Outcome::Later;
        }
    }
    Outcome::Taken
}

/// The peer may know other roots or papers than this node does: that is no breach of its own.
fn without_blame(kept: Result<(), LedgerError>, what: &str, fine: Outcome) -> Outcome {
    match kept {
        Ok(()) => fine,
        Err(error) if error.is_senders() => {
            tracing::warn!(%error, "{what}");
            fine
        }
        Err(_) => Outcome::Later,
    }
}

/// Keeps what a session learned by the way.
///
/// # Errors
/// [`LedgerError`] when the disk fails, or a receipt is not the authority's.
pub async fn learn(ledger: &Ledger, learned: Learned) -> Result<(), LedgerError> {
    if !learned.papers.is_empty() {
        ledger.introduce(learned.papers).await?;
    }
    if !learned.receipts.is_empty() {
        ledger.acknowledge(learned.receipts).await?;
    }
    Ok(())
}

fn head(ledger: &Ledger, venue: VenueId, chain: &ChainId) -> Seq {
    ledger.heads().borrow().head(venue, chain).map(|h| h.seq).unwrap_or_default()
}
