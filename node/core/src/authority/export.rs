//! A case's answer as files that other systems take: tables, SORMAS, Go.Data, IRIS connect, FHIR. Pure.
//!
//! Every script is kept as it is written; what a table's program would take for a formula is defused instead. Names are
//! never taken apart: where a system wants a first and a last name, the whole name is the last and a dash the first.

mod fhir;
mod json;
mod table;

#[cfg(test)]
mod tests;

use sync::{
    id::{RegionId, Subject, VenueId},
    sealed::NumberKind,
    time::{UnixMillis, Zone},
};

/// The most lines of one file: receivers take more for an attack.
pub const LINES_MAX: usize = 10_000;

/// One person at one place, as a file has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// The pseudonym.
    pub subject: Subject,
    /// The whole name, where it is known.
    pub name: Option<String>,
    /// The date of birth, as the credential writes it.
    pub birth_date: Option<String>,
    /// The number of a document.
    pub document: Option<(NumberKind, String)>,
    /// A telephone number.
    pub phone: Option<String>,
    /// Where.
    pub venue: VenueId,
    /// Its name.
    pub venue_name: String,
    /// The venue's clock.
    pub zone: Zone,
    /// Since when.
    pub from: UnixMillis,
    /// Until when.
    pub until: UnixMillis,
    /// Whole minutes.
    pub minutes: i64,
    /// Of the first or second degree.
    pub degree: u8,
    /// Whether both came by the same entrance.
    pub same_entrance: bool,
    /// Whether both were in the same part of the venue.
    pub same_zone: bool,
}

/// Names nobody.
impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line(…)")
    }
}

/// What goes into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The region.
    pub region: RegionId,
    /// The case's reference.
    pub case: String,
    /// When the file is made.
    pub at: UnixMillis,
    /// From when was asked.
    pub from: UnixMillis,
    /// Until when was asked.
    pub until: UnixMillis,
    /// The lines.
    pub lines: Vec<Line>,
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A plain table.
    Csv,
    /// The same for a spreadsheet.
    Xlsx,
    /// SORMAS: participants of an event, with two heading rows.
    SormasParticipants,
    /// SORMAS: contacts, with two heading rows.
    SormasContacts,
    /// Go.Data: contacts with their relationship.
    GoData,
    /// IRIS connect: a guest list.
    Iris,
    /// HL7 FHIR R4: a bundle.
    Fhir,
}

/// Why no file was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// More lines than receivers take.
    #[error("the answer has over {LINES_MAX} lines; ask about a shorter window")]
    TooLong,
    /// The table.
    #[error("the table could not be written")]
    Csv(#[from] csv::Error),
    /// The table's buffer.
    #[error("the table could not be finished")]
    Buffer(#[source] Box<csv::IntoInnerError<csv::Writer<Vec<u8>>>>),
    /// The spreadsheet.
    #[error("the spreadsheet could not be written")]
    Xlsx(#[source] Box<rust_xlsxwriter::XlsxError>),
    /// The JSON.
    #[error("the JSON could not be written")]
    Json(#[from] serde_json::Error),
}

impl From<csv::IntoInnerError<csv::Writer<Vec<u8>>>> for ExportError {
    fn from(error: csv::IntoInnerError<csv::Writer<Vec<u8>>>) -> Self {
        Self::Buffer(Box::new(error))
    }
}

impl From<rust_xlsxwriter::XlsxError> for ExportError {
    fn from(error: rust_xlsxwriter::XlsxError) -> Self {
        Self::Xlsx(Box::new(error)) // large beside the others
    }
}

impl Format {
    /// Every kind, in the order in which pages list them.
    pub const ALL: [Self; 7] = [
        Self::Csv,
        Self::Xlsx,
        Self::SormasParticipants,
        Self::SormasContacts,
        Self::GoData,
        Self::Iris,
        Self::Fhir,
    ];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::SormasParticipants => "sormas-participants",
            Self::SormasContacts => "sormas-contacts",
            Self::GoData => "godata",
            Self::Iris => "iris",
            Self::Fhir => "fhir",
        }
    }

    /// Reads [`Format::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// What people know it as.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Xlsx => "XLSX",
            Self::SormasParticipants => "SORMAS: event participants (CSV)",
            Self::SormasContacts => "SORMAS: contacts (CSV)",
            Self::GoData => "Go.Data (JSON)",
            Self::Iris => "IRIS connect: guest list (JSON)",
            Self::Fhir => "HL7 FHIR R4: bundle (JSON)",
        }
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv | Self::SormasParticipants | Self::SormasContacts => {
                "text/csv; charset=utf-8"
            }
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::GoData | Self::Iris => "application/json",
            Self::Fhir => "application/fhir+json",
        }
    }

    /// The name of the file, without anything of the case.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "contacts.csv",
            Self::Xlsx => "contacts.xlsx",
            Self::SormasParticipants => "sormas-event-participants.csv",
            Self::SormasContacts => "sormas-contacts.csv",
            Self::GoData => "godata-contacts.json",
            Self::Iris => "iris-guest-list.json",
            Self::Fhir => "fhir-bundle.json",
        }
    }

    /// The file's bytes: UTF-8 without a mark at its beginning, but for the spreadsheet.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn write(self, sheet: &Sheet) -> Result<Vec<u8>, ExportError> {
        if sheet.lines.len() > LINES_MAX {
            return Err(ExportError::TooLong);
        }
        match self {
            Self::Csv => table::csv(sheet),
            Self::Xlsx => table::xlsx(sheet),
            Self::SormasParticipants => table::sormas_participants(sheet),
            Self::SormasContacts => table::sormas_contacts(sheet),
            Self::GoData => json::godata(sheet),
            Self::Iris => json::iris(sheet),
            Self::Fhir => fhir::bundle(sheet),
        }
    }
}

/// A table of other facts than persons, as careful with formulas.
///
/// # Errors
/// [`ExportError`].
pub fn plain_table(rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, ExportError> {
    table::written(&[], rows)
}

impl Line {
    /// The name by which a system that needs one knows the person: the pseudonym's beginning where there is none.
    pub(super) fn called(&self) -> String {
        let short = || self.subject.to_string().chars().take(12).collect();
        self.name.clone().unwrap_or_else(short)
    }

    /// The day of the meeting on the venue's clock, `2026-11-22`.
    fn day(&self, at: UnixMillis) -> String {
        self.zone.day(at).to_string()
    }

    /// What the person's visit says, in English words.
    pub(super) fn circumstances(&self) -> String {
        let mut words = vec![format!("{} min at {}", self.minutes, self.venue_name)];
        words.push(if self.degree == 1 { "direct" } else { "second degree" }.to_owned());
        if self.same_entrance {
            words.push("same entrance".to_owned());
        }
        if self.same_zone {
            words.push("same part of the venue".to_owned());
        }
        words.join("; ")
    }
}

/// A date of birth that is a whole day, `1980-05-17`; others are not a date to other systems.
pub(super) fn whole_day(text: &str) -> Option<&str> {
    text.parse::<jiff::civil::Date>().ok().filter(|_| text.len() == 10).map(|_| text)
}
