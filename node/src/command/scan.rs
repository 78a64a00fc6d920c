//! `vestibule scan`: decodes images, folders, or motion JPEG on standard input.

use std::{
    error::Error,
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use data_encoding::BASE64;
use scanner::{Found, Payload, Scanned, Uptime};
use serde_json::{Value, json};

use super::{Answer, CommandError, in_words, say, warn};
use crate::start::uptime;

const EXAMPLES: &str = "Examples:
  vestibule scan photo.jpg
  vestibule scan photos/ --json
  rpicam-vid -t 5000 --codec mjpeg -o - | vestibule scan - --json";

/// Names of motion JPEG files, by their ends: as a replay takes them.
const MOVIE_ENDS: [&str; 2] = ["mjpeg", "mjpg"];

/// Decode the codes in images.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ScanArgs {
    /// Images, folders of images, motion JPEG files (`*.mjpeg`), or `-` for motion JPEG on standard input.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Print a JSON line per image.
    #[arg(long)]
    json: bool,
    /// The longest search in one image, milliseconds.
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    budget_ms: u64,
}

/// Runs `vestibule scan`. An image without a code, or one that cannot be read, makes the answer negative; the
/// others are scanned all the same.
///
/// # Errors
/// None: what goes wrong with a path is said on its line.
pub fn run(args: ScanArgs) -> Result<Answer, CommandError> {
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
            return self.movie("-", io::stdin());
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
        if !is_motion_jpeg(path) {
            let start = (self.uptime)();
            let scanned = scanner::scan_file(path, self.budget, &self.uptime);
            let took = (self.uptime)().saturating_sub(start);
            return self.report(&name, scanned, took);
        }
        match File::open(path) {
            Ok(file) => self.movie(&name, file),
            Err(error) => self.report(&name, Err(error), Duration::ZERO),
        }
    }

    fn movie(&mut self, name: &str, stream: impl io::Read) {
        let frames = scanner::scan_stream(stream, self.budget, self.uptime.clone()).zip(0_u64..);
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
            Err(error) => say(format_args!("{name}: {}", words(name, &error))),
        }
    }
}

/// Whether a file's name says that it is motion JPEG.
fn is_motion_jpeg(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str());
    end.is_some_and(|end| MOVIE_ENDS.iter().any(|known| known.eq_ignore_ascii_case(end)))
}

fn code(found: &Found) -> Value {
    let corners: Vec<_> = found.corners.iter().map(|c| json!([c.x, c.y])).collect();
    match &found.payload {
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
