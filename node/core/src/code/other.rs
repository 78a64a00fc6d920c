//! What else a visitor may hold to the camera, by its kind: told by name, so that it need not be shown twice. Pure.

use super::ids::{IdKind, IdNumber};

/// A text that is none of ours and no credential; the text itself is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OtherCode {
    /// A link.
    WebAddress,
    /// A payment code: EMVCo, EPC, Swiss QR, UPI, a cryptocurrency.
    Payment,
    /// The name and password of a wireless network.
    WirelessNetwork,
    /// A contact card.
    Contact,
    /// A date for a calendar.
    CalendarEvent,
    /// A number to call or to write to, or an address for mail.
    MessageAddress,
    /// A place on the map.
    Place,
    /// The secret of a second factor: to be hidden at once.
    OneTimePassword,
    /// A boarding pass of an airline.
    BoardingPass,
    /// A driving licence of North America.
    DrivingLicence,
    /// The number of a product on its package.
    ProductNumber,
    /// The number of a person, whose form and checksum hold. No credential: a number proves nothing of who shows it.
    IdNumber(IdKind),
    /// Any other digits, such as a phone number, or an ID with a wrong check digit.
    PlainNumber,
    /// Any other text.
    Text,
    /// A credential's prefix with a version that is not read, such as `HC2:`.
    UnknownVersion,
    /// Over [`CODE_CHARS_MAX`](super::CODE_CHARS_MAX).
    TooLong,
}

impl OtherCode {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::WebAddress => "web-address",
            Self::Payment => "payment-code",
            Self::WirelessNetwork => "wireless-network",
            Self::Contact => "contact-card",
            Self::CalendarEvent => "calendar-event",
            Self::MessageAddress => "message-address",
            Self::Place => "place",
            Self::OneTimePassword => "one-time-password",
            Self::BoardingPass => "boarding-pass",
            Self::DrivingLicence => "driving-licence",
            Self::ProductNumber => "product-number",
            Self::IdNumber(kind) => kind.word(),
            Self::PlainNumber => "plain-number",
            Self::Text => "plain-text",
            Self::UnknownVersion => "unknown-version",
            Self::TooLong => "too-long",
        }
    }
}

/// What a text is that has none of our prefixes. It must be within the limit of codes.
pub(super) fn recognise(text: &str) -> OtherCode {
    let lower: String = text.chars().take(16).flat_map(char::to_lowercase).collect();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|p| lower.starts_with(p));
    // Payment apps have links of their own: before links in general.
    if is_payment(text, &lower) {
        OtherCode::Payment
    } else if starts(&["http://", "https://", "www."]) {
        OtherCode::WebAddress
    } else if starts(&["wifi:"]) {
        OtherCode::WirelessNetwork
    } else if starts(&["begin:vcard", "mecard:", "bizcard:"]) {
        OtherCode::Contact
    } else if starts(&["begin:vevent", "begin:vcalendar"]) {
        OtherCode::CalendarEvent
    } else if starts(&["tel:", "sms:", "smsto:", "mms:", "mailto:", "matmsg:", "smtp:"]) {
        OtherCode::MessageAddress
    } else if starts(&["geo:"]) {
        OtherCode::Place
    } else if starts(&["otpauth:", "otpauth-migra"]) {
        OtherCode::OneTimePassword
    } else if is_boarding_pass(text) {
        OtherCode::BoardingPass
    } else if text.starts_with("@\n") && text.chars().take(32).collect::<String>().contains("ANSI ")
    {
        OtherCode::DrivingLicence
    } else {
        numbers(text)
    }
}

fn numbers(text: &str) -> OtherCode {
    if let Some(id) = IdNumber::readings(text).next() {
        OtherCode::IdNumber(id.kind())
    } else if is_product(text) {
        OtherCode::ProductNumber
    } else if is_number(text) {
        OtherCode::PlainNumber
    } else {
        OtherCode::Text
    }
}

