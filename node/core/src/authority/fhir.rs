//! Laboratory results as FHIR R4 (hl7.org/fhir/R4): an `Observation`, or a `Bundle` of them with their `Patient`s, read into
//! rows of the registry.
//!
//! Of the patient only an identifier is taken whose system says what kind of number it is: `urn:vestibule:iin` (`passport`,
//! `cccd`, `resident-id`, `phone`), FHIR's own `http://hl7.org/fhir/sid/passport-…`, or an identifier of the type `PPN`
//! (HL7 v2 table 0203).

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    intake::{Line, ReadRow, RowProblem},
    registry::How,
};

/// The largest resource that is read, bytes.
pub const RESOURCE_MAX: usize = 4 << 20;
/// The most entries of a bundle.
pub const BUNDLE_ENTRIES_MAX: usize = 10_000;
const SYSTEM: &str = "urn:vestibule:";
const PASSPORTS: &str = "http://hl7.org/fhir/sid/passport-";

/// Positive, detected, reactive (SNOMED CT; HL7 v3 ObservationInterpretation).
const POSITIVE: [&str; 5] = ["10828004", "260373001", "11214006", "POS", "DET"];
/// Negative, not detected, non-reactive.
const NEGATIVE: [&str; 5] = ["260385009", "260415000", "131194007", "NEG", "ND"];
/// LOINC's codes of antigen tests for SARS-CoV-2; every other code is taken as a test for nucleic acid.
const ANTIGEN: [&str; 4] = ["94558-4", "95209-3", "97097-0", "96119-3"];

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FhirError {
    /// Over [`RESOURCE_MAX`].
    #[error("the resource is over the limit of {RESOURCE_MAX} bytes")]
    TooLarge,
    /// No JSON.
    #[error("the resource is no JSON")]
    Json(#[from] serde_json::Error),
    /// Neither an Observation nor a Bundle.
    #[error("resourceType: must be Observation or Bundle")]
    Kind,
    /// Too many entries.
    #[error("entry: a bundle may have at most {BUNDLE_ENTRIES_MAX}")]
    TooMany,
}

/// The rows of a resource, by their place in the bundle, from 1. Entries that are no observations make none.
///
/// # Errors
/// [`FhirError`].
pub fn rows(bytes: &[u8]) -> Result<Vec<ReadRow>, FhirError> {
    if bytes.len() > RESOURCE_MAX {
        return Err(FhirError::TooLarge);
    }
    let root: Value = serde_json::from_slice(bytes)?;
    match kind(&root) {
        "Observation" => Ok(vec![(1, observation(1, &root, &BTreeMap::new()))]),
        "Bundle" => {
            let entries = root["entry"].as_array().map_or(&[][..], Vec::as_slice);
            if entries.len() > BUNDLE_ENTRIES_MAX {
                return Err(FhirError::TooMany);
            }
            let patients = patients(entries);
            let numbered = (1..).zip(entries.iter().map(|entry| &entry["resource"]));
            let observed = numbered.filter(|(_, resource)| kind(resource) == "Observation");
            Ok(observed.map(|(n, r)| (n, observation(n, r, &patients))).collect())
        }
        _ => Err(FhirError::Kind),
    }
}

fn kind(resource: &Value) -> &str {
    resource["resourceType"].as_str().unwrap_or_default()
}

/// The patients of a bundle, by the references that its observations may use.
fn patients(entries: &[Value]) -> BTreeMap<String, &Value> {
    let mut found = BTreeMap::new();
    for entry in entries.iter().filter(|entry| kind(&entry["resource"]) == "Patient") {
        let patient = &entry["resource"];
        if let Some(url) = entry["fullUrl"].as_str() {
            found.insert(url.to_owned(), patient);
        }
        if let Some(id) = patient["id"].as_str() {
            found.insert(format!("Patient/{id}"), patient);
        }
    }
    found
}

fn observation(
    line: u64,
    resource: &Value,
    patients: &BTreeMap<String, &Value>,
) -> Result<Line, RowProblem> {
    let wrong = RowProblem::Resource;
    let how = match resource["status"].as_str() {
        Some("final") => How::Adds,
        Some("corrected" | "amended") => How::Corrects,
        Some("entered-in-error") => How::Retracts,
        _ => return Err(wrong("status: must be final, corrected, amended or entered-in-error")),
    };
    let subject = &resource["subject"];
    let reference = subject["reference"].as_str().unwrap_or_default();
    let contained = || {
        let id = reference.strip_prefix('#')?;
        let all = resource["contained"].as_array()?;
        all.iter().find(|one| kind(one) == "Patient" && one["id"].as_str() == Some(id))
    };
    let patient = patients.get(reference).copied().or_else(contained);
    let direct = Some(&subject["identifier"]).filter(|identifier| identifier.is_object());
    let listed = patient.and_then(|p| p["identifier"].as_array()).map_or(&[][..], Vec::as_slice);
    let identifier = direct.into_iter().chain(listed).find_map(number);
    let (kind, number) = identifier.ok_or(wrong("subject: no identifier of a known system"))?;
    let at = ["effectiveDateTime", "effectiveInstant"]
        .iter()
        .find_map(|name| resource[*name].as_str())
        .or_else(|| resource["effectivePeriod"]["start"].as_str())
        .ok_or(wrong("effectiveDateTime: when the sample was taken is missing"))?;
    let positive = result(resource).ok_or(wrong(
        "valueCodeableConcept: neither positive nor negative by a code of SNOMED CT or HL7",
    ))?;
    let antigen = codings(&resource["code"]).any(|code| ANTIGEN.contains(&code));
    let fact = match (positive, antigen) {
        (true, false) => "test-positive",
        (false, false) => "test-negative",
        (true, true) => "antigen-test-positive",
        (false, true) => "antigen-test-negative",
    };
    let name = patient.and_then(|p| p["name"][0]["text"].as_str()).map(str::to_owned);
    let (fact, at) = (fact.to_owned(), at.to_owned());
    Ok(Line { line, kind: kind.to_owned(), number, fact, at, name, how })
}

/// The kind of number and the number of an identifier, where its system is known.
fn number(identifier: &Value) -> Option<(&'static str, String)> {
    const KINDS: [&str; 5] = ["iin", "passport", "cccd", "resident-id", "phone"];
    let value = identifier["value"].as_str()?.to_owned();
    let system = identifier["system"].as_str().unwrap_or_default();
    if let Some(word) = system.strip_prefix(SYSTEM) {
        return KINDS.iter().find(|kind| **kind == word).map(|kind| (*kind, value));
    }
    let passport =
        system.starts_with(PASSPORTS) || codings(&identifier["type"]).any(|code| code == "PPN");
    passport.then_some(("passport", value))
}

/// Whether the result is positive; `None` where it is neither or both.
fn result(resource: &Value) -> Option<bool> {
    let interpreted = resource["interpretation"].as_array().map_or(&[][..], Vec::as_slice);
    let concepts = std::iter::once(&resource["valueCodeableConcept"]).chain(interpreted);
    let codes: Vec<&str> = concepts.flat_map(codings).collect();
    let says = |words: &[&str]| codes.iter().any(|code| words.contains(code));
    match (says(&POSITIVE), says(&NEGATIVE)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

fn codings(concept: &Value) -> impl Iterator<Item = &str> {
    let all = concept["coding"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(|coding| coding["code"].as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn positive() -> Value {
        json!({
            "resourceType": "Observation", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]},
            "subject": {"identifier": {"system": "urn:vestibule:iin", "value": "800101300006"}},
            "effectiveDateTime": "2026-11-21T08:30:00Z",
            "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "260373001"}]}
        })
    }

    fn read(value: &Value) -> Result<Line, RowProblem> {
        rows(value.to_string().as_bytes()).unwrap().remove(0).1
    }

    #[test]
    fn an_observation_is_a_row() {
        let line = read(&positive()).unwrap();
        assert_eq!((line.kind.as_str(), line.number.as_str()), ("iin", "800101300006"));
        assert_eq!(
            (line.fact.as_str(), line.at.as_str()),
            ("test-positive", "2026-11-21T08:30:00Z")
        );
        let mut antigen = positive();
        antigen["code"]["coding"][0]["code"] = json!("94558-4");
        antigen["valueCodeableConcept"]["coding"][0]["code"] = json!("260415000");
        assert_eq!(read(&antigen).unwrap().fact, "antigen-test-negative");
    }

    #[test]
    fn what_was_entered_in_error_is_taken_back_and_what_is_corrected_takes_its_place() {
        let of = |status: &str| {
            let mut observation = positive();
            observation["status"] = json!(status);
            read(&observation).map(|line| line.how)
        };
        assert_eq!(of("final"), Ok(How::Adds));
        assert_eq!(of("corrected"), Ok(How::Corrects));
        assert_eq!(of("amended"), Ok(How::Corrects));
        assert_eq!(of("entered-in-error"), Ok(How::Retracts));
        assert!(of("cancelled").is_err());
    }

    #[test]
    fn a_bundle_names_its_patients_by_reference() {
        let mut one = positive();
        one["subject"] = json!({"reference": "urn:uuid:1"});
        let mut other = positive();
        other["subject"] = json!({"reference": "Patient/2"});
        let patient = |id: &str, system: &str, value: &str| {
            json!({
            "resourceType": "Patient", "id": id, "name": [{"text": "Anna Eriksson"}],
            "identifier": [{"system": "urn:other", "value": "x"}, {"system": system, "value": value}]})
        };
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": "urn:uuid:1", "resource": patient("1", "urn:vestibule:iin", "800101300006")},
            {"resource": one},
            {"resource": patient("2", "http://hl7.org/fhir/sid/passport-SWE", "N12345678")},
            {"resource": other},
        ]});
        let read = rows(bundle.to_string().as_bytes()).unwrap();
        let said: Vec<_> =
            read.iter().map(|(n, r)| (*n, r.as_ref().unwrap().kind.as_str())).collect();
        assert_eq!(said, [(2, "iin"), (4, "passport")]);
        assert_eq!(read[0].1.as_ref().unwrap().name.as_deref(), Some("Anna Eriksson"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (field, value, said) in [
            ("status", json!("preliminary"), "status"),
            ("subject", json!({"display": "Anna"}), "subject"),
            ("effectiveDateTime", json!(null), "effectiveDateTime"),
            ("valueCodeableConcept", json!({"text": "positive"}), "valueCodeableConcept"),
        ] {
            let mut wrong = positive();
            wrong[field] = value;
            let problem = read(&wrong).unwrap_err().to_string();
            assert!(problem.starts_with(said), "{problem}");
        }
        assert!(matches!(rows(br#"{"resourceType":"Patient"}"#), Err(FhirError::Kind)));
        assert!(matches!(rows(b"{"), Err(FhirError::Json(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = rows(&bytes);
        }
    }
}
