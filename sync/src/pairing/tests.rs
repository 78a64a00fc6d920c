//! The whole conversation, and everything that is wrong with the conversations that are refused.

use proptest::prelude::*;

use super::*;
use crate::{
    id::{RegionId, VenueId},
    key::{SecretKey, Signed},
    membership::{DoorGrant, VenueGrant},
    time::UnixMillis,
};

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const VENUE: VenueId = VenueId::new(17);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32])
}

fn invitation() -> Invitation {
    let addresses = (1..6).map(|n| format!("192.168.1.{n}:4740").parse().unwrap()).collect();
    let wifi = Wifi { name: "Market of the north".into(), key: "correct horse battery".into() };
    let venue = (VENUE, "Рынок у старой крепости, вход с площади");
    Invitation::new(key(1).public(), addresses, venue, Some(wifi), NOON).unwrap()
}

fn wish() -> Wish {
    Wish { name: Some("South".into()), direction: Direction::Out, replaces: None }
}

fn grant_of(venue: VenueId, node: PublicKey) -> Grant {
    let (not_before, not_after) = (NOON.plus_millis(-1), NOON.plus_millis(1_000_000));
    let venue_grant = VenueGrant {
        region: RegionId::new(1),
        venue,
        name: "V".into(),
        zone: "UTC".into(),
        manager: key(102).public(),
        capacity: None,
        not_before,
        not_after,
        doors: None,
        activity: None,
        area: None,
    };
    let door = DoorGrant {
        venue,
        entrance: EntranceId::new(2),
        name: "South".into(),
        direction: Direction::Out,
        node,
        not_before,
        not_after,
    };
    let membership = Membership::Door {
        venue: Signed::seal(&venue_grant, &key(101)),
        door: Signed::seal(&door, &key(102)),
    };
    let ring = TagRing::from(TagKey::new(Day::new(100), [7; 32]));
    Grant::new(membership, vec![key(101).public()], 1, &ring, vec!["10.0.0.1:4740".into()])
}

#[test]
fn a_door_joins_and_nobody_joins_after_it() {
    let shown = invitation();
    let mut inviting = Inviting::new(shown.clone(), None);
    let seen = Invitation::from_text(&shown.to_text()).unwrap();
    let joining = Joining::new(&seen, key(2).public()).unwrap();
    let request = joining.request(&wish());
    let asked = inviting.answer(key(2).public(), &request, NOON).unwrap();
    assert_eq!(asked.wish, wish());
    let grant = grant_of(VENUE, key(2).public());
    let answer = inviting.grant(&asked, &grant).unwrap();
    let (read, member) = joining.read(&answer, NOON).unwrap();
    assert_eq!((read, member.node), (grant.clone(), key(2).public()));
    assert!(joining.read(&answer, UnixMillis::new(0)).is_ok(), "a clock that was never set");

    // A lost answer is given again, under another key, to the same node alone.
    let again = inviting.answer(key(2).public(), &request, NOON).unwrap();
    assert_eq!(again.already, Some(grant.membership.clone()));
    assert_ne!(inviting.grant(&again, &grant).unwrap(), answer);
    let third = Joining::new(&seen, key(3).public()).unwrap().request(&wish());
    assert_eq!(inviting.answer(key(3).public(), &third, NOON).unwrap_err(), Refusal::Used);
    assert_eq!(inviting.wrong(), 0);
}

#[test]
fn a_request_that_was_overheard_is_worth_nothing() {
    let shown = invitation();
    let mut inviting = Inviting::new(shown.clone(), None);
    let request = Joining::new(&shown, key(2).public()).unwrap().request(&wish());
    let replayed = inviting.answer(key(3).public(), &request, NOON);
    assert_eq!(replayed.unwrap_err(), Refusal::WrongProof);
    // Nor can its wish be changed on the way.
    let mut altered: Request = minicbor::decode(&request).unwrap();
    altered.wish = crate::key::encode(&Wish { direction: Direction::In, ..wish() }).into();
    let altered = inviting.answer(key(2).public(), &crate::key::encode(&altered), NOON);
    assert_eq!(altered.unwrap_err(), Refusal::WrongProof);
}

#[test]
fn three_wrong_proofs_end_it_and_so_does_time() {
    let shown = invitation();
    let guessed = Invitation { secret: OnceSecret::new([0; 16]), ..shown.clone() };
    let good = Joining::new(&shown, key(2).public()).unwrap().request(&wish());
    let wrong = Joining::new(&guessed, key(2).public()).unwrap().request(&wish());

    let mut inviting = Inviting::new(shown.clone(), None);
    for _ in 0..WRONG_MAX {
        assert_eq!(
            inviting.answer(key(2).public(), &wrong, NOON).unwrap_err(),
            Refusal::WrongProof
        );
    }
    assert_eq!(inviting.answer(key(2).public(), &good, NOON).unwrap_err(), Refusal::Ended);
    assert!(inviting.is_over(NOON));

    let mut inviting = Inviting::new(shown, None);
    let late = NOON.plus_millis(LIFETIME_MILLIS);
    assert_eq!(inviting.answer(key(2).public(), &good, late).unwrap_err(), Refusal::Expired);
    assert!(inviting.answer(key(2).public(), &good, late.plus_millis(-1)).is_ok());
}

