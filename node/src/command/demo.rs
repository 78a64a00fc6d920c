//! `vestibule demo`: a whole region on loopback, to look at or to run once.

use std::path::PathBuf;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    Answer, CommandError, failed,
    run::{runtime, stop_asked},
    say,
};
use crate::demo::{Crowd, Demo, Pages, Summary};

const EXAMPLES: &str = "Examples:
  vestibule demo                                   until Ctrl-C, with pages
  vestibule demo --once --visitors 40              40 visitors, then a summary
  vestibule demo --once --visitors 40 --json       the same for scripts";

/// A whole region on this machine: an authority, a venue with two doors, and visitors whose codes are
/// rendered to camera frames and go through the real scanner.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct DemoArgs {
    /// Where the region lives; kept. [default: a temporary folder, removed at the end]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// How many visitors come. [default: without end; 40 with --once]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    visitors: Option<u32>,
    /// Serve no pages; exit when the last visitor is through.
    #[arg(long)]
    once: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs `vestibule demo`.
///
/// # Errors
/// [`CommandError`] when a part did not start; numbers that disagree are a negative answer.
pub fn run(args: DemoArgs) -> Result<Answer, CommandError> {
    let held;
    let folder = match &args.dir {
        Some(folder) => folder.clone(),
        None => {
            held = tempfile::Builder::new()
                .prefix("vestibule-demo-")
                .tempdir()
                .map_err(failed("no temporary folder"))?;
            held.path().to_owned()
        }
    };
    runtime()?.block_on(async {
        let pages = if args.once { Pages::Off } else { Pages::Served };
        let demo = Box::pin(Demo::start(&folder, pages))
            .await
            .map_err(failed("the demo did not start"))?;
        let answer = if args.once { once(&demo, &args).await } else { look(&demo, &args).await };
        demo.shutdown().await;
        answer
    })
}

async fn once(demo: &Demo, args: &DemoArgs) -> Result<Answer, CommandError> {
    let crowd = Crowd::quick(args.visitors.unwrap_or(40));
    let stop = CancellationToken::new();
    let summary = tokio::select! {
        summary = Summary::of(demo, &crowd, stop) => summary.map_err(failed("the demo did not run"))?,
        _ = stop_asked() => return Ok(Answer::No),
    };
    print(&summary, args.json)?;
    Ok(if summary.agrees() { Answer::Yes } else { Answer::No })
}

/// Serves the pages until it is told to stop; visitors come all the while, or as many as were asked for.
async fn look(demo: &Demo, args: &DemoArgs) -> Result<Answer, CommandError> {
    show_pages(demo, args.json);
    let crowd = Crowd::unhurried(args.visitors);
    let stop = CancellationToken::new();
    let through = async {
        match Summary::of(demo, &crowd, stop.clone()).await {
            Ok(summary) => print(&summary, args.json),
            Err(error) => Err(failed("the demo did not run")(error)),
        }
    };
    tokio::select! {
        printed = through => {
            printed?;
            // The crowd is through; the pages stay until Ctrl-C.
            stop_asked().await.map_err(failed("signals cannot be watched"))?;
        }
        _ = stop_asked() => stop.cancel(),
    }
    Ok(Answer::Yes)
}

fn show_pages(demo: &Demo, json: bool) {
    let page = |node: &crate::Node, page: &str| node.page_with_key(page).unwrap_or_default();
    let (a, b) = (&demo.door_a.node, &demo.door_b.node);
    let pages = [
        ("door_a", "Door A, the screen at the entrance", page(a, "/door")),
        ("door_b", "Door B, the screen at the entrance", page(b, "/door")),
        ("desk_a", "Door A, the staff desk", page(a, "/desk")),
        ("desk_b", "Door B, the staff desk", page(b, "/desk")),
        ("venue_a", "The venue, as door A knows it", page(a, "/venue")),
        ("venue_b", "The venue, as door B knows it", page(b, "/venue")),
        ("authority", "The health authority", page(&demo.authority, "/authority")),
    ];
    if json {
        let urls: serde_json::Map<_, _> =
            pages.iter().map(|(name, _, url)| ((*name).to_owned(), json!(url))).collect();
        say(json!({ "pages": urls }));
        return;
    }
    say("Vestibule is running on this machine. Open in a browser:\n");
    for (_, title, url) in &pages {
        say(format!("  {title:<36} {url}"));
    }
    say("\nVisitors are arriving. Ctrl-C ends it.");
}

fn print(summary: &Summary, json: bool) -> Result<(), CommandError> {
    if json {
        let line = serde_json::to_string(summary).map_err(failed("the summary has no JSON"))?;
        say(line);
        return Ok(());
    }
    say(format!(
        "{} visitors, {} codes read, {} let in, {} turned away",
        summary.visitors,
        summary.scanned,
        summary.admitted,
        summary.refused.values().sum::<u64>()
    ));
    for (reason, count) in &summary.refused {
        say(format!("  {reason}: {count}"));
    }
    say(format!(
        "visits: {} recorded, {} at the sibling, {} at the authority",
        summary.visits_recorded, summary.visits_at_sibling, summary.visits_at_authority
    ));
    let doors: Vec<_> = summary.occupancy.iter().map(|(d, n)| format!("{d} shows {n}")).collect();
    say(format!("inside: {}, truth {}", doors.join(", "), summary.inside_truth));
    say(format!(
        "case {}: {} contacts found of {}",
        summary.traced.case, summary.traced.contacts_found, summary.traced.contacts_truth
    ));
    let ms = summary.scan_to_decision_ms;
    say(format!("frame to durable decision: p50 {} ms, p99 {} ms", ms.p50, ms.p99));
    for wrong in &summary.wrong {
        say(format!("WRONG: {wrong}"));
    }
    say(if summary.agrees() { "everything agrees" } else { "the numbers do NOT agree" });
    Ok(())
}
