//! The process table, as `/proc` shows it. Where there is no `/proc` it is empty, and process groups are all that can be ended.

use std::fs;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

/// One line of the process table.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) pid: Pid,
    pub(crate) parent: Pid,
    pub(crate) group: Pid,
    pub(crate) session: Pid,
    /// In clock ticks since the system started; with the pid it names a process for good.
    pub(crate) started: u64,
    zombie: bool,
}

/// Every process that has not ended.
pub(crate) fn all() -> Vec<Entry> {
    pids().filter_map(one).filter(|entry| !entry.zombie).collect()
}

/// The ids of all processes, zombies too.
pub(crate) fn pids() -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).map(Pid::from_raw)
}

/// The process with this id, a zombie too.
pub(crate) fn one(pid: Pid) -> Option<Entry> {
    parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// When the process started, or `None` when there is none with this id.
pub(crate) fn started(pid: Pid) -> Option<u64> {
    one(pid).filter(|entry| !entry.zombie).map(|entry| entry.started)
}

/// `proc_pid_stat(5)`; the command is in parentheses and may hold anything, so the fields are counted from the last one.
fn parse(pid: Pid, stat: &str) -> Option<Entry> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse().ok().map(Pid::from_raw);
    Some(Entry {
        pid,
        parent: number(1)?,
        group: number(2)?,
        session: number(3)?,
        started: fields.get(19)?.parse().ok()?,
        zombie: matches!(*fields.first()?, "Z" | "X"),
    })
}

impl Entry {
    /// Whether the environment that the process was started with holds this `NAME=value`.
    pub(crate) fn environment_holds(&self, setting: &str) -> bool {
        let Ok(bytes) = fs::read(format!("/proc/{}/environ", self.pid)) else { return false };
        bytes.split(|byte| *byte == 0).any(|one| one == setting.as_bytes())
    }

    /// The value of a variable in that environment.
    pub(crate) fn environment_value(&self, name: &str) -> Option<String> {
        let bytes = fs::read(format!("/proc/{}/environ", self.pid)).ok()?;
        let value =
            |one: &[u8]| one.strip_prefix(name.as_bytes())?.strip_prefix(b"=").map(<[u8]>::to_vec);
        let found = bytes.split(|byte| *byte == 0).find_map(value)?;
        String::from_utf8(found).ok()
    }

    /// Whether that environment has a variable of this name.
    pub(crate) fn environment_names(&self, name: &str) -> bool {
        self.environment_value(name).is_some()
    }

    /// The working folder, where it may be seen.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        fs::read_link(format!("/proc/{}/cwd", self.pid)).ok()
    }

    /// Whether the program that runs has this file name.
    pub(crate) fn runs(&self, name: &str) -> bool {
        let program = fs::read_link(format!("/proc/{}/exe", self.pid)).unwrap_or_default();
        // The kernel appends " (deleted)" when the binary was replaced or removed.
        program
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|file| file.trim_end_matches(" (deleted)") == name)
    }

    /// Whether this is a PostgreSQL process that works inside `folder`: a backend hides its environment, but stays in its data directory.
    pub(crate) fn is_postgres_in(&self, folder: &Path) -> bool {
        self.folder().is_some_and(|cwd| cwd.starts_with(folder)) && self.runs("postgres")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_spaces_and_parentheses_is_parsed() {
        let stat = "77 (a) (b c) S 1 70 60 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 0 0";
        let entry = parse(Pid::from_raw(77), stat).unwrap();
        assert_eq!(
            (entry.parent.as_raw(), entry.group.as_raw(), entry.session.as_raw(), entry.started),
            (1, 70, 60, 12345)
        );
    }
}
