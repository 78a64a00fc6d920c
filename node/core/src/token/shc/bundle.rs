//! A card's FHIR R4 bundle: the patient, and immunizations and test results as facts; other resources are passed over.

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    reason::Reason,
    token::{
        Fact, date,
        fact::{Test, TestKind, TestResult, Vaccination},
    },
};

/// More resources than this no card has.
const ENTRIES_MAX: usize = 256;

/// What a bundle says, as far as it is understood.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    pub(super) given: Option<String>,
    pub(super) family: Option<String>,
    pub(super) birth_date: Option<String>,
    /// In the order of time.
    pub(super) facts: Vec<Fact>,
}

/// A bundle as it is written.
#[derive(Default, Deserialize)]
pub(super) struct Json {
    #[serde(rename = "resourceType")]
    resource_type: String,
    entry: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    resource: Option<Lenient>,
}

/// A resource as far as its shape is known. Never by way of `serde_json::Value`: where another crate asks for its raw values,
/// a text can make it read itself again and again, deeper than its limit.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient {
    Known(Box<Resource>),
    Named(Kind),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(tag = "resourceType")]
enum Resource {
    Patient(Patient),
    Immunization(Immunization),
    Observation(Observation),
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "resourceType")]
    resource_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Patient {
    #[serde(default)]
    name: Vec<Name>,
    birth_date: Option<String>,
}

#[derive(Deserialize)]
struct Name {
    family: Option<String>,
    #[serde(default)]
    given: Vec<String>,
    text: Option<String>,
}

#[derive(Default, Deserialize)]
struct Concept {
    #[serde(default)]
    coding: Vec<Coding>,
}

#[derive(Deserialize)]
struct Coding {
    code: Option<String>,
}

