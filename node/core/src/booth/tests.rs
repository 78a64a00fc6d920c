//! Whoever guesses is stopped; whoever was told the code comes in, once.

use sync::letterbox::seal_to;

use super::*;

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_010);

fn at(secs: i64) -> UnixMillis {
    NOON.plus_millis(secs * 1000)
}

fn from(n: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, n])
}

fn phone(n: u64) -> Phone {
    Phone::read(&format!("{}", 7_010_000_000 + n), "7").unwrap()
}

#[test]
fn the_right_pin_proves_and_guessing_is_capped_by_address_number_and_in_all() {
    let booth = Booth::open().unwrap();
    let right = booth.pin(NOON);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    booth.prove_by_pin(from(1), &phone(1), &right, NOON).unwrap();
    for _ in 0..5 {
        assert_eq!(booth.prove_by_pin(from(1), &phone(1), wrong, NOON), Err(Denied::Wrong));
    }
    let denied = booth.prove_by_pin(from(2), &phone(1), &right, NOON);
    assert_eq!(
        denied,
        Err(Denied::Wait(600)),
        "the number is shut, from wherever, even with the right PIN"
    );
    for n in 2..7 {
        assert_eq!(booth.prove_by_pin(from(1), &phone(n), wrong, NOON), Err(Denied::Wrong));
    }
    let denied = booth.prove_by_pin(from(1), &phone(99), &right, NOON);
    assert_eq!(denied, Err(Denied::Wait(60)), "the address is shut");
    booth.prove_by_pin(from(3), &phone(99), &right, NOON).unwrap();
    for n in 0..50 {
        let denied = booth.prove_by_pin(from(10 + n as u8), &phone(100 + n), wrong, NOON);
        assert_eq!(denied, Err(Denied::Wrong));
    }
    let denied = booth.prove_by_pin(from(4), &phone(999), &right, NOON);
    assert_eq!(
        denied,
        Err(Denied::Wait(60)),
        "sixty wrong ones shut the door's booth for the minute"
    );
    let later = at(61);
    booth.prove_by_pin(from(4), &phone(999), &booth.pin(later), later).unwrap();
}

#[test]
fn a_code_counts_once_within_its_minute_and_for_three_tries() {
    let booth = Booth::open().unwrap();
    let sent = booth.begin_sms(from(1), phone(1), Direction::In, NOON).unwrap();
    assert_eq!((sent.code.len(), format!("{sent:?}")), (6, "Sent(…)".to_owned()));
    booth.was_sent(&sent.ticket, at(10));
    let proved = booth.prove_by_code(from(1), &sent.ticket, &sent.code, at(69)).unwrap();
    assert_eq!(proved, (phone(1), Direction::In));
    let again = booth.prove_by_code(from(1), &sent.ticket, &sent.code, at(69));
    assert_eq!(again, Err(Denied::Over), "it counts once");

    let late = booth.begin_sms(from(1), phone(2), Direction::In, NOON).unwrap();
    assert_eq!(booth.prove_by_code(from(1), &late.ticket, &late.code, at(60)), Err(Denied::Over));

    let guessed = booth.begin_sms(from(1), phone(3), Direction::In, NOON).unwrap();
    let wrong = if *guessed.code == "000000" { "000001" } else { "000000" };
    for _ in 0..3 {
        assert_eq!(booth.prove_by_code(from(1), &guessed.ticket, wrong, NOON), Err(Denied::Wrong));
    }
    let denied = booth.prove_by_code(from(1), &guessed.ticket, &guessed.code, NOON);
    assert_eq!(denied, Err(Denied::Over));
    assert_eq!(booth.prove_by_code(from(1), "no-such-ticket", "1", NOON), Err(Denied::Over));
}

#[test]
fn messages_cost_money_and_are_capped() {
    let booth = Booth::open().unwrap();
    for _ in 0..3 {
        booth.begin_sms(from(1), phone(1), Direction::In, NOON).unwrap();
    }
    let denied = booth.begin_sms(from(2), phone(1), Direction::In, NOON).unwrap_err();
    assert_eq!(denied, Denied::Wait(600));
    for n in 2..19 {
        booth.begin_sms(from(1), phone(n), Direction::In, NOON).unwrap();
    }
    assert!(matches!(
        booth.begin_sms(from(1), phone(90), Direction::In, NOON),
        Err(Denied::Wait(_))
    ));
    booth.begin_sms(from(2), phone(90), Direction::In, NOON).unwrap();
}

#[test]
fn a_message_that_the_gateway_refused_was_none() {
    let booth = Booth::open().unwrap();
    for _ in 0..9 {
        let sent = booth.begin_sms(from(1), phone(1), Direction::In, NOON).unwrap();
        booth.was_not_sent(&sent.ticket, from(1));
        assert!(booth.sent_to(&sent.ticket, NOON).is_none(), "nobody has its code");
        booth.was_not_sent(&sent.ticket, from(1));
    }
    for _ in 0..3 {
        booth.begin_sms(from(1), phone(1), Direction::In, NOON).unwrap();
    }
    assert!(booth.begin_sms(from(1), phone(1), Direction::In, NOON).is_err());
}

#[test]
fn a_letter_is_opened_once() {
    let booth = Booth::open().unwrap();
    let letter = seal_to(booth.public(), b"hello").unwrap();
    assert_eq!(booth.open_letter(&letter).unwrap().as_slice(), b"hello");
    assert!(booth.open_letter(&letter).is_none(), "overheard and sent again");
    assert!(booth.open_letter(b"short").is_none());
}

#[test]
fn questions_are_capped() {
    let booth = Booth::open().unwrap();
    for _ in 0..60 {
        booth.look(from(1), NOON).unwrap();
    }
    assert_eq!(booth.look(from(1), NOON), Err(Denied::Wait(60)));
    booth.look(from(2), NOON).unwrap();
}
