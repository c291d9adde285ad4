use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::model::{Digest, Event, RunState};

use super::error::JournalError;
use super::header::{Format, Header, Peek};
use super::line;

/// A journal that was read.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The file.
    pub path: PathBuf,
    /// Its first line.
    pub header: Header,
    /// The events, in order.
    pub events: Vec<Event>,
    /// How many bytes of a last line without its end were left out.
    pub torn: usize,
    /// How many bytes are whole lines.
    pub(super) whole: u64,
    /// The hash of the last whole line.
    pub(super) tail: String,
}

impl Recording {
    /// What is known after its last event.
    ///
    /// # Errors
    /// The line of the first event that cannot follow its predecessors.
    pub fn fold(&self) -> Result<RunState, JournalError> {
        let runbook = &self.header.runbook;
        let mut state = RunState::new(runbook);
        for (index, event) in self.events.iter().enumerate() {
            state.apply(runbook, event).map_err(|source| JournalError::Illegal {
                path: self.path.clone(),
                line: index + 2,
                source,
            })?;
        }
        Ok(state)
    }

    /// Holds it against a plan.
    ///
    /// # Errors
    /// [`JournalError::OtherPlan`] when it is not that plan's.
    pub fn expect_plan(&self, wanted: &Digest) -> Result<(), JournalError> {
        if self.header.plan == *wanted {
            return Ok(());
        }
        Err(JournalError::OtherPlan {
            path: self.path.clone(),
            found: self.header.plan.clone(),
            wanted: wanted.clone(),
        })
    }
}

/// Reads a journal, whether or not a console is writing it.
///
/// # Errors
/// When it cannot be read, is no journal, is newer than this tool, or a line of it is broken, changed or missing.
pub fn read(path: &Path) -> Result<Recording, JournalError> {
    let bytes = fs::read(path).map_err(JournalError::io("read", path))?;
    parse(path, &bytes)
}

/// Whether a console holds the journal's lock.
#[must_use]
pub fn is_driven(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Reads a journal's bytes, wherever they lie; `path` is what errors name.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Recording, JournalError> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut lines = bytes[..whole].split_inclusive(|byte| *byte == b'\n');
    let first = lines.next().ok_or_else(|| JournalError::Headless { path: path.to_owned() })?;
    let first = text(path, 1, first)?;
    let header = header(path, first)?;
    let mut tail = line::hash(first);
    let mut events = Vec::new();
    for (index, bytes) in lines.enumerate() {
        let number = index + 2;
        let text = text(path, number, bytes)?;
        let event =
            line::read(&tail, text).map_err(|why| JournalError::broken(path, number, why))?;
        events.push(event);
        tail = line::hash(text);
    }
    let torn = bytes.len() - whole;
    Ok(Recording { path: path.to_owned(), header, events, torn, whole: whole as u64, tail })
}

fn text<'a>(path: &Path, number: usize, line: &'a [u8]) -> Result<&'a str, JournalError> {
    let text = str::from_utf8(line)
        .map_err(|error| JournalError::broken(path, number, format!("is not text: {error}")))?;
    Ok(text.trim_end_matches('\n'))
}

/// Reads a header, its format first: what a newer tool wrote need not look like ours.
pub(super) fn header(path: &Path, line: &str) -> Result<Header, JournalError> {
    let foreign = |error: serde_json::Error| JournalError::NotAJournal {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let peek: Peek = serde_json::from_str(line).map_err(foreign)?;
    if peek.format.major > Format::CURRENT.major {
        return Err(JournalError::Newer {
            path: path.to_owned(),
            format: peek.format,
            known: Format::CURRENT,
            tool: peek.tool,
        });
    }
    let header: Header = serde_json::from_str(line).map_err(foreign)?;
    if header.runbook.digest() != header.plan {
        return Err(JournalError::broken(path, 1, "was changed: its plan has another hash"));
    }
    Ok(header)
}
