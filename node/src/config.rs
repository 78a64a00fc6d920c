//! The configuration file: one struct per section, every default named; a section that is there runs.
//!
//! Paths are taken from the file's own folder. Secrets are files of their own, never values here. An unknown
//! key is refused with its line: a slip of the pen on a lonely Pi is worth refusing.

mod authority;
mod node;
mod signal;
mod sms;
mod venue;

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de::Error as _};

pub use authority::{AuthoritySection, PasskeySetting, SormasSection};
pub use node::{ClockSetting, NodeSection};
pub use signal::{Level, SignalSection};
pub use sms::{SmsForm, SmsKind, SmsMethod, SmsSection};
pub use venue::{ClosingTime, ShareOutSetting, VenueSection};

/// A whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who the node is.
    pub node: NodeSection,
    /// A camera and a desk: this node is a door.
    pub gate: Option<GateSection>,
    /// Pages for people.
    pub web: Option<WebSection>,
    /// Sync with siblings and the authority.
    pub peers: Option<PeersSection>,
    /// This node is the health authority's.
    pub authority: Option<AuthoritySection>,
    /// This door may let others join.
    pub venue: Option<VenueSection>,
    /// Codes reach visitors' phones by SMS.
    pub sms: Option<SmsSection>,
    /// A lamp and a buzzer at the door.
    pub signal: Option<SignalSection>,
}

/// A door.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateSection {
    /// The venue's tag key file.
    pub tag_key: PathBuf,
    /// Where codes come from; `camera`.
    #[serde(default)]
    pub source: SourceKind,
    /// The device; `auto`. Of a camera: `auto`, `/dev/videoN`, `rpicam` or `rpicam:N`, `http://…`, `rtsp://…`. Of a hand
    /// scanner its path, which is required.
    #[serde(default = "auto")]
    pub device: String,
    /// Whether a V4L2 camera's focus, exposure and light are set for a door; `door`.
    #[serde(default)]
    pub controls: ControlsSetting,
    /// The program that reads a Pi's camera module; `rpicam-vid` or `libcamera-vid`, whichever is installed.
    pub program: Option<PathBuf>,
    /// How that program delivers frames; `yuv420`.
    #[serde(default)]
    pub pipe: PipeSetting,
    /// A file with the one line `user:password` for a camera in the network; none.
    pub login: Option<PathBuf>,
    /// Bits per second of a serial hand scanner; 9600.
    #[serde(default = "baud")]
    pub baud: u32,
    /// A pause of a hand scanner that ends a code, for those that send no line end; 150 ms.
    #[serde(default = "pause", deserialize_with = "duration")]
    pub pause: Duration,
    /// Wanted width, pixels; 1280.
    #[serde(default = "width")]
    pub width: u32,
    /// Wanted height, pixels; 720.
    #[serde(default = "height")]
    pub height: u32,
    /// Wanted frames per second of the camera, or pace of a replay; 15. For a replay 0 means: as fast as possible.
    #[serde(default = "fps")]
    pub fps: u32,
    /// What to replay: an image, a folder of images, a motion JPEG or Y4M file.
    pub path: Option<PathBuf>,
    /// Whether a replay starts again at its end; once.
    #[serde(default)]
    pub repeat: RepeatSetting,
    /// The part of the venue that this entrance leads into; 0, the whole.
    #[serde(default)]
    pub zone: u16,
    /// What kind of place the venue is; `place`. A vehicle's door leads in and out, and whoever does not show a code when
    /// getting off is taken to have left after the policy's default stay, or at the terminus.
    #[serde(default)]
    pub kind: KindSetting,
    /// Whether a person confirms each verdict; no.
    #[serde(default)]
    pub attended: bool,
    /// A code unseen for so long is a new scan; 3 s.
    #[serde(default = "away", deserialize_with = "duration")]
    pub away: Duration,
    /// The version of the poster that should hang at this door, which the camera checks when it sees one; any.
    pub poster: Option<u32>,
}

/// What kind of place a venue is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KindSetting {
    /// A building or a ground.
    #[default]
    Place,
    /// A bus or a train.
    Vehicle,
}

