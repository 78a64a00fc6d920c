//! Reading an invitation: given as text, from a file or standard input, or seen by a camera.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use scanner::{CameraConfig, Pace, Payload, Repeat, ReplayConfig, Scanner, Settings, SourceConfig};
use sync::pairing::{INVITATION_MAX, Invitation, InvitationError};
use zeroize::Zeroizing;

use crate::{
    command::{CommandError, failed, read_text, run::runtime, warn},
    start::uptime,
};

/// How long the camera waits for a symbol.
const PATIENCE: Duration = Duration::from_secs(600);
const FRAMES_PER_SECOND: f32 = 10.0;
const TEXT_MAX: usize = 2 * INVITATION_MAX;

/// Where the invitation comes from; exactly one.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Source {
    /// The invitation's text, or `-` for standard input.
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// A file that holds the text.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The camera that looks at the other door's screen: `auto` or a device.
    #[arg(long, value_name = "DEVICE")]
    pub(super) camera: Option<String>,
    /// A folder of images in the camera's place.
    #[arg(long, value_name = "FOLDER")]
    pub(super) frames: Option<PathBuf>,
}

impl Source {
    /// The invitation.
    pub(super) fn read(&self) -> Result<Invitation, CommandError> {
        match (&self.text, &self.file, &self.camera, &self.frames) {
            (Some(dash), ..) if dash == "-" => {
                let mut text = Zeroizing::new(String::new());
                let read = io::stdin().take(TEXT_MAX as u64).read_to_string(&mut text);
                read.map_err(failed("standard input cannot be read"))?;
                parse(&text)
            }
            (Some(text), ..) => parse(text),
            (_, Some(file), ..) => parse(&Zeroizing::new(read_text(file, TEXT_MAX)?)),
            (_, _, Some(device), _) => see(camera(device)),
            (_, _, _, Some(folder)) => see(frames(folder)),
            _ => Err(CommandError::Usage("say where the invitation comes from".into())),
        }
    }
}

fn parse(text: &str) -> Result<Invitation, CommandError> {
    Invitation::from_text(text).map_err(failed("the invitation cannot be read"))
}

fn camera(device: &str) -> SourceConfig {
    SourceConfig::Camera(CameraConfig { device: device.into(), ..CameraConfig::default() })
}

fn frames(folder: &Path) -> SourceConfig {
    let (path, pace) = (folder.to_owned(), Pace::Fps(FRAMES_PER_SECOND));
    SourceConfig::Replay(ReplayConfig { path, pace, repeat: Repeat::Forever })
}

/// Looks until an invitation is in view; other symbols are passed over.
fn see(source: SourceConfig) -> Result<Invitation, CommandError> {
    let started = Scanner::start(source, Settings::default(), uptime());
    let (scanner, mut scans) = started.map_err(failed("the camera cannot be used"))?;
    warn(format_args!("looking for an invitation, ten minutes at most; Ctrl-C ends it"));
    let looking = async {
        while let Some(scan) = scans.recv().await {
            let Payload::Text(text) = scan.payload else { continue };
            match Invitation::from_text(&Zeroizing::new(text)) {
                Ok(invitation) => return Some(invitation),
                Err(InvitationError::Other) => {}
                Err(error) => warn(format_args!("what is in view is refused: {error}")),
            }
        }
        None
    };
    let seen = runtime()?.block_on(async { tokio::time::timeout(PATIENCE, looking).await });
    let _ = scanner.stop(); // what does not end now ends with the command
    let why = "the frames ended, or ten minutes passed";
    seen.ok().flatten().ok_or(why).map_err(failed("no invitation was seen"))
}
