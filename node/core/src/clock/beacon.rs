//! The body of a beacon: the authority's word on the time, and whether it undoes an earlier one.

use serde::{Deserialize, Serialize};

/// Longer no beacon's body is, bytes.
const BODY_MAX: usize = 1024;

/// What a beacon says beside its time, as JSON (`schema/beacon.schema.json`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Beacon {
    /// Whether the floor becomes its time even where it was higher: the authority signed something by a clock that ran
    /// ahead.
    pub resets: bool,
}

/// Why a body is no beacon's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BeaconError {
    /// Too long.
    #[error("beacon of {0} bytes is over the limit of {BODY_MAX}")]
    TooLarge(usize),
    /// Not a JSON object of the form.
    #[error("beacon is not of the form")]
    Json(#[source] serde_json::Error),
    /// A list where named fields are wanted.
    #[error("beacon is not a JSON object")]
    NotAnObject,
}

impl Beacon {
    /// Reads a body.
    ///
    /// # Errors
    /// [`BeaconError`] says what is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, BeaconError> {
        if body.len() > BODY_MAX {
            return Err(BeaconError::TooLarge(body.len()));
        }
        // The reader would take a list for an object's fields in their order.
        if body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[') {
            return Err(BeaconError::NotAnObject);
        }
        serde_json::from_slice(body).map_err(BeaconError::Json)
    }

    /// The body for a bulletin.
    pub fn to_body(self) -> Vec<u8> {
        serde_json::to_vec(&self).unwrap_or_else(|e| unreachable!("JSON into memory: {e}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_body_says_whether_it_resets_and_nothing_else() {
        let check = |body: &str, expected: Option<bool>| {
            let read = Beacon::parse(body.as_bytes()).map(|beacon| beacon.resets);
            assert_eq!(read.ok(), expected, "{body}");
        };
        check("{}", Some(false));
        check(r#"{"resets":true}"#, Some(true));
        check(r#"{"resets":1}"#, None);
        check(r#"{"reset":true}"#, None);
        check("[true]", None);
        check("", None);
        check(&" ".repeat(BODY_MAX + 1), None);
        for resets in [false, true] {
            let beacon = Beacon { resets };
            assert_eq!(Beacon::parse(&beacon.to_body()).unwrap(), beacon);
        }
    }

    #[test]
    fn the_published_schema_knows_every_field() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../schema/beacon.schema.json")).unwrap();
        let fields = serde_json::to_value(Beacon::default()).unwrap();
        let keys = |json: &serde_json::Value| -> Vec<String> {
            json.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(keys(&schema["properties"]), keys(&fields));
        assert_eq!(schema["properties"]["resets"]["default"], fields["resets"]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Beacon::parse(&bytes);
        }
    }
}
