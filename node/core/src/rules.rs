//! What a node goes by: the region's bulletins, opened and read, the highest version of each.

use std::sync::Arc;

use sync::{
    bulletin::{BulletinKind, Notice},
    id::Week,
    sealed::TracingKey,
    time::UnixMillis,
};

use crate::{
    clock::{self, ClockSource, Moment},
    code::paper::TRACING_KEYS_MAX,
    policy::{Lists, Policy},
    site::BulletinView,
    token::trust::{Revocations, TrustList},
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
    /// When each list was signed.
    pub lists: Lists,
    tracing: Vec<TracingKey>,
    floor: Option<UnixMillis>,
    held: Vec<BulletinView>,
}

impl Rules {
    /// Takes a verified notice. A body that cannot be read is logged and leaves what was before in force.
    pub fn take(&mut self, notice: &Notice) {
        self.floor = Some(clock::raise(self.floor, notice.issued_at));
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
        }
        Ok(())
    }

    /// All that are held at the start.
    pub fn from_notices(notices: &[Arc<Notice>]) -> Self {
        let mut rules = Self::default();
        notices.iter().for_each(|n| rules.take(n));
        rules
    }

    /// How far the clock is believed, against the times that the authority has signed.
    pub fn moment(&self, wall: UnixMillis, source: ClockSource) -> Moment {
        clock::believe(wall, self.floor, source)
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
}
