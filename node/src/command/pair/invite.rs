//! `vestibule pair invite`: makes an invitation, leaves it for the running door, shows it.

use std::{fs, net::SocketAddr, path::PathBuf, thread, time::Duration};

use node_core::pairing::Replaces;
use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};
use serde_json::json;
use sync::{
    membership::Place,
    pairing::{Invitation, Wifi},
};

use crate::{
    command::{Answer, CommandError, failed, in_words, read_text, say, warn},
    config::Config,
    pairing, start, wall,
};

/// How long the running door may take to pick the invitation up.
const PATIENCE: Duration = Duration::from_secs(5);
const GLANCE: Duration = Duration::from_millis(100);
const WIFI_KEY_MAX: usize = 256;

#[derive(Debug, clap::Args)]
pub(super) struct InviteArgs {
    /// The configuration of the door that has the manager's key.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The Wi-Fi's name, for the joining door.
    #[arg(long, value_name = "NAME", requires = "wifi_key_file")]
    wifi_name: Option<String>,
    /// The file with the Wi-Fi's passphrase.
    #[arg(long, value_name = "FILE", requires = "wifi_name")]
    wifi_key_file: Option<PathBuf>,
    /// Where this door is reached, instead of this machine's own addresses; three at most.
    #[arg(long, value_name = "IP:PORT")]
    address: Vec<SocketAddr>,
    /// The dead door whose place the new one takes, by its name or its entrance's number. It is removed for good; no
    /// invitation without this removes any.
    #[arg(long, value_name = "NAME|N", value_parser = replaces)]
    replaces: Option<Replaces>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &InviteArgs) -> Result<Answer, CommandError> {
    let config = Config::load(&args.config).map_err(|e| {
        CommandError::Usage(format!("the configuration is refused: {}", in_words(&e)))
    })?;
    let invitation = make(args, &config)?;
    let what = "the invitation could not be left for the running door";
    fs::create_dir_all(&config.node.data).map_err(failed(what))?;
    pairing::leave(&config.node.data, &invitation, args.replaces.as_ref()).map_err(failed(what))?;
    let taken = was_taken(&config);
    let (text, expires) = (invitation.to_text(), invitation.expires);
    if args.json {
        say(json!({ "text": *text, "expires": expires.to_string(), "taken": taken }));
    } else {
        let symbol = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L);
        let symbol = symbol.map_err(failed("the invitation fits no QR symbol"))?;
        // Drawn bright on dark, as terminals are: the symbol's dark modules are the terminal's ground.
        let picture = symbol
            .render::<Dense1x2>()
            .dark_color(Dense1x2::Light)
            .light_color(Dense1x2::Dark)
            .build();
        say(picture);
        say(text.as_str());
        say(format_args!(
            "until {expires}; on the other door: vestibule pair join --camera auto --into FOLDER --run"
        ));
    }
    if !taken {
        warn(
            "no running door has taken the invitation: start `vestibule run` with this configuration",
        );
    }
    Ok(if taken { Answer::Yes } else { Answer::No })
}

fn replaces(text: &str) -> Result<Replaces, String> {
    let named = Replaces::parse(text).filter(|_| !text.chars().any(char::is_control));
    named.ok_or_else(|| "the name of a door, or the number of its entrance".into())
}

fn make(args: &InviteArgs, config: &Config) -> Result<Invitation, CommandError> {
    let Some(section) = &config.venue else {
        let what = "this door has no [venue] section: the door with the manager's key invites";
        return Err(CommandError::Usage(what.into()));
    };
    let (charter, member) = start::charter(config).map_err(failed("this door has no place"))?;
    let Place::Door { venue, .. } = member.place else {
        return Err(CommandError::Usage("this node is no door".into()));
    };
    let wifi = match (&args.wifi_name, &args.wifi_key_file) {
        (Some(name), Some(file)) => {
            let key = read_text(file, WIFI_KEY_MAX)?.trim_end_matches(['\r', '\n']).to_owned();
            Some(Wifi { name: name.clone(), key })
        }
        _ => None,
    };
    let listen = config.peers.as_ref().map(|p| p.listen.clone()).unwrap_or_default();
    let addresses = match (args.address.as_slice(), section.addresses.as_slice()) {
        ([], []) => pairing::reached_at(&listen),
        ([], named) | (named, _) => named.to_vec(),
    };
    if addresses.is_empty() {
        let what = "this door listens nowhere that could be told: give --address IP:PORT";
        return Err(CommandError::Usage(what.into()));
    }
    let place = (venue.venue, venue.name.as_str());
    Invitation::new(charter.key.public(), addresses, place, wifi, wall::now())
        .map_err(failed("no invitation could be made"))
}

fn was_taken(config: &Config) -> bool {
    let file = pairing::file(&config.node.data);
    for _ in 0..PATIENCE.as_millis() / GLANCE.as_millis() {
        if !file.exists() {
            return true;
        }
        thread::sleep(GLANCE);
    }
    false
}
