//! Keys to characters by the US layout, which hand scanners send whatever the machine's layout is. Pure.

/// Codes of `linux/input-event-codes.h` that are no characters.
const ENTER: u16 = 28;
const KEYPAD_ENTER: u16 = 96;
const LEFT_SHIFT: u16 = 42;
const RIGHT_SHIFT: u16 = 54;
const CAPS_LOCK: u16 = 58;

/// First code of a row of keys, and its characters without and with shift.
const ROWS: [(u16, &[u8], &[u8]); 5] = [
    (2, b"1234567890-=", b"!@#$%^&*()_+"),
    (15, b"\tqwertyuiop[]", b"\tQWERTYUIOP{}"),
    (30, b"asdfghjkl;'`", b"ASDFGHJKL:\"~"),
    (43, b"\\zxcvbnm,./", b"|ZXCVBNM<>?"),
    (57, b" ", b" "),
];
/// Keypad: first code, characters.
const KEYPAD: [(u16, &[u8]); 4] = [(55, b"*"), (71, b"789-456+1230."), (98, b"/"), (117, b"=")];

/// What is held down while keys come.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    left: bool,
    right: bool,
    caps: bool,
}

impl Keys {
    /// Takes in an event of a key; `value` is 0 for its release, 1 for a press, 2 for a repeat, which no scanner means.
    /// Gives the character it types; Enter is a line end.
    pub(crate) fn event(&mut self, code: u16, value: i32) -> Option<u8> {
        match (code, value) {
            (LEFT_SHIFT, _) => self.left = value != 0,
            (RIGHT_SHIFT, _) => self.right = value != 0,
            (CAPS_LOCK, 1) => self.caps = !self.caps,
            (ENTER | KEYPAD_ENTER, 1) => return Some(b'\n'),
            (_, 1) => return self.character(code),
            _ => {}
        }
        None
    }

    fn character(&self, code: u16) -> Option<u8> {
        let at = |first: u16, keys: &[u8]| {
            code.checked_sub(first).and_then(|at| keys.get(usize::from(at)).copied())
        };
        let shift = self.left || self.right;
        let typed = ROWS.iter().find_map(|&(first, plain, shifted)| {
            let letter = at(first, plain)?.is_ascii_lowercase();
            let upper = shift != (letter && self.caps);
            at(first, if upper { shifted } else { plain })
        });
        typed.or_else(|| KEYPAD.iter().find_map(|&(first, keys)| at(first, keys)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The events with which a scanner types a text.
    pub(crate) fn typed(text: &str) -> Vec<(u16, i32)> {
        let mut events = Vec::new();
        for byte in text.bytes() {
            let press = |code| [(code, 1), (code, 0)];
            if byte == b'\n' {
                events.extend(press(ENTER));
                continue;
            }
            let (shift, code) = ROWS
                .iter()
                .find_map(|&(first, plain, shifted)| {
                    let at = |keys: &[u8]| keys.iter().position(|&key| key == byte);
                    let code = |at: usize| first + at as u16;
                    at(plain).map(|n| (false, code(n))).or(at(shifted).map(|n| (true, code(n))))
                })
                .unwrap();
            if shift {
                events.push((LEFT_SHIFT, 1));
            }
            events.extend(press(code));
            if shift {
                events.push((LEFT_SHIFT, 0));
            }
        }
        events
    }

    fn read(events: &[(u16, i32)]) -> String {
        let mut keys = Keys::default();
        events.iter().filter_map(|&(code, value)| keys.event(code, value)).map(char::from).collect()
    }

    #[test]
    fn keys_are_those_of_the_kernels_list() {
        // KEY_S 31, KEY_T 20, KEY_1 2, KEY_SEMICOLON 39, KEY_KP7 71, KEY_KPDOT 83, KEY_KPSLASH 98.
        let shifted = [(54, 1), (31, 1), (31, 0), (20, 1), (20, 2), (20, 0), (54, 0)];
        let rest = [(2, 1), (2, 0), (42, 1), (39, 1), (42, 0), (71, 1), (83, 1), (98, 1), (96, 1)];
        assert_eq!(read(&[&shifted[..], &rest].concat()), "ST1:7./\n");
        assert_eq!(read(&[(58, 1), (58, 0), (30, 1), (2, 1), (42, 1), (30, 1), (2, 1)]), "A1a!");
        assert_eq!(read(&[(1, 1), (59, 1), (103, 1), (500, 1), (0, 1)]), "");
    }

    proptest! {
        #[test]
        fn every_printable_text_comes_back(text in "[ -~\n]{0,80}") {
            prop_assert_eq!(read(&typed(&text)), text);
        }

        #[test]
        fn no_events_make_it_panic(events in prop::collection::vec((any::<u16>(), any::<i32>()), 0..100)) {
            let _ = read(&events);
        }
    }
}
