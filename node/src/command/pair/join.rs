//! `vestibule pair join`: reads an invitation, asks the inviting door, writes this door's files.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use serde_json::json;
use sync::{
    id::EntranceId,
    key::SecretKey,
    membership::{Member, Place},
    pairing::{Grant, NAME_MAX, Wish},
    record::Direction,
};

use super::{
    network::{self, Joined},
    seen::Source,
};
use crate::{
    command::{Answer, CommandError, enrol::Way, failed, run, say, write_file},
    secret::{Secret, load_key},
};

#[derive(Debug, clap::Args)]
pub(super) struct JoinArgs {
    #[command(flatten)]
    source: Source,
    /// The folder for this door's files; its configuration becomes door.toml there.
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
    /// This door's name, for people; the inviting door chooses one if none is given.
    #[arg(long)]
    name: Option<String>,
    /// Which way it leads.
    #[arg(long, value_enum, default_value = "both")]
    direction: Way,
    /// The entrance of a dead door whose place it takes: refused unless the invitation is for that (`pair invite
    /// --replaces`).
    #[arg(long, value_name = "N")]
    replaces: Option<u16>,
    /// Whether a person confirms each verdict at this door.
    #[arg(long)]
    attended: bool,
    /// Where this door listens for its peers.
    #[arg(long, value_name = "IP:PORT", default_value = "0.0.0.0:7100")]
    listen: SocketAddr,
    /// Where its pages are served; plain HTTP on a loopback address, else with TLS.
    #[arg(long, value_name = "IP:PORT", default_value = "0.0.0.0:8443")]
    pages: SocketAddr,
    /// Trust this machine's clock as it is.
    #[arg(long)]
    clock_trusted: bool,
    /// Go on as `vestibule run`.
    #[arg(long)]
    run: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: JoinArgs) -> Result<Answer, CommandError> {
    let config = args.into.join("door.toml");
    if config.exists() {
        let what = format!("{} is there already: this door has a place", config.display());
        return Err(CommandError::Usage(what));
    }
    if args.name.as_ref().is_some_and(|n| n.trim().is_empty() || n.len() > NAME_MAX) {
        return Err(CommandError::Usage(format!("--name: 1 to {NAME_MAX} bytes")));
    }
    let what = format!("cannot use {}", args.into.display());
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true).mode(0o700).create(&args.into).map_err(failed(what))?;
    let key = node_key(&args.into.join("node.key"))?;
    let invitation = args.source.read()?;
    let wish = Wish {
        name: args.name.clone(),
        direction: args.direction.into(),
        replaces: args.replaces.map(EntranceId::new),
    };
    let joined = network::join(&invitation, &key, &wish)?;
    settle(&args, &joined.grant)?;
    tell(&args, &joined, &config);
    if args.run {
        return run::run(run::RunArgs { config });
    }
    Ok(Answer::Yes)
}

/// A key that an earlier attempt made is used again: the inviting door may have signed papers for it.
fn node_key(path: &Path) -> Result<SecretKey, CommandError> {
    if !path.exists() {
        let key = SecretKey::generate().map_err(|e| failed("no key was made")(e.to_string()))?;
        Secret::Signing(key).create(path).map_err(failed("no key was made"))?;
    }
    load_key(path).map_err(failed("cannot use this door's key"))
}

/// The configuration goes last: where it is, all the rest is.
fn settle(args: &JoinArgs, grant: &Grant) -> Result<(), CommandError> {
    let at = |name: &str| args.into.join(name);
    write_file(&at("node.membership"), &grant.membership.to_text())?;
    let ring = grant.ring().ok_or("it holds none").map_err(failed("the tag keys are unusable"))?;
    let tag_key = at("tag.key");
    if tag_key.exists() {
        crate::secret::destroy(&tag_key).map_err(failed("an earlier tag key is in the way"))?;
    }
    Secret::Ring(ring).create(&tag_key).map_err(failed("the tag keys were not written"))?;
    write_file(&at("door.toml"), &configuration(args, grant))
}

fn configuration(args: &JoinArgs, grant: &Grant) -> String {
    let mut text = String::from("# Written by `vestibule pair join`.\n");
    text.push_str("[node]\nkey = \"node.key\"\nmembership = \"node.membership\"\n");
    let quoted = |texts: Vec<String>| texts.iter().map(|t| quote(t)).collect::<Vec<_>>().join(", ");
    let roots = quoted(grant.roots.iter().map(ToString::to_string).collect());
    let clock = if args.clock_trusted { "trusted" } else { "system" };
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "roots = [{roots}]\nroots_needed = {}\nclock = \"{clock}\"\n",
        grant.roots_needed
    );
    let _ = write!(text, "\n[gate]\ntag_key = \"tag.key\"\nattended = {}\n", args.attended);
    match (&args.source.camera, &args.source.frames) {
        (Some(device), _) => {
            let _ = writeln!(text, "source = \"camera\"\ndevice = {}", quote(device));
        }
        (_, Some(frames)) => {
            let frames = fs::canonicalize(frames).unwrap_or_else(|_| frames.clone());
            let path = quote(&frames.to_string_lossy());
            let _ = writeln!(text, "source = \"replay\"\npath = {path}\nrepeat = \"forever\"");
        }
        _ => text.push_str("source = \"camera\"\ndevice = \"auto\"\n"),
    }
    let tls = if args.pages.ip().is_loopback() { "plain-loopback" } else { "self-made" };
    let _ = write!(text, "\n[web]\nlisten = \"{}\"\ntls = \"{tls}\"\n", args.pages);
    let dial = quoted(grant.dial.clone());
    let discovery = if args.listen.ip().is_loopback() { "off" } else { "lan" };
    let _ = write!(
        text,
        "\n[peers]\nlisten = [\"{}\"]\ndial = [{dial}]\ndiscovery = \"{discovery}\"\n",
        args.listen
    );
    text
}

/// As a TOML string.
fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn tell(args: &JoinArgs, joined: &Joined, config: &Path) {
    let Member { place: Place::Door { venue, door }, node, .. } = &joined.member else { return };
    if args.json {
        say(json!({
            "venue": venue.venue.get(),
            "venue_name": venue.name,
            "entrance": door.entrance.get(),
            "name": door.name,
            "node": node.to_string(),
            "config": config,
            "wifi": joined.over_wifi,
        }));
        return;
    }
    say(format_args!("this is now entrance {} ({}) of {}", door.entrance, door.name, venue.name));
    say(format_args!("node {node}, papers until {}", joined.member.expires));
    if joined.over_wifi {
        say("the Wi-Fi of the invitation was joined");
    }
    if !args.run {
        say(format_args!("next: vestibule run --config {}", config.display()));
    }
}

impl From<Way> for Direction {
    fn from(way: Way) -> Self {
        match way {
            Way::In => Self::In,
            Way::Out => Self::Out,
            Way::Both => Self::Both,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_into_the_configuration_cannot_end_its_string() {
        assert_eq!(quote("/dev/video0"), "\"/dev/video0\"");
        let awkward = "a\"\nb = 1";
        let line = format!("x = {}", quote(awkward));
        let read: toml::Table = toml::from_str(&line).unwrap();
        assert_eq!(read["x"].as_str(), Some(awkward));
        assert_eq!(read.len(), 1);
    }
}
