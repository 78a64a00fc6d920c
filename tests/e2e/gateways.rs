//! Three nodes of the authority share a PostgreSQL; one is killed while visits come in, and its disk is gone.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tests::{binary, free_ports, postgres::Cluster, process::Process, region::Region, wait_until};

use crate::outage::visitors_come;

fn vestibule(folder: &Path, words: &str) -> String {
    let done = Command::new(binary()).current_dir(folder).args(words.split(' ')).output().unwrap();
    assert!(done.status.success(), "{words}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// The authority's configuration with the shared store, and two more nodes like it; their ports.
fn three_nodes(region: &Region, url: &str) -> (Vec<PathBuf>, [u16; 3]) {
    let first = region.founded.authority.config.clone();
    let folder = first.parent().unwrap().parent().unwrap().to_owned();
    vestibule(&folder, "keys new --out cabinet.key");
    let text = fs::read_to_string(&first).unwrap();
    let secrets = "tracing = \"../tracing.secrets\"\n";
    let shared = format!("{secrets}store = \"{url}\"\ncabinet_key = \"../cabinet.key\"\n");
    assert!(text.contains(secrets));
    let text = text.replace(secrets, &shared);
    fs::write(&first, &text).unwrap();
    let listens = text.split("listen = [\"127.0.0.1:").nth(1).unwrap();
    let port: u16 = listens.split('"').next().unwrap().parse().unwrap();
    let more: [u16; 2] = free_ports();
    let mut configs = vec![first];
    for (n, other) in more.into_iter().enumerate() {
        let place = folder.join(format!("gateway-{n}"));
        fs::create_dir(&place).unwrap();
        vestibule(&place, "keys new --out node.key");
        let node = vestibule(&place, "keys show node.key");
        let node = node.split_whitespace().find(|word| word.len() == 64).unwrap();
        let enrol = "enrol authority --root ../root.key --region 1 --out node.membership --node";
        vestibule(&place, &format!("{enrol} {node}"));
        let config = place.join("config.toml");
        let here = text.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{other}"));
        fs::write(&config, here).unwrap();
        configs.push(config);
    }
    (configs, [port, more[0], more[1]])
}

#[test]
fn one_of_three_gateways_dies_with_its_disk_and_each_visit_is_there_once() {
    let cluster = Cluster::start();
    let region = Region::new();
    let (configs, ports) = three_nodes(&region, &cluster.database("region"));
    let refused = Command::new(binary()).arg("run").arg("--config").arg(&configs[0]).output();
    let refused = String::from_utf8_lossy(&refused.unwrap().stderr).into_owned();
    assert!(refused.contains("init-store"), "{refused}");
    let init = format!("authority init-store --config {}", configs[0].display());
    assert!(vestibule(Path::new("/"), &init).contains("version 2"));
    assert!(vestibule(Path::new("/"), &init).contains("already"));

    // A door's entry names all of them: one holds it, and when that one goes the next.
    let all = ports.map(|port| format!("127.0.0.1:{port}")).join(",");
    for door in &region.founded.doors {
        let text = fs::read_to_string(&door.config).unwrap();
        let text = text.replace(&region.a_to_authority.address(), &all);
        fs::write(&door.config, text.replace(&region.b_to_authority.address(), &all)).unwrap();
    }
    let first = Process::start(&configs[0]);
    let (second, third) = (Process::start(&configs[1]), Process::start(&configs[2]));
    let (a, b) = (region.door_a(), region.door_b());
    wait_until("the bulletins have come", || a.has_its_rules() && b.has_its_rules());
    visitors_come(&region, "A", &a, 3);
    let seen = |node: &Process| node.metric("vestibule_region_visits", "");
    wait_until("each gateway counts what any has taken in", || {
        [&first, &second, &third].into_iter().all(|node| seen(node) == Some(3))
    });
    let unacknowledged = |door: &Process| door.metric("vestibule_unacknowledged", "");
    wait_until("the door knows", || unacknowledged(&a) == Some(0));

    for _ in 0..5 {
        region.visitors.green().hold_up(&region.frames("A"));
    }
    wait_until("some of them are in", || a.held("A") >= 5);
    first.kill();
    fs::remove_dir_all(configs[0].with_file_name("data")).unwrap();
    visitors_come(&region, "B", &b, 2);
    wait_until("all of them are in", || a.held("A") == 8);
    wait_until("the others count every visit", || {
        seen(&second) == Some(10) && seen(&third) == Some(10)
    });
    wait_until("and the doors know", || {
        unacknowledged(&a) == Some(0) && unacknowledged(&b) == Some(0)
    });
    let rows = "select count(*), count(distinct event_id) from vestibule.visits";
    assert_eq!(cluster.sql("region", rows), "10|10");
    assert_eq!(cluster.sql("region", "select sum(visits) from vestibule.totals"), "10");

    // It comes back with an empty disk, and is one of three again.
    let first = Process::start(&configs[0]);
    wait_until("it counts them, too", || seen(&first) == Some(10));
    let listed = vestibule(
        Path::new("/"),
        &format!("authority quarantine --config {}", configs[0].display()),
    );
    assert!(listed.starts_with("0 records"), "{listed}");
}
