//! Memory of a node that holds 28 days of 2,000 visits, in a process of its own: after opening, and after serving all.

use std::{
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use sync::{sample, store::Durability, time::UnixMillis};

use super::{
    Figure, figure,
    node::{Clock, Node},
    payload::{self, Payload},
};

/// The word by which the child knows what it is.
pub(crate) const CHILD: &str = "memory-child";

const DAYS: i64 = 28;
/// Each day has chains of so many starts.
const STARTS: u8 = 4;
const VISITS: u64 = 500;
const DAY_MILLIS: i64 = 86_400_000;

pub(crate) async fn resident() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("ledger");
    let clock = Clock::new();
    fill(&path, &clock).await;
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args([CHILD, &path.to_string_lossy()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let mut answers = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut next = || answers.next().and_then(Result::ok).expect("its answer");
    let opened: f64 = next().parse().expect("a number");
    let address = next().parse().expect("an address");
    // The authority, for so much of one author is over what a sibling takes.
    let mut authority = Node::new(sample::authority(9, 1), Durability::Volatile, &clock);
    authority.call(address).await;
    authority.holds(DAYS.cast_unsigned() * u64::from(STARTS) * VISITS).await;
    let mut stdin = child.stdin.take().expect("its input");
    writeln!(stdin).expect("asked");
    let served: f64 = next().parse().expect("a number");
    drop(stdin);
    child.wait().expect("its end");
    authority.stop().await;
    vec![
        figure("resident, 28 days of 2,000 visits, opened", opened, "MB", Some(120.0)),
        figure("resident, 28 days of 2,000 visits, all served", served, "MB", Some(120.0)),
    ]
}

async fn fill(path: &Path, clock: &Clock) {
    clock.skip(-DAYS * DAY_MILLIS);
    let payload = Payload::visit();
    let began = clock.now();
    for start in 1..=STARTS {
        let node = Node::at(path, sample::door(1, start), Durability::Volatile, clock);
        for nth in 0..DAYS {
            let day = payload::day(began.plus_millis(nth * DAY_MILLIS));
            for _ in 0..VISITS {
                clock.skip(3_000);
                let at = UnixMillis::new(clock.now().get());
                payload::write_one(&node, &payload, day, at).await;
            }
            clock.skip(DAY_MILLIS - 3_000 * VISITS.cast_signed());
        }
        clock.skip(-DAYS * DAY_MILLIS);
        node.stop().await;
    }
    clock.skip(DAYS * DAY_MILLIS);
}

/// The child: opens the store, says how much memory it has, where it listens, and on a line how much it has then.
pub(crate) fn child(path: &Path) -> io::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let clock = Clock::new();
    let mut node = Node::at(path, sample::door(1, STARTS + 1), Durability::Fsync, &clock);
    let address = runtime.block_on(node.listen());
    let mut out = io::stdout();
    writeln!(out, "{}\n{address}", resident_megabytes()?)?;
    io::stdin().lock().read_line(&mut String::new())?;
    writeln!(out, "{}", resident_megabytes()?)?;
    runtime.block_on(node.stop());
    Ok(())
}

fn resident_megabytes() -> io::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kib: Option<f64> = line.and_then(|l| l.split_whitespace().next()?.parse().ok());
    Ok(kib.unwrap_or(f64::NAN) * 1024.0 / 1e6)
}