#[test]
fn papers_of_another_venue_node_or_inviter_are_not_taken() {
    let shown = invitation();
    let mut inviting = Inviting::new(shown.clone(), None);
    let joining = Joining::new(&shown, key(2).public()).unwrap();
    let asked = inviting.answer(key(2).public(), &joining.request(&wish()), NOON).unwrap();
    let mut answer = |grant: Grant| inviting.grant(&asked, &grant).unwrap();
    let elsewhere = answer(grant_of(VenueId::new(18), key(2).public()));
    assert!(matches!(joining.read(&elsewhere, NOON), Err(JoinError::OtherVenue)));
    let others = answer(grant_of(VENUE, key(3).public()));
    assert!(matches!(joining.read(&others, NOON), Err(JoinError::Papers(_))));
    let good = answer(grant_of(VENUE, key(2).public()));
    let guessed = Invitation { secret: OnceSecret::new([0; 16]), ..shown.clone() };
    let blind = Joining { invitation: &guessed, call: joining.call };
    assert!(matches!(blind.read(&good, NOON), Err(JoinError::Answer)));
    let full = Refusal::Full.to_bytes();
    assert!(matches!(joining.read(&full, NOON), Err(JoinError::Refused(Refusal::Full))));
}

#[test]
fn the_inviting_sides_choice_of_a_dead_door_stands_first() {
    let shown = invitation();
    let mut inviting = Inviting::new(shown.clone(), Some(EntranceId::new(4)));
    let joining = Joining::new(&shown, key(2).public()).unwrap();
    let other = Wish { replaces: Some(EntranceId::new(1)), ..wish() };
    let asked = inviting.answer(key(2).public(), &joining.request(&other), NOON).unwrap();
    assert_eq!(asked.wish.replaces, Some(EntranceId::new(4)));
    let silent = joining.request(&wish());
    let asked = inviting.answer(key(2).public(), &silent, NOON).unwrap();
    assert_eq!(asked.wish.replaces, Some(EntranceId::new(4)));
    let long = Wish { name: Some("x".repeat(NAME_MAX + 1)), ..wish() };
    let refused = inviting.answer(key(2).public(), &joining.request(&long), NOON);
    assert_eq!(refused.unwrap_err(), Refusal::Malformed);
}

#[test]
fn who_has_seen_a_plain_invitation_has_no_door_removed_by_it() {
    let shown = invitation();
    let mut inviting = Inviting::new(shown.clone(), None);
    let joining = Joining::new(&shown, key(2).public()).unwrap();
    let greedy = joining.request(&Wish { replaces: Some(EntranceId::new(3)), ..wish() });
    let refused = inviting.answer(key(2).public(), &greedy, NOON);
    assert_eq!(refused.unwrap_err(), Refusal::NotNamed);
    assert_eq!(Refusal::from_word("not-named"), Some(Refusal::NotNamed));
    assert!(inviting.answer(key(2).public(), &joining.request(&wish()), NOON).is_ok());
}

#[test]
fn the_text_fits_a_symbol_of_the_alphanumeric_kind() {
    let text = invitation().to_text();
    assert!(text.len() <= 300, "{} characters", text.len());
    let alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    assert!(text.chars().all(|c| alphabet.contains(c)));
    let read = Invitation::from_text(&format!("\n{}\n", *text)).unwrap();
    assert_eq!(read, invitation_with(&read));
    assert_eq!(read.addresses.len(), ADDRESSES_MAX);
    for (bad, why) in [
        ("", InvitationError::Other),
        ("ST1:ABC", InvitationError::Other),
        ("VP1:", InvitationError::Malformed),
        ("VP1:???", InvitationError::Malformed),
    ] {
        assert_eq!(Invitation::from_text(bad).unwrap_err(), why);
    }
    let longer = format!("{}00", *text);
    assert_eq!(Invitation::from_text(&longer).unwrap_err(), InvitationError::Malformed);
}

fn invitation_with(read: &Invitation) -> Invitation {
    Invitation { secret: read.secret.clone(), ..invitation() }
}

#[test]
fn nothing_secret_is_printed() {
    let shown = format!("{:?} {:?}", invitation(), grant_of(VENUE, key(2).public()));
    assert!(!shown.contains("correct horse") && !shown.contains("7, 7"), "{shown}");
}

proptest! {
    #[test]
    fn no_text_and_no_bytes_make_it_panic(
        text in "[0-9A-Z $%*+./:-]{0,200}",
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let _ = Invitation::from_text(&format!("VP1:{text}"));
        let _ = Invitation::from_text(&format!("VP1:{}", base45::encode(&bytes)));
        let shown = invitation();
        let mut inviting = Inviting::new(shown.clone(), None);
        prop_assert!(inviting.answer(key(2).public(), &bytes, NOON).is_err());
        let joining = Joining::new(&shown, key(2).public()).unwrap();
        prop_assert!(joining.read(&bytes, NOON).is_err());
    }
}