/// Where codes come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A camera: V4L2, a Pi's camera module, or in the network.
    #[default]
    Camera,
    /// A hand scanner that types.
    Keyboard,
    /// A hand scanner on a serial line, or USB that behaves like one.
    Serial,
    /// Files.
    Replay,
    /// Nothing: codes are typed at the desk, or staged by the demo.
    None,
}

/// What happens to a V4L2 camera's focus, exposure and light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlsSetting {
    /// Set for a door, as far as the camera has them.
    #[default]
    Door,
    /// Left as they are.
    Leave,
}

/// How the program that reads a Pi's camera module delivers frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PipeSetting {
    /// Raw: nothing is lost to compression.
    #[default]
    Yuv420,
    /// Motion JPEG: less memory is moved.
    Mjpeg,
}

/// How often a replay runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RepeatSetting {
    /// Once.
    #[default]
    Once,
    /// Over and over.
    Forever,
}

/// Pages for people.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSection {
    /// Address and port; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// TLS; `self-made`.
    #[serde(default)]
    pub tls: TlsSetting,
    /// A certificate of one's own, PEM; with `key`.
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    pub key: Option<PathBuf>,
    /// Further names under which the pages are reached.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// A session of the staff ends when nobody has asked for anything for so long; 30 min.
    #[serde(default = "idle", deserialize_with = "duration")]
    pub idle: Duration,
    /// Address and port of the visitors' page in plain HTTP, for a venue without a certificate that phones accept. Only
    /// that page is served there, and what is typed is sealed in the browser; none.
    pub visitors: Option<SocketAddr>,
    /// What posters lead to, without a path: `http://10.0.0.5`, `https://door.example`; found by itself.
    pub address: Option<String>,
    /// The Wi-Fi that visitors' phones join, for posters; none.
    pub wifi: Option<String>,
    /// Whom visitors ask, and who corrects what is wrong: a telephone number or address; none.
    pub contact: Option<String>,
}

/// How pages are secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsSetting {
    /// With a certificate that the node makes at its first start.
    #[default]
    SelfMade,
    /// Not at all: only on a loopback address.
    PlainLoopback,
}

/// Sync.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeersSection {
    /// Addresses to listen on; none.
    #[serde(default)]
    pub listen: Vec<SocketAddr>,
    /// Peers to call, `host:port`, or several addresses of one peer with commas between them; none.
    #[serde(default)]
    pub dial: Vec<String>,
    /// Whether to look for peers on the LAN; `lan`.
    #[serde(default)]
    pub discovery: DiscoverySetting,
    /// What the network costs; `open`.
    #[serde(default)]
    pub profile: ProfileSetting,
    /// How often a metered node sends what has gathered; 15 min.
    #[serde(default = "metered_every", deserialize_with = "duration")]
    pub metered_every: Duration,
    /// Megabytes, both ways, that a metered node may use per UTC day; 20.
    #[serde(default = "metered_daily")]
    pub metered_daily_mb: u32,
    /// The most sessions at once; 256.
    #[serde(default = "sessions")]
    pub sessions_max: u32,
    /// The most connections at once from one address that have not shown a membership yet; 64.
    #[serde(default = "strangers")]
    pub strangers_per_address: u32,
    /// How many doors may deliver a backlog to the authority at once; the others are told when to come again; 64.
    #[serde(default = "uploads")]
    pub uploads_max: u32,
}

/// Whether to look for peers on the LAN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiscoverySetting {
    /// By multicast DNS.
    #[default]
    Lan,
    /// Only the list is called.
    Off,
}

/// What the network costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileSetting {
    /// Nothing.
    #[default]
    Open,
    /// By the byte.
    Metered,
}

fn auto() -> String {
    "auto".into()
}
fn width() -> u32 {
    1280
}
fn height() -> u32 {
    720
}
fn fps() -> u32 {
    15
}
fn baud() -> u32 {
    9600
}
fn pause() -> Duration {
    Duration::from_millis(150)
}
fn away() -> Duration {
    Duration::from_secs(3)
}
fn idle() -> Duration {
    Duration::from_secs(30 * 60)
}
fn sessions() -> u32 {
    256
}
fn strangers() -> u32 {
    64
}

