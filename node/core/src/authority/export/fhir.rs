//! HL7 FHIR R4: a collection with a patient for each person and an observation for each exposure.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sync::id::Subject;

use super::{ExportError, Line, Sheet, whole_day};

pub(super) fn bundle(sheet: &Sheet) -> Result<Vec<u8>, ExportError> {
    let mut persons: BTreeMap<Subject, &Line> = BTreeMap::new();
    for line in &sheet.lines {
        let kept = persons.entry(line.subject).or_insert(line);
        if kept.name.is_none() {
            *kept = line;
        }
    }
    let patients = persons.values().map(|line| patient(line));
    let exposures = sheet.lines.iter().zip(0_u32..).map(|(line, n)| exposure(sheet, line, n));
    let bundle = json!({
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": sheet.at.to_string(),
        "identifier": { "system": "urn:vestibule:case", "value": sheet.case },
        "entry": patients.chain(exposures).collect::<Vec<_>>(),
    });
    Ok(serde_json::to_vec_pretty(&bundle)?)
}

fn patient(line: &Line) -> Value {
    let mut resource = json!({
        "resourceType": "Patient",
        "identifier": [{ "system": "urn:vestibule:subject", "value": line.subject.to_string() }],
    });
    if let Some(name) = &line.name {
        resource["name"] = json!([{ "text": name }]);
    }
    if let Some(day) = line.birth_date.as_deref().and_then(whole_day) {
        resource["birthDate"] = json!(day);
    }
    if let Some(phone) = &line.phone {
        resource["telecom"] = json!([{ "system": "phone", "value": phone, "use": "mobile" }]);
    }
    if let Some((kind, number)) = &line.document {
        let system = format!("urn:vestibule:document:{}", kind.word());
        if let Some(all) = resource["identifier"].as_array_mut() {
            all.push(json!({ "system": system, "value": number }));
        }
    }
    json!({ "fullUrl": uuid(line.subject.as_bytes(), 0), "resource": resource })
}

fn exposure(sheet: &Sheet, line: &Line, n: u32) -> Value {
    let resource = json!({
        "resourceType": "Observation",
        "status": "final",
        "identifier": [{ "system": "urn:vestibule:case", "value": sheet.case }],
        "code": { "text": "Exposure to a case at a venue" },
        "subject": { "reference": uuid(line.subject.as_bytes(), 0) },
        "effectivePeriod": { "start": line.from.to_string(), "end": line.until.to_string() },
        "valueQuantity": {
            "value": line.minutes,
            "unit": "min",
            "system": "http://unitsofmeasure.org",
            "code": "min",
        },
        "note": [{ "text": line.circumstances() }],
    });
    json!({ "fullUrl": uuid(line.subject.as_bytes(), n + 1), "resource": resource })
}

/// A name of a resource within the bundle: a UUID of version 8 (RFC 9562), made of the pseudonym and a count.
fn uuid(subject: &[u8; 16], n: u32) -> String {
    let mut bytes = *subject;
    for (byte, count) in bytes[12..].iter_mut().zip(n.to_be_bytes()) {
        *byte ^= count;
    }
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    let (a, b, c, d, e) = (&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    format!("urn:uuid:{a}-{b}-{c}-{d}-{e}")
}
