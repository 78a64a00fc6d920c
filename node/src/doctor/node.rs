//! What a node says of itself, judged: camera, clock, bulletins, peers, and the visits that wait for the authority.

use sync::time::UnixMillis;

use super::Finding;
use crate::{
    condition::{BulletinFacts, CameraFacts, Condition, PeerFacts, needed_kinds},
    config::{Config, SourceKind},
    retention,
};

const HOUR_MILLIS: i64 = 3_600_000;

pub(super) fn look(config: &Config, condition: &Condition) -> Vec<Finding> {
    let mut found = vec![runs(condition), write(condition), clock(condition)];
    if config.gate.is_some() {
        found.extend(camera(config, condition));
    }
    found.extend(bulletins(config, condition));
    found.push(peers(config, condition));
    if config.gate.is_some() {
        found.push(queue(condition));
    }
    let trouble = retention::trouble_in(&config.node.data, UnixMillis::new(condition.now));
    found.extend(trouble.map(|words| {
        Finding::wrong(
            "storage-keys",
            words,
            "what to do is said above; no visit is written until then",
        )
    }));
    found
}

fn runs(condition: &Condition) -> Finding {
    let own = env!("CARGO_PKG_VERSION");
    if condition.removed {
        return Finding::wrong(
            "node",
            "this node was removed from its venue: it admits nobody",
            "pair it anew under a new key (vestibule pair join), or wipe it (vestibule wipe)",
        );
    }
    match condition.running {
        false => Finding::note(
            "node",
            "it does not run: what follows was read from its store",
            "start it: sudo systemctl start vestibule-door",
        ),
        true if condition.version != own => Finding::note(
            "node",
            format!("it runs version {}, and {own} is installed", condition.version),
            "restart it when nobody stands at the door: sudo systemctl restart vestibule-door",
        ),
        true => Finding::fine("node", format!("it runs, version {own}")),
    }
}

fn write(condition: &Condition) -> Finding {
    match &condition.write_failed {
        Some(why) => Finding::wrong(
            "store",
            format!("the last write failed: {why}"),
            "see disk and card below; visits of now are shown as not recorded and must be written down by hand",
        ),
        None => Finding::fine("store", format!("{} MB", condition.store_bytes >> 20)),
    }
}

fn clock(condition: &Condition) -> Finding {
    let now = UnixMillis::new(condition.now);
    match condition.clock.as_str() {
        "trusted" => Finding::fine("clock", format!("{now}, set by a source that is believed")),
        "bounded" => Finding::note(
            "clock",
            format!("{now}, and no time server has set it since the start"),
            "give the Pi a network for a minute (timedatectl), or a clock module with a battery and clock = \"trusted\"; \
             until then nothing is destroyed for its age, and phones' codes count as paper",
        ),
        _ => Finding::wrong(
            "clock",
            match condition.floor {
                Some(floor) => format!(
                    "{now} cannot be: the authority signed something at {}",
                    UnixMillis::new(floor)
                ),
                None => format!("{now} was never set"),
            },
            "the door confirms nobody until it is right: give it a network (timedatectl), or set it by hand: \
             sudo timedatectl set-time \"YYYY-MM-DD HH:MM\"",
        ),
    }
}

fn camera(config: &Config, condition: &Condition) -> Vec<Finding> {
    let source = config.gate.as_ref().map_or(SourceKind::None, |gate| gate.source);
    if source == SourceKind::None {
        return vec![Finding::fine("camera", "none is wanted: codes are typed at the desk")];
    }
    match &condition.camera {
        Some(facts) => sees(facts),
        None if condition.running => {
            vec![Finding::unknown("camera", "the node says nothing of it")]
        }
        None => vec![Finding::unknown(
            "camera",
            "the node that would use it does not run; vestibule cameras lists what is there",
        )],
    }
}

