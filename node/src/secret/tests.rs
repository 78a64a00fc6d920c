//! Secrets files that are good, garbage, readable by others, or moved on by the ratchet.

use super::*;
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("secret");
    (folder, path)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn written(text: &[u8]) -> (TempDir, PathBuf) {
    let (folder, path) = folder();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    (folder, path)
}

#[test]
fn each_kind_reads_back_and_is_its_owners_alone() {
    let (_folder, path) = folder();
    let key = SecretKey::from_bytes(&[7; 32]);
    Secret::Signing(key.clone()).create(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(load_key(&path).unwrap().public(), key.public());
    assert!(load_tag_key(&path).is_err() && load_tracing(&path).is_err());

    let (_folder, path) = self::folder();
    let secrets: Vec<_> = (2900..2903).map(|w| TracingSecret::generate(Week::new(w))).collect();
    Secret::Tracing(secrets.clone()).create(&path).unwrap();
    let public = |all: &[TracingSecret]| all.iter().map(TracingSecret::public).collect::<Vec<_>>();
    assert_eq!(public(&load_tracing(&path).unwrap()), public(&secrets));

    let (_folder, path) = self::folder();
    let tag = TagKey::new(Day::new(20_000), [3; 32]);
    Secret::Tag(tag.clone()).create(&path).unwrap();
    assert!(load_tag_key(&path).unwrap() == tag);
    assert!(load_key(&path).is_err());
}

#[test]
fn an_existing_file_is_never_replaced() {
    let (_folder, path) = written(b"dear");
    let error = Secret::Signing(SecretKey::from_bytes(&[7; 32])).create(&path).unwrap_err();
    assert!(matches!(error, SecretError::Io { doing: "create", .. }));
    assert_eq!(fs::read(&path).unwrap(), b"dear");
}

#[test]
fn a_file_that_others_can_read_is_refused_with_the_remedy() {
    for bad in [0o644, 0o640, 0o604, 0o620, 0o601] {
        let (_folder, path) = folder();
        Secret::Signing(SecretKey::from_bytes(&[7; 32])).create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(bad)).unwrap();
        let text = load_key(&path).unwrap_err().to_string();
        assert!(text.contains(&format!("chmod 600 {}", path.display())), "{text}");
    }
}

#[test]
fn garbage_is_refused_by_name_and_not_shown() {
    let good = BASE64URL_NOPAD.encode(&[7; 32]);
    let check = |text: &[u8]| {
        let (_folder, path) = written(text);
        let error = Secret::load(&path).unwrap_err();
        assert!(matches!(error, SecretError::Form { .. }), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("secret") && !shown.contains(&good), "{shown}");
    };
    check(b"");
    check(b"\xff\xfe");
    check(b"hello");
    check(&[b'x'; 70_000]);
    check(format!("vestibule-key:2:ed25519:{good}").as_bytes());
    check(format!("vestibule-key:1:ed25519:{good}A").as_bytes());
    check(format!("vestibule-key:1:ed25519:{good}\nvestibule-key:1:ed25519:{good}").as_bytes());
    check(format!("vestibule-tag-key:1:x:{good}").as_bytes());
    check(format!("vestibule-tag-key:1:-2147483648:{good}").as_bytes());
    check(format!("vestibule-tracing:1:2900:{good}\nhello").as_bytes());
    let (folder, _path) = folder();
    assert!(matches!(Secret::load(folder.path()), Err(SecretError::Form { .. })));
    let gone = folder.path().join("gone");
    assert!(matches!(Secret::load(&gone), Err(SecretError::Io { doing: "open", .. })));
}

#[test]
fn the_ratchet_leaves_no_older_key_in_the_blocks_that_it_lay_in() {
    let (folder, path) = folder();
    let old = TagKey::new(Day::new(20_000), [3; 32]);
    Secret::Tag(old).create(&path).unwrap();
    let blocks = |mut file: File| {
        let mut bytes = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut bytes).unwrap();
        assert!(!bytes.is_empty());
        bytes.iter().all(|b| *b == 0)
    };
    // An open file shows what lies in the blocks, name or no name.
    let day = Day::new(20_003);
    let check = |turn: &dyn Fn() -> Result<(), SecretError>| {
        let before = File::open(&path).unwrap();
        turn().unwrap();
        assert!(blocks(before), "the old key is still in its blocks");
    };
    check(&|| ratchet_tag_key(&path, day).map(drop));
    let later = day.plus(2);
    check(&|| renew_tag_key(&path, TagKey::new(later, [4; 32]), day).map(drop));
    check(&|| ratchet_earlier_keys(&path, day.plus(1)));

    // A power cut between the renaming and the overwriting; and one before the renaming.
    let left = folder.path().join("secret.old");
    fs::write(&left, "an old key").unwrap();
    let before = File::open(&left).unwrap();
    let next = ratchet_tag_key(&path, later).unwrap();
    assert!(blocks(before) && !left.exists());
    fs::hard_link(&path, &left).unwrap();
    assert!(ratchet_tag_key(&path, later).unwrap() == next, "the key in force is not what is left");
    assert!(!left.exists() && load_tag_key(&path).unwrap() == next);
}

#[test]
fn the_ratchet_leaves_no_older_key_in_the_folder() {
    let (folder, path) = folder();
    let old = TagKey::new(Day::new(20_000), [3; 32]);
    Secret::Tag(old.clone()).create(&path).unwrap();
    fs::write(folder.path().join("secret.new"), "left by a power cut").unwrap();
    let next = ratchet_tag_key(&path, Day::new(20_003)).unwrap();
    assert!(next == old.on(Day::new(20_003)).unwrap());
    assert!(load_tag_key(&path).unwrap() == next);
    assert_eq!(mode(&path), 0o600);
    let older = BASE64URL_NOPAD.encode(&*old.to_bytes());
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(names == [path.as_path()], "nothing is left beside it: {names:?}");
    assert!(!fs::read_to_string(&path).unwrap().contains(&older));

    assert!(ratchet_tag_key(&path, Day::new(20_003)).unwrap() == next, "the same day stays");
    let back = ratchet_tag_key(&path, Day::new(20_002)).unwrap_err();
    assert!(matches!(back, SecretError::Ratchet { .. }));
    assert!(ratchet_tag_key(&path, Day::UNKNOWN).is_err());
    assert!(load_tag_key(&path).unwrap() == next, "a refused day changes nothing");
}
