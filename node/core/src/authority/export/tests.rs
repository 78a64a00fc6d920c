//! Files against golden ones, and read back by other programs' readers.

use std::{fs, io::Cursor, path::PathBuf};

use calamine::{Data, Reader, Xlsx};

use super::*;

const NAMES: [Option<&str>; 6] = [
    Some("Әсет Тұрысұлы Қабылғазин"),
    Some("Григорьев Иван"),
    Some("王小明"),
    Some("Nguyễn Thị Hương"),
    Some("=cmd|' /C calc'!A0"),
    None,
];

fn sheet() -> Sheet {
    let at = UnixMillis::from_secs(1_790_000_000);
    let line = |(n, name): (u8, Option<&str>)| Line {
        subject: Subject::new([n; 16]),
        name: name.map(str::to_owned),
        birth_date: name.map(|_| if n == 2 { "1980" } else { "1980-05-17" }.to_owned()),
        document: (n == 5).then(|| (NumberKind::Passport, "-A1234567".to_owned())),
        phone: (n % 2 == 0).then(|| "+77011234567".to_owned()),
        venue: VenueId::new(17),
        venue_name: "Café „Тюльпан“, \"зал\"".to_owned(),
        zone: Zone::named("Asia/Almaty").unwrap(),
        from: at.plus_millis(-3_600_000),
        until: at.plus_millis(-60_000 * i64::from(n)),
        minutes: 60 - i64::from(n),
        degree: 1 + u8::from(n == 4),
        same_entrance: n == 1,
        same_zone: n == 3,
    };
    let lines = (0..).zip(NAMES).map(line).collect();
    let case = "2026-114".to_owned();
    let from = at.plus_millis(-86_400_000);
    Sheet { region: RegionId::new(1), case, at, from, until: at, lines }
}

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// Set VESTIBULE_GOLDEN=write to write the golden files anew, and look at the difference.
fn check(format: Format) -> Vec<u8> {
    let bytes = format.write(&sheet()).unwrap();
    let path = golden(format.file_name());
    if std::env::var_os("VESTIBULE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &bytes).unwrap();
    }
    assert!(fs::read(&path).unwrap() == bytes, "{} differs", path.display());
    assert!(!bytes.starts_with(b"\xef\xbb\xbf"), "no mark at the beginning");
    bytes
}

#[test]
fn a_table_keeps_every_script_and_holds_no_formula() {
    let bytes = check(Format::Csv);
    let mut table = csv::Reader::from_reader(&*bytes);
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let names: Vec<_> = rows.iter().map(|row| row[2].to_owned()).collect();
    let expected = NAMES.map(|name| match name {
        Some(name) if name.starts_with('=') => format!("'{name}"),
        name => name.unwrap_or_default().to_owned(),
    });
    assert_eq!(names, expected);
    assert_eq!((&rows[0][6], &rows[5][5]), ("+77011234567", "'-A1234567"));
    assert_eq!(&rows[0][7], "Café „Тюльпан“, \"зал\"");
    for cell in rows.iter().flatten().filter(|cell| *cell != "-") {
        let formula = cell.starts_with(['=', '+', '-', '@']) && !cell.starts_with("+7701");
        assert!(!formula, "{cell}");
    }
}

#[test]
fn sormas_gets_two_heading_rows_of_the_same_width_as_its_lines() {
    for format in [Format::SormasParticipants, Format::SormasContacts] {
        let bytes = check(format);
        let mut table = csv::ReaderBuilder::new().has_headers(false).from_reader(&*bytes);
        let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2 + NAMES.len());
        assert!(rows.iter().all(|row| row.len() == rows[0].len()));
        let entity = match format {
            Format::SormasContacts => "Contact",
            _ => "EventParticipant",
        };
        assert!(rows[0].iter().all(|cell| cell == entity), "as in SORMAS's own test files");
        assert_eq!(&rows[1][1], "person.lastName");
        assert_eq!(&rows[2][1], NAMES[0].unwrap());
        assert_eq!([&rows[2][2], &rows[2][3], &rows[2][4]], ["17", "05", "1980"]);
        assert_eq!(&rows[4][2], "", "a year is no day");
    }
}

#[test]
fn a_spreadsheet_reads_back_as_texts() {
    let bytes = Format::Xlsx.write(&sheet()).unwrap();
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range("contacts").unwrap();
    assert_eq!(range.height(), 1 + NAMES.len());
    for (row, name) in (1..).zip(NAMES) {
        let cell = range.get((row, 2));
        match name {
            Some(name) => assert_eq!(cell, Some(&Data::String(name.to_owned()))),
            None => assert!(
                matches!(cell, Some(Data::Empty) | None)
                    || cell == Some(&Data::String(String::new()))
            ),
        }
    }
    assert!(book.worksheet_formula("contacts").unwrap().used_cells().next().is_none());
}

#[test]
fn json_files_are_what_their_systems_expect() {
    let godata: serde_json::Value = serde_json::from_slice(&check(Format::GoData)).unwrap();
    assert_eq!(godata.as_array().unwrap().len(), NAMES.len());
    assert_eq!(godata[2]["firstName"], "王小明");
    assert_eq!(godata[2]["dob"], serde_json::Value::Null);
    let iris: serde_json::Value = serde_json::from_slice(&check(Format::Iris)).unwrap();
    assert_eq!(iris["guests"][0]["lastName"], NAMES[0].unwrap());
    assert_eq!(iris["guests"][5]["identityChecked"], false);
    assert_eq!(iris["dataProvider"]["name"], "Café „Тюльпан“, \"зал\"");
    let fhir: serde_json::Value = serde_json::from_slice(&check(Format::Fhir)).unwrap();
    let entries = fhir["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 2 * NAMES.len());
    let urls: std::collections::BTreeSet<_> =
        entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap()).collect();
    assert_eq!(urls.len(), entries.len(), "each resource has its own name");
    for exposure in entries.iter().filter(|e| e["resource"]["resourceType"] == "Observation") {
        let whose = exposure["resource"]["subject"]["reference"].as_str().unwrap();
        assert!(urls.contains(whose));
    }
}

#[test]
fn too_many_lines_are_refused() {
    let mut sheet = sheet();
    sheet.lines = vec![sheet.lines[0].clone(); LINES_MAX + 1];
    for format in Format::ALL {
        assert!(matches!(format.write(&sheet), Err(ExportError::TooLong)));
        assert_eq!(Format::from_word(format.word()), Some(format));
    }
}
