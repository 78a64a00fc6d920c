//! Vaults that are made, opened again, cut off in the middle, read by others, and emptied.

use std::{fs, os::unix::fs::PermissionsExt};

use super::*;
use proptest::prelude::*;
use tempfile::TempDir;

const FIRST: Day = Day::new(20_000); // 2024-10-04
const DAY: Lot = Lot::Day(FIRST);
const STANDING: Lot = Lot::Day(Day::STANDING);
const UNDATED: Lot = Lot::Undated([0xab; 16]);
const UNDATED_KEY: &str = "undated-abababababababababababababababab.key";
const FIRST_KEY: &str = "2024-10-04.key";

fn place() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("data").join("vault");
    (dir, path)
}

fn open(path: &Path) -> Result<Vault, VaultError> {
    Vault::open(path, Durability::Fsync)
}

fn filled(path: &Path, lots: &[Lot]) -> Vault {
    let mut vault = open(path).unwrap();
    for lot in lots {
        vault.ensure(*lot, DayKey::random).unwrap();
    }
    vault
}

fn later(days: i32) -> Lot {
    Lot::Day(day(days))
}

fn day(later: i32) -> Day {
    FIRST.plus(later)
}

fn none() -> BTreeSet<Lot> {
    BTreeSet::new()
}

fn trusted() -> Believed {
    Believed::when(ClockTrust::Trusted).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A second name of a file, outside the vault: shows what becomes of its bytes when the vault's name is gone.
fn held(dir: &TempDir, file: &Path) -> PathBuf {
    let link = dir.path().join(format!("held-{}", file.file_name().unwrap().to_str().unwrap()));
    fs::hard_link(file, &link).unwrap();
    link
}

fn is_wiped(file: &Path) -> bool {
    let bytes = fs::read(file).unwrap();
    !bytes.is_empty() && bytes.iter().all(|b| *b == 0)
}

#[test]
fn keys_come_back_and_are_their_owners_alone() {
    let (_dir, path) = place();
    let days = [DAY, later(1), STANDING, UNDATED];
    let (ids, sealed): (Vec<_>, _) = {
        let vault = filled(&path, &days);
        let ids = days.iter().map(|day| vault.get(day).unwrap().id()).collect();
        (ids, vault.get(&DAY).unwrap().seal(b"a", b"kept").unwrap())
    };
    assert_eq!(names(&path), [FIRST_KEY, "2024-10-05.key", "standing.key", UNDATED_KEY]);
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join(FIRST_KEY)), 0o600);
    let text = fs::read_to_string(path.join(FIRST_KEY)).unwrap();
    assert!(
        text.starts_with("vestibule-storage-key:1:") && text.len() == 24 + 43 + 1,
        "{}",
        text.len()
    );

    let mut vault = open(&path).unwrap();
    assert!(vault.lots().eq(days));
    assert!(days.iter().zip(ids).all(|(day, id)| vault.get(day).unwrap().id() == id));
    assert_eq!(**vault.get(&DAY).unwrap().open(b"a", &sealed).unwrap(), *b"kept");
    assert!(vault.ensure(DAY, DayKey::random).unwrap().open(b"a", &sealed).is_ok());
    assert!(vault.get(&later(2)).is_none());
    assert!(!format!("{vault:?}").contains(text.trim().rsplit(':').next().unwrap()));
}

#[test]
fn destroyed_days_leave_no_bytes_and_never_come_back() {
    let (dir, path) = place();
    let mut vault = filled(&path, &[UNDATED, DAY, later(1), later(2), STANDING]);
    let old = [held(&dir, &path.join(FIRST_KEY)), held(&dir, &path.join("2024-10-05.key"))];
    let kept = held(&dir, &path.join("2024-10-06.key"));
    assert_eq!(vault.destroy(day(2), &none(), trusted()).unwrap(), [DAY, later(1)]);
    assert!(old.iter().all(|file| is_wiped(file)) && !is_wiped(&kept));
    assert_eq!(names(&path), ["2024-10-06.key", "floor", "standing.key", UNDATED_KEY]);
    for _ in 0..2 {
        assert!(vault.lots().eq([later(2), STANDING, UNDATED]));
        assert_eq!(vault.floor(), Some(day(2)));
        let error = vault.ensure(later(1), DayKey::random).unwrap_err();
        assert!(matches!(error, VaultError::Gone(lot) if lot == later(1)));
        // An earlier day never lowers the floor.
        assert!(vault.destroy(FIRST, &none(), trusted()).unwrap().is_empty());
        drop(vault);
        vault = open(&path).unwrap();
    }
    vault.ensure(later(3), DayKey::random).unwrap();
}

