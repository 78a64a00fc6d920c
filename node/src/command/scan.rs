//! `vestibule scan`: decodes images, folders, moving pictures, standard input, or what a camera sees.

mod live;

use std::{
    error::Error,
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use data_encoding::BASE64;
use scanner::{Corner, Found, Moving, Payload, Scanned, Uptime};
use serde_json::{Value, json};

use super::{Answer, CommandError, in_words, say, warn};
use crate::start::uptime;
use live::Live;

const EXAMPLES: &str = "Examples:
  vestibule scan photo.jpg
  vestibule scan photos/ --json
  rpicam-vid -t 5000 --codec mjpeg -o - | vestibule scan - --json
  vestibule scan --live /dev/video0
  vestibule scan --live rpicam --seconds 5 --json
  vestibule scan --live rtsp://10.0.0.5/mjpeg";

/// Decode the codes in images.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ScanArgs {
    /// Images, folders of images, moving pictures (`*.mjpeg`, `*.y4m`), or `-` for motion JPEG on standard input.
    #[arg(value_name = "PATH", required_unless_present = "live")]
    paths: Vec<PathBuf>,
    /// Print a JSON line per image; with --live, one per second and one per code.
    #[arg(long)]
    json: bool,
    /// Look at a device instead, and tell frame rate, decoding time, hints and codes: /dev/videoN, `auto`, `rpicam`,
    /// http://… or rtsp://…, a hand scanner (/dev/ttyACM0, /dev/input/eventN), or a file.
    #[arg(long, value_name = "DEVICE", conflicts_with_all = ["paths", "budget_ms"])]
    live: Option<String>,
    /// Stop looking after so long.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: Option<u64>,
    /// The longest search in one image, milliseconds.
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    budget_ms: u64,
}

/// Runs `vestibule scan`. An image without a code, or one that cannot be read, makes the answer negative; the
/// others are scanned all the same. With `--live`, not one frame makes it negative.
///
/// # Errors
/// A device's name that can mean none. What goes wrong with a path is said on its line.
pub fn run(args: ScanArgs) -> Result<Answer, CommandError> {
    if let Some(device) = args.live {
        return Live { device, json: args.json, seconds: args.seconds }.run();
    }
    // clap drops `requires` beside a conflict.
    if args.seconds.is_some() {
        return Err(CommandError::Usage("--seconds goes with --live".into()));
    }
    let mut scan = Scan {
        json: args.json,
        budget: Some(Duration::from_millis(args.budget_ms)),
        uptime: uptime(),
        answer: Answer::Yes,
    };
    for path in &args.paths {
        scan.path(path);
    }
    Ok(scan.answer)
}

/// How images are scanned and reported, and the answer so far.
struct Scan {
    json: bool,
    budget: Option<Duration>,
    uptime: Uptime,
    answer: Answer,
}

impl Scan {
    fn path(&mut self, path: &Path) {
        if path.as_os_str() == "-" {
            return self.movie("-", Moving::Mjpeg, io::stdin());
        }
        let name = path.display().to_string();
        match scanner::expand(path) {
            Ok(files) if files.is_empty() => self.nothing(&name),
            Ok(files) => files.iter().for_each(|file| self.file(file)),
            Err(error) => self.report(&name, Err(error), Duration::ZERO),
        }
    }

    fn file(&mut self, path: &Path) {
        let name = path.display().to_string();
        let Some(kind) = Moving::of(path) else {
            let start = (self.uptime)();
            let scanned = scanner::scan_file(path, self.budget, &self.uptime);
            let took = (self.uptime)().saturating_sub(start);
            return self.report(&name, scanned, took);
        };
        match File::open(path) {
            Ok(file) => self.movie(&name, kind, file),
            Err(error) => self.report(&name, Err(error), Duration::ZERO),
        }
    }

    fn movie(&mut self, name: &str, kind: Moving, stream: impl io::Read) {
        let frames = scanner::scan_stream(kind, stream, self.budget, self.uptime.clone());
        let frames = frames.zip(0_u64..);
        let mut start = (self.uptime)();
        let mut any = false;
        for (scanned, number) in frames {
            any = true;
            let took = (self.uptime)().saturating_sub(start);
            self.report(&format!("{name}#{number}"), scanned, took);
            start = (self.uptime)();
        }
        if !any {
            self.nothing(name);
        }
    }

    fn nothing(&mut self, name: &str) {
        warn(format_args!("vestibule: no images in {name}"));
        self.answer = Answer::No;
    }

    /// Says what came of one image; `took` is for those that gave no answer of their own.
    fn report<E: Error>(&mut self, name: &str, scanned: Result<Scanned, E>, took: Duration) {
        if !scanned.as_ref().is_ok_and(|s| !s.codes.is_empty()) {
            self.answer = Answer::No;
        }
        match scanned {
            Ok(Scanned { codes, millis }) if self.json => {
                let codes: Vec<_> = codes.iter().map(code).collect();
                say(json!({"file": name, "codes": codes, "millis": round(millis)}));
            }
            Ok(Scanned { codes, .. }) if codes.is_empty() => say(format_args!("{name}: no code")),
            Ok(Scanned { codes, .. }) => {
                codes.iter().for_each(|c| say(format_args!("{name}: {}", prose(&c.payload))))
            }
            Err(error) if self.json => {
                let millis = round(took.as_secs_f64() * 1000.0);
                say(
                    json!({"file": name, "codes": [], "millis": millis, "error": words(name, &error)}),
                );
            }
            Err(error) => warn(format_args!("{name}: {}", words(name, &error))),
        }
    }
}

fn code(found: &Found) -> Value {
    said(&found.payload, Some(&found.corners))
}

fn said(payload: &Payload, corners: Option<&[Corner; 4]>) -> Value {
    let place = |corners: &[Corner; 4]| corners.map(|c| json!([c.x, c.y]));
    let corners = corners.map(place);
    match payload {
        Payload::Text(text) => json!({"text": text, "corners": corners}),
        Payload::Bytes(bytes) => json!({
            "text": String::from_utf8_lossy(bytes),
            "bytes": BASE64.encode(bytes),
            "corners": corners,
        }),
    }
}

fn prose(payload: &Payload) -> String {
    match payload {
        Payload::Text(text) => text.clone(),
        Payload::Bytes(bytes) => format!("{} bytes: {}", bytes.len(), BASE64.encode(bytes)),
    }
}

/// The error in words, without the name that is said before them anyway.
fn words(name: &str, error: &dyn Error) -> String {
    let text = in_words(error);
    let named = text.strip_prefix(name);
    named.and_then(|rest| rest.strip_prefix(": ")).map_or_else(|| text.clone(), str::to_owned)
}

fn round(millis: f64) -> f64 {
    (millis * 100.0).round() / 100.0
}
