//! The readings of a run, beside its journal: what a replay shows between the facts. Nothing rests on them. They are not synced, a
//! line that cannot be read ends them, and the longer a run takes the fewer of them are kept.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Glimpse, Observed, Seen};

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
        Ok(Self { file, length, seen, last: None })
    }

    /// Keeps what is seen now, unless that is no news or comes too soon.
    ///
    /// # Errors
    /// The system refuses. The file is then not written any further.
    pub fn keep(&mut self, at: Timestamp, observed: &Observed) -> io::Result<()> {
        let Some((_, pause)) = STEPS.iter().find(|(length, _)| self.length < *length) else {
            return Ok(());
        };
        if self.last.is_some_and(|last| last + *pause > at) {
            return Ok(());
        }
        let Some(glimpse) = self.seen.glimpse(at, observed) else { return Ok(()) };
        let line = serde_json::to_string(&glimpse)?;
        self.file.write_all(format!("{line}\n").as_bytes())?;
        self.length += line.len() as u64 + 1;
        self.seen.take(&glimpse);
        self.last = Some(at);
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