#[test]
fn an_undated_lot_goes_by_itself() {
    let (dir, path) = place();
    let other = Lot::Undated([1; 16]);
    let mut vault = filled(&path, &[DAY, STANDING, UNDATED, other]);
    let old = held(&dir, &path.join(UNDATED_KEY));
    let goes = [UNDATED, STANDING].into(); // a day among them is not touched
    assert_eq!(vault.destroy(FIRST, &goes, trusted()).unwrap(), [UNDATED]);
    assert!(is_wiped(&old) && vault.get(&UNDATED).is_none());
    assert!(vault.lots().eq([DAY, STANDING, other]));
    assert_eq!(Vault::floor_in(&path).unwrap(), Some(FIRST));
    assert_eq!(Vault::floor_in(dir.path()).unwrap(), None);
}

#[test]
fn only_a_trusted_clock_is_believed_and_only_a_date_is_a_floor() {
    assert!(Believed::when(ClockTrust::Bounded).is_none());
    assert!(Believed::when(ClockTrust::Unknown).is_none());
    let (_dir, path) = place();
    let mut vault = filled(&path, &[UNDATED, DAY, STANDING]);
    for day in [Day::UNKNOWN, Day::STANDING, Day::new(i32::MAX - 1)] {
        let error = vault.destroy(day, &none(), trusted()).unwrap_err();
        assert!(matches!(error, VaultError::NoDate(_)), "{error}");
    }
    assert_eq!((vault.lots().count(), vault.floor()), (3, None));
}

#[test]
fn a_cut_before_the_new_key_was_in_place_leaves_none() {
    let (dir, path) = place();
    drop(filled(&path, &[DAY]));
    let beside = path.join("2024-10-05.key.new");
    fs::copy(path.join(FIRST_KEY), &beside).unwrap();
    let beside = held(&dir, &beside);
    let vault = open(&path).unwrap();
    assert!(vault.lots().eq([DAY]));
    assert!(is_wiped(&beside), "perhaps a key, and nobody's");
    assert_eq!(names(&path), [FIRST_KEY]);
}

#[test]
fn a_cut_in_the_middle_of_destroying_is_gone_on_from() {
    let (dir, path) = place();
    drop(filled(&path, &[DAY, later(1), later(2), STANDING]));
    // The floor is down, one key was only renamed, one is wiped but there, one untouched.
    fs::write(path.join("floor"), file::floor_text(day(3))).unwrap();
    fs::set_permissions(path.join("floor"), fs::Permissions::from_mode(0o600)).unwrap();
    let held: Vec<_> =
        (4..7).map(|n| held(&dir, &path.join(format!("2024-10-0{n}.key")))).collect();
    fs::rename(path.join(FIRST_KEY), path.join("2024-10-04.key.gone")).unwrap();
    fs::write(path.join("2024-10-05.key"), [0; 68]).unwrap();
    let mut vault = open(&path).unwrap();
    assert!(held.iter().all(|file| is_wiped(file)));
    assert_eq!(names(&path), ["floor", "standing.key"]);
    assert!(matches!(vault.ensure(later(2), DayKey::random), Err(VaultError::Gone(_))));
}

#[test]
fn a_key_that_could_not_be_wiped_is_not_given_out_and_tried_again() {
    let (dir, path) = place();
    let mut vault = filled(&path, &[DAY, later(1)]);
    let old = held(&dir, &path.join(FIRST_KEY));
    fs::create_dir(path.join("2024-10-04.key.gone")).unwrap(); // in the way
    assert!(vault.destroy(day(1), &none(), trusted()).is_err());
    assert!(vault.get(&DAY).is_none() && !is_wiped(&old));
    fs::remove_dir(path.join("2024-10-04.key.gone")).unwrap();
    assert_eq!(vault.destroy(day(1), &none(), trusted()).unwrap(), [DAY]);
    assert!(is_wiped(&old));
}

#[test]
fn a_key_that_is_not_durable_is_not_given_out() {
    let (_dir, path) = place();
    let mut vault = filled(&path, &[DAY]);
    fs::create_dir(path.join("2024-10-05.key.new")).unwrap(); // in the way
    assert!(matches!(vault.ensure(later(1), DayKey::random), Err(VaultError::Io { .. })));
    assert!(vault.get(&later(1)).is_none());
    fs::remove_dir(path.join("2024-10-05.key.new")).unwrap();
    vault.ensure(later(1), DayKey::random).unwrap();
}

#[test]
fn a_vault_given_away_is_empty() {
    let (dir, path) = place();
    let mut vault = filled(&path, &[UNDATED, DAY, later(1), STANDING]);
    vault.destroy(day(1), &none(), trusted()).unwrap();
    let old = [UNDATED_KEY, "2024-10-05.key", "standing.key"].map(|n| held(&dir, &path.join(n)));
    fs::write(path.join("notes.new"), "of somebody else").unwrap();
    vault.destroy_all().unwrap();
    assert!(old.iter().all(|file| is_wiped(file)));
    assert_eq!(names(&path), ["notes.new"]);
    assert_eq!(open(&path).unwrap().lots().count(), 0);
}

