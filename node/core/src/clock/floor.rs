//! The floor of time: true time is not before it. It rises by what the authority signs, and only a beacon can reset it.

use minicbor::{Decode, Encode};
use sync::time::UnixMillis;

use super::Beacon;

/// What is known of the time without a clock.
///
/// Only times under the authority's checked signatures may be given to it: a credential's time never moves the floor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Floor {
    #[n(0)]
    at: Option<UnixMillis>,
    /// The version of the last beacon that was heard.
    #[n(1)]
    beacon: u64,
    /// Up to this time signed times are doubted since a beacon reset the floor: they may be what it undid. Only beacons
    /// move the floor below it.
    #[n(2)]
    doubted_until: Option<UnixMillis>,
}

impl Floor {
    /// True time is not before this; `None` while nothing signed was seen.
    pub fn at(&self) -> Option<UnixMillis> {
        self.at
    }

    /// The authority signed something at `signed`: the floor rises or stays.
    pub fn raise(&mut self, signed: UnixMillis) {
        if self.doubted_until.is_none_or(|doubted| signed > doubted) {
            self.rise(signed);
        }
    }

    /// The authority signed a beacon at `signed`. An older one than the last that was heard does nothing.
    pub fn hear(&mut self, beacon: Beacon, version: u64, signed: UnixMillis) {
        if version <= self.beacon {
            return;
        }
        self.beacon = version;
        if beacon.resets && self.at.is_some_and(|at| at > signed) {
            self.doubted_until = self.doubted_until.max(self.at);
            self.at = Some(signed);
        } else {
            self.rise(signed);
        }
    }

    fn rise(&mut self, signed: UnixMillis) {
        self.at = self.at.max(Some(signed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_only_rises_but_for_a_beacon_that_resets_it(
            heard in proptest::collection::vec((0u8..3, 0u64..6, any::<i64>()), 1..20),
        ) {
            let mut floor = Floor::default();
            for (what, version, at) in heard {
                let (before, signed) = (floor.clone(), UnixMillis::new(at));
                let beacon = Beacon { resets: what == 2 };
                if what == 0 { floor.raise(signed) } else { floor.hear(beacon, version, signed) }
                if what == 2 && version > before.beacon {
                    prop_assert_eq!(floor.at(), Some(signed), "what it says counts");
                } else {
                    prop_assert!(floor.at() >= before.at());
                }
                let bytes = minicbor::to_vec(&floor).unwrap();
                prop_assert_eq!(minicbor::decode::<Floor>(&bytes).unwrap(), floor.clone(), "reads back");
                let kept = floor.clone();
                floor.hear(beacon, version, signed);
                if what != 0 { prop_assert_eq!(&floor, &kept, "hearing it twice changes nothing") }
                floor = kept;
            }
        }
    }
}
