//! Accounts: shapes, bounds, conflicts, names, the end of a shift.

use proptest::prelude::*;
use sync::time::Zone;

use super::*;

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const PHC: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";

fn member(n: u8, name: &str, role: Role) -> StaffMember {
    StaffMember {
        id: StaffId::new([n; 8]),
        number: 1000 + u16::from(n),
        name: Name::new(name).unwrap(),
        role,
        access: Access::Secret(PHC.into()),
        since: NOON,
        until: None,
        shift_end: None,
    }
}

fn roster(members: &[StaffMember]) -> Roster {
    let mut roster = Roster::default();
    for one in members {
        let bytes = one.to_bytes();
        roster.set(&StaffMember::field(&one.id), [bytes.as_slice()].into_iter());
    }
    roster
}

#[test]
fn an_account_reads_back_within_the_bound_of_a_field() {
    let longest = StaffMember {
        name: Name::new(&"ж".repeat(60)).unwrap(),
        access: Access::Secret(
            PHC.chars().chain("a".repeat(SECRET_MAX - PHC.len()).chars()).collect(),
        ),
        until: Some(NOON),
        shift_end: ShiftEnd::parse("23:59"),
        ..member(1, "x", Role::Manager)
    };
    let (field, bytes) = (StaffMember::field(&longest.id), longest.to_bytes());
    assert!(bytes.len() <= 640 && field.len() <= 64, "{} bytes", bytes.len());
    assert_eq!(StaffMember::from_field(&field, &bytes), Some(longest.clone()));
    assert!(!format!("{longest:?}").contains("argon2id"), "no secret in a log");
    let foreign = StaffMember { access: Access::Secret("$2y$10$abc".into()), ..longest.clone() };
    assert_eq!(StaffMember::from_field(&field, &foreign.to_bytes()), None, "only argon2id");
    assert_eq!(StaffMember::from_field("staff/xyz", &bytes), None);
    assert_eq!(StaffMember::from_field("note/0101010101010101", &bytes), None);
    assert_eq!(StaffMember::from_field(&field, &bytes[..bytes.len() - 1]), None);
}

#[test]
fn names_are_one_line_with_a_letter_in_any_script() {
    for good in ["Әсет Тұрысов", "Nguyễn Thị Hương", "王小明", "<script>", "O'Brien", "=1+A1"]
    {
        assert_eq!(Name::new(good).unwrap().as_str(), good);
    }
    assert_eq!(Name::new("  Anna \t Petrova ").unwrap().as_str(), "Anna Petrova");
    let check = |bad: &str, error| assert_eq!(Name::new(bad).unwrap_err(), error, "{bad:?}");
    check(" ", NameError::Empty);
    check("1234", NameError::NoLetter);
    check("a\u{202e}b", NameError::Unseen);
    check("a\u{0}b", NameError::Unseen);
    check(&"x".repeat(61), NameError::TooLong);
}

#[test]
fn what_allows_less_holds_where_two_values_stand() {
    let secret = |phc: &str| Access::Secret(phc.to_owned());
    let invited = || Access::Invited { digest: [7; 32].into(), until: NOON };
    let other = PHC.replace("aGFz", "aGFy");
    let check = |a: Access, b: Access, expected: Access| {
        for (one, two) in [(&a, &b), (&b, &a)] {
            let one = StaffMember { access: one.clone(), ..member(1, "A", Role::Manager) };
            let two = StaffMember { access: two.clone(), role: Role::Staff, ..one.clone() };
            let mut roster = Roster::default();
            let (one, two) = (one.to_bytes(), two.to_bytes());
            let id = StaffId::new([1; 8]);
            roster.set(&StaffMember::field(&id), [one.as_slice(), &two].into_iter());
            let met = roster.get(&id).unwrap();
            assert_eq!((&met.access, met.role), (&expected, Role::Staff));
        }
    };
    check(secret(PHC), secret(PHC), secret(PHC));
    check(secret(PHC), secret(&other), Access::Unsettled);
    check(secret(PHC), invited(), invited());
    check(secret(PHC), Access::Removed, Access::Removed);
    check(invited(), Access::Removed, Access::Removed);
    check(Access::Unsettled, secret(PHC), Access::Unsettled);
    let late = StaffMember {
        shift_end: ShiftEnd::parse("22:00"),
        until: Some(NOON),
        ..member(1, "A", Role::Staff)
    };
    let early = StaffMember { shift_end: ShiftEnd::parse("18:00"), until: None, ..late.clone() };
    let met = late.meet(early);
    assert_eq!((met.shift_end, met.until), (ShiftEnd::parse("18:00"), Some(NOON)));
}

