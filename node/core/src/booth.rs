//! What stands between a visitor's typed number and a check-in: the PIN of the door, codes by SMS, caps on attempts.
//!
//! ```text
//! number + PIN ───────────────────────────────▶ proved
//! number ─▶ code by SMS, 60 s ─▶ ticket + code ─▶ proved
//! ```
//! Everything here lives in memory and is gone with the program. Numbers are counted under a keyed hash.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use sync::{letterbox::Letterbox, record::Direction, time::UnixMillis};
use zeroize::Zeroizing;

use crate::{
    phone::Phone,
    pin::{Pin, same},
    tries::{Tries, network},
};

/// How long a code by SMS is taken, ms.
pub const CODE_MILLIS: i64 = 60_000;
/// Codes that are awaited at once.
const TICKETS_MAX: usize = 256;
/// Wrong codes for one ticket.
const CODE_TRIES: u8 = 3;
/// Letters that were opened, and are opened only once.
const OPENED_MAX: usize = 4096;
const MINUTE: i64 = 60_000;

/// The counter of a door: one for all visitors' phones.
pub struct Booth {
    pin: Pin,
    hashing: hmac::Key,
    letterbox: Letterbox,
    state: Mutex<State>,
}

struct State {
    wrong_by_address: Tries<IpAddr>,
    wrong_by_number: Tries<[u8; 16]>,
    wrong: Tries<()>,
    sent_to_address: Tries<IpAddr>,
    sent_to_number: Tries<[u8; 16]>,
    sent: Tries<()>,
    looked: Tries<IpAddr>,
    tickets: HashMap<String, Awaited>,
    opened: VecDeque<[u8; 16]>,
}

/// A code that was sent.
struct Awaited {
    code: String,
    phone: Phone,
    way: Direction,
    at: UnixMillis,
    wrong: u8,
}

/// A code to be sent, and the ticket under which it is typed back.
pub struct Sent {
    /// The name of what is awaited: 128 random bits.
    pub ticket: String,
    /// The six digits.
    pub code: Zeroizing<String>,
}

/// Says neither.
impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sent(…)")
    }
}

/// Why a number is not taken as proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// Another PIN or code than the right one.
    #[error("the PIN or code is wrong")]
    Wrong,
    /// The code's minute is over, or it was used.
    #[error("the code is no longer taken")]
    Over,
    /// Too many attempts; after so many seconds there may be another.
    #[error("too many attempts: wait {0} s")]
    Wait(i64),
    /// The system has no randomness.
    #[error("the system has no randomness")]
    Randomness,
}

impl std::fmt::Debug for Booth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Booth(…)")
    }
}

