//! Tables: plain, as a spreadsheet, and with SORMAS's two heading rows.

use rust_xlsxwriter::{Format as CellFormat, Workbook};

use super::{ExportError, Line, Sheet, whole_day};

const COLUMNS: [&str; 15] = [
    "case",
    "person",
    "name",
    "birth_date",
    "document_kind",
    "document_number",
    "phone",
    "venue",
    "from",
    "until",
    "minutes",
    "degree",
    "same_entrance",
    "same_part",
    "region",
];

/// A cell's text that no table's program takes for a formula: it gets an apostrophe in front, and nothing is taken away.
/// A telephone number is a plus sign and digits, and computes nothing.
pub(super) fn defused(text: &str) -> String {
    let phone = text
        .strip_prefix('+')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if risky && !phone && text != "-" { format!("'{text}") } else { text.to_owned() }
}

fn cells(sheet: &Sheet, line: &Line) -> [String; COLUMNS.len()] {
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let (kind, number) = match &line.document {
        Some((kind, number)) => (kind.word().to_owned(), number.clone()),
        None => Default::default(),
    };
    [
        sheet.case.clone(),
        line.subject.to_string(),
        line.name.clone().unwrap_or_default(),
        line.birth_date.clone().unwrap_or_default(),
        kind,
        number,
        line.phone.clone().unwrap_or_default(),
        line.venue_name.clone(),
        line.from.to_string(),
        line.until.to_string(),
        line.minutes.to_string(),
        line.degree.to_string(),
        yes(line.same_entrance),
        yes(line.same_zone),
        sheet.region.to_string(),
    ]
}

pub(super) fn csv(sheet: &Sheet) -> Result<Vec<u8>, ExportError> {
    let rows = sheet.lines.iter().map(|line| cells(sheet, line).to_vec());
    written(&[&COLUMNS], rows)
}

pub(super) fn written(
    heads: &[&[&str]],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, ExportError> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    for head in heads {
        table.write_record(*head)?;
    }
    for row in rows {
        table.write_record(row.iter().map(|cell| defused(cell)))?;
    }
    Ok(table.into_inner()?)
}

/// Every cell is a text, which no spreadsheet computes: nothing needs to be defused.
pub(super) fn xlsx(sheet: &Sheet) -> Result<Vec<u8>, ExportError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.set_name("contacts")?;
    let bold = CellFormat::new().set_bold();
    for (column, name) in (0..).zip(COLUMNS) {
        page.write_string_with_format(0, column, name, &bold)?;
    }
    for (row, line) in (1..).zip(&sheet.lines) {
        for (column, cell) in (0..).zip(cells(sheet, line)) {
            page.write_string(row, column, cell)?;
        }
    }
    page.set_freeze_panes(1, 0)?;
    Ok(book.save_to_buffer()?)
}

pub(super) fn sormas_participants(sheet: &Sheet) -> Result<Vec<u8>, ExportError> {
    // The columns of a person belong to the participant, as in SORMAS's own files.
    let entities = ["EventParticipant"; 7];
    let paths = [
        "person.firstName",
        "person.lastName",
        "person.birthdateDD",
        "person.birthdateMM",
        "person.birthdateYYYY",
        "person.phone",
        "involvementDescription",
    ];
    let row = |line: &Line| {
        let mut row = person(line);
        row.push(line.circumstances());
        row
    };
    written(&[&entities, &paths], sheet.lines.iter().map(row))
}

pub(super) fn sormas_contacts(sheet: &Sheet) -> Result<Vec<u8>, ExportError> {
    let entities = ["Contact"; 12];
    let paths = [
        "person.firstName",
        "person.lastName",
        "person.birthdateDD",
        "person.birthdateMM",
        "person.birthdateYYYY",
        "person.phone",
        "externalID",
        "caseIdExternalSystem",
        "reportDateTime",
        "lastContactDate",
        "contactProximityDetails",
        "description",
    ];
    let row = |line: &Line| {
        let mut row = person(line);
        row.extend([
            line.subject.to_string(),
            sheet.case.clone(),
            line.day(sheet.at),
            line.day(line.until),
            format!("{} min", line.minutes),
            line.circumstances(),
        ]);
        row
    };
    written(&[&entities, &paths], sheet.lines.iter().map(row))
}

/// Name, birth date in three columns, telephone number.
fn person(line: &Line) -> Vec<String> {
    let birth = line.birth_date.as_deref().and_then(whole_day);
    let part = |range: std::ops::Range<usize>| {
        birth.and_then(|day| day.get(range)).unwrap_or_default().to_owned()
    };
    let phone = line.phone.clone().unwrap_or_default();
    vec!["-".to_owned(), line.called(), part(8..10), part(5..7), part(0..4), phone]
}
