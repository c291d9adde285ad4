//! The journal on a real disk: torn, cut, changed, newer, another's, locked, full.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use pgcutover::journal::{
    Append as _, Header, JournalError, RunMode, Runs, Target, Writer, is_driven, read, run_id,
};
use pgcutover::model::{Digest, Event, EventKind, Seq};
use tempfile::TempDir;

use crate::engine::{Trial, World, cutover};

fn header(run: &str) -> Header {
    let target = Target { namespace: "shop".into(), ..Target::default() };
    let created = "2026-11-21T03:15:00Z".parse().unwrap();
    Header::new(&cutover(), run.into(), created, target, "alice", RunMode::Rehearsal)
}

fn events() -> Vec<Event> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let trial = Trial::new(&Arc::new(cutover()), &World::default());
    runtime.block_on(trial.end()).journal(&[])
}

/// A journal of a whole run.
pub(crate) fn whole() -> (TempDir, PathBuf, Vec<Event>) {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&folder.path().join("run"), &header("r1")).unwrap();
    let events = events();
    for event in &events {
        writer.keep(event).unwrap();
    }
    let path = writer.path().to_owned();
    (folder, path, events)
}

fn rewrite(path: &Path, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    fs::write(path, change(fs::read(path).unwrap())).unwrap();
}

fn rewrite_lines(path: &Path, change: impl FnOnce(&mut Vec<String>)) {
    rewrite(path, |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        let mut lines = text.lines().map(str::to_owned).collect();
        change(&mut lines);
        (lines.join("\n") + "\n").into_bytes()
    });
}

