//! The bytes of an SMS-SUBMIT in UCS-2 (3GPP TS 23.040, 9.2.2.2), for texts that text mode cannot carry.

use std::fmt::Write;

/// The most UTF-16 units of one message.
pub(super) const UNITS_MAX: usize = 70;
/// The most letters of one message in the GSM alphabet.
pub(super) const LETTERS_MAX: usize = 160;

/// A message for PDU mode: its length as `AT+CMGS` wants it, and its hexadecimal digits. `None` where it is too long.
pub(super) fn submit(to: &str, text: &str) -> Option<(usize, String)> {
    let units: Vec<u16> = text.encode_utf16().collect();
    if units.len() > UNITS_MAX {
        return None;
    }
    let digits: Vec<u8> = to.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    let mut bytes = vec![0x11, 0x00]; // submit, with a validity; the modem counts
    bytes.push(u8::try_from(digits.len()).ok()?);
    bytes.push(0x91); // international
    // Two digits a byte, the first in the lower half; an odd one is filled up.
    bytes.extend(digits.chunks(2).map(|pair| pair.get(1).copied().unwrap_or(0xF) << 4 | pair[0]));
    bytes.extend([0x00, 0x08, 0x00]); // no protocol, UCS-2, five minutes
    bytes.push(u8::try_from(2 * units.len()).ok()?);
    bytes.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
    let mut digits = String::from("00"); // the SIM card's own message centre, which the length leaves out
    for byte in &bytes {
        let _ = write!(digits, "{byte:02X}"); // writing to a string does not fail
    }
    Some((bytes.len(), digits))
}

/// Whether text mode carries a text whatever the modem's settings: the letters that ASCII and the GSM alphabet share.
pub(super) fn is_plain(text: &str) -> bool {
    let same = |b: u8| b.is_ascii_alphanumeric() || b" .,:;!?'\"()+-*/%&<=>#\n".contains(&b);
    text.bytes().all(same) && text.len() <= LETTERS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_bytes_of_the_standard() {
        let (length, digits) = submit("+77012345678", "Код").unwrap();
        assert_eq!(digits, "0011000B917710325476F800080006041A043E0434");
        assert_eq!(length, digits.len() / 2 - 1);
        assert!(submit("+77012345678", &"я".repeat(70)).is_some());
        assert!(submit("+77012345678", &"я".repeat(71)).is_none());
        assert!(is_plain("Code 123456.") && !is_plain("Код") && !is_plain("a_b") && !is_plain("{"));
    }
}
