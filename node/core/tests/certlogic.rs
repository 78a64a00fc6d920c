//! CertLogic against its public suite, read in place: every assertion that the suite does not skip itself.
#![allow(clippy::unwrap_used, reason = "a suite that cannot be read fails the test")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use node_core::policy::certlogic::Rule;
use serde_json::Value as Json;

/// What the suite skips, with its own reason: `in` over something that is no list is an error, by the specification.
const SKIPPED_BY_THE_SUITE: usize = 4;

fn files(folder: &str) -> Vec<(PathBuf, Json)> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/certlogic").join(folder);
    let listed = fs::read_dir(&folder).unwrap_or_else(|e| {
        panic!(
            "{}: {e}; the public suite is read in place and must lie beside the repository, in \
             ../shared/data/certlogic",
            folder.display()
        )
    });
    let paths: BTreeSet<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    let read = |path: PathBuf| {
        let json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        (path, json)
    };
    paths.into_iter().map(read).collect()
}

fn list<'j>(json: &'j Json, name: &str) -> &'j [Json] {
    json[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn is_skipped(json: &Json) -> bool {
    json["directive"] == "skip"
}

#[test]
fn every_evaluation_of_the_suite_comes_out_as_expected() {
    let (mut right, mut skipped, mut wrong) = (0, 0, Vec::new());
    for (path, suite) in files("testSuite") {
        for case in list(&suite, "cases") {
            for assertion in list(case, "assertions") {
                if is_skipped(&suite) || is_skipped(case) || is_skipped(assertion) {
                    skipped += 1;
                    continue;
                }
                let own = assertion.get("certLogicExpression");
                let rule = own.unwrap_or(&case["certLogicExpression"]);
                let got = Rule::parse(rule)
                    .map_err(|e| e.to_string())
                    .and_then(|rule| rule.evaluate(&assertion["data"]).map_err(|e| e.to_string()));
                if got.as_ref() == Ok(&assertion["expected"]) {
                    right += 1;
                } else {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    wrong.push(format!("{name}: {}: {assertion}: {got:?}", case["name"]));
                }
            }
        }
    }
    println!("{right} assertions hold, {skipped} are skipped by the suite itself");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(skipped, SKIPPED_BY_THE_SUITE);
    assert!(right >= 100, "only {right} assertions were found");
}

#[test]
fn every_rule_of_the_validation_suite_is_judged_as_expected() {
    let (mut judged, mut wrong) = (0, Vec::new());
    for (path, suite) in files("validation-testSuite") {
        for case in list(&suite, "cases") {
            let rule = &case["certLogicExpression"];
            let issues: Vec<&str> =
                list(case, "issues").iter().filter_map(|i| i["message"].as_str()).collect();
            let found = Rule::parse(rule).map_err(|e| e.problem.to_string());
            let agrees = match &found {
                Ok(_) => issues.is_empty(),
                Err(problem) => issues.contains(&problem.as_str()),
            };
            judged += 1;
            if !agrees {
                wrong.push(format!("{}: {rule}: {found:?} for {issues:?}", path.display()));
            }
        }
    }
    println!("{judged} rules are judged as the suite does, in its words");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged >= 20, "only {judged} rules were found");
}
