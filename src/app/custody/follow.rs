//! Follows a run that another console drives: by its mirror in the cluster, and by its journal where that lies on this
//! machine and has more.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::remote::read;
use crate::journal::{self, JOURNAL, Recording, Runs};
use crate::model::{Event, LeaseRecord, RunId, Runbook};
use crate::session::{Followed, Look};
use crate::world::Cluster;

/// How often it is looked at.
const PAUSE: Duration = Duration::from_secs(1);

/// A mirror that lacks something for so long is behind: a fact is in the journal first, and in the mirror right after.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells of each run that is driven, and of its events as they can be read, until `stop`.
pub(in crate::app) async fn follow(
    cluster: Cluster,
    runbook: Arc<Runbook>,
    journals: Runs,
    runs: mpsc::UnboundedSender<Followed>,
    stop: CancellationToken,
) {
    let (lag, renewal) = (Lag::default(), Renewal::default());
    let mut follower = Follower { cluster, runbook, journals, runs, known: None, lag, renewal };
    let following = async {
        loop {
            follower.look().await;
            tokio::time::sleep(PAUSE).await;
        }
    };
    stop.run_until_cancelled(following).await;
}

/// Looks at who drives, and at what they have done.
struct Follower {
    cluster: Cluster,
    runbook: Arc<Runbook>,
    journals: Runs,
    runs: mpsc::UnboundedSender<Followed>,
    known: Option<Known>,
    lag: Lag,
    renewal: Renewal,
}

/// A run that was told, its operator, and how many of its events were.
struct Known {
    run: RunId,
    operator: String,
    events: mpsc::UnboundedSender<Event>,
    told: usize,
    looked: watch::Sender<Look>,
    behind: watch::Sender<Option<String>>,
}

/// What the Lease says.
struct Driver {
    run: RunId,
    operator: String,
    /// Since when it has run out.
    lapsed: Option<Timestamp>,
    /// What the mirror lacks by the word of whoever writes it.
    unmirrored: Option<String>,
}