fn uploads() -> u32 {
    64
}
fn metered_every() -> Duration {
    Duration::from_secs(15 * 60)
}
fn metered_daily() -> u32 {
    20
}

/// Durations as people write them: `"3s"`, `"500ms"`, `"72h"`.
fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bad = || D::Error::custom(format!("{text:?} is no duration such as \"3s\" or \"500ms\""));
    let signed: SignedDuration = text.parse().map_err(|_| bad())?;
    Duration::try_from(signed).map_err(|_| bad())
}

/// Why a configuration does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Not TOML, an unknown key, or a value of the wrong kind; the text names line and key.
    #[error("{path}: {source}", path = path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        source: Box<toml::de::Error>,
    },
    /// Each part is fine, together they are not.
    #[error("{path}: {what}", path = path.display())]
    Sense {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

impl Config {
    /// Reads a file, refuses what it does not know, and makes its paths absolute.
    ///
    /// # Errors
    /// [`ConfigError`] names the file, the line and the key.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let read = |source| ConfigError::Read { path: path.into(), source };
        let text = fs::read_to_string(path).map_err(read)?;
        let mut config: Self = toml::from_str(&text)
            .map_err(|e| ConfigError::Form { path: path.into(), source: Box::new(e) })?;
        config.check().map_err(|what| ConfigError::Sense { path: path.into(), what })?;
        let folder = fs::canonicalize(path).map_err(read)?;
        config.anchor(folder.parent().unwrap_or(Path::new("/")));
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        if self.gate.is_some() && self.authority.is_some() {
            return Err("[gate] and [authority] exclude each other: one node, one role".into());
        }
        if self.venue.is_some() && self.gate.is_none() {
            return Err("[venue] belongs to a door: it needs [gate]".into());
        }
        if let Some(authority) = &self.authority {
            authority.check()?;
        }
        if let Some(signal) = &self.signal {
            signal.check()?;
            if self.gate.is_none() {
                return Err("[signal] belongs to a door: it needs [gate]".into());
            }
        }
        if let Some(sms) = &self.sms {
            sms.check()?;
            if self.gate.is_none() || self.web.is_none() {
                return Err("[sms] belongs to a door with pages: it needs [gate] and [web]".into());
            }
        }
        if let Some(authority) = &self.authority
            && authority.issuing.is_some() != authority.issuer.is_some()
        {
            return Err("authority.issuing and authority.issuer go together".into());
        }
        self.node.check()?;
        match &self.gate {
            Some(g) if g.source == SourceKind::Replay && g.path.is_none() => {
                return Err("gate.path: a replay needs something to replay".into());
            }
            Some(g) if g.source == SourceKind::Camera => camera_makes_sense(g)?,
            Some(g) if matches!(g.source, SourceKind::Keyboard | SourceKind::Serial) => {
                hand_scanner_makes_sense(g)?;
            }
            _ => {}
        }
        if let Some(peers) = &self.peers
            && (peers.metered_every < Duration::from_secs(1) || peers.metered_daily_mb == 0)
        {
            return Err("peers: metered_every is at least 1s, metered_daily_mb at least 1".into());
        }
        match &self.web {
            Some(w) if w.certificate.is_some() != w.key.is_some() => {
                Err("web.certificate and web.key go together".into())
            }
            Some(w) if w.tls == TlsSetting::PlainLoopback && !w.listen.ip().is_loopback() => {
                Err(format!("web.tls: plain HTTP is served on loopback only, not on {}", w.listen))
            }
            Some(w) if w.visitors.is_some_and(|v| v.port() != 0 && v.port() == w.listen.port()) => {
                Err("web.visitors: plain HTTP needs a port of its own beside web.listen".into())
            }
            _ => Ok(()),
        }
    }

    fn anchor(&mut self, folder: &Path) {
        let mut paths = vec![&mut self.node.key, &mut self.node.membership, &mut self.node.data];
        paths.extend(self.node.bulletins.iter_mut());
        if let Some(gate) = &mut self.gate {
            paths.push(&mut gate.tag_key);
            paths.extend(gate.path.as_mut());
            paths.extend(gate.program.as_mut());
            paths.extend(gate.login.as_mut());
        }
        if let Some(web) = &mut self.web {
            paths.extend(web.certificate.as_mut());
            paths.extend(web.key.as_mut());
        }
        if let Some(sms) = &mut self.sms {
            paths.extend(sms.header.as_mut());
            paths.extend(sms.sim_pin.as_mut());
        }
        if let Some(venue) = &mut self.venue {
            paths.push(&mut venue.manager);
        }
        if let Some(authority) = &mut self.authority {
            paths.push(&mut authority.tracing);
            paths.extend(authority.store_password.as_mut());
            paths.extend(authority.store_ca.as_mut());
            paths.extend(authority.abroad_ca.as_mut());
            paths.extend(authority.sormas.as_mut().map(|sormas| &mut sormas.password));
            paths.extend(authority.cabinet_key.as_mut());
            paths.extend(authority.issuing.as_mut());
            paths.extend(authority.root.as_mut());
        }
        for path in paths {
            *path = folder.join(&*path);
        }
    }
}

