//! The verdict on a typed number: what the authority answered by its policy, or what this region lets an unverified person do.

use sync::{inquiry::Finding, record::ClockTrust, time::UnixMillis};

use super::{
    Admission, AdmitTable, Lists, Minors, Outcome, Policy, Status, Unverified, Verdict, certlogic,
    grey, refusal_of,
};
use crate::{clock::Moment, code::ids::TypedNumber, reason::Reason};

impl Policy {
    /// Whether a typed number says that its holder is, or may still be, below the age of majority.
    pub fn is_typed_minor(&self, typed: &TypedNumber, now: UnixMillis) -> bool {
        let birth = typed.birth().and_then(|birth| birth.latest(now));
        let birth = birth.and_then(|day| certlogic::date_of_birth(&day.to_string()));
        let grown = birth
            .and_then(|birth| certlogic::years_later(birth, i64::from(self.minor_below_years)));
        grown.is_some_and(|grown| now < grown)
    }

    /// What do the rules say of the holder of a typed number now? `found` is the authority's answer, where there is one; `admit`
    /// says which status may enter there.
    ///
    /// Of trust list and revocations a typed number needs nothing; of the policy it does, and of the clock.
    pub fn judge_typed(
        &self,
        typed: &TypedNumber,
        found: Option<&Finding>,
        admit: &AdmitTable,
        lists: &Lists,
        now: Moment,
    ) -> Verdict {
        if now.trust == ClockTrust::Unknown {
            return grey(admit, Reason::ClockUnknown);
        }
        if lists.policy.is_none() {
            return grey(admit, Reason::NoPolicy);
        }
        let judged = match found {
            Some(found) => of_finding(found, admit),
            None => self.of_nobody(),
        };
        if !self.is_typed_minor(typed, now.wall) {
            return judged;
        }
        let accused = matches!(judged.status, Status::Red | Status::Yellow);
        match self.minors {
            Minors::AsAdults => judged,
            // Who is exempt is so unless something is known against; of the unverified that is not known.
            Minors::Exempt if accused || found.is_none() => judged,
            Minors::Exempt => Verdict { outcome: Outcome::Admit, reason: None, ..judged },
            Minors::WithAdult => {
                let reason = Some(Reason::Minor);
                Verdict { outcome: Outcome::CannotConfirm, reason, ..judged }
            }
        }
    }

    fn of_nobody(&self) -> Verdict {
        let outcome = match self.unverified {
            Unverified::Admit => Outcome::Admit,
            Unverified::Staff => Outcome::CannotConfirm,
            Unverified::Refuse => Outcome::Refuse,
        };
        Verdict { outcome, ..Verdict::unconfirmed(Reason::Unverified) }
    }
}

