//! From the sections of a configuration to what each part is started with.

use std::path::Path;

use node_core::site::Site;
use scanner::{CameraConfig, Pace, Repeat, ReplayConfig, SourceConfig, SourceState};
use sync::{
    id::ZoneId,
    membership::{Member, Place},
    peers::{Discovery, Limits, PeersConfig, Profile},
    time::Zone,
};
use web::{ScannerView, Tls, WebConfig};

use crate::config::{
    DiscoverySetting, GateSection, PeersSection, ProfileSetting, RepeatSetting, SourceKind,
    TlsSetting, WebSection,
};

/// In which zone a node's days begin: the venue's, at the authority UTC's.
pub(super) fn zone_of(member: &Member) -> Zone {
    match &member.place {
        Place::Door { venue, .. } => Zone::named(&venue.zone).unwrap_or_else(Zone::utc),
        Place::Authority(_) => Zone::utc(),
    }
}

pub(super) fn site(member: &Member, part: ZoneId) -> Option<Site> {
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
        direction: door.direction,
        part,
        expires: member.expires,
    })
}

pub(super) fn source(gate: &GateSection) -> Option<SourceConfig> {
    match (gate.source, &gate.path) {
        (SourceKind::Camera, _) => Some(SourceConfig::Camera(CameraConfig {
            device: gate.device.clone(),
            width: gate.width,
            height: gate.height,
            fps: gate.fps,
        })),
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
    }
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
        limits: Limits {
            sessions_max: section.sessions_max,
            strangers_per_address: section.strangers_per_address,
            ..Limits::default()
        },
    }
}

pub(super) fn web_config(section: &WebSection, data: &Path) -> WebConfig {
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
    }
}

pub(super) fn scanner_view(stats: &scanner::Stats) -> ScannerView {
    let (state, trouble) = match &stats.source {
        SourceState::Opening => ("opening", None),
        SourceState::Running => ("running", None),
        SourceState::Lost { reason, .. } => ("lost", Some(reason.clone())),
        SourceState::Ended => ("ended", None),
        _ => ("unknown", None),
    };
    ScannerView {
        state: state.into(),
        frames: stats.frames,
        dropped: stats.dropped,
        scans: stats.scans,
        decode_p50_ms: stats.decode.p50_ms.round() as u64,
        decode_p95_ms: stats.decode.p95_ms.round() as u64,
        trouble,
    }
}
