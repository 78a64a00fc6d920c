//! Rates and times by set, decoders side by side.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::Engine;
use crate::truth::{Entry, Verdict};

#[derive(Default)]
struct Row {
    images: usize,
    read: usize,
    wrong: usize,
    spent: Vec<Duration>,
}

/// The figures of one decoder.
pub(crate) struct Table {
    engine: Engine,
    rows: BTreeMap<String, Row>,
}

impl Table {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, rows: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, entry: &Entry, verdict: &Verdict, spent: Duration) {
        for name in [entry.set.as_str(), entry.family(), "=="] {
            let row = self.rows.entry(name.to_owned()).or_default();
            row.images += 1;
            row.read += usize::from(verdict.read);
            row.wrong += verdict.wrong;
            row.spent.push(spent);
        }
    }
}

impl Row {
    fn percentile(&self, percent: usize) -> f64 {
        let mut spent = self.spent.clone();
        spent.sort();
        let at = (spent.len() * percent / 100).min(spent.len() - 1);
        spent[at].as_secs_f64() * 1e3
    }
}

/// Prints all tables, a line for each set and decoder.
pub(crate) fn print(tables: &[Table]) {
    println!(
        "{:<20} {:<15} {:>6} {:>7} {:>6} {:>9} {:>8} {:>8}",
        "set", "decoder", "images", "rate", "false", "median ms", "p95 ms", "max ms"
    );
    let Some(first) = tables.first() else { return };
    for set in first.rows.keys() {
        for table in tables {
            let row = &table.rows[set];
            println!(
                "{:<20} {:<15} {:>6} {:>6.1}% {:>6} {:>9.1} {:>8.1} {:>8.1}",
                set,
                table.engine.name(),
                row.images,
                100.0 * row.read as f64 / row.images as f64,
                row.wrong,
                row.percentile(50),
                row.percentile(95),
                row.percentile(100),
            );
        }
    }
}