fn broken_line(path: &Path) -> (usize, String) {
    match read(path) {
        Err(JournalError::Broken { line, why, .. }) => (line, why),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_kept_is_read_again() {
    let (_folder, path, events) = whole();
    let recording = read(&path).unwrap();
    assert_eq!(recording.events, events);
    assert_eq!((recording.torn, &recording.header), (0, &header("r1")));
    assert_eq!(recording.header.runbook.digest(), recording.header.plan);
    assert_eq!(recording.fold().unwrap().seq, events.last().unwrap().seq);
}

#[test]
fn only_its_owner_can_read_it() {
    let (_folder, path, _) = whole();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn a_torn_last_line_is_left_out_and_cut_off() {
    let (_folder, path, events) = whole();
    let bytes = fs::read(&path).unwrap();
    let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in last + 1..bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        let recording = read(&path).unwrap();
        assert_eq!(recording.events, events[..events.len() - 1]);
        assert_eq!(recording.torn, cut - last);
    }
    let (mut writer, recording) = Writer::resume(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), last as u64);
    writer.keep(events.last().unwrap()).unwrap();
    assert!(recording.torn > 0);
    assert_eq!(read(&path).unwrap().events, events);
}

#[test]
fn a_journal_without_a_whole_header_says_so() {
    let (_folder, path, _) = whole();
    let line = fs::read(&path).unwrap().iter().position(|byte| *byte == b'\n').unwrap();
    for cut in [0, 1, line / 2, line] {
        rewrite(&path, |mut bytes| {
            bytes.truncate(cut);
            bytes
        });
        assert!(matches!(read(&path), Err(JournalError::Headless { .. })));
    }
}

#[test]
fn a_line_that_was_cut_changed_lost_or_swapped_is_named() {
    let (_folder, path, _) = whole();
    let good = fs::read(&path).unwrap();
    let restore = || fs::write(&path, &good).unwrap();

    rewrite_lines(&path, |lines| {
        let half = lines[5].len() / 2;
        lines[5].truncate(half);
    });
    assert_eq!(broken_line(&path).0, 6);
    assert!(broken_line(&path).1.starts_with("cannot be read"));

    restore();
    rewrite_lines(&path, |lines| lines[5] = lines[5].replace("2026", "2027"));
    assert_eq!(broken_line(&path).0, 7);

    restore();
    rewrite_lines(&path, |lines| drop(lines.remove(5)));
    assert_eq!(broken_line(&path).0, 6);

    restore();
    rewrite_lines(&path, |lines| lines.swap(5, 6));
    assert_eq!(broken_line(&path).0, 6);

    restore();
    rewrite_lines(&path, |lines| lines[0] = lines[0].replace("shop", "shed"));
    let (line, why) = broken_line(&path);
    assert_eq!((line, why.as_str()), (1, "was changed: its plan has another hash"));

    restore();
    rewrite_lines(&path, |lines| lines[0] = lines[0].replace("alice", "mallory"));
    assert_eq!(broken_line(&path).0, 2);
}

#[test]
fn a_newer_major_format_is_refused_by_name_and_a_newer_minor_is_read() {
    let (_folder, path, _) = whole();
    let headed = |format: &str| {
        let line =
            format!(r#"{{"format":"{format}","tool":"pgcutover 9.1.0","shape":"unheard of"}}"#);
        rewrite_lines(&path, |lines| *lines = vec![line]);
        read(&path).unwrap_err()
    };
    let error = headed("2.0");
    assert_eq!(
        error.to_string(),
        format!(
            "the journal `{}` has format 2.0, this tool knows up to 1.0\nread it with pgcutover 9.1.0, which wrote it, or a newer one",
            path.display()
        )
    );
    assert!(
        matches!(headed("1.7"), JournalError::NotAJournal { .. }),
        "that header lacks the rest"
    );
    assert!(matches!(headed("one"), JournalError::NotAJournal { .. }));

    let (_folder, path, events) = whole();
    let first = |path: &Path| fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned();
    let newer = first(&path).replacen("\"1.0\"", "\"1.9\"", 1).replacen('{', "{\"more\":[1],", 1);
    fs::write(&path, newer + "\n").unwrap();
    let (mut writer, _) = Writer::resume(&path).unwrap();
    for event in &events {
        writer.keep(event).unwrap();
    }
    assert_eq!(read(&path).unwrap().events, events);
}

#[test]
fn what_is_no_journal_and_what_belongs_to_another_plan_are_told_apart() {
    let (_folder, path, _) = whole();
    let recording = read(&path).unwrap();
    recording.expect_plan(&cutover().digest()).unwrap();
    let other = recording.expect_plan(&Digest::from("0123456789abcdef"));
    assert!(matches!(other, Err(JournalError::OtherPlan { .. })));
    assert!(other.unwrap_err().to_string().contains("not to 0123456789ab"));
    for text in ["", "hello\n", "{}\n", "[1]\n", "\u{0}\n"] {
        fs::write(&path, text).unwrap();
        assert!(read(&path).is_err(), "{text:?}");
    }
    fs::write(&path, [0xff, 0xfe, b'\n']).unwrap();
    assert!(matches!(read(&path), Err(JournalError::Broken { line: 1, .. })));
}

#[test]
fn a_line_that_cannot_have_happened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&folder.path().join("run"), &header("r1")).unwrap();
    let events = events();
    let skipped = |event: &Event| event.kind.name() == "step-started";
    let mut seq = 0;
    for event in events.iter().filter(|event| !skipped(event)) {
        seq += u64::from(event.kind.is_durable());
        writer.keep(&Event { seq: Seq(seq), ..event.clone() }).unwrap();
    }
    let error = read(writer.path()).unwrap().fold().unwrap_err();
    assert!(matches!(error, JournalError::Illegal { .. }), "{error}");
    assert!(error.to_string().contains("tells what cannot have happened"));
}

#[test]
fn two_consoles_cannot_write_one_journal() {
    let (_folder, path, _) = whole();
    assert!(!is_driven(&path));
    let (_writer, _) = Writer::resume(&path).unwrap();
    assert!(is_driven(&path));
    let second = Writer::resume(&path);
    assert!(matches!(second, Err(JournalError::Locked { .. })));
    assert!(second.unwrap_err().to_string().contains("by another console"));
    assert!(read(&path).is_ok(), "a reader needs no lock");
    let other = Writer::create(path.parent().unwrap(), &header("r1"));
    assert!(matches!(other, Err(JournalError::Io { doing: "create", .. })));
}

