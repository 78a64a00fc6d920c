//! The authority's cabinet: what it writes down for good beside the visits, each value sealed with a key of its own.
//!
//! Cases, facts of people, enrolments, who was told what. A name of an entry lies in clear: whatever comes of a person goes
//! into it by [`Cabinet::blind`] alone. A drawer is the first byte of a name:
//! ```text
//! A venue → enrolled        B number → issued token    C person → facts          D version → draft of a bulletin
//! E node → bulletins had    N record → notice's state  K case → saved case       L number → approval asked for
//! M case, person → told     P id → account             S number → entry of the access log, 0 → its cut
//! T digest → program's token  V venue, time → confirmed violation
//! R case, time → answer sent to another system
//! Q venue → how many questions looked into it
//! G person → number of whom tokens were issued for, sealed once more
//! X region, visit → letter   X region → its keys        X person, visit → told by a region
//! W person → withdrawn      I program, key → request of a laboratory
//! ```

use std::sync::Arc;

use minicbor::{Decode, Encode};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    hmac,
};
use sync::{
    book::{Pair, Row},
    key::SecretKey,
};
use zeroize::Zeroizing;

use super::store::{Expected, Store, StoreError};

const CONTEXT: &[u8] = b"vestibule/cabinet/1";
const NONCE: usize = 12;
/// The longest name of an entry, bytes.
pub const NAME_MAX: usize = 128;
/// The longest value, bytes: well below what the store takes in one row.
pub const VALUE_MAX: usize = 24 * 1024;
const READ_AT_ONCE: usize = 1000;

/// Why the cabinet could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CabinetError {
    /// The store.
    #[error("the authority's cabinet could not be read or written")]
    Store(#[from] StoreError),
    /// An entry does not open: another key, or altered.
    #[error("an entry of the authority's cabinet is damaged")]
    Damaged,
    /// A name over [`NAME_MAX`] or a value over [`VALUE_MAX`] bytes.
    #[error("an entry is too large for the authority's cabinet")]
    TooLarge,
    /// The system gave no random bytes.
    #[error("no random bytes for the authority's cabinet")]
    Random,
}

/// What is to be done with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filing {
    /// Put in, in place of an earlier one.
    Put(Vec<u8>, Vec<u8>),
    /// Taken out.
    Take(Vec<u8>),
}

impl Filing {
    /// Puts a value in, as CBOR.
    pub fn put<T: Encode<()>>(name: Vec<u8>, value: &T) -> Self {
        Self::Put(name, super::index::encode(value))
    }
}

/// The cabinet. Its keys are made of the node's own, or of one that nodes with a shared store have in common; never printed.
pub struct Cabinet {
    store: Arc<Store>,
    key: hmac::Key,
}

impl std::fmt::Debug for Cabinet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cabinet")
    }
}

impl Cabinet {
    /// The cabinet in a store, under keys made of this one.
    pub fn new(store: Arc<Store>, key: &SecretKey) -> Self {
        Self { store, key: keyed(key) }
    }

    /// What tells two cabinet keys apart, and nothing else.
    pub(super) fn check_value(&self) -> [u8; 16] {
        let mut short = [0; 16];
        short.copy_from_slice(&self.mac(3, b"")[..16]);
        short
    }

    /// What stands for something about a person in a name: nobody without the authority's key can tell of whom it is.
    pub fn blind(&self, what: &[u8]) -> [u8; 16] {
        let mut short = [0; 16];
        short.copy_from_slice(&self.mac(1, what)[..16]);
        short
    }

