//! Papers of ours as text and bytes: a venue's grant, the tracing keys, and a look at what is not yet checked.

use data_encoding::BASE64URL_NOPAD;
use minicbor::bytes::ByteSlice;
use sync::{
    key::{Signed, Statement},
    membership::{MEMBERSHIP_MAX, VenueGrant},
    sealed::TracingKey,
};

pub(super) const VENUE_GRANT_PREFIX: &str = "vestibule-venue-grant:1:";
/// The most tracing keys that one bulletin publishes, one a week; [`crate::rules`] takes no more.
pub const TRACING_KEYS_MAX: usize = 64;

/// The text form of a venue's grant for files and pasting: a prefix, then base64url of the CBOR.
pub fn venue_grant_to_text(grant: &Signed<VenueGrant>) -> String {
    format!("{VENUE_GRANT_PREFIX}{}", BASE64URL_NOPAD.encode(&encode(grant)))
}

/// Reads [`venue_grant_to_text`]; `None` for anything else. Nothing is checked yet.
pub fn venue_grant_from_text(text: &str) -> Option<Signed<VenueGrant>> {
    let body = text.trim().strip_prefix(VENUE_GRANT_PREFIX)?;
    if body.len() > MEMBERSHIP_MAX * 4 / 3 {
        return None;
    }
    minicbor::decode(&BASE64URL_NOPAD.decode(body.as_bytes()).ok()?).ok()
}

/// What a signed statement says, with no signature checked: to show a paper to the person who holds it, never to
/// believe it. `None` where the payload is not of the shape.
pub fn unverified<T: Statement>(signed: &Signed<T>) -> Option<T> {
    let bytes = encode(signed);
    let mut decoder = minicbor::Decoder::new(&bytes);
    decoder.array().ok()?;
    let payload: &ByteSlice = decoder.decode().ok()?;
    minicbor::decode(payload).ok()
}

/// The body of a bulletin of tracing keys: a CBOR list, which [`crate::rules::Rules::take`] reads.
pub fn tracing_keys_to_body(keys: &[TracingKey]) -> Vec<u8> {
    encode(&keys)
}

fn encode<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sync::{
        id::{RegionId, VenueId, Week},
        key::SecretKey,
        time::UnixMillis,
    };

    fn venue(key: &SecretKey) -> VenueGrant {
        VenueGrant {
            region: RegionId::new(1),
            venue: VenueId::new(17),
            name: "Shop".into(),
            zone: "Asia/Almaty".into(),
            manager: key.public(),
            capacity: Some(120),
            doors: None,
            activity: None,
            area: None,
            not_before: UnixMillis::from_secs(1_790_000_000),
            not_after: UnixMillis::from_secs(1_790_000_001),
        }
    }

    #[test]
    fn a_venue_grant_reads_back() {
        let key = SecretKey::from_bytes(&[1; 32]);
        let text = venue_grant_to_text(&Signed::seal(&venue(&key), &key));
        assert_eq!(crate::code::Code::read(&text).word(), "venue-grant");
        let back = venue_grant_from_text(&format!(" {text}\n")).unwrap();
        assert_eq!(back.open(&key.public()).unwrap(), venue(&key));
        assert_eq!(unverified(&back).unwrap(), venue(&key));
        assert!(venue_grant_from_text("vestibule-venue-grant:1:@@").is_none());
    }

    #[test]
    fn tracing_keys_read_back() {
        let keys: Vec<TracingKey> =
            (0..3).map(|w| TracingKey { week: Week::new(w), public: [7; 32] }).collect();
        let body = tracing_keys_to_body(&keys);
        assert_eq!(minicbor::decode::<Vec<TracingKey>>(&body).unwrap(), keys);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let text = format!("{VENUE_GRANT_PREFIX}{}", BASE64URL_NOPAD.encode(&bytes));
            if let Some(grant) = venue_grant_from_text(&text) {
                let _ = unverified(&grant);
            }
        }
    }
}
