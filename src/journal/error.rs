use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Digest, Illegal};

use super::header::Format;

/// What can be wrong with a journal, or with the folder of runs.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refused.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The disk, the quota or the file's size limit is used up.
    #[error(
        "no space is left for the journal `{}`\nwhat could not be recorded was not done: make room, then `pgcutover resume`",
        path.display()
    )]
    Full {
        /// The journal.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An earlier write failed; what is on the disk is not known to follow what would be written.
    #[error("the journal `{}` takes no more events since a write to it failed", path.display())]
    Closed {
        /// The journal.
        path: PathBuf,
    },
    /// Another console writes it.
    #[error(
        "the journal `{}` is being written by another console\nwatch it with `pgcutover monitor`, or end that console first",
        path.display()
    )]
    Locked {
        /// The journal.
        path: PathBuf,
    },
    /// It ends before its first line does.
    #[error(
        "the journal `{}` has no header: the run ended before it began\nnothing was done, and there is nothing to resume: begin a new run",
        path.display()
    )]
    Headless {
        /// The journal.
        path: PathBuf,
    },
    /// Its first line is not a header.
    #[error("`{}` is not a journal: {why}", path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
        /// What is wrong with the first line.
        why: String,
    },
    /// Its format is newer than what this tool knows.
    #[error(
        "the journal `{}` has format {format}, this tool knows up to {known}\nread it with {tool}, which wrote it, or a newer one",
        path.display()
    )]
    Newer {
        /// The journal.
        path: PathBuf,
        /// Its format.
        format: Format,
        /// The newest that is known.
        known: Format,
        /// Who wrote it.
        tool: String,
    },
    /// A line is broken, changed or missing.
    #[error(
        "line {line} of the journal `{}` {why}\nwhat happened from there on is not known from it: put the file back from a copy, or look at the cluster and finish by hand",
        path.display()
    )]
    Broken {
        /// The journal.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// An event cannot follow the ones before it.
    #[error("line {line} of the journal `{}` tells what cannot have happened", path.display())]
    Illegal {
        /// The journal.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What stands against it.
        source: Illegal,
    },
    /// It is the journal of another plan.
    #[error(
        "the journal `{}` belongs to plan {}, not to {}\nresume it without naming a profile: it holds its own plan",
        path.display(), found.short(), wanted.short()
    )]
    OtherPlan {
        /// The journal.
        path: PathBuf,
        /// Its plan.
        found: Digest,
        /// The plan that was expected.
        wanted: Digest,
    },
    /// There is no run.
    #[error("no run is recorded in `{}`", folder.display())]
    NoRuns {
        /// The folder of runs.
        folder: PathBuf,
    },
    /// No run has that name.
    #[error("no run begins with `{prefix}`\n`pgcutover runs` lists them")]
    Unknown {
        /// What was asked for.
        prefix: String,
    },
    /// More than one run has that name.
    #[error("more than one run begins with `{prefix}`: {}", candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// The runs.
        candidates: Vec<String>,
    },
}

impl JournalError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    pub(super) fn writing(path: &Path, source: io::Error) -> Self {
        use io::ErrorKind as K;
        let path = path.to_owned();
        match source.kind() {
            K::StorageFull | K::QuotaExceeded | K::FileTooLarge => Self::Full { path, source },
            _ => Self::Io { doing: "write", path, source },
        }
    }

    pub(super) fn broken(path: &Path, line: usize, why: impl Into<String>) -> Self {
        Self::Broken { path: path.to_owned(), line, why: why.into() }
    }
}
