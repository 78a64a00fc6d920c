//! Every reader of foreign bytes as one function of bytes: for fuzzers and for the seeded loop in `tests/mutated.rs`.
//! No part of the API.
//!
//! Each function must end without a panic whatever it is given. Where something is read it is also written again, and
//! must read back as the same: what two nodes make of the same bytes must not differ.

use std::sync::LazyLock;

use crate::{
    book::Charter,
    bulletin::Bulletin,
    bundle::Bundle,
    envelope::Run,
    id::Hash,
    inquiry::{self, Asked, Finding, OwnInquiry},
    key::{Signed, encode},
    letterbox::{LETTER_MAX, Letterbox, seal_to},
    membership::Membership,
    order::SignedOrder,
    pairing::Invitation,
    record::{Receipt, Record},
    sample,
    time::UnixMillis,
};

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

fn charter() -> Charter {
    sample::door(1, 1)
}

/// A frame's body as a peer sends it, behind its kind byte: requests and replies.
#[cfg(feature = "peers")]
pub fn message(bytes: &[u8]) {
    use crate::peers::wire::{Message, Reply, Request};
    if let Ok(request) = Request::from_frame(bytes) {
        let again = Request::from_frame(&request.to_frame());
        assert_eq!(again.ok().as_ref(), Some(&request), "a request reads back");
        if let Request::Deliver { run, .. } = request {
            check(run);
        }
    }
    if let Ok(reply) = Reply::from_frame(bytes) {
        let again = Reply::from_frame(&reply.to_frame());
        assert_eq!(again.ok(), Some(reply), "a reply reads back");
    }
}

/// The bytes of a stream: frames one after another, each with its length and its kind.
#[cfg(feature = "peers")]
pub fn stream(bytes: &[u8]) {
    crate::peers::fuzz_stream(bytes);
}

/// A run of envelopes, in its form inside a bundle.
pub fn run(bytes: &[u8]) {
    if let Ok(run) = minicbor::decode::<Run>(bytes) {
        check(run);
    }
}

fn check(run: Run) {
    let _ = (run.size(), run.last());
    if let Ok(checked) = run.clone().check(NOON) {
        assert_eq!(checked.to_run(), Some(run), "a checked run travels as it came");
    }
}

/// One record.
pub fn record(bytes: &[u8]) {
    if let Ok(record) = Record::from_bytes(bytes)
        && !matches!(record, Record::Later { .. })
    {
        let again = Record::from_bytes(&record.to_bytes());
        assert_eq!(again.ok(), Some(record), "a record reads back");
    }
}

/// What opens at either end of a question about a typed number, and what a door keeps of it.
pub fn inquiry(bytes: &[u8]) {
    if let Ok(asked) = inquiry::read::<Asked>(bytes) {
        let again = minicbor::decode::<Asked>(&encode(&asked));
        assert_eq!(again.ok(), Some(asked), "a question reads back");
    }
    if let Ok(found) = inquiry::read::<Finding>(bytes) {
        let again = minicbor::decode::<Finding>(&encode(&found));
        assert_eq!(again.ok(), Some(found), "an answer reads back");
    }
    if let Ok(own) = minicbor::decode::<OwnInquiry>(bytes) {
        let again = minicbor::decode::<OwnInquiry>(&encode(&own));
        assert_eq!(again.ok(), Some(own), "a kept question reads back");
    }
}

/// A letter of a visitor's browser: as it comes, and as what was sealed.
pub fn letter(bytes: &[u8]) {
    static OWN: LazyLock<Letterbox> = LazyLock::new(Letterbox::generate);
    assert!(OWN.open(bytes).is_none(), "nobody makes a letter without sealing it");
    let Some(sealed) = seal_to(OWN.public(), bytes) else { return };
    let opened = OWN.open(&sealed);
    assert_eq!(opened.is_some(), sealed.len() <= LETTER_MAX, "what is too long is not opened");
    assert!(opened.is_none_or(|text| text.as_slice() == bytes), "a letter reads back");
}

/// A bundle's file: opened, and its parts tried.
pub fn bundle(bytes: &[u8]) {
    let Ok(bundle) = Bundle::from_bytes(bytes) else { return };
    let Ok(contents) = bundle.open() else { return };
    for part in &contents.parts {
        let _ = (part.day_key(), part.open(contents.venue, &[], None));
    }
}

/// What is typed, pasted or shown to a camera for pairing and enrolling: invitations, papers, orders, bulletins.
pub fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(invitation) = Invitation::from_text(text) {
        assert!(Invitation::from_text(&invitation.to_text()).is_ok(), "an invitation reads back");
    }
    if let Some(papers) = Membership::from_text(text) {
        membership(&papers);
    }
    if let Some(signed) = SignedOrder::from_text(text) {
        open(&signed);
    }
    if let Ok(bulletin) = Bulletin::from_text(text) {
        let _ = charter().open(&bulletin);
    }
}

/// Papers, orders, receipts and bulletins in their form on the wire.
pub fn papers(bytes: &[u8]) {
    if let Ok(papers) = minicbor::decode::<Membership>(bytes) {
        membership(&papers);
    }
    if let Ok(signed) = minicbor::decode::<SignedOrder>(bytes) {
        open(&signed);
    }
    if let Ok(receipt) = minicbor::decode::<Signed<Receipt>>(bytes)
        && let Some(claimed) = receipt.claims()
    {
        let _ = receipt.open(&claimed.by);
    }
    if let Ok(bulletin) = minicbor::decode::<Bulletin>(bytes) {
        let _ = (bulletin.size(), charter().open(&bulletin));
    }
}

fn membership(papers: &Membership) {
    let roots = charter().roots.granting();
    let _ = papers.claimed_venue();
    if let Some(node) = papers.node() {
        let _ = papers.check(&roots, &node, NOON);
        let _ = papers.check_near(&roots, &node, NOON);
    }
}

fn open(signed: &SignedOrder) {
    let _ = signed.claimed_venue();
    let own = charter().key.public();
    let member = charter().membership.check(&charter().roots.granting(), &own, NOON);
    if let Ok(crate::membership::Place::Door { venue, .. }) = member.map(|m| m.place)
        && let Ok(order) = signed.open(&venue, &charter().roots.granting())
    {
        assert_ne!(signed.hash(), Hash::ZERO);
        let _ = order.slot();
    }
}
