//! Statements of those who may not make them: foreign envelopes, receipts, orders.

use sync::{
    id::{EntranceId, Epoch, Seq, ZoneId},
    key::{SecretKey, Signed},
    membership::Membership,
    order::{Capacity, Matter, Order, Rekey, Removal, RemovalCause, SignedOrder, Signer},
    peers::wire::{Reply, Request},
    record::Receipt,
    rekey,
    sample::{self, VENUE},
    tag::TagKey,
    time::UnixMillis,
};

use crate::{
    liar::Liar,
    world::{Author, DAY, Door, NOON, key, until},
};

const AUTHORITY: u8 = 9;
/// A door that belongs, and is hostile.
const LIAR: u8 = 3;

async fn siblings() -> (Door, Door, std::net::SocketAddr) {
    let (mut a, mut b) = (Door::new(1), Door::new(2));
    let at = b.start(&[]).await;
    a.start(&[at]).await;
    a.record(5).await;
    until("the siblings talk", || b.held_of(1) == 5).await;
    (a, b, at)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_can_be_said_deletes_or_renames_anothers_visits() {
    let (mut a, mut b, at) = siblings().await;
    let (chain, before) = {
        let heads = b.ledger.heads().borrow().clone();
        let (chain, head) = heads.chains().find(|(c, _)| c.author == key(1).public()).unwrap();
        (*chain, *head)
    };
    let visits = b.ledger.records(chain, Seq::default(), 100).await.unwrap();
    let (papers, own) = a.ledger.run(chain, Seq::default(), 1 << 20).await.unwrap();
    let own = own.unwrap();

    // In A's name, under the liar's signature: from the start, as the next, and A's own cut or altered.
    let mut from_start = Author::new(LIAR, 1);
    from_start.chain = chain;
    let from_start = from_start.write(&[(0, 1)]);
    let mut next = from_start.clone();
    (next.after, next.previous) = (before.seq, before.hash);
    let mut emptied = own.clone();
    emptied.links.iter_mut().for_each(|link| link.items.clear());
    let mut shortened = own.clone();
    shortened.links.pop();
    let mut renamed = own.clone();
    renamed.chain.author = key(LIAR).public();
    let mut moved = own.clone();
    moved.chain.epoch = Epoch::new([77; 8]);
    for (which, run) in
        [from_start, next, emptied, shortened, renamed, moved].into_iter().enumerate()
    {
        // Each costs the session; who lies once more must introduce itself once more.
        let mut liar = Liar::of(&sample::door(LIAR, 1), at).await;
        let reply = liar.ask(&Request::Deliver { introduced: papers.clone(), run }).await;
        let refused = matches!(&reply, None | Some(Reply::Refused(_)));
        assert!(refused, "forgery {which}: {reply:?}");
        assert_eq!(b.ledger.records(chain, Seq::default(), 100).await.unwrap(), visits);
    }
    let heads = b.ledger.heads().borrow().clone();
    assert_eq!(heads.head(VENUE, &chain), Some(&before));
    assert!(heads.chains().all(|(c, _)| *c == chain), "no chain was begun in anybody's name");
    assert!(b.ledger.evidence().await.unwrap().is_empty(), "nor is A accused of a second history");
    a.record(1).await;
    until("the siblings go on", || b.held_of(1) == 6).await;
    a.stop().await;
    b.stop().await;
}

fn receipt(chain: sync::id::ChainId, seq: Seq, by: &SecretKey) -> Signed<Receipt> {
    Signed::seal(&Receipt { chain, seq, at: NOON, by: by.public(), asked: None }, by)
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_that_no_authority_signed_acknowledge_nothing() {
    let (mut a, mut b, at) = siblings().await;
    let chain = a.ledger.charter().chain(DAY);
    let seq = b.ledger.heads().borrow().head(VENUE, &chain).unwrap().seq;
    let (liar, stranger, authority) = (key(LIAR), key(66), sample::authority(AUTHORITY, 1));
    // A "region" that the stranger has made for itself.
    let grant = sync::membership::AuthorityGrant {
        region: sample::REGION,
        node: stranger.public(),
        not_before: UnixMillis::new(0),
        not_after: UnixMillis::new(i64::MAX),
    };
    let own_made = Membership::Authority(Signed::seal(&grant, &stranger));
    let in_its_name = Receipt { chain, seq, at: NOON, by: authority.key.public(), asked: None };
    let forged: [(&[Membership], Signed<Receipt>); 4] = [
        (&[], receipt(chain, seq, &liar)),
        (&[own_made], receipt(chain, seq, &stranger)),
        (std::slice::from_ref(&authority.membership), Signed::seal(&in_its_name, &liar)),
        (&[sample::door(LIAR, 1).membership], receipt(chain, Seq::new(u64::MAX), &liar)),
    ];
    for (which, (papers, forgery)) in forged.into_iter().enumerate() {
        let mut liar = Liar::of(&sample::door(LIAR, 1), at).await;
        let request =
            Request::Acknowledge { papers: papers.to_vec(), receipts: vec![forgery.clone()] };
        liar.ask(&request).await;
        assert!(b.ledger.acknowledge(vec![forgery]).await.is_err(), "forgery {which}");
        assert_eq!((a.pending(), b.pending()), (5, 5), "forgery {which}");
    }
    // The authority's own word still counts, and reaches the author by way of the sibling.
    let mut liar = Liar::of(&sample::door(LIAR, 1), at).await;
    let true_one = receipt(chain, seq, &authority.key);
    let request =
        Request::Acknowledge { papers: vec![authority.membership], receipts: vec![true_one] };
    assert_eq!(liar.ask(&request).await, Some(Reply::Done), "whoever brings it");
    until("both know it", || a.pending() == 0 && b.pending() == 0).await;
    a.record(1).await;
    until("the siblings go on", || b.held_of(1) == 6).await;
    a.stop().await;
    b.stop().await;
}

fn removal(node: u8, cause: RemovalCause) -> Matter {
    Matter::Removal(Removal { node: key(node).public(), cause })
}

fn capacity(version: u64, most: u32) -> Matter {
    Matter::Capacity(Capacity {
        zone: ZoneId::default(),
        version,
        most,
        shares: vec![(EntranceId::new(1), most)],
        closing_minute: 180,
        from: DAY,
    })
}

fn tag_key(generation: u32) -> Rekey {
    let fresh = TagKey::new(DAY, [generation as u8; 32]);
    rekey::make(VENUE, generation, &fresh, &[key(1).public(), key(2).public()])
}

fn signed(matter: Matter, at: UnixMillis, signer: Signer, by: &SecretKey) -> SignedOrder {
    SignedOrder::seal(&Order { venue: VENUE, issued_at: at, matter }, signer, by)
}

fn as_door(seed: u8, matter: Matter, at: UnixMillis) -> SignedOrder {
    let signer = Signer::Node(key(seed).public(), sample::door(seed, 1).membership);
    signed(matter, at, signer, &key(seed))
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_who_may_not_give_them_change_nothing() {
    let (mut a, mut b, at) = siblings().await;
    let liar = key(LIAR);
    let matters = || [removal(1, RemovalCause::Lost), capacity(1, 5), Matter::Rekey(tag_key(1))];
    let mut forged = Vec::new();
    for matter in matters() {
        forged.push(signed(matter.clone(), NOON, Signer::Manager, &liar));
        forged.push(signed(matter.clone(), NOON, Signer::Root(liar.public()), &liar));
        forged.push(signed(matter.clone(), NOON, Signer::Root(sample::root().public()), &liar));
        // Its own papers hold, but only for a tag key, and for that only when there was a loss.
        forged.push(as_door(LIAR, matter.clone(), NOON));
        let authority = sample::authority(AUTHORITY, 1);
        let signer = Signer::Node(authority.key.public(), authority.membership);
        forged.push(signed(matter, NOON, signer, &liar));
    }
    for order in forged {
        let mut liar = Liar::of(&sample::door(LIAR, 1), at).await;
        liar.ask(&Request::Order(vec![order.clone()])).await;
        let _ = b.ledger.keep_order(order).await; // nor by hand, as from a stick
        assert!(b.ledger.orders(VENUE).await.unwrap().is_empty());
    }
    assert!(b.ledger.heads().borrow().venues[&VENUE].removed.is_empty());
    // The manager's own orders are taken, whoever brings them, and pass on.
    let mut liar = Liar::of(&sample::door(LIAR, 1), at).await;
    let order = signed(capacity(1, 50), NOON, Signer::Manager, &sample::manager());
    assert_eq!(liar.ask(&Request::Order(vec![order])).await, Some(Reply::Done));
    let heads = a.ledger.heads();
    until("the sibling has it", || heads.borrow().venues[&VENUE].orders.len() == 1).await;
    a.record(1).await;
    until("nobody was removed", || b.held_of(1) == 6).await;
    a.stop().await;
    b.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_door_cannot_make_a_tag_key() {
    let later = NOON.plus_millis(1);
    let lost =
        |node| signed(removal(node, RemovalCause::Lost), NOON, Signer::Manager, &sample::manager());
    for cause in [RemovalCause::Lost, RemovalCause::Replaced, RemovalCause::Retired] {
        let removed = signed(removal(LIAR, cause), NOON, Signer::Manager, &sample::manager());
        let forged = as_door(LIAR, Matter::Rekey(tag_key(1)), later);
        // Whether the removal is known before the forgery or only after it, both doors end with the same.
        for order in [[&removed, &forged], [&forged, &removed]] {
            let (mut a, b) = (Door::new(1), Door::new(2));
            b.ledger.keep_order(lost(4)).await.unwrap(); // a loss that calls for a new key
            for order in order {
                b.ledger.keep_order(order.clone()).await.unwrap();
            }
            let rekeys = |orders: Vec<std::sync::Arc<Order>>| {
                let is = |o: &&std::sync::Arc<Order>| matches!(o.matter, Matter::Rekey(_));
                orders.iter().filter(is).count()
            };
            let held = b.ledger.orders(VENUE).await.unwrap();
            assert_eq!(rekeys(held), 0, "the key of a door removed as {cause:?} stands");
            // A door that belongs makes it, and all have that one.
            let honest = as_door(1, Matter::Rekey(tag_key(1)), later);
            a.ledger.keep_order(removed.clone()).await.unwrap();
            a.ledger.keep_order(lost(4)).await.unwrap();
            for door in [&a, &b] {
                door.ledger.keep_order(honest.clone()).await.unwrap();
                door.ledger.keep_order(forged.clone()).await.unwrap();
                let held = door.ledger.orders(VENUE).await.unwrap();
                assert_eq!(rekeys(held), 1);
                assert_eq!(door.ledger.heads().borrow().venues[&VENUE].orders.len(), 3);
            }
            a.record(1).await;
            a.stop().await;
            b.ledger.close().await;
        }
    }
    // What a door made before it was taken down in order stays: its siblings use it.
    let b = Door::new(2);
    b.ledger.keep_order(lost(4)).await.unwrap();
    b.ledger
        .keep_order(as_door(LIAR, Matter::Rekey(tag_key(1)), NOON.plus_millis(-5)))
        .await
        .unwrap();
    let retired =
        signed(removal(LIAR, RemovalCause::Retired), NOON, Signer::Manager, &sample::manager());
    b.ledger.keep_order(retired).await.unwrap();
    assert_eq!(b.ledger.orders(VENUE).await.unwrap().len(), 3);
    b.ledger.close().await;
}
