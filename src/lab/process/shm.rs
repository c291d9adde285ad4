//! The System V shared memory of servers that were killed: a few bytes each, but nobody else removes them.
//!
//! `postmaster.pid` names the segment: <https://www.postgresql.org/docs/current/storage-file-layout.html>

use std::fs;
use std::path::Path;

/// How deep below the lab's folder a data directory may lie.
const DEPTH: u32 = 7;

/// Removes the segments of all data directories below `folder`. No server may run in them any more.
pub(super) fn remove_segments(folder: &Path) {
    visit(folder, DEPTH);
}

fn visit(folder: &Path, depth: u32) {
    if let Some(id) = segment(&folder.join("postmaster.pid")) {
        // SAFETY: shmctl with IPC_RMID takes no pointer; a segment that is not ours or not there is refused.
        unsafe {
            nix::libc::shmctl(id, nix::libc::IPC_RMID, std::ptr::null_mut());
        }
    }
    // Nothing in a data directory is another one.
    if depth == 0 || folder.join("PG_VERSION").exists() {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            visit(&entry.path(), depth - 1);
        }
    }
}

/// The seventh line: key and id.
fn segment(pid_file: &Path) -> Option<i32> {
    let text = fs::read_to_string(pid_file).ok()?;
    text.lines().nth(6)?.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_segment_is_read_from_the_servers_own_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("postmaster.pid");
        fs::write(
            &file,
            "77\n/data\n1700000000\n5432\n/run\n127.9.1.2\n  5432001    98304\nready   \n",
        )
        .unwrap();
        assert_eq!(segment(&file), Some(98304));
        fs::write(&file, "77\n/data\n").unwrap();
        assert_eq!(segment(&file), None);
    }
}
