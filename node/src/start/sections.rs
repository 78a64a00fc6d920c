//! From the sections of a configuration to what each part is started with.

use std::path::{Path, PathBuf};

use node_core::{
    code::poster::PosterCheck,
    site::{Site, VenueKind},
};
use scanner::{
    CameraConfig, Controls, HandConfig, HandKind, Pace, Pipe, Repeat, ReplayConfig, SourceConfig,
    SourceState,
};
use sync::{
    id::ZoneId,
    membership::{Member, Place},
    peers::{Discovery, Limits, PeersConfig, Profile},
    record::Direction,
    time::Zone,
};
use web::{PasskeyConfig, ScannerView, Tls, WebConfig};

use crate::config::{
    AuthoritySection, ControlsSetting, DiscoverySetting, GateSection, KindSetting, PeersSection,
    PipeSetting, ProfileSetting, RepeatSetting, SourceKind, TlsSetting, WebSection,
};
use crate::secret::{self, SecretError};

/// In which zone a node's days begin: the venue's, at the authority UTC's.
pub(crate) fn zone_of(member: &Member) -> Zone {
    match &member.place {
        Place::Door { venue, .. } => Zone::named(&venue.zone).unwrap_or_else(Zone::utc),
        Place::Authority(_) => Zone::utc(),
    }
}

pub(super) fn site(member: &Member, gate: &GateSection) -> Option<Site> {
    let Place::Door { venue, door } = &member.place else {
        return None;
    };
    Some(Site {
        region: venue.region,
        venue: venue.venue,
        venue_name: venue.name.clone(),
        zone: Zone::named(&venue.zone)?,
        capacity: venue.capacity,
        entrance: door.entrance,
        entrance_name: door.name.clone(),
        direction: match gate.kind {
            KindSetting::Place => door.direction,
            KindSetting::Vehicle => Direction::Both,
        },
        part: ZoneId::new(gate.zone),
        kind: match gate.kind {
            KindSetting::Place => VenueKind::Place,
            KindSetting::Vehicle => VenueKind::Vehicle,
        },
        activity: venue.activity.clone(),
        area: venue.area.clone(),
        expires: member.expires,
    })
}

/// What the door looks at, if anything.
pub(super) fn source(gate: &GateSection) -> Result<Option<SourceConfig>, SecretError> {
    Ok(match (gate.source, &gate.path) {
        (SourceKind::Camera, _) => Some(SourceConfig::Camera(camera(gate)?)),
        (SourceKind::Keyboard | SourceKind::Serial, _) => Some(SourceConfig::Hand(hand(gate))),
        (SourceKind::Replay, Some(path)) => Some(SourceConfig::Replay(ReplayConfig {
            path: path.clone(),
            pace: match gate.fps {
                0 => Pace::AsFastAsPossible,
                fps => Pace::Fps(fps as f32),
            },
            repeat: match gate.repeat {
                RepeatSetting::Once => Repeat::Once,
                RepeatSetting::Forever => Repeat::Forever,
            },
        })),
        (SourceKind::Replay, None) | (SourceKind::None, _) => None,
    })
}

fn camera(gate: &GateSection) -> Result<CameraConfig, SecretError> {
    Ok(CameraConfig {
        device: gate.device.clone(),
        width: gate.width,
        height: gate.height,
        fps: gate.fps,
        controls: match gate.controls {
            ControlsSetting::Door => Controls::Door,
            ControlsSetting::Leave => Controls::Leave,
        },
        program: gate.program.clone(),
        pipe: match gate.pipe {
            PipeSetting::Yuv420 => Pipe::Yuv420,
            PipeSetting::Mjpeg => Pipe::Mjpeg,
        },
        login: gate.login.as_deref().map(secret::load_login).transpose()?,
    })
}

fn hand(gate: &GateSection) -> HandConfig {
    let kind = match gate.source {
        SourceKind::Serial => HandKind::Serial { baud: gate.baud },
        _ => HandKind::Keyboard,
    };
    HandConfig { device: PathBuf::from(&gate.device), kind, pause: gate.pause }
}

pub(super) fn peers_config(section: &PeersSection) -> PeersConfig {
    PeersConfig {
        listen: section.listen.clone(),
        dial: section.dial.clone(),
        discovery: match section.discovery {
            DiscoverySetting::Lan => Discovery::Lan,
            DiscoverySetting::Off => Discovery::Off,
        },
        profile: match section.profile {
            ProfileSetting::Open => Profile::Open,
            ProfileSetting::Metered => Profile::Metered {
                every: section.metered_every,
                daily_bytes: u64::from(section.metered_daily_mb) * 1_000_000,
            },
        },
        pairing: None,
        inquiries: None,
        arrivals: None,
        renewals: None,
        strained: None,
        limits: Limits {
            sessions_max: section.sessions_max,
            strangers_per_address: section.strangers_per_address,
            uploads_max: section.uploads_max,
            ..Limits::default()
        },
    }
}

pub(super) fn web_config(section: &WebSection, data: &Path, passkeys: PasskeyConfig) -> WebConfig {
    let tls = match (&section.certificate, &section.key, section.tls) {
        (Some(cert), Some(key), _) => Tls::Files { cert: cert.clone(), key: key.clone() },
        (_, _, TlsSetting::PlainLoopback) => Tls::PlainLoopback,
        (_, _, TlsSetting::SelfMade) => Tls::SelfMade { dir: data.join("tls") },
    };
    WebConfig {
        listen: section.listen,
        tls,
        access_file: data.join("access.key"),
        hosts: section.hosts.clone(),
        idle: section.idle,
        visitors: section.visitors,
        passkeys,
    }
}

/// How officers sign in; the configuration was checked when it was read.
pub(super) fn passkey_config(section: Option<&AuthoritySection>) -> PasskeyConfig {
    let required_of = section.and_then(|section| section.passkeys_required_of().ok());
    PasskeyConfig {
        console: section.and_then(|section| section.console.clone()),
        required_of: required_of.unwrap_or_default(),
    }
}

/// What the source of codes does, without a word of the poster.
pub(crate) fn seen(stats: &scanner::Stats) -> ScannerView {
    scanner_view(stats, None)
}

pub(super) fn scanner_view(stats: &scanner::Stats, poster: Option<PosterCheck>) -> ScannerView {
    let (state, trouble) = match &stats.source {
        SourceState::Opening => ("opening", None),
        SourceState::Running => ("running", None),
        SourceState::Lost { reason, .. } => ("lost", Some(reason.clone())),
        SourceState::Ended => ("ended", None),
        _ => ("unknown", None),
    };
    let whole = |millis: f64| millis.round() as u64;
    ScannerView {
        state: state.into(),
        frames: stats.frames,
        dropped: stats.dropped,
        scans: stats.scans,
        losses: stats.losses,
        decode_p50_ms: whole(stats.decode.p50_ms),
        decode_p95_ms: whole(stats.decode.p95_ms),
        wait_ms: stats.time_to_decode.map(|t| (whole(t.p50_ms), whole(t.p95_ms))),
        hint: stats.hint.map(scanner::Hint::word),
        poster: poster.map(PosterCheck::word),
        trouble,
    }
}
