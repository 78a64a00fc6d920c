//! The texts as a whole: every language has every message, no message is left over, arguments agree.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use node_core::reason::Reason;

use super::*;

/// A message: its source.
type Messages = BTreeMap<&'static str, String>;

fn messages(lang: Lang) -> Messages {
    assert!(FluentResource::try_new(source(lang).to_owned()).is_ok(), "{lang:?} does not parse");
    let mut all = Messages::new();
    let mut last = "";
    for line in source(lang).lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once(" = ") {
            Some((id, text)) if !line.starts_with(' ') => {
                assert!(all.insert(id, text.to_owned()).is_none(), "{lang:?}: {id} twice");
                last = id;
            }
            _ => all.entry(last).or_default().push_str(line),
        }
    }
    all
}

fn variables(text: &str) -> BTreeSet<&str> {
    let parts = text.split('$').skip(1);
    parts.map(|p| p.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("")).collect()
}

/// The sources of pages and handlers, without tests.
fn sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["src", "templates"].map(|folder| read(&root.join(folder))).concat()
}

fn read(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") && !path.ends_with("text") {
            all += &read(&path);
        } else if path.is_file() && !path.ends_with("tests.rs") {
            all += &fs::read_to_string(path).unwrap();
        }
    }
    all
}

/// Each `"literal"` in the sources.
fn literals(sources: &str) -> BTreeSet<&str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let parts = sources.split('"');
    parts.filter(|part| !part.is_empty() && part.chars().all(plain)).collect()
}

#[test]
fn every_language_has_every_text_with_the_same_arguments() {
    let english = messages(Lang::En);
    for lang in Lang::ALL {
        let own = messages(lang);
        for (id, text) in &english {
            let translated = own.get(id).unwrap_or_else(|| panic!("{lang:?} lacks {id}"));
            assert_eq!(variables(translated), variables(text), "{lang:?}: {id}");
            assert!(!translated.trim().is_empty(), "{lang:?}: {id} is empty");
        }
        let extra: Vec<_> = own.keys().filter(|id| !english.contains_key(*id)).collect();
        assert!(extra.is_empty(), "{lang:?} has what English lacks: {extra:?}");
    }
}

#[test]
fn counts_have_the_plural_forms_of_their_language() {
    for lang in Lang::ALL {
        let forms: &[&str] = match lang {
            Lang::Ru => &["[one]", "[few]", "*[many]"],
            Lang::Kk | Lang::En => &["[one]", "*[other]"],
            Lang::Vi | Lang::ZhHans | Lang::ZhHant => &["*[other]"],
        };
        for (id, text) in messages(lang).iter().filter(|(_, text)| text.contains("->")) {
            for form in forms {
                assert!(text.contains(form), "{lang:?}: {id} lacks {form}");
            }
            for n in [0, 1, 2, 5, 21] {
                let said = lang.count(id, n);
                assert!(!said.contains('{'), "{lang:?}: {id} for {n}: {said}");
            }
        }
    }
}

#[test]
fn every_text_is_used_and_every_use_has_a_text() {
    let english = messages(Lang::En);
    let sources = sources();
    let used = literals(&sources);
    let office = [
        "office-kind-",
        "office-field-",
        "office-hint-",
        "office-policy-",
        "office-word-",
        "office-list-",
    ];
    let families =
        ["reason-", "refused-", "bulletin-", "camera-", "hint-", "poster-"].iter().chain(&office); // put together from words
    for id in english.keys() {
        let family = families.clone().any(|family| id.starts_with(family));
        assert!(used.contains(id) || family, "{id} is used nowhere");
    }
    for (call, expected) in [("say(\"", ""), ("count(\"", "n"), ("fill(\"", "value")] {
        for id in sources.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
            let text = english.get(id).unwrap_or_else(|| panic!("{id} is said but not written"));
            let expected: BTreeSet<&str> =
                [expected].into_iter().filter(|v| !v.is_empty()).collect();
            assert_eq!(variables(text), expected, "{id} called by {call}");
        }
    }
    // Texts that are named in one place and said in another.
    let prefixes = ["action-", "advice-", "status-", "kind-", "decider-", "outcome-", "clock-"];
    let prefixes = prefixes.into_iter().chain(["desk-error-", "trace-error-", "error-", "nav-"]);
    for prefix in prefixes {
        for id in used.iter().filter(|id| id.starts_with(prefix)) {
            assert!(english.contains_key(id), "{id} is named but not written");
        }
    }
}

#[test]
fn every_reason_has_its_text_and_no_other() {
    let english = messages(Lang::En);
    let words: BTreeSet<String> =
        Reason::ALL.iter().map(|reason| format!("reason-{}", reason.word())).collect();
    let written: BTreeSet<String> =
        english.keys().filter(|id| id.starts_with("reason-")).map(|id| (*id).to_owned()).collect();
    assert_eq!(words, written);
}

#[test]
fn russian_counts_by_its_own_rules() {
    let said: Vec<String> = [1, 2, 5, 11, 21].map(|n| Lang::Ru.count("age-days", n)).into();
    assert_eq!(said, ["1 день", "2 дня", "5 дней", "11 дней", "21 день"]);
    assert_eq!(Lang::En.count("trace-contacts", 0), "No contact in this window");
    assert_eq!(Lang::Vi.known("no-such-text"), None);
}