// EMVCo merchant codes open with tag 00, length 02, version 01; EPC069-12 with the line BCD; Swiss QR with SPC.
fn is_payment(text: &str, lower: &str) -> bool {
    let schemes = ["upi:", "bitcoin:", "ethereum:", "lightning:", "monero:", "wxp:", "alipay"];
    let first_line = text.lines().next().unwrap_or_default();
    schemes.iter().any(|s| lower.starts_with(s))
        || (text.starts_with("000201") && text.len() > 40)
        || (matches!(first_line, "BCD" | "SPC") && text.len() > first_line.len())
        // Russia's GOST R 56042-2014, for bills.
        || (text.starts_with("ST0001") && text.contains('|'))
}

// IATA Resolution 792: M, the number of legs, a name of 20 characters, E for an electronic ticket.
fn is_boarding_pass(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 58
        && text.is_ascii()
        && bytes[0] == b'M'
        && matches!(bytes[1], b'1'..=b'4')
        && matches!(bytes[22], b'E' | b' ')
        && bytes[30..36].iter().all(u8::is_ascii_uppercase)
}

// GS1: 8, 13 or 14 digits, of which the last is a check digit. The 12 of North America stay plain numbers: among them a
// mistyped ID would pass for a product once in ten times.
fn is_product(text: &str) -> bool {
    if !matches!(text.len(), 8 | 13 | 14) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let weights = [1, 3].into_iter().cycle();
    let sum: u32 = text.bytes().rev().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    sum.is_multiple_of(10)
}

fn is_number(text: &str) -> bool {
    text.len() <= 32
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'+'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_text_has_its_name() {
        let check = |text: &str, word: &str| assert_eq!(recognise(text).word(), word, "{text}");
        check("https://example.org/menu", "web-address");
        check("HTTP://EXAMPLE.ORG", "web-address");
        check("BCD\n002\n1\nSCT", "payment-code");
        check("BCD", "plain-text");
        check("upi://pay?pa=a@b", "payment-code");
        check("wxp://f2f0xxxxxxxx", "payment-code");
        check("ST00012|Name=Shop|PersonalAcc=40702810", "payment-code");
        check(&format!("000201{}", "0".repeat(60)), "payment-code");
        check("WIFI:T:WPA;S:cafe;P:secret;;", "wireless-network");
        check("BEGIN:VCARD\nVERSION:3.0", "contact-card");
        check("MECARD:N:Doe;;", "contact-card");
        check("BEGIN:VEVENT\nSUMMARY:x", "calendar-event");
        check("tel:+77010000000", "message-address");
        check("mailto:a@example.org", "message-address");
        check("geo:43.2,76.9", "place");
        check("otpauth://totp/x?secret=y", "one-time-password");
        let boarding = "M1TEST/SPECIMEN       EABC123 ALANQZKC 0834 326J001A0025 100";
        check(boarding, "boarding-pass");
        check(&boarding[..57], "plain-text");
        check("@\n\u{1e}\rANSI 636000080002DL", "driving-licence");
        check("4006381333931", "product-number");
        check("4006381333932", "plain-number");
        check("96385074", "product-number");
        check("750612345678", "plain-number");
        check("800101300006", "kazakh-iin");
        check("800101300007", "plain-number");
        check("001080123456", "vietnamese-cccd");
        check("11010519491231002X", "chinese-resident-id");
        check("+7 701 000-00-00", "plain-number");
        check("-", "plain-text");
        check("", "plain-text");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(M1|ST0001|BCD\n|@\n)?\\PC{0,80}") {
            let _ = recognise(&text).word();
        }

        #[test]
        fn one_wrong_digit_is_no_product(digits in "[0-9]{12}", at in 0usize..13, by in 1u8..10) {
            let sum: u32 = digits.bytes().rev().zip([3, 1].into_iter().cycle())
                .map(|(b, w)| u32::from(b - b'0') * w).sum();
            let mut bytes = format!("{digits}{}", (10 - sum % 10) % 10).into_bytes();
            prop_assert!(is_product(std::str::from_utf8(&bytes).unwrap()));
            bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
            prop_assert!(!is_product(std::str::from_utf8(&bytes).unwrap()));
        }
    }
}