impl Follower {
    /// What cannot be read now may be read the next time; the readings tell that the cluster does not answer.
    async fn look(&mut self) {
        let driver = self.driver().await;
        let known = self.known.as_ref().map(|known| &known.run);
        let Some(run) = driver.as_ref().map(|driver| &driver.run).or(known).cloned() else {
            return;
        };
        let now = Timestamp::now();
        let mirror = match read(&self.cluster, &self.runbook).await {
            Ok(mirror) if mirror.run() == Some(&run) => Ok(mirror.text()),
            Ok(_) => Err("the cluster has none of this run".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let path = self.journals.folder_of(&run).join(JOURNAL);
        let facts = Facts { mirror, journal: whole_lines(&path) };
        let recording = facts.recording(&path).filter(|recording| recording.header.run == run);
        let Some(recording) = recording else { return };
        let lapsed = driver.as_ref().and_then(|driver| driver.lapsed);
        let unmirrored = driver.as_ref().and_then(|driver| driver.unmirrored.as_deref());
        let behind = facts.behind(&mut self.lag, unmirrored, now);
        self.tell(driver, recording, behind, Look { at: now, lapsed });
    }

    fn tell(
        &mut self,
        driver: Option<Driver>,
        recording: Recording,
        behind: Option<String>,
        look: Look,
    ) {
        let run = recording.header.run;
        let other = |driver: &Driver| {
            let known = self.known.as_ref();
            known.is_none_or(|known| known.run != run || known.operator != driver.operator)
        };
        if let Some(driver) = driver.filter(other) {
            self.begin(run, driver.operator, recording.header.runbook);
        }
        let Some(known) = &mut self.known else { return };
        for event in recording.events.into_iter().skip(known.told) {
            known.told += 1;
            // Whoever listened may have gone.
            let _ = known.events.send(event);
        }
        known.looked.send_replace(look);
        if *known.behind.borrow() != behind {
            known.behind.send_replace(behind);
        }
    }

    /// The run that the Lease stands for, and who holds it.
    async fn driver(&mut self) -> Option<Driver> {
        let held = self.cluster.lease(&self.runbook.lease()).await.ok()??;
        let run = held.run().filter(|_| !held.is_free())?;
        let lapsed = self.renewal.lapsed(&held, Instant::now(), Timestamp::now());
        let operator = held.operator().to_owned();
        Some(Driver { run, operator, lapsed, unmirrored: held.unmirrored })
    }

    fn begin(&mut self, run: RunId, operator: String, plan: Runbook) {
        let (sender, events) = mpsc::unbounded_channel();
        let (looking, looked) = watch::channel(Look { at: Timestamp::now(), lapsed: None });
        let (lagging, behind) = watch::channel(None);
        let _ = self.runs.send(Followed {
            run: run.clone(),
            operator: operator.clone(),
            runbook: Arc::new(plan),
            events,
            looked,
            behind,
        });
        self.known = Some(Known {
            run,
            operator,
            events: sender,
            told: 0,
            looked: looking,
            behind: lagging,
        });
    }
}

/// The facts of one run, from where they can be read.
struct Facts {
    /// The mirror's text, or why there is none.
    mirror: Result<String, String>,
    /// The journal's, where it lies on this machine.
    journal: Option<String>,
}

impl Facts {
    fn mirrored(&self) -> &str {
        self.mirror.as_deref().unwrap_or_default()
    }

    /// The journal here, where it has all that the mirror has; one that went another way is not this run's any more.
    fn here(&self) -> Option<&str> {
        self.journal.as_deref().filter(|journal| journal.starts_with(self.mirrored()))
    }

    fn recording(&self, path: &Path) -> Option<Recording> {
        let parsed = |text: &str| journal::parse(path, text.as_bytes()).ok();
        self.here().and_then(parsed).or_else(|| parsed(self.mirrored()))
    }

    /// Why the mirror lacks facts, where it does.
    fn behind(&self, lag: &mut Lag, unmirrored: Option<&str>, now: Timestamp) -> Option<String> {
        let Some(here) = self.here() else {
            return unmirrored.map(|what| format!("it lacks {what}"));
        };
        let mirrored = self.mirrored().len();
        if !lag.lasts(mirrored, here.len(), now) {
            return None;
        }
        let why = match &self.mirror {
            Ok(_) => format!("it lacks the last {} facts", here[mirrored..].lines().count()),
            Err(why) => why.clone(),
        };
        Some(format!("{why}; followed by the journal on this machine"))
    }
}

/// Since when the Lease has been seen as it is. Only the own clock is asked, as [`Claimant::judge`](crate::model::Claimant::judge)
/// does.
#[derive(Debug, Default)]
struct Renewal(Option<(String, Instant, Timestamp)>);

impl Renewal {
    fn lapsed(&mut self, held: &LeaseRecord, seen: Instant, now: Timestamp) -> Option<Timestamp> {
        match &self.0 {
            Some((version, since, at)) if *version == held.version => {
                let out = seen.duration_since(*since) >= held.duration;
                out.then_some(*at + held.duration)
            }
            _ => {
                self.0 = Some((held.version.clone(), seen, now));
                None
            }
        }
    }
}

/// Since when the mirror lacks what was in the journal then.
#[derive(Debug, Default)]
struct Lag(Option<(usize, Timestamp)>);

impl Lag {
    fn lasts(&mut self, mirrored: usize, here: usize, now: Timestamp) -> bool {
        match self.0 {
            Some((wanted, since)) if mirrored < wanted => {
                now.duration_since(since).unsigned_abs() >= PATIENCE
            }
            _ => {
                self.0 = (mirrored < here).then_some((here, now));
                false
            }
        }
    }
}

/// A journal's text, without a last line that is being written.
fn whole_lines(path: &Path) -> Option<String> {
    let mut bytes = std::fs::read(path).ok()?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    bytes.truncate(whole);
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(mirror: Result<&str, &str>, journal: Option<&str>) -> Facts {
        Facts {
            mirror: mirror.map(str::to_owned).map_err(str::to_owned),
            journal: journal.map(str::to_owned),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_lease_has_lapsed_when_it_was_seen_unrenewed_for_as_long_as_it_holds() {
        let (mut renewal, began) = (Renewal::default(), Instant::now());
        let held = |version: &str| LeaseRecord {
            version: version.to_owned(),
            duration: Duration::from_secs(60),
            ..LeaseRecord::default()
        };
        let mut seen = |version, second: u32| {
            renewal.lapsed(
                &held(version),
                began + Duration::from_secs(second.into()),
                at(second.into()),
            )
        };
        assert_eq!(seen("1", 0), None);
        assert_eq!(seen("1", 59), None);
        assert_eq!(seen("2", 60), None, "it was renewed");
        assert_eq!(seen("2", 119), None);
        assert_eq!(seen("2", 130), Some(at(120)));
    }

    #[test]
    fn a_journal_that_went_another_way_is_not_followed() {
        assert_eq!(facts(Ok("a\n"), Some("a\nb\n")).here(), Some("a\nb\n"));
        assert_eq!(facts(Err("forbidden"), Some("a\n")).here(), Some("a\n"));
        assert_eq!(facts(Ok("a\nc\n"), Some("a\nb\n")).here(), None);
        assert_eq!(facts(Ok("a\nb\n"), Some("a\n")).here(), None, "it was left behind");
    }

    #[test]
    fn a_mirror_is_behind_when_it_lacks_the_same_facts_for_a_while() {
        let mut lag = Lag::default();
        let lacking = facts(Ok("a\n"), Some("a\nb\nc\n"));
        assert_eq!(lacking.behind(&mut lag, None, at(0)), None);
        assert_eq!(lacking.behind(&mut lag, None, at(4)), None);
        let caught_up = facts(Ok("a\nb\nc\n"), Some("a\nb\nc\nd\n"));
        assert_eq!(caught_up.behind(&mut lag, None, at(5)), None, "it lacks something else now");
        let stuck = facts(Ok("a\nb\nc\n"), Some("a\nb\nc\nd\ne\n"));
        let said = "it lacks the last 2 facts; followed by the journal on this machine";
        assert_eq!(stuck.behind(&mut lag, None, at(10)).as_deref(), Some(said));
        let unread = facts(Err("it is forbidden"), Some("a\nb\n"));
        let said = "it is forbidden; followed by the journal on this machine";
        assert_eq!(unread.behind(&mut lag, None, at(11)).as_deref(), Some(said));
    }

    #[test]
    fn without_the_journal_the_word_of_who_writes_the_mirror_stands() {
        let far = facts(Ok("a\n"), None);
        let note = Some("step `switch`, 120 bytes");
        let behind = far.behind(&mut Lag::default(), note, at(0));
        assert_eq!(behind.as_deref(), Some("it lacks step `switch`, 120 bytes"));
    }
}
