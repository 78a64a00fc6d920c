//! ICAO's Visible Digital Seal for non-constrained environments (ICAO 9303-13, technical report VDS-NC 1.x): signed JSON.

use std::fmt::Write;

use data_encoding::{BASE64, BASE64URL};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Fact, Format, RevocableId, Statement, date,
    fact::{Test, TestKind, TestResult, Vaccination},
    signature::Algorithm,
    trust::Uses,
    unverified::{Draft, Person, Unverified, first_16},
};
use crate::reason::Reason;

/// The longest seal that is read, bytes: all that fits into a QR code, with room for white space.
const SEAL_MAX: usize = 8 * 1024;
const DOSES_MAX: usize = 64;

#[derive(Deserialize)]
struct Seal {
    data: Value,
    sig: Signature,
}

#[derive(Deserialize)]
struct Signature {
    alg: String,
    cer: String,
    sigvl: String,
}

/// `data` as far as it is understood.
#[derive(Deserialize)]
struct Data {
    hdr: Header,
    msg: Message,
}

#[derive(Deserialize)]
struct Header {
    t: String,
    v: u32,
    is: String,
}

#[derive(Deserialize)]
struct Message {
    uvci: Option<String>,
    utci: Option<String>,
    pid: Option<Holder>,
    #[serde(default)]
    ve: Vec<VaccinationEvent>,
    dat: Option<TestTimes>,
    res: Option<TestOutcome>,
}

#[derive(Deserialize)]
struct Holder {
    n: Option<String>,
    dob: Option<String>,
}

#[derive(Deserialize)]
struct VaccinationEvent {
    des: Option<String>,
    dis: Option<String>,
    #[serde(default)]
    vd: Vec<Dose>,
}

#[derive(Deserialize)]
struct Dose {
    dvc: String,
    /// A number, or its digits as text.
    seq: Option<Value>,
}

#[derive(Deserialize)]
struct TestTimes {
    sc: String,
}

#[derive(Deserialize)]
struct TestOutcome {
    tc: Option<String>,
    r: Option<String>,
}

/// Reads a seal.
pub(super) fn read(text: &str) -> Result<Unverified, Reason> {
    if text.len() > SEAL_MAX {
        return Err(Reason::TooLarge);
    }
    let seal: Seal = serde_json::from_str(text).map_err(|_| Reason::BadJson)?;
    let data = Data::deserialize(&seal.data).map_err(|_| Reason::Malformed)?;
    let facts = match data.hdr.t.as_str() {
        "icao.vacc" => vaccinations(&data.msg)?,
        "icao.test" => vec![test(&data.msg).unwrap_or(Fact::Unread)],
        _ => return Err(Reason::Malformed),
    };
    if data.hdr.v != 1 {
        return Err(Reason::BadPrefix);
    }
    let mut message = String::with_capacity(text.len());
    canonical(&seal.data, &mut message)?;
    let id = data.msg.uvci.as_deref().or(data.msg.utci.as_deref()).ok_or(Reason::Malformed)?;
    let pid = data.msg.pid.as_ref();
    // "SURNAME  GIVEN NAMES": two spaces stand between the identifiers (9303-3 §4.6), where the issuer keeps to it.
    let name = pid.and_then(|p| p.n.as_deref());
    let (family, given) = name.map_or((None, None), |n| {
        n.split_once("  ").map_or((Some(n), None), |(f, g)| (Some(f), Some(g)))
    });
    let birth_date = pid.and_then(|p| p.dob.as_deref());
    let draft = Draft {
        format: Format::Vdsnc,
        issuer: &data.hdr.is,
        person: Person { given, family, birth_date },
        id,
        ids: vec![RevocableId::Other(first_16(&[
            b"vds-nc\0",
            data.hdr.is.as_bytes(),
            b"\0",
            id.as_bytes(),
        ]))],
        issued_at: None,
        expires: None,
        statement: Statement::Facts(facts.into()),
        health_data: None,
    };
    let decode = |text: &str| base64(text).ok_or(Reason::BadEncoding);
    Ok(Unverified {
        credential: draft.finish()?,
        not_before: None,
        algorithm: Algorithm::of_name(&seal.sig.alg)
            .filter(|a| matches!(a, Algorithm::Es256 | Algorithm::Es384)),
        kid: Box::default(),
        message: message.into_bytes(),
        signature: decode(&seal.sig.sigvl)?.into(),
        uses: Uses::NONE,
        certificate: Some(decode(&seal.sig.cer)?.into()),
    })
}

