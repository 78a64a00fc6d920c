//! `vestibule run` as configured by hand: with a certificate of its own making; with something missing, taken or not
//! its own, it names that and runs nothing.

use std::{
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use node::demo::region::FoundedNode;
use tests::{process::Process, region::Region, wait_until};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Runs a node that must not start; what it said.
fn refused(node: &FoundedNode) -> String {
    let mut process = Process::spawn(&node.config);
    let code = process.ended();
    let log = process.log().join("\n");
    assert_eq!(code, Some(1), "{log}");
    assert!(!log.contains("node is up"), "{log}");
    log
}

fn check(node: &FoundedNode, words: &[&str]) {
    let log = refused(node);
    for word in words {
        assert!(log.contains(word), "no {word:?} in\n{log}");
    }
}

fn beside(node: &FoundedNode, name: &str) -> std::path::PathBuf {
    node.config.with_file_name(name)
}

fn edit(config: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(config).unwrap();
    assert!(text.contains(from), "no {from:?} in\n{text}");
    fs::write(config, text.replace(from, to)).unwrap();
}

#[test]
fn a_node_makes_its_certificate_once_and_serves_with_it() {
    let region = Region::new();
    let hub = &region.founded.authority;
    edit(&hub.config, "\ntls = \"plain-loopback\"", "");
    let made = beside(hub, "data/tls/web-cert.pem");
    assert!(!made.exists());
    let pems = [(); 2].map(|()| {
        let node = Process::start(&hub.config);
        assert!(node.page("/").starts_with("https://127.0.0.1:"), "{}", node.page("/"));
        let pem = fs::read(&made).unwrap();
        let trusted = Certificate::from_pem(&pem).unwrap();
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[trusted])).build();
        let browser = ureq::Agent::config_builder().tls_config(tls).build().new_agent();
        assert_eq!(browser.get(node.page("/healthz")).call().unwrap().status(), 200);
        assert_eq!(node.stop(), Some(0));
        pem
    });
    assert_eq!(pems[0], pems[1], "whoever trusted it is not asked again");
}

#[test]
fn a_missing_file_is_named() {
    let region = Region::new();
    let [a, b] = [0, 1].map(|n| &region.founded.doors[n]);
    for name in ["node.key", "node.membership", "tag.key"] {
        let kept = fs::read(beside(a, name)).unwrap();
        fs::remove_file(beside(a, name)).unwrap();
        check(a, &[name, "No such file"]);
        fs::write(beside(a, name), kept).unwrap();
        fs::set_permissions(beside(a, name), Permissions::from_mode(0o600)).unwrap();
    }
    fs::remove_file(region.folder.path().join("tracing.secrets")).unwrap();
    check(&region.founded.authority, &["tracing.secrets", "No such file"]);
    // Papers from the authority are another matter: a stick may be pulled.
    edit(&b.config, "\"../orders\"", "\"gone\"");
    let door = region.door_b();
    assert!(door.lines_with(&["gone", "No such file", "stays in force"]) > 0, "{:#?}", door.log());
}

#[test]
fn a_key_that_others_can_read_keeps_a_node_from_starting() {
    let region = Region::new();
    let door = &region.founded.doors[0];
    for name in ["node.key", "tag.key"] {
        let path = beside(door, name);
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        check(door, &["can be read by others", &format!("chmod 600 {}", path.display())]);
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn a_membership_that_is_not_the_nodes_is_refused() {
    let region = Region::new();
    let [a, b] = [0, 1].map(|n| &region.founded.doors[n]);
    let own = fs::read(beside(a, "node.membership")).unwrap();
    fs::copy(beside(b, "node.membership"), beside(a, "node.membership")).unwrap();
    check(a, &["node.membership", "belongs to node", &b.node.to_string()]);
    let hub = beside(&region.founded.authority, "node.membership");
    fs::copy(hub, beside(a, "node.membership")).unwrap();
    check(a, &["belongs to node"]);
    fs::write(beside(a, "node.membership"), "hello").unwrap();
    check(a, &["node.membership holds no membership"]);
    fs::write(beside(a, "node.membership"), own).unwrap();
    let text = fs::read_to_string(&a.config).unwrap();
    let root = text.split('"').find(|word| word.len() == 64).unwrap();
    edit(&a.config, root, &b.node.to_string());
    check(a, &["node.membership", "not signed by a root"]);
}

#[test]
fn an_expired_membership_says_since_when() {
    let region = Region::with_grants_of(-1);
    check(&region.founded.doors[0], &["node.membership", "membership expired at 20"]);
}

#[test]
fn a_section_that_is_not_the_nodes_is_refused() {
    let region = Region::new();
    let [b, hub] = [&region.founded.doors[1], &region.founded.authority];
    let text = fs::read_to_string(&hub.config).unwrap();
    let from = text.find("[authority]").unwrap();
    let to = from + text[from..].find("\n[").unwrap();
    edit(
        &hub.config,
        &text[from..to],
        "[gate]\nsource = \"none\"\ntag_key = \"../tracing.secrets\"\n",
    );
    check(hub, &["[gate] needs a door's membership"]);
    let text = fs::read_to_string(&b.config).unwrap();
    let from = text.find("[gate]").unwrap();
    let to = text.find("[peers]").unwrap();
    edit(&b.config, &text[from..to], "[authority]\ntracing = \"../tracing.secrets\"\n");
    check(b, &["[authority] needs an authority's membership"]);
}

#[test]
fn a_port_in_use_is_named() {
    let region = Region::new();
    let [a, b] = [0, 1].map(|n| &region.founded.doors[n]);
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    edit(&a.config, "[web]\nlisten = \"127.0.0.1:0\"", &format!("[web]\nlisten = \"{taken}\""));
    check(a, &[&taken, "in use"]);
    let text = fs::read_to_string(&b.config).unwrap();
    let listen = text.lines().find(|line| line.starts_with("listen = [")).unwrap();
    edit(&b.config, listen, &format!("listen = [\"{taken}\"]"));
    check(b, &[&taken, "in use"]);
}

#[test]
fn a_store_in_use_is_named_and_its_owner_goes_on() {
    let region = Region::new();
    let first = region.door_a();
    check(&region.founded.doors[0], &["data/ledger", "in use by another process"]);
    assert_eq!(first.stop(), Some(0), "the first goes on and stops when told");
}

#[test]
fn a_bad_bulletin_is_told_of_keeps_nobody_out_and_hides_no_good_one() {
    let region = Region::new();
    let bulletins = region.folder.path().join("bulletins");
    let policy = bulletins.join("policy.bulletin");
    let kept = fs::read(&policy).unwrap();
    fs::write(&policy, "hello").unwrap();
    let stranger = Region::new();
    let trust = bulletins.join("trust.bulletin");
    fs::copy(stranger.folder.path().join("bulletins/trust.bulletin"), &trust).unwrap();
    let hub = region.authority();
    assert!(hub.lines_with(&["policy.bulletin is refused", "no bulletin"]) > 0, "{:#?}", hub.log());
    assert!(hub.lines_with(&["trust.bulletin is refused", "0 valid root signatures"]) > 0);
    assert!(!hub.has_its_rules());
    assert!(hub.knows_of("revocations"), "the good ones are taken");
    fs::write(&policy, kept).unwrap();
    wait_until("the mended one is taken while the node runs", || hub.knows_of("policy"));
}