fn sees(facts: &CameraFacts) -> Vec<Finding> {
    let source = match (facts.state.as_str(), &facts.trouble) {
        ("lost", trouble) => Finding::wrong(
            "camera",
            format!("lost: {}", trouble.as_deref().unwrap_or("it does not say why")),
            "look at its plug and cable; it is opened again by itself. vestibule cameras says what the machine sees",
        ),
        ("opening", _) => Finding::note(
            "camera",
            "it is being opened",
            "ask again in a moment; if it stays so: vestibule cameras",
        ),
        (state, _) if facts.losses > 0 => Finding::note(
            "camera",
            format!(
                "{state}, {} frames, lost {} times since the start",
                facts.frames, facts.losses
            ),
            "a camera that comes and goes has a bad cable, or too little power: see power",
        ),
        (state, _) => Finding::fine("camera", format!("{state}, {} frames", facts.frames)),
    };
    let light = match facts.hint.as_deref() {
        Some("too-dark") => Finding::wrong(
            "light",
            "too little light to read anything",
            "a lamp beside the camera, shining on the code and not into the lens",
        ),
        Some("glare") => Finding::note(
            "light",
            "a reflection covers a part of a code",
            "move the lamp to the side, or put paper over it",
        ),
        Some("screen-dim") => Finding::note(
            "light",
            "a dimmed phone is held up",
            "visitors turn their screens brighter",
        ),
        _ => Finding::fine("light", "enough"),
    };
    let focus = match facts.hint.as_deref() {
        Some("dirty-lens") => Finding::wrong(
            "focus",
            "nothing has been sharp for long",
            "wipe the lens; then turn its ring, or move the camera, until vestibule scan --live DEVICE reads a code",
        ),
        Some("camera-blocked") => {
            Finding::wrong("focus", "something stands before the lens", "take it away")
        }
        Some("camera-moved") => Finding::note(
            "focus",
            "the camera looks at something else than it used to",
            "turn it back, or leave it if that was meant",
        ),
        Some(word @ ("blurred" | "too-near" | "too-far" | "inverted")) => Finding::note(
            "focus",
            format!("a code in view is hard to read: {word}"),
            "visitors see on the screen what to do; if it is so with everybody, move the camera or the mark on the floor",
        ),
        _ => Finding::fine("focus", "nothing to complain of"),
    };
    vec![source, light, focus]
}

fn bulletins(config: &Config, condition: &Condition) -> Vec<Finding> {
    let bring = "bring the node to a network or to another door, or copy the authority's *.bulletin files into a folder of \
                 node.bulletins; at the authority: vestibule authority publish, each day";
    let missing: Vec<_> = needed_kinds()
        .into_iter()
        .filter(|kind| !condition.bulletins.iter().any(|held| held.kind == *kind))
        .collect();
    if !missing.is_empty() {
        let said = format!("missing: {}", missing.join(", "));
        return vec![Finding::wrong("bulletins", said, bring)];
    }
    let age = |held: &BulletinFacts| (condition.now - held.issued_at) / HOUR_MILLIS;
    let ages: Vec<_> =
        condition.bulletins.iter().map(|held| format!("{} {} h", held.kind, age(held))).collect();
    let said = format!("age: {}", ages.join(", "));
    let lapsed = condition.bulletins.iter().filter(|held| held.not_after < condition.now);
    let lapsed: Vec<_> = lapsed.map(|held| held.kind.as_str()).collect();
    vec![match (&condition.hindrance, config.gate.is_some()) {
        (Some(why), true) => {
            Finding::wrong("bulletins", format!("the door confirms nobody ({why}); {said}"), bring)
        }
        _ if !lapsed.is_empty() => Finding::note(
            "bulletins",
            format!("past their end: {}; {said}", lapsed.join(", ")),
            bring,
        ),
        _ => Finding::fine("bulletins", said),
    }]
}

fn peers(config: &Config, condition: &Condition) -> Finding {
    let Some(section) = &config.peers else {
        return Finding::note(
            "peers",
            "this node speaks to nobody: there is no [peers]",
            "visits leave it on a stick only: vestibule bundle export",
        );
    };
    let Some(peers) = &condition.peers else {
        return Finding::unknown("peers", "the node does not run");
    };
    let words = |peer: &PeerFacts| {
        let why = peer.why.as_deref().map_or_else(String::new, |why| format!(" ({why})"));
        format!("{}: {}{why}", peer.title, peer.link)
    };
    let said = peers.iter().map(words).collect::<Vec<_>>().join("; ");
    let up = peers.iter().filter(|peer| peer.link == "up").count();
    if peers.iter().any(|peer| peer.link == "refused") {
        return Finding::wrong(
            "peers",
            said,
            "its papers or ours have ended, or one was removed: vestibule enrol show FILE says until when they hold",
        );
    }
    match (up, peers.len()) {
        (0, 0) if section.dial.is_empty() => Finding::note(
            "peers",
            "nobody is known",
            "name the authority in peers.dial; other doors are found on the same network",
        ),
        (0, _) => Finding::wrong(
            "peers",
            if said.is_empty() { "nobody is reached".into() } else { said },
            "look at cable or Wi-Fi (ping), at peers.dial, and at a firewall on the way; the door works on alone, and \
             vestibule bundle export brings its visits out on a stick",
        ),
        (up, all) if up < all => {
            Finding::note("peers", said, "if it stays so, look at the one that is down")
        }
        _ => Finding::fine("peers", said),
    }
}

