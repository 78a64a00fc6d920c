//! Root keys that follow others, as people write them: JSON with the keys and how many must sign, made into the body of a
//! bulletin that names the one before.

use serde::Deserialize;
use serde_json::{Value, json};
use sync::{
    bulletin::{Bulletin, BulletinKind, Notice},
    id::PublicKey,
    ledger::LedgerError,
    roots::{RootSet, RootSetError, Roots, Succession},
};

use super::Authority;

/// Why a set of roots cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SuccessionError {
    /// No JSON, or of another shape.
    #[error(
        "the set of roots is not of the form {{\"needed\":2,\"keys\":[\"…\"],\"retired\":[\"…\"]}}: {0}"
    )]
    Form(#[from] serde_json::Error),
    /// A key.
    #[error("{0}: {1:?} is no public key of 64 hexadecimal digits")]
    Key(&'static str, String),
    /// The set.
    #[error(transparent)]
    Set(#[from] RootSetError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    needed: u16,
    keys: Vec<String>,
    #[serde(default)]
    retired: Vec<String>,
}

/// Reads a set as people write it.
///
/// # Errors
/// [`SuccessionError`] names the field.
pub fn read(text: &[u8]) -> Result<RootSet, SuccessionError> {
    let written: Written = serde_json::from_slice(text)?;
    let public = |field, all: Vec<String>| {
        let key = |text: String| {
            PublicKey::from_hex(&text.to_ascii_lowercase()).ok_or(SuccessionError::Key(field, text))
        };
        all.into_iter().map(key).collect::<Result<Vec<_>, _>>()
    };
    let set = RootSet {
        needed: written.needed,
        keys: public("keys", written.keys)?,
        retired: public("retired", written.retired)?,
    };
    set.check()?;
    Ok(set)
}

/// The body by which a set follows the bulletin before; none for the first after the configured one.
///
/// # Errors
/// [`SuccessionError`].
pub fn body(text: &[u8], before: Option<Bulletin>) -> Result<Vec<u8>, SuccessionError> {
    Ok(Succession { set: read(text)?, before }.to_body())
}

/// What a body says of each root, to be compared field by field.
pub(super) fn told(body: Option<&[u8]>) -> Value {
    let set = body.and_then(|body| Succession::read(body).ok()).map(|read| read.set);
    let Some(set) = set else { return Value::Null };
    let named = |keys: &[PublicKey], word: &str| -> Vec<(String, Value)> {
        keys.iter().map(|key| (key.to_string(), word.into())).collect()
    };
    let roots = [named(&set.keys, "signs"), named(&set.retired, "retired")].concat();
    let roots: serde_json::Map<String, Value> = roots.into_iter().collect();
    json!({ "needed": set.needed, "root": roots })
}

/// Whose signatures count for a notice: the roots in force, and for new roots these as well.
pub(super) fn asked(roots: &Roots, notice: &Notice) -> Vec<PublicKey> {
    let mut keys = roots.set().keys.clone();
    if notice.kind == BulletinKind::Roots
        && let Ok(read) = Succession::read(&notice.body)
    {
        keys.extend(read.set.keys);
        keys.sort_unstable();
        keys.dedup();
    }
    keys
}

impl Authority {
    /// The body by which a set of roots, as people write it, follows the one in force.
    ///
    /// # Errors
    /// [`SuccessionError`], or the ledger's.
    pub async fn succession(
        &self,
        text: &[u8],
    ) -> Result<Result<Vec<u8>, SuccessionError>, LedgerError> {
        let mut held = self.0.ledger.bulletins(vec![BulletinKind::Roots]).await?;
        Ok(body(text, held.pop()))
    }

    /// The body of a kind that is in force; of roots, before the first bulletin about them, the configured set.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn body_in_force(&self, kind: BulletinKind) -> Result<Option<Vec<u8>>, LedgerError> {
        let held = self.in_force(kind).await?.map(|notice| notice.body.clone());
        Ok(held.or_else(|| {
            let set = self.0.ledger.charter().roots.founding().clone();
            (kind == BulletinKind::Roots).then(|| Succession { set, before: None }.to_body())
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_set_is_named() {
        let (a, b) = ("ab".repeat(32), "cd".repeat(32));
        let good = format!(r#"{{"needed":2,"keys":["{a}","{b}"]}}"#);
        assert_eq!(read(good.as_bytes()).unwrap().keys.len(), 2);
        let refused = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
        assert!(refused(&good.replace("2", "3")).contains("needed"));
        assert!(refused(&good.replace(&b, &a)).contains("once"));
        assert!(refused(&good.replace(&b, "cd")).contains("keys"));
        assert!(refused(&good.replace("needed", "need")).contains("need"));
        assert!(refused("[]").contains("form"));
        let told = told(Some(&body(good.as_bytes(), None).unwrap()));
        assert_eq!((&told["needed"], &told["root"][&a]), (&2.into(), &"signs".into()));
    }
}
