//! Tables that people bring to the authority: CSV with a first line of names, read within bounds, each row with its line.

use std::collections::BTreeMap;

/// The largest table that is read, bytes.
pub const TABLE_MAX: usize = 64 << 20;
/// The longest row, bytes.
pub const ROW_MAX: usize = 2048;

/// A row: where it stands in the file, and its fields by the names of the first line.
#[derive(Clone)]
pub struct TableRow {
    /// Its line.
    pub line: u64,
    fields: BTreeMap<String, String>,
    long: bool,
}

impl std::fmt::Debug for TableRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TableRow({})", self.line) // fields may be of people
    }
}

impl TableRow {
    /// A field; empty where there is none.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// All fields by their names.
    pub const fn fields(&self) -> &BTreeMap<String, String> {
        &self.fields
    }

    /// Whether it is longer than [`ROW_MAX`]; then it has no fields.
    pub const fn is_long(&self) -> bool {
        self.long
    }
}

/// Why a table could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// Over [`TABLE_MAX`].
    #[error("the table is over the limit of {TABLE_MAX} bytes")]
    TooLarge,
    /// No CSV in UTF-8.
    #[error("the table is no CSV in UTF-8")]
    Csv(#[from] csv::Error),
    /// A column is missing.
    #[error("the first line names no column {0}")]
    NoColumn(&'static str),
}

/// Reads a table that has at least the `needed` columns. Lines that begin with `#` are passed over; `;` and tabs may stand
/// in place of commas, as spreadsheets write them.
///
/// # Errors
/// [`TableError`].
pub fn read(bytes: &[u8], needed: &[&'static str]) -> Result<Vec<TableRow>, TableError> {
    if bytes.len() > TABLE_MAX {
        return Err(TableError::TooLarge);
    }
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |mark: u8| first.iter().filter(|byte| **byte == mark).count();
    let mark = [b',', b';', b'\t'].into_iter().max_by_key(|mark| (count(*mark), *mark == b','));
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(mark.unwrap_or(b','))
        .from_reader(bytes);
    let names: Vec<String> = reader
        .headers()?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    if let Some(missing) = needed.iter().find(|wanted| !names.iter().any(|name| name == *wanted)) {
        return Err(TableError::NoColumn(missing));
    }
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row?;
        let line = row.position().map_or(0, csv::Position::line);
        if row.get(0).is_some_and(|first| first.starts_with('#')) {
            continue; // a note; were the reader to skip it, it would name the next row by its line
        }
        let long = row.as_slice().len() > ROW_MAX;
        let texts = row.iter().map(str::to_owned).filter(|_| !long);
        rows.push(TableRow { line, fields: names.iter().cloned().zip(texts).collect(), long });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_are_found_by_their_names_and_lines_are_told() {
        let text = "\u{feff}number,name\n# a note\n80,\"Eriksson, Anna\"\n81\n";
        let rows = read(text.as_bytes(), &["number"]).unwrap();
        let said: Vec<_> =
            rows.iter().map(|r| (r.line, r.field("number"), r.field("name"))).collect();
        assert_eq!(said, [(3, "80", "Eriksson, Anna"), (4, "81", "")]);
        assert!(!format!("{rows:?}").contains("80"));
        let semicolons = read("a;b\n1;2,5\n".as_bytes(), &["b"]).unwrap();
        assert_eq!(semicolons[0].field("b"), "2,5");
        assert!(matches!(read(b"a\n", &["b"]), Err(TableError::NoColumn("b"))));
        let long = format!("a\n{}\n", "x".repeat(ROW_MAX + 1));
        let rows = read(long.as_bytes(), &["a"]).unwrap();
        assert!(rows[0].is_long() && rows[0].field("a").is_empty());
        assert!(read(b"a\n\xff\xfe\n", &["a"]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes, &[]);
        }
    }
}