#[test]
fn what_others_can_read_is_refused_with_the_remedy() {
    let (_dir, path) = place();
    drop(filled(&path, &[DAY]));
    for (file, good, bads) in [
        (path.join(FIRST_KEY), 0o600, [0o644, 0o640, 0o604, 0o620]),
        (path.clone(), 0o700, [0o755, 0o750, 0o701, 0o720]),
    ] {
        for bad in bads {
            fs::set_permissions(&file, fs::Permissions::from_mode(bad)).unwrap();
            let text = open(&path).unwrap_err().to_string();
            assert!(text.contains(&format!("chmod {good:o} {}", file.display())), "{text}");
        }
        fs::set_permissions(&file, fs::Permissions::from_mode(good)).unwrap();
    }
    open(&path).unwrap();
}

#[test]
fn garbage_and_copies_are_named_and_left_alone() {
    let long = "vestibule-storage-key:1:".to_owned() + &"A".repeat(1000);
    let cases: [(&str, &[u8]); 7] = [
        (FIRST_KEY, b""),
        (FIRST_KEY, b"vestibule-storage-key:2:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        (FIRST_KEY, b"vestibule-storage-key:1:AAAA"),
        (FIRST_KEY, &[0xff; 68]),
        (FIRST_KEY, long.as_bytes()),
        (
            "2024-10-04 copy.key",
            b"vestibule-storage-key:1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ),
        ("floor", b"vestibule-storage-floor:1:standing"),
    ];
    for (name, bytes) in cases {
        let (_dir, path) = place();
        drop(open(&path).unwrap());
        fs::write(path.join(name), bytes).unwrap();
        fs::set_permissions(path.join(name), fs::Permissions::from_mode(0o600)).unwrap();
        let error = open(&path).unwrap_err();
        assert!(matches!(&error, VaultError::Form { path: p } if *p == path.join(name)), "{error}");
        assert_eq!(fs::read(path.join(name)).unwrap(), bytes);
    }
}

#[test]
fn a_vault_in_use_is_named() {
    let (_dir, path) = place();
    let _open = open(&path).unwrap();
    assert!(matches!(open(&path), Err(VaultError::InUse { .. })));
}

#[test]
fn a_vault_takes_no_more_keys_than_it_can_open() {
    let (_dir, path) = place();
    let mut vault = filled(&path, &[DAY]);
    let text = fs::read(path.join(FIRST_KEY)).unwrap();
    drop(vault);
    for n in 1..i32::try_from(KEYS_MAX).unwrap() {
        let file = path.join(file::key_name(&later(n)).unwrap());
        fs::write(&file, &text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    vault = open(&path).unwrap();
    assert_eq!(vault.lots().count(), KEYS_MAX);
    let error = vault.ensure(later(-1), DayKey::random).unwrap_err();
    assert!(matches!(error, VaultError::Crowded { .. }), "{error}");
    drop(vault);
    open(&path).unwrap();
}

#[test]
fn names_and_days_are_the_same_both_ways() {
    for (lot, name) in [
        (UNDATED, UNDATED_KEY),
        (STANDING, "standing.key"),
        (Lot::Day(Day::new(-1)), "1969-12-31.key"),
        (DAY, FIRST_KEY),
    ] {
        assert_eq!(file::key_name(&lot).as_deref(), Some(name));
        assert_eq!(file::lot_of(name), Some(lot));
    }
    for name in [
        "2024-10-4.key",
        "2024-13-01.key",
        "20241004.key",
        "+2024-10-04.key",
        "day 5.key",
        ".key",
        "unknown.key",
        "undated-.key",
        "undated-ab.key",
    ] {
        assert_eq!(file::lot_of(name), None, "{name}");
    }
    for day in [i32::MAX - 1, i32::MIN, i32::MIN + 1, 3_000_000, -1_000_000] {
        assert_eq!(file::key_name(&Lot::Day(Day::new(day))), None);
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parsers_panic(text in "\\PC{0,100}", bytes in any::<[u8; 32]>()) {
        prop_assert!(file::key_from(&text).is_none());
        let _ = (file::floor_from(&text), file::lot_of(&text));
        let prefixed = format!("vestibule-storage-key:1:{text}");
        prop_assert!(file::key_from(&prefixed).is_none_or(|_| text.trim_end().len() == 43));
        let key = DayKey::new(&bytes);
        prop_assert_eq!(file::key_from(&file::key_text(&key)).unwrap().id(), key.id());
    }

    #[test]
    fn every_day_that_has_a_name_is_that_day(day in any::<i32>()) {
        let lot = Lot::Day(Day::new(day));
        if let Some(name) = file::key_name(&lot) {
            prop_assert_eq!(file::lot_of(&name), Some(lot));
        }
    }

    #[test]
    fn every_name_of_this_form_is_its_day(name in "[0-9]{4}-[01][0-9]-[0-3][0-9].key") {
        if let Some(lot) = file::lot_of(&name) {
            prop_assert_eq!(file::key_name(&lot).unwrap(), name);
        }
    }
}
