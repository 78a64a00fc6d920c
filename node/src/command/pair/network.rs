//! Reaching the inviting door: over the network as it is, or over the Wi-Fi that the invitation names.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};

use sync::{
    key::SecretKey,
    pairing::{Invitation, Joining, Refusal, Wifi, Wish},
    peers::{CallError, call_once},
};

use crate::{
    command::{CommandError, failed, in_words, run::runtime, warn},
    wall,
};

const LOOK: Duration = Duration::from_secs(2);
const BETWEEN: Duration = Duration::from_secs(2);
const TRIES: u32 = 6;

/// What the inviting door gave, and what happened on the way.
pub(super) struct Joined {
    pub(super) grant: sync::pairing::Grant,
    pub(super) member: sync::membership::Member,
    pub(super) over_wifi: bool,
}

/// Asks the inviting door until it answers.
pub(super) fn join(
    invitation: &Invitation,
    key: &SecretKey,
    wish: &Wish,
) -> Result<Joined, CommandError> {
    let mut over_wifi = false;
    if let Some(wifi) = &invitation.wifi
        && !is_reached(&invitation.addresses)
    {
        enter(wifi)?;
        over_wifi = true;
    }
    let mut last = None;
    for attempt in 0..TRIES {
        if attempt > 0 {
            std::thread::sleep(BETWEEN);
        }
        for address in &invitation.addresses {
            let joining = Joining::new(invitation, key.public());
            let joining = joining.map_err(failed("no call could be made"))?;
            let request = joining.request(wish);
            let call = call_once(key, *address, Some(invitation.inviter), request);
            match runtime()?.block_on(call) {
                Ok(answer) => match joining.read(&answer, wall::now()) {
                    Ok((grant, member)) => return Ok(Joined { grant, member, over_wifi }),
                    // The door may be about to pick the invitation up.
                    Err(sync::pairing::JoinError::Refused(Refusal::NotInviting)) => {
                        last = Some("nobody is invited there".to_owned());
                    }
                    Err(error) => return Err(failed("this door was not let in")(error)),
                },
                Err(error @ CallError::Setup(_)) => {
                    return Err(failed("no call could be made")(error));
                }
                Err(error) => last = Some(in_words(&error)),
            }
        }
        if let Some(why) = &last {
            warn(format_args!("not yet: {why}"));
        }
    }
    Err(failed("the inviting door was not reached")(last.unwrap_or_default()))
}

fn is_reached(addresses: &[SocketAddr]) -> bool {
    addresses.iter().any(|address| TcpStream::connect_timeout(address, LOOK).is_ok())
}

/// Joins the Wi-Fi through NetworkManager. The passphrase goes in over standard input: arguments are for all to see.
fn enter(wifi: &Wifi) -> Result<(), CommandError> {
    let what = || format!("the Wi-Fi {:?} could not be joined", wifi.name);
    let mut child = Command::new("nmcli")
        .args(["--ask", "device", "wifi", "connect", &wifi.name])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed(what()))?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "{}", wifi.key).map_err(failed(what()))?;
    }
    let ended = child.wait_with_output().map_err(failed(what()))?;
    if ended.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.stderr).trim().chars().take(300).collect::<String>();
    Err(failed(what())(said))
}
