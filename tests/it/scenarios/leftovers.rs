//! What is left of a rehearsal that is not let to its end.

use crate::support::{Rehearsal, installations};

#[test]
fn ctrl_c_while_writes_are_stopped_gives_them_back_and_leaves_nothing() {
    if installations().is_none() {
        return;
    }
    let mut rehearsal = Rehearsal::start(&[]);
    rehearsal.until("step-started", "fence-blue");
    rehearsal.interrupt();
    let (lines, exit) = rehearsal.end();
    let summary = lines.last().unwrap();
    assert_eq!(summary["verdict"], "undone", "{summary}");
    assert_eq!((&summary["lost"], &summary["duplicated"]), (&0.into(), &0.into()), "{summary}");
    assert_eq!(exit, Some(12), "{}", rehearsal.complaints());
    rehearsal.ground.assert_left();
}

#[test]
fn kill_9_leaves_nothing() {
    if installations().is_none() {
        return;
    }
    let mut rehearsal = Rehearsal::start(&[]);
    rehearsal.until("step-started", "initial-restore");
    let servers = rehearsal.ground.processes();
    assert!(servers.iter().any(|server| server.contains("(postgres)")), "{servers:?}");
    rehearsal.kill();
    rehearsal.end();
    rehearsal.ground.assert_left();
}

#[test]
fn keep_keeps_the_data_and_no_process() {
    if installations().is_none() {
        return;
    }
    let mut rehearsal = Rehearsal::start(&["--keep"]);
    rehearsal.until("step-finished", "apply-green");
    rehearsal.interrupt();
    rehearsal.end();
    assert_eq!(rehearsal.ground.processes(), Vec::<String>::new());
    let lab = rehearsal.ground.lab().unwrap();
    assert_eq!(data_folders(&lab), 2, "{}", lab.display());
}

/// How many data directories lie below a folder.
fn data_folders(folder: &std::path::Path) -> usize {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    if files.iter().any(|file| file.ends_with("PG_VERSION")) {
        return 1;
    }
    folders.iter().map(|folder| data_folders(folder)).sum()
}
