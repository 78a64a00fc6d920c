//! The numbers of running nodes, and what is written about them: table, dashboard, alerts.

use std::{collections::BTreeSet, fs, path::Path};

use tests::{process::Process, region::Region, wait_until};

use crate::outage::visitors_come;

/// The names of a node's metrics, as samples bear them.
fn served(node: &Process) -> BTreeSet<String> {
    let text =
        ureq::get(node.page("/metrics")).call().unwrap().body_mut().read_to_string().unwrap();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let names = types.filter_map(|line| line.split_once(' ')).map(|(name, kind)| match kind {
        "counter" => format!("{name}_total"),
        _ => name.to_owned(),
    });
    names.collect()
}

/// Every word of a text that is a metric's name.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("vestibule_")).map(str::to_owned).collect()
}

fn read(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(name)).unwrap()
}

/// Families without a sample are not served: these come with the first refusal, code of no use, and complaint of the
/// camera.
const LATER: [&str; 4] = ["refusals", "unrecorded", "scanner_says", "abroad_refused"];

#[test]
fn every_number_is_described_and_every_named_one_is_served() {
    let region = Region::new();
    let (authority, a) = (region.authority(), region.door_a());
    wait_until("A has its rules", || a.has_its_rules());
    visitors_come(&region, "A", &a, 1); // times of scans are there after the first
    let mut served = &served(&a) | &served(&authority);
    wait_until("the scan was timed", || {
        served.extend(self::served(&a));
        served.contains("vestibule_scanner_wait_p50_ms")
    });
    let source = read("web/src/metrics.rs");
    for name in LATER {
        assert!(source.contains(&format!("\"{name}\"")), "{name} is gone");
        let ending = if matches!(name, "scanner_says" | "abroad_refused") { "" } else { "_total" };
        served.insert(format!("vestibule_{name}{ending}"));
    }
    let folder = "deploy/observability";
    assert_eq!(named(&read(&format!("{folder}/README.md"))), served, "the table in {folder}");
    for file in ["dashboard.json", "alerts.yaml", "alerts.test.yaml"] {
        let file = format!("{folder}/{file}");
        let unknown: Vec<_> = named(&read(&file)).difference(&served).cloned().collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}, which no node serves");
    }
    let dashboard: serde_json::Value =
        serde_json::from_str(&read(&format!("{folder}/dashboard.json"))).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() >= 10);
}

/// For programs that gather logs: each line of standard error is an object with a time, a level and the sentence.
#[test]
fn the_log_is_json_where_that_is_asked_for() {
    let region = Region::new();
    let config = region.founded.authority.config.display().to_string();
    let authority = Process::spawn_with(["--log-format", "json", "run", "--config", &config]).up();
    let lines: Vec<serde_json::Value> = authority
        .log()
        .iter()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let up = lines.iter().find(|line| line["message"] == "node is up").unwrap();
    assert!(up["timestamp"].is_string() && up["level"] == "INFO" && up["role"].is_string(), "{up}");
}
