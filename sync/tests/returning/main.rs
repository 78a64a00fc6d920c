//! Doors that all come back at once to one gateway, over real sockets, encrypted and multiplexed as ever: each in a session
//! of its own, from processes of their own, so that the gateway's memory is its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]
#![allow(clippy::print_stdout, reason = "what was measured is shown with --nocapture")]

mod door;
#[path = "../attacks/memory.rs"]
mod memory;

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use peak_alloc::PeakAlloc;
use sync::{
    ledger::Ledger,
    peers::{Limits, Peers, PeersConfig},
    sample,
    store::Durability,
};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use door::{Door, NOON, PIECES, VISITS_OF_PIECE};
use memory::{Mark, alone};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const TARGET: &str = "VESTIBULE_DOORS_RETURN";
/// Doors of one process.
const EACH: usize = 500;
const PLACES: u32 = 64;
/// What an idle session may cost the gateway, its papers and what it is told of included, KiB of the heap.
const IDLE_MAX: u64 = 128;

#[test]
#[ignore = "the doors' own process: started by the tests below"]
fn doors() {
    let target = std::env::var(TARGET).unwrap();
    let mut parts = target.split('@');
    let mut number = || parts.next().unwrap().parse::<usize>().unwrap();
    let (first, count) = (number(), number());
    let at: SocketAddr = parts.next().unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut coming = JoinSet::new();
        for n in first..first + count {
            coming.spawn(async move {
                let mut door = Door::new(u32::try_from(n).unwrap(), at);
                door.arrive().await;
                door
            });
        }
        let here = coming.join_all().await;
        println!("\nall are here");
        line_of_input().await;
        let mut delivering = JoinSet::new();
        for mut door in here {
            delivering.spawn(async move {
                door.deliver_all().await;
                door
            });
        }
        let done = delivering.join_all().await;
        let told: u32 = done.iter().map(|door| door.told).sum();
        println!("\nall is acknowledged {told}");
        line_of_input().await; // until the gateway has looked at its memory, or is no more
    });
}

async fn line_of_input() {
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)
    });
    read.await.unwrap().unwrap();
}

/// A process of doors. Ended when dropped.
struct Doors {
    child: Child,
    say: ChildStdin,
    said: Box<dyn Iterator<Item = String>>,
}

impl Doors {
    fn call(first: usize, count: usize, at: SocketAddr) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "doors", "--ignored", "--nocapture"])
            .env(TARGET, format!("{first}@{count}@{at}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let say = child.stdin.take().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, say, said: Box::new(said.lines().map_while(Result::ok)) }
    }

    /// Waits for a line that begins so; what follows.
    fn until(&mut self, begins: &str) -> String {
        let found = self.said.find_map(|line| line.strip_prefix(begins).map(str::to_owned));
        found.unwrap_or_else(|| panic!("the doors never said {begins:?}"))
    }

    fn go_on(&mut self) {
        self.say.write_all(b"go on\n").unwrap();
    }
}

impl Drop for Doors {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What this process's heap holds, KiB. Not what the kernel gave for it: how much freed memory glibc keeps is chance.
fn held() -> u64 {
    HEAP.current_usage() as u64 >> 10
}

async fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn return_at_once(count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let charter = sample::authority(9, 1);
    let ledger = Ledger::open(&path, charter, Durability::Fsync, Arc::new(|| NOON)).unwrap();
    let many = u32::try_from(2 * count).unwrap();
    let limits = Limits {
        sessions_max: many,
        strangers_max: many,
        strangers_per_address: many,
        uploads_max: PLACES,
        ..Limits::default()
    };
    let listen = vec!["127.0.0.1:0".parse().unwrap()];
    let config = PeersConfig { listen, limits, ..PeersConfig::default() };
    let stop = CancellationToken::new();
    let peers = Peers::start(ledger.clone(), config, Arc::new(|| NOON), stop.clone());
    let peers = peers.await.unwrap();
    let (at, status) = (peers.addresses()[0], peers.status());

    let begun = Instant::now();
    // What the first sessions need once, whoever else comes, is no session's.
    let first = count / 10;
    let mut processes = vec![Doors::call(1, first, at)];
    tokio::task::block_in_place(|| processes[0].until("all are here"));
    until("the first sessions are open", || status.borrow().up() == first).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = held();
    let later = (first..count).step_by(EACH);
    processes.extend(later.map(|n| Doors::call(1 + n, EACH.min(count - n), at)));
    for doors in &mut processes[1..] {
        tokio::task::block_in_place(|| doors.until("all are here"));
    }
    until("every session is open", || status.borrow().up() == count).await;
    println!("{count} sessions were open after {:?}", begun.elapsed());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle = held().saturating_sub(before) / (count - first) as u64;
    println!("an idle session holds {idle} KiB of the gateway's memory");

    let mark = Mark::set();
    let mut watching = JoinSet::new();
    let mut seen = status.clone();
    let watched = stop.clone();
    watching.spawn(async move {
        let (mut delivering, mut waiting) = (0, 0);
        loop {
            let uploads = seen.borrow_and_update().uploads;
            delivering = delivering.max(uploads.delivering);
            waiting = waiting.max(uploads.waiting);
            tokio::select! {
                () = watched.cancelled() => return (delivering, waiting),
                changed = seen.changed() => if changed.is_err() { return (delivering, waiting) },
            }
        }
    });
    let begun = Instant::now();
    processes.iter_mut().for_each(Doors::go_on);
    let mut told = 0_u64;
    for doors in &mut processes {
        let said = tokio::task::block_in_place(|| doors.until("all is acknowledged "));
        told += said.trim().parse::<u64>().unwrap();
    }
    let drained = begun.elapsed();
    let visits: u64 = ledger.heads().borrow().chains().map(|(_, head)| head.visits).sum();
    assert_eq!(visits, count as u64 * PIECES * VISITS_OF_PIECE, "all is here");
    let risen = mark.risen();
    stop.cancel();
    let (delivering, waiting) = watching.join_next().await.unwrap().unwrap();
    println!(
        "{visits} visits of {count} doors were acknowledged within {drained:?}; at most {delivering} delivered and {waiting} \
         waited, {told} times a door was told to come again; peak memory rose by {risen} KiB"
    );
    assert!(delivering <= PLACES as usize, "{delivering} delivered at once");
    assert!(waiting <= count, "{waiting}");
    assert!(idle <= IDLE_MAX, "{idle} KiB for an idle session");
    // What waits here is bounded by the places, not by who comes.
    assert!(risen <= (64 << 10) + count as u64 * 16, "{risen} KiB");
    drop(processes);
    peers.stopped().await;
    ledger.close().await;
}

#[test]
fn a_hundred_doors_return_at_once_and_all_is_acknowledged() {
    alone("a_hundred_doors_return_at_once_and_all_is_acknowledged", || return_at_once(100));
}

#[test]
#[ignore = "longer than a test should be: cargo test -p sync --release --test returning two_thousand -- --ignored --nocapture"]
fn two_thousand_doors_return_at_once_and_all_is_acknowledged() {
    alone("two_thousand_doors_return_at_once_and_all_is_acknowledged", || return_at_once(2_000));
}
