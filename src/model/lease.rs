//! Who drives a cutover: what the Lease says, and what that means for one who wants it.
//!
//! As in client-go's leader election no two clocks are compared: a Lease has run out when whoever looks has seen it unchanged
//! for its whole duration, by the looker's own steady clock.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::id::RunId;
use super::runbook::Runbook;

/// How many `ConfigMap`s a journal's mirror may fill.
const MIRROR_PARTS: usize = 4;

/// What a Lease says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaseRecord {
    /// `user@host/run`; empty when nobody holds it.
    pub holder: String,
    /// The process that holds it, for two of the same name.
    pub session: String,
    /// Since when it is held, by the holder's clock.
    pub acquired: Option<Timestamp>,
    /// When it was last renewed, by the holder's clock.
    pub renewed: Option<Timestamp>,
    /// How long it holds without being renewed.
    pub duration: Duration,
    /// How often it changed hands.
    pub transitions: u32,
    /// What the journal's mirror lacks although it was acted upon.
    pub unmirrored: Option<String>,
    /// The `resourceVersion` that was read: whoever writes names it.
    pub version: String,
}

impl LeaseRecord {
    /// Nobody holds it.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.holder.is_empty()
    }

    /// The operator, `user@host`, without the run.
    #[must_use]
    pub fn operator(&self) -> &str {
        self.holder.rsplit_once('/').map_or(self.holder.as_str(), |(operator, _)| operator)
    }

    /// The run that is driven.
    #[must_use]
    pub fn run(&self) -> Option<RunId> {
        self.holder.rsplit_once('/').map(|(_, run)| RunId::new(run))
    }
}

/// Who holds it, for a person.
impl fmt::Display for LeaseRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_free() {
            return f.write_str("nobody");
        }
        f.write_str(self.operator())?;
        if let Some(run) = self.run() {
            write!(f, " with run `{run}`")?;
        }
        self.acquired.map_or(Ok(()), |since| write!(f, " since {since:.0}"))
    }
}

/// One who wants the Lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// `user@host`
    pub operator: String,
    /// The run.
    pub run: RunId,
    /// This process.
    pub session: String,
    /// The run's journal is here and locked, so that no other process of this name can be driving it.
    pub continues: bool,
    /// The holder's name as it was typed, by one who wants to take it over.
    pub take_over: Option<String>,
    /// How long the Lease shall hold without being renewed.
    pub duration: Duration,
}

/// What a claimant may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Take it: it is free, or the claimant's own.
    Take,
    /// Take it from one who has not renewed it.
    Expired,
    /// Take it from one who may be alive: the name was typed.
    TakeOver,
    /// Look again: it has run out when it stays unchanged for so long.
    Watch(Duration),
}

impl Claimant {
    /// The name that stands in the Lease.
    #[must_use]
    pub fn holder(&self) -> String {
        format!("{}/{}", self.operator, self.run)
    }

    /// What may be done with a Lease that was seen unchanged for so long.
    #[must_use]
    pub fn judge(&self, record: Option<&LeaseRecord>, unchanged: Duration) -> Claim {
        let Some(record) = record.filter(|record| !record.is_free()) else { return Claim::Take };
        let typed = self.take_over.as_deref();
        if record.session == self.session || (self.continues && record.holder == self.holder()) {
            Claim::Take
        } else if unchanged >= record.duration {
            Claim::Expired
        } else if typed.is_some_and(|typed| [&record.holder, record.operator()].contains(&typed)) {
            Claim::TakeOver
        } else {
            Claim::Watch(record.duration.saturating_sub(unchanged))
        }
    }

    /// What the Lease says once the claimant has it, from what it said before.
    #[must_use]
    pub fn taken(&self, before: Option<&LeaseRecord>, now: Timestamp) -> LeaseRecord {
        let holder = self.holder();
        let kept = before.filter(|before| before.holder == holder);
        LeaseRecord {
            session: self.session.clone(),
            acquired: kept.and_then(|kept| kept.acquired).or(Some(now)),
            renewed: Some(now),
            duration: self.duration,
            transitions: before
                .map_or(0, |before| before.transitions + u32::from(before.holder != holder)),
            unmirrored: kept.and_then(|kept| kept.unmirrored.clone()),
            version: before.map(|before| before.version.clone()).unwrap_or_default(),
            holder,
        }
    }
}