#[test]
fn people_are_found_by_number_or_name_and_never_by_guess() {
    let mut removed = member(3, "Anna Petrova", Role::Staff);
    removed.access = Access::Removed;
    let all = roster(&[
        member(1, "Anna Petrova", Role::Staff),
        member(2, "Li Wei", Role::Staff),
        removed.clone(),
    ]);
    let found = |typed: &str| all.named(typed).map(|m| m.id.as_bytes()[0]);
    assert_eq!(found(" anna  PETROVA "), Some(1));
    assert_eq!(found("1002"), Some(2));
    assert_eq!(found("1003"), None, "removed");
    assert_eq!(found("Anna"), None);
    assert_eq!(found(""), None);
    assert!(!all.is_free(1003) && all.is_free(1004), "a number is not given again");
    let twins = roster(&[member(1, "Li Wei", Role::Staff), member(2, "li wei", Role::Staff)]);
    assert_eq!(twins.named("Li Wei"), None);
}

#[test]
fn who_may_sign_in_is_bound_and_within_time() {
    let one = member(1, "A", Role::Manager);
    assert!(one.secret(NOON).is_some());
    let until = StaffMember { until: Some(NOON), ..one.clone() };
    assert!(until.secret(NOON).is_some() && until.secret(NOON.plus_millis(1)).is_none());
    let invited = Access::Invited { digest: [7; 32].into(), until: NOON };
    let invited = StaffMember { access: invited, ..one.clone() };
    assert!(invited.secret(NOON).is_none() && invited.is_invited(NOON));
    assert!(!invited.is_invited(NOON.plus_millis(1)));
    assert_eq!(
        roster(&[one.clone(), invited.clone()]).managers(NOON).count(),
        0,
        "one account, two edits"
    );
    assert_eq!(roster(&[one, member(2, "B", Role::Staff)]).managers(NOON).count(), 1);
}

#[test]
fn a_shift_ends_on_the_venues_clock_also_when_clocks_are_turned() {
    let almaty = Zone::named("Asia/Almaty").unwrap();
    let at = |text: &str| UnixMillis::parse(text).unwrap();
    let check = |zone: &Zone, since: &str, end: &str, expected: &str| {
        let end = ShiftEnd::parse(end).unwrap();
        assert_eq!(end.after(at(since), zone), at(expected), "{since} {end}");
    };
    check(&almaty, "2026-11-12T09:05:30Z", "18:00", "2026-11-12T13:00:00Z");
    check(&almaty, "2026-11-12T13:00:00Z", "18:00", "2026-11-13T13:00:00Z");
    check(&almaty, "2026-11-12T18:30:00Z", "00:00", "2026-11-12T19:00:00Z");
    let berlin = Zone::named("Europe/Berlin").unwrap();
    // 02:30 does not come that night: at 02:00 it is 03:00.
    check(&berlin, "2026-03-28T21:00:00Z", "02:30", "2026-03-29T01:00:00Z");
    check(&berlin, "2026-03-28T21:00:00Z", "06:00", "2026-03-29T04:00:00Z");
    check(&berlin, "2026-10-24T20:00:00Z", "06:00", "2026-10-25T05:00:00Z");
    for bad in ["24:00", "7:00", "07:60", "", "0700", "+7:00"] {
        assert_eq!(ShiftEnd::parse(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = StaffMember::from_field("staff/0101010101010101", &bytes);
    }

    #[test]
    fn any_order_of_standing_values_is_the_same_account(
        roles in proptest::collection::vec((0usize..3, 0u8..5), 1..5),
        turn in 0usize..5,
    ) {
        let access = |n| match n {
            0 => Access::Removed,
            1 => Access::Unsettled,
            2 => Access::Invited { digest: [7; 32].into(), until: NOON },
            3 => Access::Secret(PHC.into()),
            _ => Access::Secret(PHC.replace("aGFz", "aGFy")),
        };
        let one = |(role, n): &(usize, u8)| StaffMember {
            role: Role::ALL[*role], access: access(*n), ..member(1, "A", Role::Staff)
        }.to_bytes();
        let mut values: Vec<_> = roles.iter().map(one).collect();
        let mut roster = Roster::default();
        roster.set("staff/0101010101010101", values.iter().map(Vec::as_slice));
        let by = turn % values.len();
        values.rotate_left(by);
        values.reverse();
        let mut turned = Roster::default();
        turned.set("staff/0101010101010101", values.iter().map(Vec::as_slice));
        prop_assert_eq!(roster, turned);
    }
}
