//! The PIN on a door's screen, which shows that a phone is at the door. Pure.
//!
//! Six digits of an HMAC over the step of time, under a secret of this start: as in TOTP (RFC 6238), but that nobody
//! else has the secret. A step lasts 30 s; the step before is taken too, so that who has read it can type it.

use ring::hmac;
use sync::time::UnixMillis;

/// How long a PIN stands on the screen, ms. It is taken for as long again, and so never for more than a minute.
pub const STEP_MILLIS: i64 = 30_000;
const DIGITS: u32 = 6;

/// What a door's PINs are made from; never printed.
pub struct Pin(hmac::Key);

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(…)")
    }
}

impl Pin {
    /// From 32 random bytes of this start.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The PIN of now.
    pub fn at(&self, now: UnixMillis) -> String {
        self.of(now.get().div_euclid(STEP_MILLIS))
    }

    /// Whether a PIN as typed is that of now or of the step before; spaces do not matter.
    pub fn accepts(&self, typed: &str, now: UnixMillis) -> bool {
        let typed: String =
            typed.chars().take(32).filter(|c| !c.is_whitespace() && *c != '-').collect();
        let step = now.get().div_euclid(STEP_MILLIS);
        // Both are compared whole, whichever it is: the answer takes the same time.
        [step, step - 1].iter().fold(false, |right, step| right | same(&self.of(*step), &typed))
    }

    fn of(&self, step: i64) -> String {
        let tag = hmac::sign(&self.0, &step.to_be_bytes());
        let number = tag.as_ref().iter().take(8).fold(0u64, |n, b| n << 8 | u64::from(*b));
        format!("{:0width$}", number % 10u64.pow(DIGITS), width = DIGITS as usize)
    }
}

/// Compares without telling by its time where two texts differ.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_010);

    #[test]
    fn a_pin_is_taken_for_its_step_and_the_next() {
        let pin = Pin::new(&[1; 32]);
        let typed = pin.at(NOON);
        assert_eq!(typed.len(), 6);
        let began = NOON.get().div_euclid(STEP_MILLIS) * STEP_MILLIS;
        let at = |millis| UnixMillis::new(began + millis);
        assert!(!pin.accepts(&typed, at(-1)));
        assert!(pin.accepts(&typed, at(0)) && pin.accepts(&typed, at(2 * STEP_MILLIS - 1)));
        assert!(!pin.accepts(&typed, at(2 * STEP_MILLIS)), "a minute at most");
        let spaced = format!(" {} {}", &typed[..3], &typed[3..]);
        assert!(pin.accepts(&spaced, NOON));
        assert!(!pin.accepts("", NOON) && !pin.accepts(&typed[..5], NOON));
        assert!(!Pin::new(&[2; 32]).accepts(&typed, NOON), "of another start");
    }

    #[test]
    fn pins_are_spread_over_all_numbers() {
        let pin = Pin::new(&[3; 32]);
        let pins: BTreeSet<String> =
            (0..1000).map(|n| pin.at(NOON.plus_millis(n * STEP_MILLIS))).collect();
        assert!(pins.len() > 990, "{}", pins.len());
        assert!(pins.iter().any(|p| p.starts_with('0')) && pins.iter().any(|p| p.starts_with('9')));
    }
}
