//! What the first process of a container leaves behind when it ends: in a container it would have ended with it.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};

use super::table::{self, Entry};

const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);

/// Ends all processes that have `mark` (`NAME=value`) in their environment, and the backends without a server that still work in `data`.
/// Blocks until they are gone, since a new server refuses to start beside them.
pub(crate) fn end_stragglers(mark: &str, data: Option<&Path>) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = left(mark, data);
        if left.is_empty() || Instant::now() >= deadline {
            return;
        }
        for entry in left {
            let _ = kill(entry.pid, Signal::SIGKILL);
        }
        thread::sleep(PAUSE);
    }
}

fn left(mark: &str, data: Option<&Path>) -> Vec<Entry> {
    let all = table::all();
    let working = |entry: &Entry| data.is_some_and(|data| entry.is_postgres_in(data));
    // The child of a server has a PostgreSQL process for a parent, and a server has the lab's mark.
    let orphan = |entry: &Entry| {
        working(entry)
            && !entry.environment_names(super::MARK)
            && !all.iter().any(|one| one.pid == entry.parent && working(one))
    };
    all.iter().filter(|entry| entry.environment_holds(mark) || orphan(entry)).cloned().collect()
}
