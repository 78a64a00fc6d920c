//! What a node goes by: the region's bulletins, opened and read, the highest version of each.

use std::sync::Arc;

use sync::{
    bulletin::{BulletinKind, Notice},
    id::Week,
    roots::Succession,
    sealed::TracingKey,
    time::UnixMillis,
};

use crate::{
    announcements::Announcements,
    clock::{self, Beacon, ClockSource, Floor, Moment},
    code::paper::TRACING_KEYS_MAX,
    policy::{Lists, Policy},
    site::BulletinView,
    standing::StandingList,
    token::{revocations::Revocations, trust::TrustList},
};

/// The rules in force, and the floor of time that their signatures prove.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The policy; the default one until the first arrives, and then nothing is confirmed.
    pub policy: Policy,
    /// Who may sign tokens.
    pub trust: TrustList,
    /// Which tokens no longer hold.
    pub revocations: Revocations,
    /// How venues stand that are in test mode or shut out.
    pub standing: StandingList,
    /// What the authority tells venues.
    pub announcements: Announcements,
    /// When each list was signed.
    pub lists: Lists,
    tracing: Vec<TracingKey>,
    floor: Floor,
    held: Vec<BulletinView>,
}

impl Rules {
    /// Takes a verified notice. A body that cannot be read is logged and leaves what was before in force.
    pub fn take(&mut self, notice: &Notice) {
        // What a beacon does to the floor is in its body.
        if notice.kind != BulletinKind::Beacon {
            self.floor.raise(notice.issued_at);
        }
        if let Err(error) = self.read(notice) {
            tracing::error!(kind = kind_word(notice.kind), version = notice.version, %error,
                "bulletin is properly signed but unreadable; the earlier one stays in force");
            return;
        }
        let view = BulletinView {
            kind: kind_word(notice.kind),
            version: notice.version,
            issued_at: notice.issued_at,
            not_after: notice.not_after,
        };
        self.held.retain(|v| v.kind != view.kind);
        self.held.push(view);
        self.held.sort_by_key(|v| v.kind);
    }

    fn read(&mut self, notice: &Notice) -> Result<(), Box<dyn std::error::Error>> {
        let at = Some(notice.issued_at);
        match notice.kind {
            BulletinKind::Policy => {
                self.policy = Policy::parse(&notice.body)?;
                self.lists.policy = at;
            }
            BulletinKind::Trust => {
                self.trust = TrustList::parse(&notice.body)?;
                self.lists.trust = at;
            }
            BulletinKind::Revocations => {
                self.revocations = Revocations::parse(&notice.body)?;
                self.lists.revocations = at;
            }
            BulletinKind::TracingKeys => {
                let keys: Vec<TracingKey> = minicbor::decode(&notice.body)?;
                if keys.len() > TRACING_KEYS_MAX {
                    return Err("too many weeks of tracing keys".into());
                }
                self.tracing = keys;
            }
            BulletinKind::Beacon => {
                let beacon = Beacon::parse(&notice.body)?;
                self.floor.hear(beacon, notice.version, notice.issued_at);
            }
            BulletinKind::Standing => self.standing = StandingList::parse(&notice.body)?,
            BulletinKind::Announcements => {
                self.announcements = Announcements::parse(&notice.body)?;
            }
            // The ledger has put them in force.
            BulletinKind::Roots => drop(Succession::read(&notice.body)?),
        }
        Ok(())
    }

    /// All that are held, over no floor but theirs.
    pub fn from_notices(notices: &[Arc<Notice>]) -> Self {
        Self::over(Floor::default(), notices)
    }

    /// All that are held, over the floor that was kept.
    pub fn over(floor: Floor, notices: &[Arc<Notice>]) -> Self {
        let mut rules = Self { floor, ..Self::default() };
        // Beacons last: one that resets the floor is about what was signed before it.
        let (beacons, others): (Vec<_>, Vec<_>) =
            notices.iter().partition(|notice| notice.kind == BulletinKind::Beacon);
        others.into_iter().chain(beacons).for_each(|notice| rules.take(notice));
        rules
    }

    /// The floor of time, to be kept.
    pub fn floor(&self) -> &Floor {
        &self.floor
    }

    /// The authority said that it holds something, at this time by its clock.
    pub fn countersigned(&mut self, at: UnixMillis) {
        self.floor.raise(at);
    }

    /// How far the clock is believed, against the times that the authority has signed.
    pub fn moment(&self, wall: UnixMillis, source: ClockSource) -> Moment {
        clock::believe(wall, self.floor.at(), source)
    }

