//! The application's memory of its writes, outside the database: one JSON line for each write whose outcome it learned
//! or lost, in files that outlive the pod.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The database confirmed the commit. It must never be lost.
    Acknowledged,
    /// The connection ended between the commit and its answer. It may be there, once, or not.
    Unknown,
    /// The database refused, or the connection ended before the commit was sent. It must not be there.
    Refused,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When the outcome was known.
    pub at: Timestamp,
    /// The request's identifier, in the database too.
    pub id: String,
    /// Who wrote, such as `chronicle-service`.
    pub role: String,
    /// What was written, such as `add-task`.
    pub operation: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What the database said when it refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Appends to one file.
#[derive(Debug)]
pub(super) struct Ledger {
    file: Mutex<File>,
}

impl Ledger {
    /// Opens a file of this pod's own; a restarted container goes on in it.
    pub(super) fn open(folder: &Path, pod: &str) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let file =
            File::options().create(true).append(true).open(folder.join(format!("{pod}.jsonl")))?;
        Ok(Self { file: Mutex::new(file) })
    }

    /// Appends one line, in one write, so that a killed process leaves at most one torn line at the end.
    pub(super) fn append(&self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner).write_all(&line)
    }
}

/// Every entry of every file in the folder, ordered by time. A torn line is passed over: what it would have said was
/// not told to anybody.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn read_all(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for file in folder.read_dir()? {
        let path = file?.path();
        if path.extension().is_some_and(|ext| ext == "jsonl") {
            let lines = BufReader::new(File::open(path)?).lines();
            for line in lines {
                entries.extend(serde_json::from_str::<Entry>(&line?).ok());
            }
        }
    }
    entries.sort_by_key(|entry| entry.at);
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_last_line_is_passed_over_and_the_next_container_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let entry = |id: &str| Entry {
            at: Timestamp::UNIX_EPOCH,
            id: id.into(),
            role: "chronicle-service".into(),
            operation: "add-task".into(),
            outcome: Outcome::Acknowledged,
            why: None,
        };
        let ledger = Ledger::open(dir.path(), "pod-a").unwrap();
        ledger.append(&entry("1")).unwrap();
        ledger.file.lock().unwrap().write_all(b"{\"at\":\"19\n").unwrap();
        Ledger::open(dir.path(), "pod-a").unwrap().append(&entry("2")).unwrap();
        assert_eq!(read_all(dir.path()).unwrap(), vec![entry("1"), entry("2")]);
    }
}
