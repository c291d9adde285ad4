//! The processes that a lab has started, in a file of its folder: who cleans up after a lab that was killed reads it.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::{ProcessError, table};

const FILE: &str = "processes";

/// One started process: the leader of a session and of a process group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) leader: Pid,
    /// As in [`table::Entry::started`]; 0 where it is not known.
    pub(super) started: u64,
    /// The signal that ends it at once and yet cleanly.
    pub(super) signal: Signal,
}

/// Appends to the file; each line is written at once.
#[derive(Debug)]
pub(super) struct Ledger {
    file: File,
}

impl Ledger {
    pub(super) fn open(folder: &Path) -> Result<Self, ProcessError> {
        let path = folder.join(FILE);
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(ProcessError::file("write", &path))?;
        Ok(Self { file })
    }

    /// A line that cannot be written loses nothing but the gentler signal: the sweep finds the process by its environment.
    pub(super) fn note(&mut self, leader: Pid, signal: Signal) {
        let started = table::started(leader).unwrap_or(0);
        let line = format!("{leader} {started} {}\n", signal as i32);
        let _ = self.file.write_all(line.as_bytes());
    }
}

/// What is written; a torn last line is passed over.
pub(super) fn read(folder: &Path) -> Vec<Line> {
    let text = fs::read_to_string(folder.join(FILE)).unwrap_or_default();
    text.split_inclusive('\n').filter(|line| line.ends_with('\n')).filter_map(parse).collect()
}

fn parse(line: &str) -> Option<Line> {
    let mut words = line.split_whitespace();
    let leader = Pid::from_raw(words.next()?.parse().ok().filter(|pid| *pid > 1)?);
    let started = words.next()?.parse().ok()?;
    let signal = Signal::try_from(words.next()?.parse::<i32>().ok()?).ok()?;
    Some(Line { leader, started, signal })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_but_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        ledger.note(Pid::from_raw(999_999_999), Signal::SIGQUIT);
        ledger.file.write_all(b"12 3").unwrap();
        let line = Line { leader: Pid::from_raw(999_999_999), started: 0, signal: Signal::SIGQUIT };
        assert_eq!(read(folder.path()), [line]);
    }

    #[test]
    fn a_line_that_names_everybody_is_refused() {
        assert_eq!(parse("0 5 9"), None);
        assert_eq!(parse("-1 5 9"), None);
        assert_eq!(parse("1 5 9"), None);
    }
}
