//! Two thousand connections of strangers, from processes of their own.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    memory::{Mark, alone},
    world::{Door, until},
};

const TARGET: &str = "VESTIBULE_STRANGERS_CALL";
const STRANGERS: usize = 2000;
const PROCESSES: usize = 4;
const EACH: usize = STRANGERS / PROCESSES;
/// What the bounds on strangers allow at once, 320, and as much again as half of it: what is refused is on its way
/// out, and the kernel's table is not read at one moment.
const OPEN_MAX: usize = 480;
/// What all of them together may cost, KiB.
const COST_MAX: u64 = 16 << 10;

/// One stranger: silent, or speaking garbage, or dripping a handshake; comes again when it is cut off.
async fn intrude(number: usize, at: SocketAddr) {
    let from = [127, 0, 1, u8::try_from(1 + number / 50).unwrap()];
    loop {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        if let Ok(mut stream) = socket.connect(at).await {
            let _ = speak(number % 3, &mut stream).await;
        }
        sleep(Duration::from_millis(500)).await;
    }
}

async fn speak(manner: usize, stream: &mut TcpStream) -> std::io::Result<()> {
    match manner {
        0 => {}
        1 => stream.write_all(&[0xa5; 4096]).await?,
        _ => {
            for byte in b"\x13/multistream/1.0.0\n\x07/noise\n" {
                stream.write_all(&[*byte]).await?;
                sleep(Duration::from_millis(700)).await;
            }
        }
    }
    let mut heard = [0; 512];
    while stream.read(&mut heard).await? > 0 {}
    Ok(())
}

#[test]
#[ignore = "the strangers' own process: started by the test below"]
fn strangers() {
    let target = std::env::var(TARGET).unwrap();
    let (first, at) = target.split_once('@').unwrap();
    let (first, at): (usize, SocketAddr) = (first.parse().unwrap(), at.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut crowd = JoinSet::new();
        for number in first..first + EACH {
            crowd.spawn(intrude(number, at));
        }
        sleep(Duration::from_secs(1)).await;
        println!("\nstrangers are there");
        // Until the test ends this process, or is no more.
        let mut line = String::new();
        tokio::task::spawn_blocking(move || std::io::stdin().read_line(&mut line))
            .await
            .unwrap()
            .unwrap();
        crowd.abort_all();
    });
}

/// Ended when dropped.
struct Crowd(Child);

impl Crowd {
    fn call(first: usize, at: SocketAddr) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crowd::strangers", "--ignored", "--nocapture"])
            .env(TARGET, format!("{first}@{at}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut lines = said.lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "strangers are there"), "they did not come");
        Self(child)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Connections to this port that a process holds: those that wait to be accepted or are over have no inode.
fn connections(port: u16) -> usize {
    const LISTEN: &str = "0A";
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let mut held = 0;
    for row in table.lines().skip(1) {
        let fields: Vec<_> = row.split_whitespace().collect();
        let (local, state, inode) = (fields[1], fields[3], fields[9]);
        let (_, local_port) = local.split_once(':').unwrap();
        if u16::from_str_radix(local_port, 16).unwrap() != port || state == LISTEN {
            continue;
        }
        held += usize::from(inode != "0");
    }
    held
}

#[test]
fn two_thousand_connections_do_not_keep_a_sibling_out() {
    alone("crowd::two_thousand_connections_do_not_keep_a_sibling_out", || async {
        let (mut a, mut b) = (Door::new(1), Door::new(2));
        let at = b.start(&[]).await;
        a.record(40).await;
        let mark = Mark::set();
        let crowds: Vec<_> = (0..PROCESSES).map(|n| Crowd::call(n * EACH, at)).collect();
        let mut watching = JoinSet::new();
        watching.spawn(async move {
            let mut most = 0;
            let deadline = Instant::now() + Duration::from_secs(12); // longer than a handshake may take
            while Instant::now() < deadline {
                most = most.max(connections(at.port()));
                sleep(Duration::from_millis(50)).await;
            }
            most
        });
        let begun = Instant::now();
        a.start(&[at]).await;
        until("the sibling's visits arrive", || b.held_of(1) == 40).await;
        println!("the sibling was in after {:?}", begun.elapsed());
        let most = watching.join_next().await.unwrap().unwrap();
        a.record(1).await;
        until("a visit of this moment arrives", || b.held_of(1) == 41).await;
        assert!(b.up() == 1 && a.up() == 1, "strangers are not on the screen");
        let risen = mark.risen();
        println!("at most {most} of {STRANGERS} were held open; peak memory rose by {risen} KiB");
        assert!((100..=OPEN_MAX).contains(&most), "{most} connections were held open");
        assert!(risen <= COST_MAX, "{risen} KiB");
        drop(crowds);
        until("nothing of them stays", || connections(at.port()) <= 1).await;
        a.stop().await;
        b.stop().await;
    });
}
