//! A person's name as the manager writes it: any script, one line, bounded; compared as people type it.

/// The longest name, characters.
const CHARS_MAX: usize = 60;
/// The longest name, bytes.
const BYTES_MAX: usize = 240;

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing but white space.
    #[error("a name is empty")]
    Empty,
    /// Over 60 characters or 240 bytes.
    #[error("a name is longer than {CHARS_MAX} characters")]
    TooLong,
    /// It has control characters, or such as turn the direction of what follows.
    #[error("a name has characters that cannot be seen")]
    Unseen,
    /// Only digits: that would be a number.
    #[error("a name needs a letter")]
    NoLetter,
}

/// A name. It is shown as it was written, and never taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// From what was typed, without white space around and with single spaces within.
    ///
    /// # Errors
    /// [`NameError`] says what to mend.
    pub fn new(typed: &str) -> Result<Self, NameError> {
        let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if name.len() > BYTES_MAX || name.chars().count() > CHARS_MAX {
            return Err(NameError::TooLong);
        }
        if name.chars().any(is_unseen) {
            return Err(NameError::Unseen);
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(NameError::NoLetter);
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is what was typed, but for case and spaces.
    pub fn is_typed(&self, typed: &str) -> bool {
        folded(&self.0) == folded(typed)
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(…)")
    }
}

/// Without case and without spaces of any kind.
fn folded(text: &str) -> String {
    let bounded = text.chars().take(CHARS_MAX * 4).filter(|c| !c.is_whitespace());
    bounded.flat_map(char::to_lowercase).collect()
}

/// Control characters, and marks that would let a name change how the text after it reads.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
