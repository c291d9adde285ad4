//! Processes and their children, as the system tells of them.

use std::fs;

/// A process and all that it has started.
pub(crate) fn family(first: i32) -> Vec<i32> {
    let processes: Vec<(i32, i32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
            Some((pid, parent(pid)?))
        })
        .collect();
    let (mut all, mut known) = (vec![first], 0);
    while known < all.len() {
        let parent = all[known];
        all.extend(processes.iter().filter(|one| one.1 == parent).map(|one| one.0));
        known += 1;
    }
    all
}

/// Who started a process.
pub(crate) fn parent(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
}
