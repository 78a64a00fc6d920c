//! The decoder beside its peers on a manifest of pictures with known texts: rates, false reads, CPU time.
//!
//! `cargo bench -p scanner --bench manifest -- [MANIFEST] [--only SET] [--ours] [--misses] [--once]`

#![allow(clippy::unwrap_used, reason = "a bench that cannot read its data must stop")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod engine;
mod table;
mod truth;

use std::path::PathBuf;

use engine::Engine;
use table::Table;
use truth::Entry;

struct Options {
    manifest: PathBuf,
    only: Option<String>,
    ours: bool,
    misses: bool,
}

fn options() -> Options {
    let default =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/qr/manifest.json");
    let mut options = Options { manifest: default, only: None, ours: false, misses: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--bench" => {}
            "--only" => options.only = words.next(),
            "--ours" => options.ours = true,
            "--misses" => options.misses = true,
            path => options.manifest = PathBuf::from(path),
        }
    }
    options
}

fn main() {
    let options = options();
    let entries = match Entry::all(&options.manifest) {
        Ok(entries) => entries,
        Err(cause) => {
            eprintln!("{}: {cause}", options.manifest.display());
            std::process::exit(2);
        }
    };
    let folder = options.manifest.parent().unwrap().to_owned();
    let engines = if options.ours { vec![Engine::Ours] } else { Engine::available() };
    let mut tables: Vec<Table> = engines.iter().map(|engine| Table::new(*engine)).collect();
    for entry in &entries {
        if options.only.as_ref().is_some_and(|only| {
            !entry.set.contains(only.as_str()) && !entry.file.contains(only.as_str())
        }) {
            continue;
        }
        let path = folder.join(&entry.file);
        let luma = scanner::open_picture(&path).unwrap();
        for (engine, table) in engines.iter().zip(&mut tables) {
            let (texts, spent) = engine.read(&luma, &path);
            let verdict = entry.judge(&texts);
            if options.misses && (!verdict.read || verdict.wrong > 0) {
                println!(
                    "{}: {} {:?} ({:.1} ms, {}x{})",
                    engine.name(),
                    entry.file,
                    verdict,
                    spent.as_secs_f64() * 1e3,
                    luma.width(),
                    luma.height()
                );
            }
            if options.misses && verdict.wrong > 0 {
                println!("    {texts:?}");
            }
            table.add(entry, &verdict, spent);
        }
    }
    table::print(&tables);
}