// base64url with padding by the report; some leave the padding out or use the other alphabet.
fn base64(text: &str) -> Option<Vec<u8>> {
    let unpadded = text.trim_end_matches('=');
    let padded = format!("{unpadded}{}", &"===="[..(4 - unpadded.len() % 4) % 4]);
    [BASE64URL, BASE64].iter().find_map(|base| base.decode(padded.as_bytes()).ok())
}

fn vaccinations(message: &Message) -> Result<Vec<Fact>, Reason> {
    let doses = message.ve.iter().flat_map(|event| event.vd.iter().map(move |dose| (event, dose)));
    let mut facts: Vec<Fact> =
        doses.clone().take(DOSES_MAX).filter_map(|(e, d)| dose(e, d)).collect();
    if doses.count() > DOSES_MAX {
        return Err(Reason::TooLarge);
    }
    facts.sort_by_key(Fact::at);
    Ok(facts)
}

fn dose(event: &VaccinationEvent, dose: &Dose) -> Option<Fact> {
    let number = dose.seq.as_ref().and_then(|seq| match seq {
        Value::String(digits) => digits.parse().ok(),
        number => number.as_u64().and_then(|n| n.try_into().ok()),
    });
    // ICD-11, "COVID-19"; seals are also made of other vaccinations.
    if !event.dis.as_deref().is_some_and(|disease| disease.starts_with("RA01")) {
        return None;
    }
    Some(Fact::Vaccination(Vaccination {
        at: date::moment(&dose.dvc)?,
        dose: number,
        // A seal does not say how many complete the series: two are asked for.
        of: Some(2),
        product: event.des.as_deref().map(Into::into),
        target: event.dis.as_deref().map(Into::into),
    }))
}

// "Test type conducted" and "test result" are words of the report's lists.
fn test(message: &Message) -> Option<Fact> {
    let outcome = message.res.as_ref()?;
    let kind = outcome.tc.as_deref().unwrap_or_default().to_ascii_lowercase();
    let result = outcome.r.as_deref().unwrap_or_default().to_ascii_lowercase();
    Some(Fact::Test(Test {
        sampled_at: date::moment(&message.dat.as_ref()?.sc)?,
        kind: match kind.as_str() {
            k if k.contains("molecular") || k.contains("pcr") => TestKind::Naat,
            k if k.contains("antigen") => TestKind::Antigen,
            _ => TestKind::Other,
        },
        result: match result.as_str() {
            "negative" | "not detected" => TestResult::Negative,
            "positive" | "detected" => TestResult::Positive,
            _ => TestResult::Unclear,
        },
        target: None,
    }))
}

/// The canonical form that is signed: JCS (RFC 8785). Numbers that are not whole have no place in a seal.
fn canonical(value: &Value, out: &mut String) -> Result<(), Reason> {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (i, (key, value)) in entries.into_iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                canonical(value, out)?;
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for (i, value) in list.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                canonical(value, out)?;
            }
            out.push(']');
        }
        Value::Number(number) if number.is_f64() => return Err(Reason::Malformed),
        // serde_json escapes a text as JCS does, and as little.
        plain => write!(out, "{plain}").map_err(|_| Reason::Malformed)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn json_has_one_canonical_form() {
        let check = |json: &str, expected: Option<&str>| {
            let mut out = String::new();
            let value = serde_json::from_str(json).unwrap();
            let said = canonical(&value, &mut out).map(|()| out.as_str());
            assert_eq!(said.ok(), expected, "{json}");
        };
        check(
            r#" { "b" : 1, "a" : [ true, null, "x" ] } "#,
            Some(r#"{"a":[true,null,"x"],"b":1}"#),
        );
        check(r#"{"aB":"","aa":"","a":""}"#, Some(r#"{"a":"","aB":"","aa":""}"#));
        check(r#""\u20ac\u000f\n\/\"""#, Some("\"€\\u000f\\n/\\\"\""));
        // Of RFC 8785 §3.2.3: sorted by UTF-16, in which U+1F600 comes before U+FB33.
        check("{\"\u{fb33}\":1,\"\u{1f600}\":2}", Some("{\"\u{1f600}\":2,\"\u{fb33}\":1}"));
        check("1.5", None);
    }

    #[test]
    fn base64_comes_in_both_alphabets_with_and_without_padding() {
        for text in ["-_8=", "-_8", "+/8=", "+/8"] {
            assert_eq!(base64(text), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!((base64("-/8"), base64("a")), (None, None));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,100}") {
            let _ = read(&text).is_ok();
        }
    }
}