impl Concept {
    fn codes(&self) -> impl Iterator<Item = &str> {
        self.coding.iter().filter_map(|coding| coding.code.as_deref())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Immunization {
    status: String,
    #[serde(default)]
    vaccine_code: Concept,
    occurrence_date_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Observation {
    status: String,
    #[serde(default)]
    code: Concept,
    #[serde(default)]
    value_codeable_concept: Concept,
    effective_date_time: Option<String>,
}

/// Reads a bundle. A resource that is not of its shape is passed over, as profiles differ.
pub(super) fn read(json: Json) -> Result<Bundle, Reason> {
    let entries = json.entry.unwrap_or_default();
    if json.resource_type != "Bundle" {
        return Err(Reason::Malformed);
    }
    if entries.len() > ENTRIES_MAX {
        return Err(Reason::TooLarge);
    }
    let mut bundle = Bundle::default();
    for resource in entries.into_iter().filter_map(|entry| entry.resource) {
        match resource {
            Lenient::Known(known) => match *known {
                Resource::Patient(patient) => bundle.take_patient(patient),
                Resource::Immunization(dose) => bundle.facts.extend(vaccination(&dose)),
                Resource::Observation(found) => bundle.facts.extend(test(&found)),
            },
            // It may have found something.
            Lenient::Named(kind) if kind.resource_type == "Observation" => {
                bundle.facts.push(Fact::Unread);
            }
            Lenient::Named(_) | Lenient::Other(_) => {}
        }
    }
    bundle.facts.sort_by_key(Fact::at);
    count_doses(&mut bundle.facts);
    Ok(bundle)
}

impl Bundle {
    fn take_patient(&mut self, patient: Patient) {
        self.birth_date = patient.birth_date;
        if let Some(name) = patient.name.into_iter().next() {
            self.family = name.family.or(name.text);
            self.given = Some(name.given.join(" ")).filter(|given| !given.is_empty());
        }
    }
}

fn vaccination(immunization: &Immunization) -> Option<Fact> {
    let at = date::moment(immunization.occurrence_date_time.as_deref()?)?;
    // Cards also hold vaccinations against other diseases.
    let product = immunization.vaccine_code.codes().find(|code| is_covid_19(code)).map(Into::into);
    product.as_ref()?;
    let (dose, target) = (None, None);
    (immunization.status == "completed").then(|| {
        let of = product.as_deref().and_then(series);
        Fact::Vaccination(Vaccination { at, dose, of, product, target })
    })
}

// CDC's CVX codes of vaccines against COVID-19.
fn is_covid_19(cvx: &str) -> bool {
    let code: Option<u16> = cvx.parse().ok();
    matches!(
        code,
        Some(
            207 | 208 | 210..=213 | 217..=219 | 221 | 225..=230 | 300..=302 | 308..=313 | 500..=529,
        )
    )
}

// How many doses the first series has, by the vaccine's CVX code.
fn series(cvx: &str) -> Option<u8> {
    match cvx {
        "212" => Some(1),
        "207" | "208" | "210" | "211" | "217" | "218" | "219" | "221" | "227" | "228" => Some(2),
        "510" | "511" | "502" => Some(2),
        _ => None,
    }
}

// A card has one entry for a dose and does not count them; who was given a second was given a first.
fn count_doses(facts: &mut [Fact]) {
    let mut dose = 0u8;
    for fact in facts {
        if let Fact::Vaccination(v) = fact {
            dose = dose.saturating_add(1);
            v.dose = Some(dose);
        }
    }
}

// LOINC for the kind of test, SNOMED CT or LOINC answers for the result.
fn test(observation: &Observation) -> Option<Fact> {
    let result = observation.value_codeable_concept.codes().find_map(test_result);
    let Some(kind) = observation.code.codes().find_map(test_kind) else {
        // Of no known test: no matter, unless it found something.
        return (result == Some(TestResult::Positive)).then_some(Fact::Unread);
    };
    let at = observation.effective_date_time.as_deref().and_then(date::moment);
    let Some(sampled_at) = at else { return Some(Fact::Unread) };
    let is_final = ["final", "amended", "corrected"].contains(&observation.status.as_str());
    is_final.then(|| {
        let result = result.unwrap_or(TestResult::Unclear);
        Fact::Test(Test { sampled_at, kind, result, target: None })
    })
}

fn test_kind(loinc: &str) -> Option<TestKind> {
    match loinc {
        "94500-6" | "94309-2" | "94759-8" | "94845-5" | "94533-7" | "94534-5" | "94559-2"
        | "94316-7" | "94314-2" | "94306-8" | "95406-5" | "95409-9" | "95425-5" | "96986-6"
        | "94746-5" | "94756-4" | "94757-2" | "95608-6" | "95824-9" => Some(TestKind::Naat),
        "94558-4" | "95209-3" | "96119-3" | "97097-0" => Some(TestKind::Antigen),
        _ => None,
    }
}

fn test_result(code: &str) -> Option<TestResult> {
    match code {
        "260415000" | "LA11883-8" | "260385009" => Some(TestResult::Negative),
        "260373001" | "LA11882-0" | "10828004" => Some(TestResult::Positive),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(json: &str) -> Result<Bundle, Reason> {
        read(serde_json::from_str(json).map_err(|_| Reason::BadJson)?)
    }

    fn facts(resource: &str) -> String {
        let json = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{resource}}}]}}"#);
        let words: Vec<_> = of(&json).unwrap().facts.iter().map(Fact::word).collect();
        words.join(" ")
    }

    #[test]
    fn resources_become_facts_if_they_are_finished_and_dated() {
        let check =
            |resource: &str, expected: &str| assert_eq!(facts(resource), expected, "{resource}");
        let dose = r#"{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"code":"208"}]},"occurrenceDateTime":"2021-01-29"}"#;
        check(dose, "vaccination");
        check(&dose.replace("completed", "not-done"), "");
        check(&dose.replace("2021-01-29", "2021"), "");
        check(&dose.replace("208", "140"), ""); // influenza
        let test = r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"94558-4"}]},"valueCodeableConcept":{"coding":[{"code":"260415000"}]},"effectiveDateTime":"2021-01-29T10:00:00Z"}"#;
        check(test, "negative-test");
        check(&test.replace("260415000", "260373001"), "positive-test");
        check(&test.replace("260415000", "1"), "test");
        check(&test.replace("94558-4", "718-7"), ""); // haemoglobin
        let positive = test.replace("260415000", "260373001");
        check(&positive.replace("94558-4", "94640-0"), "not-understood");
        check(&positive.replace("2021-01-29T10:00:00Z", "soon"), "not-understood");
        check(&test.replace("final", "preliminary"), "");
        check(&test.replace(r#""status":"final","#, ""), "not-understood");
        check(r#"{"resourceType":"Location"}"#, "");
        check("7", "");
    }

    #[test]
    fn what_would_be_read_again_and_again_is_only_passed_over() {
        let nest = |inner: &str| format!("{}{inner}{}", "[".repeat(60), "]".repeat(60));
        let once = serde_json::to_string(&nest("1")).unwrap();
        assert_eq!(facts(&format!(r#"{{"$serde_json::private::RawValue":{once}}}"#)), "");
    }

    #[test]
    fn doses_are_counted_in_the_order_of_time() {
        let dose = |date: &str| {
            format!(
                r#"{{"resource":{{"resourceType":"Immunization","status":"completed","vaccineCode":{{"coding":[{{"code":"208"}}]}},"occurrenceDateTime":"{date}"}}}}"#
            )
        };
        let entries = [dose("2021-02-01"), dose("2021-01-01")].join(",");
        let bundle = of(&format!(r#"{{"resourceType":"Bundle","entry":[{entries}]}}"#)).unwrap();
        let doses: Vec<_> = bundle
            .facts
            .iter()
            .map(|f| match f {
                Fact::Vaccination(v) => (v.dose, v.of, v.is_complete()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(doses, [(Some(1), Some(2), false), (Some(2), Some(2), true)]);
    }

    #[test]
    fn what_is_no_bundle_is_refused() {
        assert_eq!(of(r#"{"resourceType":"Patient"}"#).unwrap_err(), Reason::Malformed);
        assert_eq!(of("[]").unwrap_err(), Reason::BadJson);
        let many = vec!["{}"; ENTRIES_MAX + 1].join(",");
        let many = format!(r#"{{"resourceType":"Bundle","entry":[{many}]}}"#);
        assert_eq!(of(&many).unwrap_err(), Reason::TooLarge);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,100}") {
            let _ = of(&text).is_ok();
        }
    }
}
