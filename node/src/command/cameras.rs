//! `vestibule cameras`: the cameras of this machine, which one would be used, and why.

use scanner::{CameraInfo, Usable};
use serde_json::{Value, json};

use super::{Answer, CommandError, say};

/// List the cameras, which one would be used, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  vestibule cameras\n  vestibule cameras --json")]
pub struct CamerasArgs {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs `vestibule cameras`; negative when none can be used.
///
/// # Errors
/// None.
pub fn run(args: CamerasArgs) -> Result<Answer, CommandError> {
    let cameras = scanner::cameras();
    let chosen = cameras.iter().position(|c| matches!(c.usable, Usable::Yes(_)));
    if args.json {
        let list: Vec<_> =
            cameras.iter().enumerate().map(|(n, c)| entry(c, Some(n) == chosen)).collect();
        say(json!({ "cameras": list }));
    } else if cameras.is_empty() {
        say("no video device: is a camera plugged in, and may this user open /dev/video*?");
    } else {
        for (number, camera) in cameras.iter().enumerate() {
            prose(camera, Some(number) == chosen);
        }
    }
    Ok(if chosen.is_some() { Answer::Yes } else { Answer::No })
}

fn entry(camera: &CameraInfo, chosen: bool) -> Value {
    let why = match &camera.usable {
        Usable::Yes(format) => format!("would use {format:?}"),
        Usable::No(reason) => reason.clone(),
    };
    let formats: Vec<_> = camera.formats.iter().map(|f| format!("{f:?}")).collect();
    json!({
        "device": camera.device,
        "name": camera.name,
        "usable": matches!(camera.usable, Usable::Yes(_)),
        "chosen": chosen,
        "why": why,
        "formats": formats,
    })
}

fn prose(camera: &CameraInfo, chosen: bool) {
    let mark = if chosen { "*" } else { " " };
    say(format!("{mark} {} {}", camera.device, camera.name));
    match &camera.usable {
        Usable::Yes(format) => say(format!("    would be used as {format:?}")),
        Usable::No(reason) => say(format!("    not used: {reason}")),
    }
    for format in &camera.formats {
        say(format!("    offers {format:?}"));
    }
}