fn of_finding(found: &Finding, admit: &AdmitTable) -> Verdict {
    let Finding { status, until, then, .. } = *found;
    if status == Status::Grey {
        return grey(admit, Reason::StatusGrey);
    }
    let (outcome, reason) = match admit.of(status) {
        Admission::Admit => (Outcome::Admit, None),
        Admission::Refuse => (Outcome::Refuse, Some(refusal_of(status))),
    };
    Verdict { outcome, status, reason, until, then }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sync::sealed::NumberKind;

    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000); // 21 September 2026

    fn policy(json: &str) -> Policy {
        Policy::parse(json.as_bytes()).unwrap()
    }

    fn finding(status: Status) -> Finding {
        Finding { status, until: None, then: None, at: NOON }
    }

    fn judged(json: &str, number: &str, found: Option<Status>) -> (Outcome, Option<Reason>) {
        let typed = TypedNumber::read(NumberKind::Iin, number).unwrap();
        let found = found.map(finding);
        let lists = Lists::all_at(NOON);
        let now = Moment::trusted(NOON);
        let verdict = {
            let policy = policy(json);
            policy.judge_typed(&typed, found.as_ref(), &policy.admit, &lists, now)
        };
        (verdict.outcome, verdict.reason)
    }

    const ADULT: &str = "800101300006";
    const CHILD: &str = "150101500001";

    #[test]
    fn the_answer_decides_and_without_one_the_switch() {
        use Outcome::{Admit, CannotConfirm, Refuse};
        let check = |json, number, found, expected| {
            assert_eq!(judged(json, number, found), expected, "{json} {number} {found:?}");
        };
        let unverified = Some(Reason::Unverified);
        check("{}", ADULT, None, (CannotConfirm, unverified));
        check(r#"{"unverified":"admit"}"#, ADULT, None, (Admit, unverified));
        check(r#"{"unverified":"refuse"}"#, ADULT, None, (Refuse, unverified));
        check("{}", ADULT, Some(Status::Green), (Admit, None));
        check("{}", ADULT, Some(Status::Blue), (Admit, None));
        check("{}", ADULT, Some(Status::Yellow), (Refuse, Some(Reason::StatusYellow)));
        check("{}", ADULT, Some(Status::Red), (Refuse, Some(Reason::StatusRed)));
        check("{}", ADULT, Some(Status::Grey), (CannotConfirm, Some(Reason::StatusGrey)));
        let adult = r#"{"minors":"with-adult"}"#;
        check(adult, CHILD, Some(Status::Green), (CannotConfirm, Some(Reason::Minor)));
        check(adult, CHILD, None, (CannotConfirm, Some(Reason::Minor)));
        check(adult, ADULT, Some(Status::Green), (Admit, None));
        let exempt = r#"{"minors":"exempt","admit":{"blue":"refuse"}}"#;
        check(exempt, CHILD, Some(Status::Blue), (Admit, None));
        check(exempt, ADULT, Some(Status::Blue), (Refuse, Some(Reason::StatusBlue)));
        check(exempt, CHILD, Some(Status::Red), (Refuse, Some(Reason::StatusRed)));
        check(exempt, CHILD, None, (CannotConfirm, unverified));
    }

    #[test]
    fn without_a_policy_or_a_clock_nothing_is_confirmed() {
        let typed = TypedNumber::read(NumberKind::Iin, ADULT).unwrap();
        let green = finding(Status::Green);
        let policy = Policy::default();
        let judge = |lists: Lists, now| {
            policy.judge_typed(&typed, Some(&green), &policy.admit, &lists, now)
        };
        let nothing = judge(Lists::default(), Moment::trusted(NOON));
        assert_eq!(nothing.reason, Some(Reason::NoPolicy));
        let unbelieved = Moment { wall: NOON, trust: ClockTrust::Unknown };
        assert_eq!(judge(Lists::all_at(NOON), unbelieved).reason, Some(Reason::ClockUnknown));
        let old = Lists { trust: None, revocations: None, ..Lists::all_at(NOON) };
        assert_eq!(
            judge(old, Moment::trusted(NOON)).outcome,
            Outcome::Admit,
            "no token is checked"
        );
    }

    proptest! {
        /// Whatever the switches: nobody is shown in a colour that the authority did not answer.
        #[test]
        fn colours_come_from_the_authority_alone(
            unverified in prop_oneof!["admit", "staff", "refuse"],
            minors in prop_oneof!["as-adults", "exempt", "with-adult"],
            child in any::<bool>(),
            found in proptest::option::of(0usize..5),
        ) {
            let json = format!(r#"{{"unverified":"{unverified}","minors":"{minors}"}}"#);
            let all = [Status::Green, Status::Blue, Status::Yellow, Status::Red, Status::Grey];
            let found = found.map(|n| finding(all[n]));
            let typed = TypedNumber::read(NumberKind::Iin, if child { CHILD } else { ADULT }).unwrap();
            let (lists, now) = (Lists::all_at(NOON), Moment::trusted(NOON));
            let verdict = {
                let policy = policy(&json);
                policy.judge_typed(&typed, found.as_ref(), &policy.admit, &lists, now)
            };
            let expected = found.map_or(Status::Grey, |f| f.status);
            prop_assert_eq!(verdict.status, expected);
            let accused = matches!(expected, Status::Red | Status::Yellow);
            prop_assert!(!(accused && verdict.outcome == Outcome::Admit));
        }
    }
}
