//! Texts that a hand scanner typed through a Cyrillic keyboard layout, and what it meant to send. Pure.
//!
//! A scanner sends keys by the US layout; a machine whose layout is Russian or Kazakh turns `ST1:` into `ЫЕ1Ж` or
//! `ЫЕ"Ж`. Both layouts are as Windows and X have them.

/// Keys by the US layout, row by row: without shift, then with.
const US: [&str; 2] = [
    "`1234567890-=\\qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "~!@#$%^&*()_+|QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?",
];
const RUSSIAN: [&str; 2] = [
    "ё1234567890-=\\йцукенгшщзхъфывапролджэячсмитьбю.",
    "Ё!\"№;%:?*()_+/ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,",
];
const KAZAKH: [&str; 2] = [
    "(\"әіңғ,.үұқөһ\\йцукенгшщзхъфывапролджэячсмитьбю№",
    ")!ӘІҢҒ;:ҮҰҚӨҺ/ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ?",
];
/// Letters of the Kazakh layout's row of digits: only it has them.
const KAZAKH_ONLY: &str = "әіңғүұқөһӘІҢҒҮҰҚӨҺ";

/// What a scanner sent whose keys were taken for a Cyrillic layout's; nothing where the text holds no letter of one, or a
/// Latin one as well, and so was not typed so.
///
/// Which of both layouts it was shows in the digits: the Kazakh one has letters in their place. A text without any
/// sign may be either: the likelier reading comes first.
pub fn as_scanned(text: &str) -> Vec<String> {
    let cyrillic = |c: char| matches!(c, 'Ѐ'..='ӿ');
    if !text.contains(cyrillic) || text.contains(|c: char| c.is_ascii_alphabetic()) {
        return Vec::new();
    }
    let layouts: &[_] = if text.contains(|c| KAZAKH_ONLY.contains(c)) {
        &[KAZAKH]
    } else if text.contains(|c: char| c.is_ascii_digit()) {
        &[RUSSIAN]
    } else {
        &[RUSSIAN, KAZAKH]
    };
    let meant = |layout: &_| text.chars().map(|c| key(c, *layout)).collect();
    layouts.iter().filter_map(meant).collect()
}

/// The US character of the key that types `c`; characters that no key types, and space, stay.
fn key(c: char, layout: [&str; 2]) -> Option<char> {
    let rows = layout.iter().zip(US);
    let mut found = rows.filter_map(|(row, us)| us.chars().nth(row.chars().position(|k| k == c)?));
    match found.next() {
        Some(us) => Some(us),
        // From a keypad, which both layouts leave alone.
        None if c.is_ascii_digit() || c.is_ascii_whitespace() || "+-*/.".contains(c) => Some(c),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(text: &str, layout: [&str; 2]) -> String {
        let through = |c: char| {
            let mut rows = US.iter().zip(layout);
            let key = rows.find_map(|(us, row)| row.chars().nth(us.chars().position(|k| k == c)?));
            key.unwrap_or(c)
        };
        text.chars().map(through).collect()
    }

    #[test]
    fn the_layouts_have_as_many_keys_each() {
        for row in US.iter().chain(&RUSSIAN).chain(&KAZAKH) {
            assert_eq!(row.chars().count(), 47, "{row}");
        }
    }

    #[test]
    fn prefixes_come_back_from_both_layouts() {
        assert_eq!(typed("ST1:", RUSSIAN), "ЫЕ1Ж");
        assert_eq!(as_scanned("ЫЕ1Ж6ИА"), ["ST1:6BF"]);
        assert_eq!(typed("ST1:", KAZAKH), "ЫЕ\"Ж");
        assert_eq!(as_scanned("ЫЕ\"Ж,ИАғ"), ["ST1:6BF5"]);
        assert_eq!(as_scanned("ЫЕ\"ЖИА"), ["ST@:BF", "ST1:BF"]);
        assert_eq!(as_scanned("ырсЖ.5676"), ["shc:/5676"]);
    }

    #[test]
    fn what_was_not_typed_so_is_left() {
        for text in ["ST1:6BF", "", "12345", "Иван Ivan", "\"№;", "ЫЕ1Ж漢"] {
            assert!(as_scanned(text).is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_scanner_sends_comes_back(text in "[ -~]{0,80}") {
            // A letter shows that the layout was Cyrillic, a digit which one it was.
            let russian = format!("A{text}5");
            prop_assert_eq!(as_scanned(&typed(&russian, RUSSIAN)), [russian]);
            let kazakh = format!("A5{text}");
            prop_assert_eq!(as_scanned(&typed(&kazakh, KAZAKH)), [kazakh]);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[Ѐ-ӿ0-9\"№ -~]{0,40}") {
            let _ = as_scanned(&text);
        }
    }
}
