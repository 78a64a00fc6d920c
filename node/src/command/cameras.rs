//! `vestibule cameras`: the cameras of this machine, which one would be used, and why.

use scanner::{CameraInfo, PiCameras, Usable};
use serde_json::{Value, json};

use super::{Answer, CommandError, say};

/// How a format is chosen.
const CHOICE: &str = "nearest to 1280x720, then enough frames, then least work";

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
    let pi = scanner::pi_cameras(None);
    let pi_chosen = chosen.is_none() && pi.as_ref().is_some_and(|pi| pi.seen.is_ok());
    if args.json {
        let list: Vec<_> =
            cameras.iter().enumerate().map(|(n, c)| entry(c, Some(n) == chosen)).collect();
        say(json!({ "cameras": list, "rpicam": pi.as_ref().map(|pi| pi_entry(pi, pi_chosen)) }));
    } else {
        if cameras.is_empty() {
            say("no video device: is a camera plugged in, and may this user open /dev/video*?");
        }
        for (number, camera) in cameras.iter().enumerate() {
            prose(camera, Some(number) == chosen);
        }
        match &pi {
            Some(pi) => pi_prose(pi, pi_chosen),
            None => say("  no rpicam-vid: for a Raspberry Pi's own camera install rpicam-apps"),
        }
    }
    Ok(if chosen.is_some() || pi_chosen { Answer::Yes } else { Answer::No })
}

fn pi_entry(pi: &PiCameras, chosen: bool) -> Value {
    let (cameras, why) = match &pi.seen {
        Ok(cameras) if chosen => (cameras.as_slice(), "no V4L2 camera can be used"),
        Ok(cameras) => {
            (cameras.as_slice(), "a V4L2 camera comes first; device = \"rpicam\" takes this one")
        }
        Err(why) => (&[][..], why.as_str()),
    };
    json!({ "program": pi.program, "cameras": cameras, "chosen": chosen, "why": why })
}

fn pi_prose(pi: &PiCameras, chosen: bool) {
    match &pi.seen {
        Ok(cameras) => {
            for (number, camera) in cameras.iter().enumerate() {
                let mark = if chosen && number == 0 { "*" } else { " " };
                say(format!("{mark} {camera}"));
                say(format!("    read by {}", pi.program.display()));
            }
        }
        Err(why) => say(format!("  {why}")),
    }
}

fn entry(camera: &CameraInfo, chosen: bool) -> Value {
    let why = match &camera.usable {
        Usable::Yes(format) => format!("would use {format}: {CHOICE}"),
        Usable::No(reason) => reason.clone(),
    };
    let formats: Vec<_> = camera.formats.iter().map(ToString::to_string).collect();
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
        Usable::Yes(format) => say(format!("    would be used as {format}: {CHOICE}")),
        Usable::No(reason) => say(format!("    not used: {reason}")),
    }
    for format in &camera.formats {
        say(format!("    offers {format}"));
    }
}