impl Runbook {
    /// The name of the Lease, and what the names of the mirror begin with.
    #[must_use]
    pub fn lease(&self) -> String {
        let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let name: String = self.name.chars().map(kept).collect();
        format!("pgcutover-{}", name.trim_matches('-'))
    }

    /// The names of the `ConfigMap`s that the journal's mirror may fill, in order.
    #[must_use]
    pub fn mirror(&self) -> Vec<String> {
        let lease = self.lease();
        (0..MIRROR_PARTS).map(|part| format!("{lease}-journal-{part}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claimant(operator: &str, session: &str) -> Claimant {
        Claimant {
            operator: operator.to_owned(),
            run: RunId::new("chronicle-1"),
            session: session.to_owned(),
            continues: false,
            take_over: None,
            duration: Duration::from_secs(60),
        }
    }

    fn held_by(holder: &Claimant) -> LeaseRecord {
        holder.taken(None, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn somebody_elses_lease_needs_its_end_or_its_holders_name() {
        let (ann, bob) = (claimant("ann@one", "a"), claimant("bob@two", "b"));
        let held = held_by(&ann);
        assert_eq!(bob.judge(None, Duration::ZERO), Claim::Take);
        let left = Duration::from_secs(60);
        assert_eq!(bob.judge(Some(&held), Duration::ZERO), Claim::Watch(left));
        assert_eq!(bob.judge(Some(&held), left), Claim::Expired);
        for (typed, claim) in [
            ("ann@one", Claim::TakeOver),
            ("ann@one/chronicle-1", Claim::TakeOver),
            ("ann", Claim::Watch(left)),
            ("", Claim::Watch(left)),
        ] {
            let bob = Claimant { take_over: Some(typed.to_owned()), ..bob.clone() };
            assert_eq!(bob.judge(Some(&held), Duration::ZERO), claim, "{typed}");
        }
    }

    #[test]
    fn a_run_takes_its_own_lease_again_only_with_its_own_journal() {
        let held = held_by(&claimant("ann@one", "a"));
        let again = claimant("ann@one", "b");
        assert!(matches!(again.judge(Some(&held), Duration::ZERO), Claim::Watch(_)));
        let again = Claimant { continues: true, ..again };
        assert_eq!(again.judge(Some(&held), Duration::ZERO), Claim::Take);
        assert_eq!(again.taken(Some(&held), Timestamp::MAX).transitions, 0);
        assert_eq!(
            claimant("bob@two", "b").taken(Some(&held), Timestamp::MAX).transitions,
            held.transitions + 1
        );
    }

    /// What happens next: a holder renews, a rival looks, time passes, a rival's clock is set.
    #[derive(Debug, Clone)]
    enum Turn {
        Renew,
        Look,
        Pass(u64),
    }

    fn turns() -> impl Strategy<Value = Vec<Turn>> {
        let turn =
            prop_oneof![Just(Turn::Renew), Just(Turn::Look), (1_u64..40).prop_map(Turn::Pass),];
        proptest::collection::vec(turn, 1..60)
    }

    proptest! {
        /// Whatever the order, nobody takes a Lease while its holder may still believe in it.
        #[test]
        fn a_lease_is_never_taken_from_one_who_renewed_it_in_time(turns in turns(), skew in -1_000_000_i64..1_000_000) {
            let (ann, bob) = (claimant("ann@one", "a"), claimant("bob@two", "b"));
            // Ann's clock says anything.
            let clock = |now: u64| Timestamp::from_second(1_000_000_000 + skew + i64::try_from(now).unwrap()).unwrap();
            let (mut now, mut renewed, mut version) = (0_u64, 0_u64, 1_u64);
            let mut held = ann.taken(None, clock(0));
            let mut seen: Option<(u64, u64)> = None;
            for turn in turns {
                match turn {
                    Turn::Pass(seconds) => now += seconds,
                    Turn::Renew => {
                        held = ann.taken(Some(&held), clock(now));
                        (renewed, version) = (now, version + 1);
                    }
                    Turn::Look => {
                        let since = match seen { Some((known, at)) if known == version => at, _ => now };
                        seen = Some((version, since));
                        let claim = bob.judge(Some(&held), Duration::from_secs(now - since));
                        if claim == Claim::Expired {
                            prop_assert!(now - renewed >= 60);
                            return Ok(());
                        }
                    }
                }
            }
        }
    }
}