    /// An entry; `None` where there is none of that name.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn read<T: for<'b> Decode<'b, ()>>(
        &self,
        name: &[u8],
    ) -> Result<Option<T>, CabinetError> {
        let until = [name, &[0]].concat(); // just after it
        let found = self.store.rows(name.to_vec(), until, 1).await?;
        found.first().map(|pair| self.open(pair)).transpose()
    }

    /// All entries whose names begin so, in the order of their names.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn all<T: for<'b> Decode<'b, ()>>(
        &self,
        prefix: &[u8],
    ) -> Result<Vec<(Vec<u8>, T)>, CabinetError> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let piece = self.page(prefix, after.as_deref(), READ_AT_ONCE).await?;
            let full = piece.len() == READ_AT_ONCE;
            found.extend(piece);
            match found.last() {
                Some((name, _)) if full => after = Some(name.clone()),
                _ => return Ok(found),
            }
        }
    }

    /// At most `limit` entries whose names begin so and come after one.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn page<T: for<'b> Decode<'b, ()>>(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, T)>, CabinetError> {
        let from = after.map_or_else(|| prefix.to_vec(), |name| [name, &[0]].concat());
        let rows = self.store.rows(from, past(prefix), limit).await?;
        rows.into_iter().map(|pair| Ok((pair.0.clone(), self.open(&pair)?))).collect()
    }

    /// Files entries, all of them durably or none.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn file(&self, filings: Vec<Filing>) -> Result<(), CabinetError> {
        let rows = filings.into_iter().map(|filing| self.row(filing)).collect::<Result<_, _>>()?;
        Ok(self.store.keep_rows(rows).await?)
    }

    /// Files entries if the entry `name` still says `expected`; `false` where somebody else was quicker, and then nothing
    /// was filed.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn file_if<T>(
        &self,
        name: &[u8],
        expected: Option<&T>,
        filings: Vec<Filing>,
    ) -> Result<bool, CabinetError>
    where
        T: for<'b> Decode<'b, ()> + PartialEq,
    {
        let until = [name, &[0]].concat(); // just after it
        let held = self.store.rows(name.to_vec(), until, 1).await?;
        let says: Option<T> = held.first().map(|pair| self.open(pair)).transpose()?;
        if says.as_ref() != expected {
            return Ok(false);
        }
        let rows = filings.into_iter().map(|filing| self.row(filing)).collect::<Result<_, _>>()?;
        // The very bytes that were read: another node may have filed since.
        let bytes = held.first().map(|(_, sealed)| sealed.as_slice());
        Ok(self.store.keep_rows_if(name, bytes, rows).await?)
    }

    /// An entry as it is read for [`Cabinet::file_seen`]: `seen` remembers the very bytes that said it.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub(super) async fn look<T: for<'b> Decode<'b, ()>>(
        &self,
        seen: &mut Expected,
        name: &[u8],
    ) -> Result<Option<T>, CabinetError> {
        let until = [name, &[0]].concat(); // just after it
        let mut held = self.store.rows(name.to_vec(), until, 1).await?;
        let says = held.first().map(|pair| self.open(pair)).transpose()?;
        // What was looked at twice must be as it was the first time.
        seen.entry(name.to_vec()).or_insert_with(|| held.pop().map(|(_, sealed)| sealed));
        Ok(says)
    }

    /// Files entries if all that was looked at still says the same; `false` where somebody else was quicker, and then
    /// nothing was filed.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub(super) async fn file_seen(
        &self,
        seen: &Expected,
        filings: Vec<Filing>,
    ) -> Result<bool, CabinetError> {
        let rows = filings.into_iter().map(|filing| self.row(filing)).collect::<Result<_, _>>()?;
        Ok(self.store.keep_rows_if_all(seen, rows).await?)
    }

    /// The row of the store that files an entry: for what must be durable together with other rows.
    pub(super) fn row(&self, filing: Filing) -> Result<Row, CabinetError> {
        match filing {
            Filing::Take(key) => Ok(Row::Gone { key }),
            Filing::Put(key, value) if key.len() > NAME_MAX || value.len() > VALUE_MAX => {
                Err(CabinetError::TooLarge)
            }
            Filing::Put(key, value) => {
                let value = self.seal(&key, value)?;
                Ok(Row::Lasting { key, value })
            }
        }
    }

    fn mac(&self, what: u8, of: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&[what]);
        context.update(of);
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(context.sign().as_ref());
        bytes
    }

    fn cipher(&self, name: &[u8]) -> Result<LessSafeKey, CabinetError> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &*self.mac(2, name));
        key.map(LessSafeKey::new).map_err(|_| CabinetError::Damaged)
    }

    fn seal(&self, name: &[u8], mut text: Vec<u8>) -> Result<Vec<u8>, CabinetError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| CabinetError::Random)?;
        let once = Nonce::assume_unique_for_key(nonce);
        self.cipher(name)?
            .seal_in_place_append_tag(once, Aad::from(name), &mut text)
            .map_err(|_| CabinetError::Damaged)?;
        Ok([&nonce[..], &text].concat())
    }

    fn open<T: for<'b> Decode<'b, ()>>(&self, (name, sealed): &Pair) -> Result<T, CabinetError> {
        let (nonce, text) = sealed.split_at_checked(NONCE).ok_or(CabinetError::Damaged)?;
        let once = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CabinetError::Damaged)?;
        let mut text = Zeroizing::new(text.to_vec());
        let cipher = self.cipher(name)?;
        let plain = cipher.open_in_place(once, Aad::from(name), &mut text);
        let plain = plain.map_err(|_| CabinetError::Damaged)?;
        minicbor::decode(plain).map_err(|_| CabinetError::Damaged)
    }
}

fn keyed(node: &SecretKey) -> hmac::Key {
    let own = hmac::Key::new(hmac::HMAC_SHA256, &*node.to_bytes());
    hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&own, CONTEXT).as_ref())
}

/// The first name after all that begin so.
fn past(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_begin_so_end_before_the_next() {
        assert_eq!(past(b"A"), b"B");
        assert_eq!(past(b"A\xff"), b"B");
        assert_eq!(past(b"A\x01\xff\xff"), b"A\x02");
        assert_eq!(past(b"\xff"), b"");
    }
}
