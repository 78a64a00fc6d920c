//! Tables and laws of CertLogic: what the public suite leaves out, and what may not run away.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn evaluated(rule: &Json, data: &Json) -> Result<Json, EvaluationError> {
    Rule::parse(rule).unwrap_or_else(|e| panic!("{rule}: {e}")).evaluate(data)
}

#[test]
fn time_is_added_by_the_calendar_in_utc() {
    let check = |from: &str, amount: i64, unit: &str, expected: &str| {
        let got = evaluated(&json!({"plusTime": [from, amount, unit]}), &Json::Null);
        assert_eq!(got, Ok(json!(expected)), "{from} {amount} {unit}");
    };
    check("2021-06-23", 1, "day", "2021-06-24T00:00:00.000Z");
    check("2021-06-23", -180, "day", "2020-12-25T00:00:00.000Z");
    check("2021-06-23T00:00:00.000Z", -1, "hour", "2021-06-22T23:00:00.000Z");
    check("2021-02-01T00:00:00.000Z", 1, "month", "2021-03-01T00:00:00.000Z");
    check("2021-12-01T00:00:00.000Z", -12, "month", "2020-12-01T00:00:00.000Z");
    check("2020-02-29", 1, "month", "2020-03-29T00:00:00.000Z");
    check("2021-01-31", 1, "month", "2021-02-28T00:00:00.000Z");
    check("2021-02-01T00:00:00.000Z", -1, "year", "2020-02-01T00:00:00.000Z");
    check("2020-02-29", 4, "year", "2024-02-29T00:00:00.000Z");
    check("2020-02-29", 1, "year", "2021-03-01T00:00:00.000Z");
    check("2004-02-29", -18, "year", "1986-03-01T00:00:00.000Z");
    check("2021-03-01", -1, "year", "2020-03-01T00:00:00.000Z");
    check("2004-12-31", 18, "year", "2022-12-31T00:00:00.000Z");
    check("2004", 0, "day", "2004-12-31T00:00:00.000Z");
    check("2004-02", 0, "day", "2004-02-29T00:00:00.000Z");
}

#[test]
fn a_time_has_one_of_the_forms_of_the_specification() {
    let check = |text: &str, expected: &str| {
        let got = evaluated(&json!({"plusTime": [text, 0, "day"]}), &Json::Null);
        assert_eq!(got, Ok(json!(expected)), "{text}");
    };
    check("2021-08-20T12:03:12", "2021-08-20T12:03:12.000Z");
    check("2021-08-20T12:03:12Z", "2021-08-20T12:03:12.000Z");
    check("2021-08-20T12:03:12+2", "2021-08-20T10:03:12.000Z");
    check("2021-08-20T12:03:12+02", "2021-08-20T10:03:12.000Z");
    check("2021-08-20T12:03:12+230", "2021-08-20T09:33:12.000Z");
    check("2021-08-20T12:03:12-0230", "2021-08-20T14:33:12.000Z");
    check("2021-08-20T12:03:12+2:00", "2021-08-20T10:03:12.000Z");
    check("2021-08-20T12:03:12.1+02:00", "2021-08-20T10:03:12.100Z");
    check("2021-08-01T00:00:00.0019999Z", "2021-08-01T00:00:00.001Z");
    for bad in [
        "",
        "2021",
        "x",
        "2021-13-01",
        "2021-02-30",
        "2021-1-01",
        "2021-08-01T",
        "+021-08-01",
        "2021-08-01T00:00",
        "2021-08-01T24:00:00Z",
        "2021-08-01T00:00:00.Z",
        "2021-08-01t00:00:00Z",
        "2021-08-01T00:00:00+24",
        "2021-08-01T00:00:00+1:0",
        "2021-08-01T00:00:00z",
        "٢٠٢١-08-01",
    ] {
        let got = evaluated(&json!({"plusTime": [bad, 0, "day"]}), &Json::Null);
        let expected = if bad == "2021" {
            Ok(json!("2021-12-31T00:00:00.000Z"))
        } else {
            Err(EvaluationError::BadTime)
        };
        assert_eq!(got, expected, "{bad}");
    }
}