    /// The tracing key of a week, if the authority has published it.
    pub fn tracing_key(&self, week: Week) -> Option<&TracingKey> {
        self.tracing.iter().find(|k| k.week == week)
    }

    /// All tracing keys that the authority has published.
    pub fn tracing_keys(&self) -> &[TracingKey] {
        &self.tracing
    }

    /// What is held, for screens.
    pub fn held(&self) -> Vec<BulletinView> {
        self.held.clone()
    }
}

/// The stable word of a kind.
pub fn kind_word(kind: BulletinKind) -> &'static str {
    match kind {
        BulletinKind::Policy => "policy",
        BulletinKind::Trust => "trust",
        BulletinKind::TracingKeys => "tracing-keys",
        BulletinKind::Revocations => "revocations",
        BulletinKind::Beacon => "beacon",
        BulletinKind::Standing => "standing",
        BulletinKind::Announcements => "announcements",
        BulletinKind::Roots => "roots",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::id::RegionId;

    fn notice(kind: BulletinKind, body: &[u8]) -> Notice {
        Notice {
            region: RegionId::new(1),
            kind,
            version: 1,
            issued_at: UnixMillis::from_secs(1_790_000_000),
            not_after: UnixMillis::from_secs(1_800_000_000),
            body: body.to_vec(),
        }
    }

    #[test]
    fn an_unreadable_body_leaves_the_earlier_rules_in_force() {
        let mut rules = Rules::default();
        rules.take(&notice(BulletinKind::Policy, br#"{"version":1,"green_hours":24}"#));
        assert_eq!(rules.policy.green_hours, 24);
        rules.take(&notice(BulletinKind::Policy, br#"{"green_hours":"soon"}"#));
        rules.take(&notice(BulletinKind::TracingKeys, b"\xff\xff"));
        assert_eq!(rules.policy.green_hours, 24);
        assert_eq!(rules.held().len(), 1);
        let before = UnixMillis::from_secs(1_780_000_000);
        let moment = rules.moment(before, ClockSource::Synchronised);
        assert_eq!(moment.trust, sync::record::ClockTrust::Unknown, "the floor holds");
    }

    #[test]
    fn a_beacon_moves_the_floor_as_its_body_says() {
        let signed = |kind, version, secs, body: &[u8]| {
            let issued_at = UnixMillis::from_secs(secs);
            Arc::new(Notice { version, issued_at, ..notice(kind, body) })
        };
        let floor = |rules: &Rules| rules.floor().at().map(|at| at.secs());
        let wrong = signed(BulletinKind::Policy, 9, 2_000_000_000, b"{}");
        let beacon = signed(BulletinKind::Beacon, 1, 1_790_000_100, b"{}");
        let reset = signed(BulletinKind::Beacon, 2, 1_790_000_200, br#"{"resets":true}"#);
        let mut rules = Rules::default();
        rules.take(&beacon);
        assert_eq!(floor(&rules), Some(1_790_000_100));
        rules.take(&wrong);
        assert_eq!(floor(&rules), Some(2_000_000_000), "signed by a clock that was wrong");
        rules.take(&signed(BulletinKind::Beacon, 2, 1_790_000_200, b"{\"reset\":1}"));
        assert_eq!(floor(&rules), Some(2_000_000_000), "an unreadable one does nothing");
        rules.take(&reset);
        assert_eq!(floor(&rules), Some(1_790_000_200));
        rules.take(&reset);
        rules.take(&wrong);
        rules.countersigned(UnixMillis::from_secs(1_999_999_999));
        assert_eq!(floor(&rules), Some(1_790_000_200), "what was passed over stays so");
        let again = Rules::over(rules.floor().clone(), &[Arc::clone(&reset), Arc::clone(&wrong)]);
        assert_eq!(again.floor(), rules.floor(), "after a start");
        let lost = Rules::from_notices(&[reset, wrong]);
        assert_eq!(floor(&lost), Some(1_790_000_200), "without the kept floor, too");
        rules.take(&signed(BulletinKind::Beacon, 3, 1_790_000_300, b"{}"));
        assert_eq!(floor(&rules), Some(1_790_000_300), "a later beacon raises it");
        rules.countersigned(UnixMillis::from_secs(2_000_000_001));
        assert_eq!(floor(&rules), Some(2_000_000_001), "beyond what was doubted time goes on");
        assert!(rules.held().iter().any(|view| view.kind == "beacon" && view.version == 3));
    }
}
