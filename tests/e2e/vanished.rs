//! The authority's store goes away while doors deliver, and comes back: it is said and shown, doors come again, and each visit is
//! there once.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use node::demo::{
    Pages,
    region::{DoorPlan, Founded, RegionPlan, found},
};
use serde_json::Value;
use tests::{
    binary, free_ports, postgres::Cluster, process::Process, visitors::Visitors, wait_until,
};

/// More doors than may deliver at once.
const DOORS: usize = 5;

fn frames(folder: &Path, door: usize) -> std::path::PathBuf {
    folder.join(format!("frames-{door}"))
}

/// A region with so many doors, each of which calls the authority.
fn founded(folder: &Path) -> Founded {
    let [authority] = free_ports();
    let doors = (0..DOORS).map(|n| {
        fs::create_dir_all(frames(folder, n)).unwrap();
        DoorPlan {
            dial: vec![format!("127.0.0.1:{authority}")],
            gate: format!(
                "source = \"replay\"\npath = \"{}\"\nfps = 0\nrepeat = \"forever\"\naway = \"1h\"\n",
                frames(folder, n).display()
            ),
            ..DoorPlan::named(&format!("{n}"), "both")
        }
    });
    let plan = RegionPlan {
        doors: doors.collect(),
        pages: Pages::Served,
        authority_listen: SocketAddr::from(([127, 0, 0, 1], authority)),
        capacity: None,
        ..RegionPlan::default()
    };
    found(folder, &plan).unwrap()
}

fn on_the_shared_store(config: &Path, url: &str) {
    let text = fs::read_to_string(config).unwrap();
    let key = config.with_file_name("cabinet.key");
    let made = Command::new(binary()).args(["keys", "new", "--out"]).arg(&key).output().unwrap();
    assert!(made.status.success());
    let secrets = "tracing = \"../tracing.secrets\"\n";
    let shared = format!("{secrets}store = \"{url}\"\ncabinet_key = \"cabinet.key\"\n");
    let text = text.replace(secrets, &shared).replace("[peers]\n", "[peers]\nuploads_max = 1\n");
    fs::write(config, text).unwrap();
    let made = Command::new(binary())
        .args(["authority", "init-store", "--config"])
        .arg(config)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// The status of `/healthz`, and whether it says that the store takes what comes.
fn health(node: &Process) -> (u16, Option<bool>) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut answer = agent.get(node.page("/healthz")).call().unwrap();
    let said: Value =
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap_or_default();
    (answer.status().as_u16(), said["store_ok"].as_bool())
}

#[test]
fn a_store_that_goes_and_comes_back_costs_no_visit() {
    let mut cluster = Cluster::start();
    let folder = tempfile::tempdir().unwrap();
    let region = founded(folder.path());
    on_the_shared_store(&region.authority.config, &cluster.database("region"));
    let authority = Process::start(&region.authority.config);
    let doors: Vec<_> = region.doors.iter().map(|door| Process::start(&door.config)).collect();
    wait_until("the bulletins have come", || doors.iter().all(Process::has_its_rules));
    let visitors = Visitors::new(&region.issuer);
    let come = |count: u64| {
        let before: Vec<u64> = (0..DOORS).map(|n| doors[n].held(&n.to_string())).collect();
        for n in 0..DOORS {
            (0..count).for_each(|_| visitors.green().hold_up(&frames(folder.path(), n)));
        }
        for (n, door) in doors.iter().enumerate() {
            wait_until("they are in", || door.held(&n.to_string()) >= before[n] + count);
            for frame in fs::read_dir(frames(folder.path(), n)).unwrap() {
                fs::remove_file(frame.unwrap().path()).unwrap();
            }
        }
    };
    let seen = || authority.metric("vestibule_region_visits", "");
    come(1);
    wait_until("all doors are heard", || seen() == Some(DOORS as u64));
    assert_eq!(health(&authority), (200, Some(true)));

    cluster.stop();
    come(2);
    wait_until("it is said that the store is away", || health(&authority) == (503, Some(false)));
    come(1);
    assert_eq!(authority.metric("vestibule_store_trouble", ""), Some(1));
    wait_until("doors are told to come again", || {
        authority.metric("vestibule_uploads_told", "").is_some_and(|told| told > 0)
            && doors.iter().any(|door| {
                door.metric("vestibule_upload_wait_seconds", "").is_some_and(|wait| wait > 0)
            })
    });
    let unacknowledged = |door: &Process| door.metric("vestibule_unacknowledged", "").unwrap();
    assert!(doors.iter().all(|door| unacknowledged(door) == 3), "nothing is acknowledged");

    cluster.start_again();
    wait_until("it is well again", || health(&authority) == (200, Some(true)));
    come(1);
    wait_until("all have come", || seen() == Some(5 * DOORS as u64));
    wait_until("and the doors know", || doors.iter().all(|door| unacknowledged(door) == 0));
    assert_eq!(authority.metric("vestibule_store_trouble", ""), Some(0));
    let rows = "select count(*), count(distinct event_id) from vestibule.visits";
    assert_eq!(cluster.sql("region", rows), format!("{0}|{0}", 5 * DOORS));
    assert_eq!(
        cluster.sql("region", "select sum(visits) from vestibule.totals"),
        (5 * DOORS).to_string()
    );
    assert_eq!(authority.metric("vestibule_region_quarantined", ""), Some(0));
}