fn queue(condition: &Condition) -> Finding {
    let count = condition.unacknowledged;
    let oldest = condition.oldest.as_deref().unwrap_or("today");
    match (count, condition.days_left) {
        (0, _) => Finding::fine("queue", "the authority has every visit"),
        (_, Some(left)) => Finding::wrong(
            "queue",
            format!(
                "{count} visits are not at the authority; those of {oldest} are destroyed in {left} days"
            ),
            "bring them there: give the door a network, or vestibule bundle export --out /media/stick/door.bundle",
        ),
        (_, None) => Finding::note(
            "queue",
            format!("{count} visits are not yet at the authority, the oldest of {oldest}"),
            "they go by themselves once there is a network; on a stick: vestibule bundle export",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::State, *};

    fn condition() -> Condition {
        let held = |kind: &str| BulletinFacts {
            kind: kind.into(),
            version: 1,
            issued_at: 1_790_000_000_000 - 5 * HOUR_MILLIS,
            not_after: 1_790_000_000_000 + HOUR_MILLIS,
        };
        Condition {
            running: true,
            version: env!("CARGO_PKG_VERSION").into(),
            now: 1_790_000_000_000,
            clock: "trusted".into(),
            synchronised: true,
            floor: None,
            store_bytes: 1 << 20,
            write_failed: None,
            unacknowledged: 0,
            oldest: None,
            days_left: None,
            bulletins: needed_kinds().map(held).into(),
            hindrance: None,
            peers: Some(vec![PeerFacts {
                title: "authority of region 1".into(),
                link: "up".into(),
                why: None,
                since: 0,
            }]),
            camera: Some(CameraFacts {
                state: "running".into(),
                frames: 9,
                losses: 0,
                hint: None,
                trouble: None,
            }),
            removed: false,
        }
    }

    fn config() -> Config {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("door.toml");
        let roots = "ab".repeat(32);
        let text = format!(
            "[node]\nkey=\"k\"\nmembership=\"m\"\nroots=[\"{roots}\"]\nroots_needed=1\n[gate]\ntag_key=\"t\"\n[peers]\ndial=[\"a:1\"]\n"
        );
        std::fs::write(&file, text).unwrap();
        Config::load(&file).unwrap()
    }

    /// The worst of what is said about a thing, after `change`.
    fn check(about: &str, state: State, change: impl FnOnce(&mut Condition)) {
        let mut condition = condition();
        change(&mut condition);
        let found = look(&config(), &condition);
        let of_it: Vec<_> = found.iter().filter(|f| f.about == about).collect();
        let worst = of_it.iter().map(|f| f.state).max();
        assert_eq!(worst, Some(state), "{about}: {found:#?}");
        assert!(
            of_it.iter().all(|f| f.remedy.is_some() == (f.state > State::Unknown)),
            "{of_it:?}"
        );
    }

    #[test]
    fn a_healthy_door_has_nothing_to_do() {
        let found = look(&config(), &condition());
        assert!(found.iter().all(|f| f.state == State::Fine), "{found:#?}");
        assert!(found.len() >= 8, "{found:#?}");
    }

    #[test]
    fn each_trouble_is_told_by_its_name_with_a_remedy() {
        let camera = |c: &mut Condition, f: fn(&mut CameraFacts)| f(c.camera.as_mut().unwrap());
        check("node", State::Note, |c| c.running = false);
        check("node", State::Wrong, |c| c.removed = true);
        check("store", State::Wrong, |c| c.write_failed = Some("disk full".into()));
        check("clock", State::Note, |c| c.clock = "bounded".into());
        check("clock", State::Wrong, |c| c.clock = "unknown".into());
        check("camera", State::Wrong, |c| camera(c, |f| f.state = "lost".into()));
        check("camera", State::Note, |c| camera(c, |f| f.losses = 3));
        check("light", State::Wrong, |c| camera(c, |f| f.hint = Some("too-dark".into())));
        check("focus", State::Wrong, |c| camera(c, |f| f.hint = Some("dirty-lens".into())));
        check("focus", State::Note, |c| camera(c, |f| f.hint = Some("blurred".into())));
        check("bulletins", State::Wrong, |c| c.hindrance = Some("stale-lists".into()));
        check("bulletins", State::Wrong, |c| c.bulletins.truncate(2));
        check("bulletins", State::Note, |c| c.bulletins[0].not_after = 1);
        check("peers", State::Wrong, |c| c.peers.as_mut().unwrap()[0].link = "down".into());
        check("peers", State::Wrong, |c| c.peers.as_mut().unwrap()[0].link = "refused".into());
        check("peers", State::Wrong, |c| c.peers = Some(Vec::new()));
        check("queue", State::Note, |c| c.unacknowledged = 4);
        check("queue", State::Wrong, |c| (c.unacknowledged, c.days_left) = (4, Some(2)));
    }

    #[test]
    fn every_word_of_the_coach_is_understood() {
        for hint in scanner::Hint::ALL {
            let mut condition = condition();
            condition.camera.as_mut().unwrap().hint = Some(hint.word().into());
            let found = look(&config(), &condition);
            let about = found.iter().filter(|f| matches!(f.about, "light" | "focus"));
            assert!(about.max_by_key(|f| f.state).unwrap().state > State::Fine, "{}", hint.word());
        }
    }
}
