//! `vestibule poster`: the sheet for a door's wall, as PDF or SVG; the same code every time it is made anew.

use std::{net::SocketAddr, path::PathBuf};

use node_core::{code::poster::Poster as PlaceCode, site::Site};
use serde_json::json;
use sync::record::Direction;
use web::poster::{Poster, PosterOrder, letters};

use super::{Answer, CommandError, failed, in_words, say, write_bytes};
use crate::{
    config::Config,
    start::{self, site_of},
    wall,
};

const EXAMPLES: &str = "Examples:
  vestibule poster --config /etc/vestibule/door.toml
  vestibule poster --config door.toml --direction both --languages vi,en --format svg
  vestibule poster --config door.toml --direction out --out exit.pdf --json";

/// Make the poster for a door's wall, which visitors' phones scan.
///
/// The code on it depends on the door, the direction and `gate.poster` in the configuration alone: a poster that is
/// made again replaces a torn one and makes no other invalid. Raise `gate.poster` to make the old ones invalid.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct PosterArgs {
    /// The door's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// For those who come in, those who go out, or a sheet for each; as the door leads.
    #[arg(long, value_enum)]
    direction: Option<Way>,
    /// Its two languages, of kk, ru, vi, zh-Hans, zh-Hant, en; the first is the larger.
    #[arg(long, value_name = "A,B", default_value = "kk,ru")]
    languages: String,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Form::Pdf)]
    format: Form,
    /// The file; beside the working folder's other files as poster-NAME-in.pdf and poster-NAME-out.pdf. With a sheet for
    /// each direction, -in and -out are put before its ending.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where phones reach this door's pages, instead of `web.address`: `http://10.0.0.5` or `https://door.example`.
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// The folder of the fonts, instead of this machine's.
    #[arg(long, value_name = "FOLDER")]
    fonts: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    In,
    Out,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Pdf,
    Svg,
}

impl Form {
    const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Svg => "svg",
        }
    }
}

/// Runs `vestibule poster`.
///
/// # Errors
/// [`CommandError`] names the file, the argument, or the letter that no font has.
pub fn run(args: PosterArgs) -> Result<Answer, CommandError> {
    let config = Config::load(&args.config).map_err(|e| {
        CommandError::Usage(format!("the configuration is refused: {}", in_words(&e)))
    })?;
    let (_, member) = start::charter(&config).map_err(failed("this door has no place"))?;
    let site = site_of(&config, &member)
        .ok_or_else(|| CommandError::Usage("this node is no door: it has no wall".into()))?;
    let ways = ways(args.direction, site.direction)?;
    let address = address(&args, &config)?;
    let languages: Vec<&str> = args.languages.split(',').map(str::trim).collect();
    let [first, second] = languages.as_slice() else {
        return Err(CommandError::Usage("--languages takes two, such as kk,ru".into()));
    };
    let letters = letters(args.fonts.as_deref());
    let version = config.gate.as_ref().and_then(|gate| gate.poster).unwrap_or(1);
    let web = config.web.as_ref();
    for way in &ways {
        let code = PlaceCode { direction: *way, ..PlaceCode::of(&site, version) }.to_text();
        let order = PosterOrder {
            venue: &site.venue_name,
            entrance: &site.entrance_name,
            way: *way,
            code: &code,
            address: &address,
            wifi: web.and_then(|web| web.wifi.as_deref()),
            contact: web.and_then(|web| web.contact.as_deref()),
            version,
            valid_from: start::began(&member),
            made: wall::now(),
            zone: &site.zone,
            languages: [*first, *second],
        };
        let poster = Poster::draw(&order, &letters).map_err(failed("no poster could be made"))?;
        let bytes = match args.format {
            Form::Pdf => poster.to_pdf().map_err(failed("no poster could be made"))?,
            Form::Svg => poster.to_svg().into_bytes(),
        };
        let path = path(&args, &site, *way, ways.len() > 1);
        write_bytes(&path, &bytes)?;
        let word = word(*way);
        if args.json {
            say(json!({
                "file": path, "direction": word, "code": code, "address": poster.address(),
                "version": version, "languages": [first, second], "fonts": poster.families(),
            }));
        } else {
            say(format_args!("{}: {word}, {}", path.display(), poster.address()));
        }
    }
    Ok(Answer::Yes)
}

fn ways(wanted: Option<Way>, leads: Direction) -> Result<Vec<Direction>, CommandError> {
    let sheets = match (wanted, leads) {
        (Some(Way::In), Direction::Out) | (Some(Way::Out), Direction::In) => {
            let what = "this door does not lead that way: its poster would be refused there";
            return Err(CommandError::Usage(what.into()));
        }
        (Some(Way::Both) | None, Direction::Both) => vec![Direction::In, Direction::Out],
        (Some(Way::Both) | None, only) => vec![only],
        (Some(Way::In), _) => vec![Direction::In],
        (Some(Way::Out), _) => vec![Direction::Out],
    };
    Ok(sheets)
}

const fn word(way: Direction) -> &'static str {
    match way {
        Direction::In => "in",
        Direction::Out => "out",
        Direction::Both => "both",
    }
}

/// Where phones reach the door: as asked, as configured, or by this machine's own address.
fn address(args: &PosterArgs, config: &Config) -> Result<String, CommandError> {
    if let Some(address) = &args.address {
        return Ok(address.clone());
    }
    let section = config.web.as_ref().ok_or_else(|| {
        CommandError::Usage("this door has no [web] section: give --address".into())
    })?;
    if let Some(address) = &section.address {
        return Ok(address.clone());
    }
    let own = |listen: SocketAddr| web::reached_at(listen).filter(|addr| !addr.ip().is_loopback());
    let plain = section.visitors.and_then(own).map(|addr| match addr.port() {
        80 => format!("http://{}", addr.ip()),
        _ => format!("http://{addr}"),
    });
    plain.or_else(|| own(section.listen).map(|addr| format!("https://{addr}"))).ok_or_else(|| {
        let what = "no phone reaches this door: set web.visitors or web.address, or give --address";
        CommandError::Usage(what.into())
    })
}

fn path(args: &PosterArgs, site: &Site, way: Direction, several: bool) -> PathBuf {
    let ending = args.format.ending();
    match &args.out {
        Some(out) if several => {
            let stem = out.file_stem().unwrap_or_default().to_string_lossy();
            let ending = out.extension().map_or(ending.into(), |e| e.to_string_lossy());
            out.with_file_name(format!("{stem}-{}.{ending}", word(way)))
        }
        Some(out) => out.clone(),
        None => {
            let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
            let name: String = site.entrance_name.to_lowercase().chars().map(plain).collect();
            PathBuf::from(format!("poster-{name}-{}.{ending}", word(way)))
        }
    }
}
