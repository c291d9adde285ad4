use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::RunId;

use super::error::JournalError;
use super::header::Header;
use super::reader::header;
use super::writer::Writer;

/// The journal's name in a run's folder.
pub const JOURNAL: &str = "journal.jsonl";

/// The folder of runs, one folder each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    folder: PathBuf,
}

/// A recorded run.
#[derive(Debug, Clone)]
pub struct RunEntry {
    /// Its name.
    pub run: RunId,
    /// Its folder.
    pub folder: PathBuf,
    /// Its journal.
    pub journal: PathBuf,
    /// When it was made, by its header.
    pub created: Timestamp,
    /// Its journal's first line.
    pub header: Header,
}

impl Runs {
    /// The runs in a folder, which need not be there yet.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of a run.
    #[must_use]
    pub fn folder_of(&self, run: &RunId) -> PathBuf {
        self.folder.join(run.as_str())
    }

    /// Makes the journal of a new run.
    ///
    /// # Errors
    /// As [`Writer::create`].
    pub fn create(&self, header: &Header) -> Result<Writer, JournalError> {
        Writer::create(&self.folder_of(&header.run), header)
    }

    /// Every run whose journal has a header that this tool can read, the latest last.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub fn list(&self) -> Result<Vec<RunEntry>, JournalError> {
        let mut runs: Vec<RunEntry> = self
            .names()?
            .into_iter()
            .filter_map(|name| entry(&self.folder.join(name)).ok())
            .collect();
        runs.sort_by(|one, other| (one.created, &one.run).cmp(&(other.created, &other.run)));
        Ok(runs)
    }

    /// The run that was begun last.
    ///
    /// # Errors
    /// When there is none.
    pub fn latest(&self) -> Result<RunEntry, JournalError> {
        let last = self.list()?.pop();
        last.ok_or_else(|| JournalError::NoRuns { folder: self.folder.clone() })
    }

    /// The run whose name is this, or the only one that begins with it.
    ///
    /// # Errors
    /// When there is none, or more than one, or its journal's header cannot be read.
    pub fn find(&self, prefix: &str) -> Result<RunEntry, JournalError> {
        let mut names = self.names()?;
        names.retain(|name| name.starts_with(prefix));
        names.sort();
        let exact = names.iter().position(|name| name == prefix);
        match (exact, names.as_slice()) {
            (Some(index), _) => entry(&self.folder.join(&names[index])),
            (None, []) => Err(JournalError::Unknown { prefix: prefix.to_owned() }),
            (None, [name]) => entry(&self.folder.join(name)),
            (None, _) => {
                Err(JournalError::Ambiguous { prefix: prefix.to_owned(), candidates: names })
            }
        }
    }

    fn names(&self) -> Result<Vec<String>, JournalError> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(JournalError::io("list", &self.folder))?,
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter(|name| self.folder.join(name).join(JOURNAL).is_file()).collect())
    }
}

fn entry(folder: &Path) -> Result<RunEntry, JournalError> {
    let journal = folder.join(JOURNAL);
    let header = first_line(&journal)?;
    Ok(RunEntry {
        run: header.run.clone(),
        folder: folder.to_owned(),
        journal,
        created: header.created,
        header,
    })
}

fn first_line(journal: &Path) -> Result<Header, JournalError> {
    let file = File::open(journal).map_err(JournalError::io("open", journal))?;
    let mut line = String::new();
    BufReader::new(file).read_line(&mut line).map_err(JournalError::io("read", journal))?;
    if !line.ends_with('\n') {
        return Err(JournalError::Headless { path: journal.to_owned() });
    }
    header(journal, line.trim_end_matches('\n'))
}