#[test]
fn parts_of_an_id_are_found_by_their_place() {
    let check = |uvci: Json, place: i64, expected: Json| {
        let got = evaluated(&json!({"extractFromUVCI": [{"var": ""}, place]}), &uvci);
        assert_eq!(got, Ok(expected), "{uvci} {place}");
    };
    check(Json::Null, 0, Json::Null);
    check(json!(""), 0, json!(""));
    check(json!(""), 1, Json::Null);
    check(json!("URN:UVCI:01:NL:187/37512422923"), -1, Json::Null);
    check(json!("URN:UVCI:01:NL:187/37512422923"), 1, json!("NL"));
    check(json!("01:NL:187/37512422923"), 3, json!("37512422923"));
    check(json!("a::c/#/f"), 4, json!(""));
    check(json!("a::c/#/f"), 5, json!("f"));
    check(json!("a::c/#/f"), 6, Json::Null);
}

#[test]
fn a_date_of_birth_in_part_is_its_last_day() {
    let check = |text: &str, expected: Result<&str, EvaluationError>| {
        let got = evaluated(&json!({"dccDateOfBirth": [text]}), &Json::Null);
        assert_eq!(got, expected.map(|e| json!(format!("{e}T00:00:00.000Z"))), "{text}");
    };
    check("2004", Ok("2004-12-31"));
    check("2004-02", Ok("2004-02-29"));
    check("2004-12", Ok("2004-12-31"));
    check("2004-01-01", Ok("2004-01-01"));
    check("", Err(EvaluationError::BadTime));
    check("2004-13", Err(EvaluationError::BadTime));
    check("2004-01-01T00:00:00Z", Err(EvaluationError::BadTime));
}

#[test]
fn a_broken_rule_does_not_load_and_says_where_it_is_broken() {
    let check = |rule: Json, expected: &str| {
        let error = Rule::parse(&rule).expect_err(expected);
        assert!(error.to_string().starts_with(expected), "{error}");
    };
    let ok = json!({"var": "x"});
    check(json!({"and": [ok, {"or": [ok, ok]}]}), "rule/and/1/or: unrecognised operator: \"or\"");
    check(json!({"if": [ok, 1]}), "rule/if: \"if\" takes 3 operands, but it has 2");
    check(json!({"and": [ok]}), "rule/and: \"and\" takes 2 or more operands");
    check(json!({"===": [1, 2, 3]}), "rule/===: \"===\" takes 2");
    check(json!({"<": [1]}), "rule/<: \"<\" takes 2 or 3");
    check(json!({"after": [1, 2, 3, 4]}), "rule/after: \"after\" takes 2 or 3");
    check(json!({"!": []}), "rule/!: \"!\" takes 1 operands");
    check(json!({"plusTime": [ok, "1", "day"]}), "rule/plusTime: \"plusTime\" takes an integer");
    check(json!({"plusTime": [ok, 1_000_001, "day"]}), "rule/plusTime: \"plusTime\" takes");
    check(json!({"plusTime": [ok, 1, "week"]}), "rule/plusTime: the third operand");
    check(json!({"plusTime": [ok, 1]}), "rule/plusTime: \"plusTime\" takes 3");
    check(json!({"plusTime": [null, 1, "day"]}), "rule/plusTime/0: invalid");
    check(json!({"extractFromUVCI": [ok]}), "rule/extractFromUVCI: ");
    check(json!({"reduce": [ok, ok]}), "rule/reduce: \"reduce\" takes 3");
    check(json!({"dccDateOfBirth": [ok, ok]}), "rule/dccDateOfBirth: ");
    check(json!([1, [2, {"var": ".x"}]]), "rule/1/1: data access path");
    check(json!("x".repeat(RULE_TEXT_MAX + 1)), "rule: a text of more than 1024 bytes");
    check(json!(vec![0; RULE_NODES_MAX]), "rule/1023: more than 1024 parts");
    let deep = (0..=RULE_DEPTH_MAX).fold(json!(true), |inner, _| json!({"!": [inner]}));
    let error = Rule::parse(&deep).unwrap_err();
    assert_eq!(error.problem, RuleProblem::TooDeep);
    let fits = (0..RULE_DEPTH_MAX).fold(json!(true), |inner, _| json!({"!": [inner]}));
    assert_eq!(evaluated(&fits, &Json::Null), Ok(json!(true)));
}

