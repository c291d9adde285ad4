//! Ends everything that belongs to a lab folder, whoever started it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, getpid};

use super::{ledger, table};

/// In the environment of every child: the folder of the lab that it belongs to.
pub(crate) const MARK: &str = "PGCUTOVER_LAB";

const PATIENCE: Duration = Duration::from_secs(3);
const LAST_PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(10);

/// Ends the processes of the lab in `folder`: each with its own signal first, then without mercy.
/// Returns how many were still there at the end, which is 0 unless the system does not let us.
pub(super) fn sweep(folder: &Path) -> usize {
    let mut asked = BTreeSet::new();
    let gently = |pid: Pid, signal: Signal| {
        // A process that was just being forked shows up late.
        if asked.insert(pid) {
            let _ = kill(pid, signal);
        }
    };
    if end_all(folder, PATIENCE, gently) == 0 {
        return 0;
    }
    let firmly = |pid: Pid, _: Signal| {
        let _ = kill(pid, Signal::SIGKILL);
    };
    end_all(folder, LAST_PATIENCE, firmly)
}

fn end_all(folder: &Path, patience: Duration, mut end: impl FnMut(Pid, Signal)) -> usize {
    let deadline = Instant::now() + patience;
    loop {
        let left = remaining(folder);
        if left.is_empty() || Instant::now() >= deadline {
            return left.len();
        }
        for (pid, signal) in left {
            end(pid, signal);
        }
        thread::sleep(PAUSE);
    }
}

/// The processes that belong to the lab, each with the signal that it should be ended with.
///
/// They are known by their session or group (from the ledger), by their environment, or, being PostgreSQL, by their working folder.
fn remaining(folder: &Path) -> BTreeMap<Pid, Signal> {
    let lines = ledger::read(folder);
    let entries = table::all();
    if entries.is_empty() {
        return groups_that_live(&lines);
    }
    let mark = format!("{MARK}={}", folder.display());
    let reused = |line: &ledger::Line| {
        entries.iter().any(|entry| {
            entry.pid == line.leader && line.started != 0 && entry.started != line.started
        })
    };
    let lines: Vec<&ledger::Line> = lines.iter().filter(|line| !reused(line)).collect();
    let own = getpid();
    let mut found = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.pid != own) {
        let line =
            lines.iter().find(|line| entry.session == line.leader || entry.group == line.leader);
        if let Some(line) = line {
            found.insert(
                entry.pid,
                if entry.pid == line.leader { line.signal } else { Signal::SIGKILL },
            );
        } else if entry.is_postgres_in(folder) {
            found.insert(entry.pid, Signal::SIGQUIT);
        } else if entry.environment_holds(&mark) {
            found.insert(entry.pid, Signal::SIGKILL);
        }
    }
    found
}

/// Without a process table: the groups themselves, named by their negated id as kill(2) takes them.
fn groups_that_live(lines: &[ledger::Line]) -> BTreeMap<Pid, Signal> {
    let alive = lines.iter().filter(|line| killpg(line.leader, None) != Err(Errno::ESRCH));
    alive.map(|line| (Pid::from_raw(-line.leader.as_raw()), line.signal)).collect()
}
