//! The recording of the screen, read back as a player reads it.

use std::num::NonZeroU16;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::journal::whole;
use crate::support::Pty;

/// A recorded run is shown and recorded again: at 80 columns, then at 120, then with the help.
fn recorded(flag: &str) -> (Pty, TempDir, PathBuf) {
    let (folder, journal, _) = whole();
    let journal: PathBuf = journal;
    let path = journal.to_str().unwrap();
    let args = ["replay", path, "--speed", "0", flag];
    let mut pty = Pty::start(&args, folder.path(), &[], (80, 24));
    pty.wait_for("DONE");
    pty.resize((120, 36));
    pty.wait_for("Evidence");
    pty.press("?");
    pty.wait_for("to the first row");
    (pty, folder, journal)
}

fn lines(cast: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(cast).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Plays a cast to its end.
fn played(cast: &Path) -> vt100::Parser {
    let lines = lines(cast);
    let cells = |value: &Value| NonZeroU16::new(u16::try_from(value.as_u64().unwrap()).unwrap());
    let term = &lines[0]["term"];
    let [columns, rows] = [&term["cols"], &term["rows"]].map(|value| cells(value).unwrap());
    let mut player = vt100::Parser::new(rows, columns, 0);
    for line in &lines[1..] {
        assert!(line[0].as_f64().unwrap() >= 0.0);
        let data = line[2].as_str().unwrap();
        match line[1].as_str().unwrap() {
            "o" => player.process(data.as_bytes()),
            "r" => {
                let (columns, rows) = data.split_once('x').unwrap();
                player.screen_mut().set_size(rows.parse().unwrap(), columns.parse().unwrap());
            }
            code => assert_eq!(code, "m"),
        }
    }
    player
}

#[test]
fn a_cast_ends_in_the_screen_that_the_terminal_showed() {
    let (mut pty, _folder, journal) = recorded("--cast");
    pty.press("\u{1b}");
    pty.wait_until_gone("to the first row");
    pty.press(" ");
    pty.wait_for("paused");
    pty.press("\u{1b}[D");
    pty.wait_until_gone("DONE");
    pty.press("q");
    assert_eq!(pty.ends(), 0);
    let cast = journal.with_file_name("screen.cast");
    assert!(pty.screen().contains("the screen is recorded in"), "{}", pty.screen());
    let player = played(&cast);
    let shown = pty.last_frame();
    assert_eq!(player.screen().contents(), shown.screen().contents());
    assert_eq!(player.screen().contents_formatted(), shown.screen().contents_formatted());
    let lines = lines(&cast);
    assert_eq!(lines[0]["version"], 3);
    assert_eq!(lines[0]["term"]["type"], "xterm-256color");
    let of = |code: &str| lines.iter().filter(|line| line[1] == code).collect::<Vec<_>>();
    assert!(of("r").iter().any(|line| line[2] == "120x36"));
    assert!(of("m").iter().any(|line| line[2].as_str().unwrap().contains("done")));
}

#[test]
fn a_console_that_is_killed_leaves_a_cast_that_can_be_played() {
    let (mut pty, folder, _) = recorded("--cast=killed.cast");
    pty.signal(Signal::SIGKILL);
    pty.ends();
    let player = played(&folder.path().join("killed.cast"));
    assert!(player.screen().contents().contains("Steps"));
}

#[test]
fn a_cast_is_never_written_over() {
    let (folder, journal, _) = whole();
    std::fs::write(folder.path().join("old.cast"), "precious").unwrap();
    let args = ["replay", journal.to_str().unwrap(), "--cast=old.cast"];
    let mut pty = Pty::start(&args, folder.path(), &[], (80, 24));
    pty.wait_for("the screen cannot be recorded in `old.cast`");
    assert_eq!(pty.ends(), 2);
    assert_eq!(std::fs::read_to_string(folder.path().join("old.cast")).unwrap(), "precious");
}