#[test]
fn what_does_not_fit_together_comes_to_nothing() {
    let check = |rule: Json, expected: EvaluationError| {
        assert_eq!(evaluated(&rule, &json!({"x": "a", "half": 0.5})), Err(expected), "{rule}");
    };
    check(json!({"in": ["a", {"var": "y"}]}), EvaluationError::NoList);
    check(json!({"reduce": ["abc", 1, 0]}), EvaluationError::NoList);
    check(json!({"+": [1, {"var": "x"}]}), EvaluationError::NoInteger);
    check(json!({"<": [1, {"var": "half"}]}), EvaluationError::NoInteger);
    check(json!({"!": [{"var": "half"}]}), EvaluationError::NoTruth);
    check(json!({"if": [{"plusTime": ["2021-01-01", 0, "day"]}, 1, 2]}), EvaluationError::NoTruth);
    check(json!({"after": ["2021-01-01", "2020-01-01"]}), EvaluationError::NoTime);
    check(json!({"plusTime": [{"var": "y"}, 0, "day"]}), EvaluationError::NoText);
    check(json!({"plusTime": ["9999-01-01", 1, "year"]}), EvaluationError::OutOfRange);
    check(json!({"extractFromUVCI": [1, 0]}), EvaluationError::NoText);
}

#[test]
fn what_grows_is_stopped() {
    let data = json!({"many": vec![1; 200]});
    let grown = |lambda: Json| {
        let rule = json!({"reduce": [{"var": "many"}, lambda, [0]]});
        evaluated(&rule, &data)
    };
    let both = json!([{"var": "accumulator"}, {"var": "accumulator"}]);
    assert_eq!(grown(both.clone()), Err(EvaluationError::TooLong), "twice as large each time");
    assert_eq!(grown(json!([{"var": "accumulator"}])), Err(EvaluationError::TooLong), "deep");
    let few = json!({"many": vec![1; 40]});
    let doubled = json!({"reduce": [{"var": "many"}, both, [0]]});
    let compared = json!({"===": [doubled, doubled]});
    assert_eq!(evaluated(&compared, &few), Err(EvaluationError::TooLong), "2^40 comparisons");
    let inner = json!({"reduce": [{"var": "current.l"}, {"+": [{"var": "accumulator"}, 1]}, 0]});
    let rows = json!({"rows": vec![json!({"l": vec![0; 200]}); 100]});
    let nested = json!({"reduce": [{"var": "rows"}, {"+": [{"var": "accumulator"}, inner]}, 0]});
    assert_eq!(evaluated(&nested, &rows), Err(EvaluationError::TooLong), "a loop in a loop");
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3i64..3).prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        proptest::sample::select(vec!["", "x", "0", "2021-01-01", "2004", "day", "year", "a.b"])
            .prop_map(Json::from),
        Just(json!({"var": ""})),
        Just(json!({"var": "x.0"})),
    ];
    let operators = vec![
        "if",
        "and",
        "===",
        "in",
        "+",
        "<",
        ">=",
        "before",
        "not-after",
        "!",
        "plusTime",
        "reduce",
        "extractFromUVCI",
        "dccDateOfBirth",
        "var",
        "or",
    ];
    leaf.prop_recursive(5, 64, 4, move |inner| {
        let operands = proptest::collection::vec(inner, 0..4);
        (proptest::sample::select(operators.clone()), operands, any::<bool>()).prop_map(
            |(operator, operands, is_list)| {
                if is_list { Json::from(operands) } else { json!({operator: operands}) }
            },
        )
    })
}

proptest! {
    #[test]
    fn no_rule_and_no_facts_make_it_panic(rule in any_json(), data in any_json()) {
        if let Ok(rule) = Rule::parse(&rule) {
            let value = rule.evaluate(&data);
            let truth = rule.holds(&data);
            prop_assert_eq!(rule.evaluate(&data), value.clone(), "the same again");
            if let (Ok(Json::Bool(value)), Ok(truth)) = (value, truth) {
                prop_assert_eq!(value, truth);
            }
        }
    }

    #[test]
    fn no_text_makes_a_time_panic(text in "[0-9T:.+Z-]{0,30}", amount in any::<i64>()) {
        if let Some(at) = times::read(&text) {
            for unit in [TimeUnit::Hour, TimeUnit::Day, TimeUnit::Month, TimeUnit::Year] {
                let _ = times::plus(at, amount, unit).map(times::write);
            }
            prop_assert_eq!(times::read(&times::write(at)), Some(at));
        }
    }
}
