//! A visitor's telephone number: E.164, read from what people type. Pure; never printed.

use std::fmt;

use zeroize::Zeroizing;

/// The fewest and the most digits of a number with its country (E.164; none shorter takes messages).
const DIGITS: (usize, usize) = (8, 15);
/// The longest text that is looked at, bytes.
const TYPED_MAX: usize = 64;

/// A telephone number with its country.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(Zeroizing<String>);

/// What a country's numbers look like, where more is known than E.164 says.
struct Plan {
    /// The country's digits.
    code: &'static str,
    /// The fewest and the most digits after them.
    digits: (usize, usize),
    /// What people dial before them at home.
    trunk: &'static str,
    /// What the digits after the country begin with.
    first: &'static str,
}

const PLANS: [Plan; 3] = [
    Plan { code: "7", digits: (10, 10), trunk: "8", first: "3456789" },
    Plan { code: "84", digits: (9, 10), trunk: "0", first: "23456789" },
    Plan { code: "86", digits: (11, 11), trunk: "0", first: "1" },
];

/// The countries that a form offers; any other number begins with `+`.
pub const COUNTRIES: [&str; 3] = ["7", "84", "86"];

/// What is wrong with a typed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// Nothing was typed.
    #[error("no number was typed")]
    Empty,
    /// Something that no number has.
    #[error("a telephone number has no such sign")]
    Sign,
    /// Too few digits.
    #[error("{0} digits are too few for that country")]
    Short(usize),
    /// Too many digits.
    #[error("{0} digits are too many for that country")]
    Long(usize),
    /// No country.
    #[error("the number needs its country, such as +7")]
    Country,
}

impl Phone {
    /// Reads what was typed. `country` counts where the number does not begin with `+` or `00`: its digits, such as `7`.
    ///
    /// # Errors
    /// [`PhoneError`] says what to mend.
    pub fn read(typed: &str, country: &str) -> Result<Self, PhoneError> {
        if typed.len() > TYPED_MAX {
            return Err(PhoneError::Long(typed.chars().filter(char::is_ascii_digit).count()));
        }
        let mut digits = Zeroizing::new(String::with_capacity(TYPED_MAX));
        let mut abroad = false;
        for (n, sign) in typed.trim().chars().enumerate() {
            match sign {
                '+' | '＋' if n == 0 => abroad = true,
                '0'..='9' => digits.push(sign),
                // Full-width digits, as East Asian keyboards type them.
                '０'..='９' => digits.extend(char::from_digit(sign as u32 - '０' as u32, 10)),
                '-' | '(' | ')' | '.' | '/' | '\u{2010}'..='\u{2015}' => {}
                _ if sign.is_whitespace() => {}
                _ => return Err(PhoneError::Sign),
            }
        }
        if digits.is_empty() {
            return Err(PhoneError::Empty);
        }
        if !abroad && digits.starts_with("00") {
            (abroad, digits) = (true, Zeroizing::new(digits[2..].to_owned()));
        }
        let whole = if abroad { digits } else { at_home(&digits, country)? };
        check(&whole)?;
        Ok(Self(Zeroizing::new(format!("+{}", *whole))))
    }

    /// In the form of E.164: `+77010000000`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Only its country and its last two digits, for the person at the desk: `+7 … 67`.
    pub fn masked(&self) -> String {
        let digits = &self.0[1..];
        let known = PLANS.iter().map(|plan| plan.code).find(|code| digits.starts_with(code));
        let country = known.unwrap_or(&digits[..2]);
        format!("+{country} … {}", &digits[digits.len() - 2..])
    }
}

/// Names nobody.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// A number as it is dialled in its own country, with the country before it.
fn at_home(digits: &str, country: &str) -> Result<Zeroizing<String>, PhoneError> {
    let plan = PLANS.iter().find(|plan| plan.code == country).ok_or(PhoneError::Country)?;
    // "7 701 …" and "8 701 …" are typed for the same number; "7 012 …" is a slip, for no number there begins with 0.
    let begins = |rest: &&str| rest.starts_with(|c: char| plan.first.contains(c));
    let after = |prefix: &str, least: usize| {
        digits.strip_prefix(prefix).filter(|_| digits.len() > least).filter(begins)
    };
    let bare = after(plan.trunk, plan.digits.0).or_else(|| after(plan.code, plan.digits.1));
    let bare = bare.unwrap_or(digits);
    Ok(Zeroizing::new(format!("{country}{bare}")))
}

fn check(digits: &str) -> Result<(), PhoneError> {
    if digits.starts_with('0') {
        return Err(PhoneError::Country);
    }
    let plan = PLANS.iter().find(|plan| digits.starts_with(plan.code));
    let (least, most) = plan
        .map_or(DIGITS, |plan| (plan.code.len() + plan.digits.0, plan.code.len() + plan.digits.1));
    match digits.len() {
        count if count < least => Err(PhoneError::Short(count)),
        count if count > most => Err(PhoneError::Long(count)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        let check = |typed: &str, country: &str, number: &str| {
            let read = Phone::read(typed, country).unwrap_or_else(|e| panic!("{typed}: {e}"));
            assert_eq!(read.as_str(), number, "{typed}");
        };
        check("701 234 56 78", "7", "+77012345678");
        check("8 (701) 234-56-78", "7", "+77012345678");
        check("+7 701 234 56 78", "84", "+77012345678");
        check("7 701 234 56 78", "7", "+77012345678");
        check("0912 345 678", "84", "+84912345678");
        check("912 345 678", "84", "+84912345678");
        check("84 912 345 678", "84", "+84912345678");
        check("138 0013 8000", "86", "+8613800138000");
        check("１３８００１３８０００", "86", "+8613800138000");
        check("0086 138 0013 8000", "7", "+8613800138000");
        check("+49 30 1234567", "7", "+49301234567");
        check("+998 90 123 45 67", "", "+998901234567");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let check = |typed: &str, country: &str, error: PhoneError| {
            assert_eq!(Phone::read(typed, country), Err(error), "{typed}");
        };
        check("  ", "7", PhoneError::Empty);
        check("701 234 56 7", "7", PhoneError::Short(10));
        check("701 234 56 789", "7", PhoneError::Long(12));
        check("701 O34 56 78", "7", PhoneError::Sign);
        check("701 234 56 78", "", PhoneError::Country);
        check("+0 701 234 56 78", "", PhoneError::Country);
        check("+1234", "", PhoneError::Short(4));
        check("+1234567890123456", "", PhoneError::Long(16));
    }

    #[test]
    fn nothing_shows_it() {
        let phone = Phone::read("701 234 56 78", "7").unwrap();
        assert_eq!(format!("{phone:?}"), "Phone(…)");
        assert_eq!(phone.masked(), "+7 … 78");
        assert_eq!(Phone::read("+998 90 123 45 67", "").unwrap().masked(), "+99 … 67");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(typed in ".{0,80}", country in "[0-9]{0,3}") {
            if let Ok(phone) = Phone::read(&typed, &country) {
                prop_assert!((9..=16).contains(&phone.as_str().len()));
                let again = Phone::read(phone.as_str(), &country);
                prop_assert_eq!(again.as_ref().map(Phone::as_str), Ok(phone.as_str()));
                let _ = phone.masked();
            }
        }
    }
}
