//! How long the steps took last time, from the journals of earlier runs.

use std::time::Duration;

use super::folders::Folders;
use crate::journal::{self, RunEntry, RunMode, Runs};
use crate::model::{RunId, RunState, Runbook, StepId, StepStatus, Verdict};
use crate::session::{Session, SessionMode};
use crate::tui::LastTimes;

/// So many journals are read at most, since a console opens at once.
const READ: usize = 10;

/// What the newest finished run of the same plan took, or else one of the same profile. A recorded run is shown as it was.
pub(super) fn times(folders: &Folders, session: &Session) -> Option<LastTimes> {
    if session.mode == SessionMode::Replay {
        return None;
    }
    newest(&Runs::at(&folders.runs), &session.run, &session.runbook)
}

fn newest(runs: &Runs, run: &RunId, runbook: &Runbook) -> Option<LastTimes> {
    let mut earlier = runs.list().ok()?;
    earlier.retain(|entry| entry.run != *run && entry.header.runbook.name == runbook.name);
    earlier.reverse();
    let plan = runbook.digest();
    earlier.sort_by_key(|entry| entry.header.plan != plan);
    earlier.iter().take(READ).find_map(finished)
}

fn finished(entry: &RunEntry) -> Option<LastTimes> {
    let recording = journal::read(&entry.journal).ok()?;
    let state = recording.fold().ok()?;
    (state.verdict() == Some(&Verdict::Done)).then(|| LastTimes {
        run: entry.run.clone(),
        rehearsed: entry.header.mode == RunMode::Rehearsal,
        took: took(&state).collect(),
    })
}

fn took(state: &RunState) -> impl Iterator<Item = (StepId, Duration)> {
    let done = state.steps.iter().filter(|(_, known)| known.status == StepStatus::Done);
    done.filter_map(|(step, known)| {
        let took = known.ended_at?.duration_since(known.tried_at?);
        Some((step.clone(), Duration::try_from(took).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::journal::{Append as _, Header, Target};
    use crate::model::sample::{events, runbook};
    use crate::model::{Confirm, EventKind, StopReason};

    const ALL: [&str; 3] = ["prepare", "stop", "switch"];

    fn done() -> EventKind {
        EventKind::RunFinished { verdict: Verdict::Done }
    }

    /// Records a run that began so many seconds after the others' first.
    fn record(runs: &Runs, run: &str, began: u64, runbook: &Runbook, last: EventKind) {
        let created = Timestamp::UNIX_EPOCH + Duration::from_secs(began);
        let book = Arc::new(runbook.clone());
        let header =
            Header::new(&book, run.into(), created, Target::default(), "alice", RunMode::Run);
        let mut writer = runs.create(&header).unwrap();
        for event in events(runbook, &ALL, last) {
            writer.keep(&event).unwrap();
        }
    }

    #[test]
    fn the_newest_finished_run_of_the_plan_counts_before_one_of_the_profile() {
        let folder = tempfile::tempdir().unwrap();
        let runs = Runs::at(folder.path());
        let (plan, now) = (runbook(), RunId::from("now"));
        let found = |plan: &Runbook| newest(&runs, &now, plan).map(|last| last.run);
        assert_eq!(found(&plan), None);
        let other = Runbook { title: "Another".into(), ..plan.clone() };
        record(&runs, "same-1", 1, &plan, done());
        record(&runs, "same-2", 2, &plan, done());
        record(&runs, "other", 3, &other, done());
        let stopped = EventKind::RunStopped { reason: StopReason::Detached };
        record(&runs, "left", 4, &plan, stopped);
        record(&runs, "now", 5, &plan, done());
        assert_eq!(found(&plan), Some("same-2".into()));
        assert_eq!(found(&other), Some("other".into()));
        let third = Runbook { title: "A third".into(), ..plan.clone() };
        assert_eq!(found(&third), Some("other".into()), "the newest of the profile");
        assert_eq!(found(&Runbook { name: "stranger".into(), ..plan }), None);
    }

    #[test]
    fn a_step_took_from_its_first_start_until_it_was_done() {
        let book = runbook();
        let asked = EventKind::ConfirmationAsked { step: "stop".into(), confirm: Confirm::Yes };
        let state = RunState::fold(&book, &events(&book, &["prepare"], asked)).unwrap();
        let took: Vec<_> = took(&state).collect();
        assert_eq!(took, [("prepare".into(), Duration::from_secs(1))]);
    }
}