fn camera_makes_sense(gate: &GateSection) -> Result<(), String> {
    if gate.fps == 0 {
        return Err("gate.fps: a camera needs at least 1 frame per second".into());
    }
    // A scheme's own part ends at the first slash after it.
    let host = gate.device.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    if host.is_some_and(|host| host.contains('@')) {
        return Err("gate.device: user and password go into a file of their own: gate.login".into());
    }
    scanner::check_device(&gate.device).map_err(|why| format!("gate.device: {why}"))
}

fn hand_scanner_makes_sense(gate: &GateSection) -> Result<(), String> {
    if !gate.device.starts_with("/dev/") {
        return Err("gate.device: a hand scanner needs its path, such as /dev/ttyACM0".into());
    }
    if gate.pause < Duration::from_millis(20) || gate.pause > Duration::from_secs(5) {
        return Err("gate.pause lies between 20ms and 5s".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("node.toml");
        fs::write(&path, text).unwrap();
        Config::load(&path).map_err(|e| e.to_string())
    }

    fn node() -> String {
        format!(
            "[node]\nkey = \"k\"\nmembership = \"m\"\nroots = [\"{}\"]\nroots_needed = 1\n",
            "ab".repeat(32)
        )
    }

    fn sormas(url: &str) -> String {
        format!(
            "[authority.sormas]\nurl=\"{url}\"\nuser=\"u\"\npassword=\"p\"\nreporting_user=\"r\"\nregion=\"r\"\ndistrict=\"d\"\n"
        )
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = load(&(node() + "[gate]\ntag_key = \"t\"\nattendet = true\n")).unwrap_err();
        assert!(error.contains("attendet") && error.contains("line 8"), "{error}");
        let error = load(&(node() + "[gates]\n")).unwrap_err();
        assert!(error.contains("gates"), "{error}");
    }

    #[test]
    fn parts_that_do_not_go_together_are_named() {
        let plain = "[web]\nlisten = \"0.0.0.0:80\"\ntls = \"plain-loopback\"\n";
        for (text, word) in [
            (node() + plain, "loopback"),
            (node() + "[gate]\ntag_key = \"t\"\nsource = \"replay\"\n", "gate.path"),
            (node() + "[gate]\ntag_key = \"t\"\nsource = \"serial\"\n", "its path"),
            (node() + "[gate]\ntag_key = \"t\"\ndevice = \"/dev/sda\"\n", "gate.device"),
            (node() + "[gate]\ntag_key = \"t\"\ndevice = \"https://cam/\"\n", "plain http"),
            (node() + "[gate]\ntag_key = \"t\"\ndevice = \"rtsp://a:b@cam/\"\n", "gate.login"),
            (node() + "[gate]\ntag_key=\"t\"\n[authority]\ntracing=\"t\"\n", "exclude"),
            (node() + "[gate]\ntag_key=\"t\"\naway=\"soon\"\n", "soon"),
            (
                node() + "[authority]\ntracing=\"t\"\nstore=\"postgres://db.example/v\"\n",
                "db.example",
            ),
            (
                node() + "[authority]\ntracing=\"t\"\nstore=\"postgres://u:p@localhost/v\"\n",
                "store_password",
            ),
            (
                node()
                    + "[authority]\ntracing=\"t\"\nstore=\"postgres://db.example/v?sslmode=verify-full\"\n",
                "store_ca",
            ),
            (
                node()
                    + "[authority]\ntracing=\"t\"\nstore=\"postgres://localhost/v\"\nstore_ca=\"c\"\n",
                "store_ca",
            ),
            (node() + "[authority]\ntracing=\"t\"\ncabinet_key=\"k\"\n", "go with"),
            (node() + "[authority]\ntracing=\"t\"\nconsole=\"http://a.example\"\n", "https://"),
            (node() + "[authority]\ntracing=\"t\"\nconsole=\"https://10.0.0.1\"\n", "a name"),
            (node() + "[authority]\ntracing=\"t\"\npasskeys=\"required\"\n", "authority.console"),
            (node() + "[authority]\ntracing=\"t\"\npasskeys=\"never\"\n", "passkeys"),
            (node() + "[authority]\ntracing=\"t\"\naccess_log_days=3\n", "access_log_days"),
            (node() + "[authority]\ntracing=\"t\"\npasskeys_of=[\"admin\"]\n", "goes with"),
            (
                node()
                    + "[authority]\ntracing=\"t\"\nconsole=\"https://a\"\npasskeys=\"required\"\npasskeys_of=[\"manager\"]\n",
                "no office",
            ),
            (node() + "[authority]\ntracing=\"t\"\n" + &sormas("http://a/sormas-rest"), "https"),
            (node() + "[authority]\ntracing=\"t\"\n" + &sormas("https://u:p@a/"), "sormas.url"),
            (node() + "[sms]\ngateway=\"modem\"\n", "sms.device"),
            (node() + "[sms]\ngateway=\"http\"\nurl=\"a.example\"\n", "sms.url"),
            (node() + "[sms]\ngateway=\"http\"\nurl=\"https://a/{phone}\"\n", "{text}"),
            (node() + "[sms]\ngateway=\"modem\"\ndevice=\"/dev/x\"\n", "[sms] belongs"),
            (node() + "[signal]\nred = 4\n", "[signal] belongs"),
            (node() + "[signal]\nactive = \"low\"\n", "no line"),
            (node() + "[signal]\nred = 4\nbuzzer = 4\n", "line 4 twice"),
            (node() + "[peers]\nmetered_every=\"0s\"\n", "metered_every"),
            (node() + "[peers]\ndiscovery=\"wan\"\n", "wan"),
            (node().replace("ab", "zz"), "node.roots"),
        ] {
            let error = load(&text).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn paths_are_taken_from_the_files_folder_and_defaults_hold() {
        let config = load(&(node() + "[gate]\ntag_key = \"t\"\naway = \"500ms\"\n")).unwrap();
        assert!(config.node.key.is_absolute() && config.node.data.ends_with("data"));
        let gate = config.gate.unwrap();
        assert_eq!(gate.away, Duration::from_millis(500));
        assert_eq!((gate.source, gate.fps, gate.attended), (SourceKind::Camera, 15, false));
        assert_eq!((gate.controls, gate.pipe), (ControlsSetting::Door, PipeSetting::Yuv420));
        assert_eq!((gate.baud, gate.pause, gate.poster), (9600, Duration::from_millis(150), None));
        let scanner =
            "[gate]\ntag_key = \"t\"\nsource = \"keyboard\"\ndevice = \"/dev/input/event3\"\n";
        assert_eq!(load(&(node() + scanner)).unwrap().gate.unwrap().source, SourceKind::Keyboard);
    }
}
