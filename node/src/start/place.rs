//! Who this node is, and where it stands: its key and papers, and whose word counts in its region.

use std::fs;

use node_core::clock::EARLIEST;
use sync::{
    book::{Charter, keeps_of},
    id::{Epoch, PublicKey},
    membership::{Member, Membership, MembershipError},
    roots::Roots,
};

use super::StartError;
use crate::{config::Config, papers, roots, secret, wall};

/// The charter that a configuration describes, and the place that its papers give.
pub(crate) fn charter(config: &Config) -> Result<(Charter, Member), StartError> {
    let key = secret::load_key(&config.node.key)?;
    let path = &config.node.membership;
    let text = fs::read_to_string(path)
        .map_err(|source| StartError::File { path: path.clone(), source })?;
    let membership = Membership::from_text(&text).ok_or(StartError::NoMembership(path.clone()))?;
    let keys = config.node.roots.iter().filter_map(|r| PublicKey::from_hex(r)).collect();
    let roots = Roots::new(keys, config.node.signatures_needed());
    roots::recall(&config.node.data, &roots);
    let membership =
        papers::latest(&config.node.data, membership, &roots.granting(), &key.public());
    let member = own_member(&membership, &roots.own(), &key.public())
        .map_err(|source| StartError::Membership { path: path.clone(), source })?;
    let mut epoch = [0; 8];
    getrandom::fill(&mut epoch).map_err(StartError::Randomness)?;
    let charter = Charter {
        key,
        membership,
        region: member.region(),
        roots,
        keeps: keeps_of(&member.place),
        epoch: Epoch::new(epoch),
    };
    Ok((charter, member))
}

/// A clock that was never set must not keep a door closed: it starts, shows grey, and no peer believes it
/// until the clock is set.
fn own_member(
    membership: &Membership,
    roots: &[PublicKey],
    own: &PublicKey,
) -> Result<Member, MembershipError> {
    let now = wall::now();
    match membership.check(roots, own, now) {
        Err(MembershipError::NotYet(from)) if now < EARLIEST => {
            tracing::warn!(clock = %now, membership_from = %from, "the clock was never set");
            membership.check_near(roots, own, now)
        }
        other => other,
    }
}
