//! `vestibule scan`: decodes images, folders, or motion JPEG on standard input.

use std::{path::PathBuf, time::Duration};

use data_encoding::BASE64;
use scanner::{Found, Payload, Scanned};
use serde_json::{Value, json};

use super::{Answer, CommandError, say, warn};
use crate::start::uptime;

const EXAMPLES: &str = "Examples:
  vestibule scan photo.jpg
  vestibule scan photos/ --json
  rpicam-vid -t 5000 --codec mjpeg -o - | vestibule scan - --json";

/// Decode the codes in images.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ScanArgs {
    /// Images, folders of images, or `-` for motion JPEG on standard input.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Print a JSON line per image.
    #[arg(long)]
    json: bool,
    /// The longest search in one image, milliseconds.
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    budget_ms: u64,
}

/// Runs `vestibule scan`. An image without a code, or one that cannot be read, makes the answer negative.
///
/// # Errors
/// [`CommandError`] for a path that cannot be looked into.
pub fn run(args: ScanArgs) -> Result<Answer, CommandError> {
    let budget = Some(Duration::from_millis(args.budget_ms));
    let uptime = uptime();
    let mut answer = Answer::Yes;
    let mut count = 0;
    for path in &args.paths {
        if path.as_os_str() == "-" {
            let frames = scanner::scan_stream(std::io::stdin(), budget, uptime.clone());
            for (number, scanned) in frames.enumerate() {
                count += 1;
                answer = worse(answer, report(&format!("-#{number}"), scanned, args.json));
            }
            continue;
        }
        let files = scanner::expand(path).map_err(super::failed(format!(
            "cannot look into {}",
            path.display()
        )))?;
        for file in files {
            count += 1;
            let name = file.display().to_string();
            let scanned = scanner::scan_file(&file, budget, &uptime);
            answer = worse(answer, report(&name, scanned, args.json));
        }
    }
    if count == 0 {
        warn("vestibule: no images there");
        return Ok(Answer::No);
    }
    Ok(answer)
}

fn worse(a: Answer, b: Answer) -> Answer {
    if a == Answer::Yes { b } else { a }
}

fn report<E: std::error::Error>(name: &str, scanned: Result<Scanned, E>, json: bool) -> Answer {
    let (line, found) = match &scanned {
        Ok(Scanned { codes, millis }) => {
            let codes_json: Vec<_> = codes.iter().map(code).collect();
            (
                json!({"file": name, "codes": codes_json, "millis": round(*millis)}),
                codes.len(),
            )
        }
        Err(error) => (json!({"file": name, "codes": [], "error": words(error)}), 0),
    };
    if json {
        say(line);
    } else {
        match &scanned {
            Ok(s) if s.codes.is_empty() => say(format!("{name}: no code")),
            Ok(s) => s
                .codes
                .iter()
                .for_each(|c| say(format!("{name}: {}", prose(&c.payload)))),
            Err(error) => say(format!("{name}: {}", words(error))),
        }
    }
    if found > 0 { Answer::Yes } else { Answer::No }
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

fn words(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn round(millis: f64) -> f64 {
    (millis * 100.0).round() / 100.0
}
