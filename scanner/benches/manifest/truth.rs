//! What the pictures of a manifest say, and whether it was read.

use std::path::Path;

use serde::Deserialize;

/// A picture of the manifest.
#[derive(Deserialize)]
pub(crate) struct Entry {
    pub(crate) file: String,
    pub(crate) set: String,
    expected: Vec<String>,
    accept: Vec<Vec<String>>,
    #[serde(default)]
    also_ok: Vec<String>,
}

/// What came of one picture.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) read: bool,
    pub(crate) wrong: usize,
}

impl Entry {
    pub(crate) fn all(manifest: &Path) -> Result<Vec<Self>, Box<dyn std::error::Error>> {
        Ok(serde_json::from_slice(&std::fs::read(manifest)?)?)
    }

    /// Read if one expected text is among them; wrong are those that nobody expects.
    pub(crate) fn judge(&self, texts: &[String]) -> Verdict {
        let texts: Vec<String> = texts.iter().map(|text| normal(text)).collect();
        let wanted: Vec<String> =
            self.expected.iter().chain(self.accept.iter().flatten()).map(|t| normal(t)).collect();
        let also: Vec<String> = self.also_ok.iter().map(|text| normal(text)).collect();
        let known = |text: &&String| wanted.contains(text) || also.contains(text);
        Verdict {
            read: if self.is_negative() {
                texts.is_empty()
            } else {
                texts.iter().any(|t| wanted.contains(t))
            },
            wrong: texts.iter().filter(|text| !known(text)).count(),
        }
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.set == "negatives"
    }

    /// The family whose rate is compared: photos of BoofCV, synthetic ones, negatives, others.
    pub(crate) fn family(&self) -> &'static str {
        match self.set.split('-').next() {
            Some("boof") => "= boofcv",
            Some("synth") => "= synthetic",
            Some("negatives") => "= negatives",
            _ => "= other",
        }
    }
}

/// White space does not count; the separators of fields are some, as the texts of the manifest were made so.
fn normal(text: &str) -> String {
    let space = |c: char| c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c);
    text.split(space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