impl Booth {
    /// A new one, with secrets of its own.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn open() -> Result<Self, getrandom::Error> {
        let (mut pin, mut hashing) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        getrandom::fill(&mut *pin)?;
        getrandom::fill(&mut *hashing)?;
        Ok(Self {
            pin: Pin::new(&pin),
            hashing: hmac::Key::new(hmac::HMAC_SHA256, &*hashing),
            letterbox: Letterbox::generate(),
            state: Mutex::new(State {
                // Behind one router many phones may have one address.
                wrong_by_address: Tries::new(10, MINUTE),
                wrong_by_number: Tries::new(5, 10 * MINUTE),
                wrong: Tries::new(60, MINUTE),
                sent_to_address: Tries::new(20, 10 * MINUTE),
                sent_to_number: Tries::new(3, 10 * MINUTE),
                sent: Tries::new(120, 10 * MINUTE),
                looked: Tries::new(60, MINUTE),
                tickets: HashMap::new(),
                opened: VecDeque::new(),
            }),
        })
    }

    /// The PIN for the door's screen.
    pub fn pin(&self, now: UnixMillis) -> String {
        self.pin.at(now)
    }

    /// The key to which browsers seal.
    pub fn public(&self) -> &[u8; 32] {
        self.letterbox.public()
    }

    /// Opens what a browser sealed, once: a letter that somebody overheard and sends again is nothing.
    pub fn open_letter(&self, letter: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let text = self.letterbox.open(letter)?;
        // The beginning is the browser's own key of this one letter.
        let name = letter.first_chunk::<16>()?;
        let mut state = self.state();
        if state.opened.contains(name) {
            return None;
        }
        if state.opened.len() == OPENED_MAX {
            state.opened.pop_front();
        }
        state.opened.push_back(*name);
        Some(text)
    }

    /// Whether a number was typed beside the PIN of now.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn prove_by_pin(
        &self,
        from: IpAddr,
        phone: &Phone,
        typed: &str,
        now: UnixMillis,
    ) -> Result<(), Denied> {
        let (from, number) = (network(from), self.hash(phone));
        let mut state = self.state();
        let waits = [
            state.wrong_by_address.wait(&from, now),
            state.wrong_by_number.wait(&number, now),
            state.wrong.wait(&(), now),
        ];
        refuse_while(waits)?;
        if self.pin.accepts(typed, now) {
            return Ok(());
        }
        state.wrong_by_address.count(&from, now);
        state.wrong_by_number.count(&number, now);
        state.wrong.count(&(), now);
        Err(Denied::Wrong)
    }

    /// Makes a code to be sent to a number.
    ///
    /// # Errors
    /// [`Denied::Wait`] where too many were sent.
    pub fn begin_sms(
        &self,
        from: IpAddr,
        phone: Phone,
        way: Direction,
        now: UnixMillis,
    ) -> Result<Sent, Denied> {
        let (from, number) = (network(from), self.hash(&phone));
        let mut bytes = Zeroizing::new([0u8; 24]);
        getrandom::fill(&mut *bytes).map_err(|_| Denied::Randomness)?;
        let (ticket, rest) = bytes.split_at(16);
        let ticket = BASE64URL_NOPAD.encode(ticket);
        let digits = rest.iter().fold(0u64, |n, b| n << 8 | u64::from(*b)) % 1_000_000;
        let code = Zeroizing::new(format!("{digits:06}"));
        let mut state = self.state();
        let waits = [
            state.sent_to_address.wait(&from, now),
            state.sent_to_number.wait(&number, now),
            state.sent.wait(&(), now),
        ];
        refuse_while(waits)?;
        state.tickets.retain(|_, awaited| !awaited.is_over(now));
        if state.tickets.len() >= TICKETS_MAX {
            return Err(Denied::Wait(CODE_MILLIS / 1000));
        }
        state.sent_to_address.count(&from, now);
        state.sent_to_number.count(&number, now);
        state.sent.count(&(), now);
        let awaited = Awaited { code: code.to_string(), phone, way, at: now, wrong: 0 };
        state.tickets.insert(ticket.clone(), awaited);
        Ok(Sent { ticket, code })
    }

    /// The minute begins now: the message has just been handed over.
    pub fn was_sent(&self, ticket: &str, now: UnixMillis) {
        if let Some(awaited) = self.state().tickets.get_mut(ticket) {
            awaited.at = now;
        }
    }

    /// The gateway did not take the message: the attempt does not count, so that its trouble locks nobody out. One that
    /// did not answer in time may have taken it, and counts.
    pub fn was_not_sent(&self, ticket: &str, from: IpAddr) {
        let mut state = self.state();
        if let Some(awaited) = state.tickets.remove(ticket) {
            let number = self.hash(&awaited.phone);
            state.sent_to_address.take_back(&network(from));
            state.sent_to_number.take_back(&number);
            state.sent.take_back(&());
        }
    }

    /// To whom the code of a ticket was sent, masked; `None` once it counts no longer.
    pub fn sent_to(&self, ticket: &str, now: UnixMillis) -> Option<String> {
        let state = self.state();
        state.tickets.get(ticket).filter(|awaited| !awaited.is_over(now)).map(|a| a.phone.masked())
    }

    /// Whose number it was, where the code is the one that was sent; it counts once.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn prove_by_code(
        &self,
        from: IpAddr,
        ticket: &str,
        typed: &str,
        now: UnixMillis,
    ) -> Result<(Phone, Direction), Denied> {
        let from = network(from);
        let typed: String = typed.chars().take(32).filter(char::is_ascii_digit).collect();
        let mut state = self.state();
        refuse_while([state.wrong_by_address.wait(&from, now), state.wrong.wait(&(), now), None])?;
        let awaited = state.tickets.get_mut(ticket).ok_or(Denied::Over)?;
        if awaited.is_over(now) {
            state.tickets.remove(ticket);
            return Err(Denied::Over);
        }
        if same(&awaited.code, &typed) {
            let awaited = state.tickets.remove(ticket).ok_or(Denied::Over)?;
            return Ok((awaited.phone, awaited.way));
        }
        awaited.wrong += 1;
        if awaited.wrong >= CODE_TRIES {
            state.tickets.remove(ticket);
        }
        state.wrong_by_address.count(&from, now);
        state.wrong.count(&(), now);
        Err(Denied::Wrong)
    }

    /// Counts a question that costs the node work, such as a self-check or a receipt.
    ///
    /// # Errors
    /// [`Denied::Wait`] where an address asks too often.
    pub fn look(&self, from: IpAddr, now: UnixMillis) -> Result<(), Denied> {
        let (from, mut state) = (network(from), self.state());
        refuse_while([state.looked.wait(&from, now), None, None])?;
        state.looked.count(&from, now);
        Ok(())
    }

    fn hash(&self, phone: &Phone) -> [u8; 16] {
        let tag = hmac::sign(&self.hashing, phone.as_str().as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&tag.as_ref()[..16]);
        bytes
    }

    /// No panic happens while the lock is held that would leave the state torn.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Awaited {
    fn is_over(&self, now: UnixMillis) -> bool {
        !(0..CODE_MILLIS).contains(&(now.get() - self.at.get()))
    }
}

fn refuse_while(waits: [Option<i64>; 3]) -> Result<(), Denied> {
    match waits.into_iter().flatten().max() {
        Some(millis) => Err(Denied::Wait((millis + 999) / 1000)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