#[test]
fn a_run_is_found_by_any_beginning_that_only_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let runs = Runs::at(folder.path().join("runs"));
    assert!(runs.list().unwrap().is_empty());
    assert!(matches!(runs.latest(), Err(JournalError::NoRuns { .. })));
    for (name, created) in [
        ("orders-20261121-031500-aaaa", "2026-11-21T03:15:00Z"),
        ("orders-20261121-031500-aabb", "2026-11-21T03:15:00Z"),
        ("billing-20261122-031500-cccc", "2026-11-22T03:15:00Z"),
    ] {
        let header = Header { created: created.parse().unwrap(), ..header(name) };
        runs.create(&header).unwrap();
    }
    fs::create_dir(runs.folder().join("stray")).unwrap();
    fs::create_dir(runs.folder().join("torn")).unwrap();
    fs::write(runs.folder().join("torn/journal.jsonl"), "{").unwrap();
    let name = |found: Result<pgcutover::journal::RunEntry, _>| found.map(|it| it.run.to_string());
    assert_eq!(name(runs.latest()).unwrap(), "billing-20261122-031500-cccc");
    assert_eq!(name(runs.find("b")).unwrap(), "billing-20261122-031500-cccc");
    assert_eq!(
        name(runs.find("orders-20261121-031500-aab")).unwrap(),
        "orders-20261121-031500-aabb"
    );
    assert!(matches!(runs.find("torn"), Err(JournalError::Headless { .. })));
    assert!(matches!(runs.find("x"), Err(JournalError::Unknown { .. })));
    let error = runs.find("orders").unwrap_err().to_string();
    assert_eq!(
        error,
        "more than one run begins with `orders`: orders-20261121-031500-aaaa, orders-20261121-031500-aabb"
    );
    assert_eq!(runs.list().unwrap().len(), 3);
}

#[test]
fn names_of_runs_are_not_the_same_twice() {
    let now = "2026-11-21T03:15:00Z".parse().unwrap();
    let one = run_id("chronicle", now).unwrap();
    assert!(one.as_str().starts_with("chronicle-20261121-031500-"));
    assert_ne!(one, run_id("chronicle", now).unwrap());
}

#[test]
fn a_full_disk_stops_the_writer_and_leaves_whole_lines() {
    const ROOM: &str = "PGCUTOVER_TEST_FULL_DISK";
    const NAME: &str = "journal::a_full_disk_stops_the_writer_and_leaves_whole_lines";
    if let Some(folder) = std::env::var_os(ROOM) {
        return fill(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    // A file that may not grow beyond so many blocks: what a full disk or a quota does, for this process alone.
    let limited = "trap '' XFSZ; ulimit -f 40; exec \"$@\"";
    let child = Command::new("sh")
        .args(["-c", limited, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args([NAME, "--exact", "--nocapture"])
        .env(ROOM, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{told}{}", String::from_utf8_lossy(&child.stderr));
    assert!(told.contains("1 passed"), "{told}");
    let recording = read(&folder.path().join("run/journal.jsonl")).unwrap();
    assert!(!recording.events.is_empty());
    assert_eq!(recording.torn, 0);
}

/// Writes until there is no room, in a process whose files may not grow.
fn fill(folder: &Path) {
    let mut writer = Writer::create(&folder.join("run"), &header("r1")).unwrap();
    let event = |seq| Event {
        seq: Seq(seq),
        at: "2026-11-21T03:15:00Z".parse().unwrap(),
        elapsed: Duration::ZERO,
        kind: EventKind::RunResumed { operator: "alice".repeat(50), attended: false },
    };
    let mut seq = 0;
    let error = loop {
        seq += 1;
        if let Err(error) = writer.keep(&event(seq)) {
            break error;
        }
    };
    assert!(matches!(error, JournalError::Full { .. }), "{error:?}");
    assert!(error.to_string().starts_with("no space is left for the journal"));
    assert!(matches!(writer.keep(&event(seq)), Err(JournalError::Closed { .. })));
    std::io::stdout().flush().unwrap();
}
