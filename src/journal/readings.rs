//! The readings of a run and how far its steps were, beside its journal: what a replay shows between the facts. Nothing rests on
//! them. They are not synced, a line that cannot be read ends them, and the longer a run takes the fewer of them are kept.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Event, Glimpse, Observed, Seen, StepId};

/// The name of the file in a run's folder.
pub const READINGS: &str = "readings.jsonl";

const MIB: u64 = 1024 * 1024;
/// How many bytes there may be for readings to be kept so often.
const STEPS: [(u64, Duration); 4] = [
    (8 * MIB, Duration::from_secs(1)),
    (24 * MIB, Duration::from_secs(10)),
    (48 * MIB, Duration::from_secs(60)),
    (64 * MIB, Duration::from_secs(600)),
];

/// Keeps readings.
#[derive(Debug)]
pub struct Readings {
    file: File,
    length: u64,
    seen: Seen,
    last: Option<Timestamp>,
    /// When it was last kept how far a step was.
    progress: BTreeMap<StepId, Timestamp>,
}

impl Readings {
    /// Opens the file in a run's folder. What was kept before stays, but for a line that a crash tore.
    ///
    /// # Errors
    /// The system refuses.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(READINGS);
        let (earlier, length) = parse(&fs::read(&path).unwrap_or_default());
        let file = File::options().append(true).create(true).mode(0o600).open(path)?;
        file.set_len(length)?;
        let mut seen = Seen::default();
        for glimpse in &earlier {
            seen.take(glimpse);
        }
        Ok(Self { file, length, seen, last: None, progress: BTreeMap::new() })
    }

    /// Keeps what is seen now, unless that is no news or comes too soon.
    ///
    /// # Errors
    /// The system refuses. The file is then not written any further.
    pub fn keep(&mut self, at: Timestamp, observed: &Observed) -> io::Result<()> {
        if self.is_too_soon(self.last, at) {
            return Ok(());
        }
        let Some(glimpse) = self.seen.glimpse(at, observed) else { return Ok(()) };
        self.write(&glimpse)?;
        self.seen.take(&glimpse);
        self.last = Some(at);
        Ok(())
    }

    /// Keeps how far a step is, unless that comes too soon.
    ///
    /// # Errors
    /// As for [`keep`](Self::keep).
    pub fn keep_progress(&mut self, told: Event) -> io::Result<()> {
        let (Some(step), at) = (told.kind.step().cloned(), told.at) else { return Ok(()) };
        if self.is_too_soon(self.progress.get(&step).copied(), at) {
            return Ok(());
        }
        self.write(&Glimpse::of(told))?;
        self.progress.insert(step, at);
        Ok(())
    }

    /// The last line of its kind was written too short a time before, or there is no room for another.
    fn is_too_soon(&self, last: Option<Timestamp>, at: Timestamp) -> bool {
        let pause = STEPS.iter().find(|(length, _)| self.length < *length);
        pause.is_none_or(|(_, pause)| last.is_some_and(|last| last + *pause > at))
    }

    fn write(&mut self, glimpse: &Glimpse) -> io::Result<()> {
        let line = serde_json::to_string(glimpse)?;
        self.file.write_all(format!("{line}\n").as_bytes())?;
        self.length += line.len() as u64 + 1;
        Ok(())
    }
}

/// The readings of a run, in order; none where none were kept.
#[must_use]
pub fn read_readings(folder: &Path) -> Vec<Glimpse> {
    parse(&fs::read(folder.join(READINGS)).unwrap_or_default()).0
}

/// The glimpses up to the first line that is not one, and how many bytes they take: each is the difference to the one before.
fn parse(bytes: &[u8]) -> (Vec<Glimpse>, u64) {
    let mut length = 0;
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let glimpses = lines.map_while(|line| {
        let glimpse = serde_json::from_slice(line).ok()?;
        length += line.len() as u64;
        Some(glimpse)
    });
    (glimpses.collect(), length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::at;
    use crate::model::{EventKind, Progress, with_progress};

    fn progress(seq: u64, millis: u64, done: u64) -> Event {
        let progress = Progress { done: Some(done), total: Some(9), ..Progress::default() };
        let kind = EventKind::StepProgress { step: "copy".into(), progress };
        let told = at(seq, kind);
        Event { at: told.at + Duration::from_millis(millis), ..told }
    }

    #[test]
    fn how_far_a_step_was_stands_between_the_facts_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut readings = Readings::open(folder.path()).unwrap();
        let told = [progress(2, 100, 1), progress(2, 200, 2), progress(2, 1500, 3)];
        for event in &told {
            readings.keep_progress(event.clone()).unwrap();
        }
        let start =
            |seq| at(seq, EventKind::Refused { command: "stop".into(), why: "it runs".into() });
        let events =
            with_progress(vec![start(1), start(2), start(3)], &read_readings(folder.path()));
        let [first, _, last] = told;
        assert_eq!(
            events,
            [start(1), start(2), first, last, start(3)],
            "one of them came too soon"
        );
    }

    #[test]
    fn what_was_kept_before_there_was_progress_is_read() {
        let line = br#"{"at":"2026-11-21T03:15:00Z","changes":[[["blue"],null]]}"#;
        let (glimpses, _) = parse(&[line, &b"\n"[..]].concat());
        assert_eq!((glimpses.len(), &glimpses[0].progress), (1, &None));
    }
}
