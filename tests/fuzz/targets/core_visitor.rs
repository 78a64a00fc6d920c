//! What a visitor's phone sends and a manager's document holds: telephone numbers, passes, the venue's own rules.

#![no_main]

use node_core::{pass::Pass, phone::Phone, policy::HouseRules};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(rules) = HouseRules::from_bytes(bytes) {
        let again = HouseRules::from_bytes(&rules.to_bytes());
        assert_eq!(again.as_ref(), Some(&rules), "rules read back");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(pass) = Pass::from_text(text) {
        assert_eq!(pass.to_text(), text, "a pass has one text");
        let _ = pass.tag();
    }
    // The first line is the country, the rest the number.
    let (country, typed) = text.split_once('\n').unwrap_or(("7", text));
    if let Ok(phone) = Phone::read(typed, country) {
        let again = Phone::read(phone.as_str(), country);
        assert_eq!(again.as_ref().map(Phone::as_str), Ok(phone.as_str()), "a number reads back");
        let _ = phone.masked();
    }
});
