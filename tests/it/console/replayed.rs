//! A recorded run: nothing but the screen is at stake.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::journal::whole;
use crate::support::Pty;

pub(super) fn replay(env: &[(&str, &str)], args: &[&str], size: (u16, u16)) -> (Pty, TempDir) {
    let (folder, path, _) = whole();
    let path: PathBuf = path;
    let all: Vec<&str> =
        ["replay", path.to_str().unwrap(), "--speed", "0"].iter().chain(args).copied().collect();
    (Pty::start(&all, folder.path(), env, size), folder)
}

#[test]
fn it_shows_a_recorded_run_and_leaves_the_terminal_as_it_was() {
    let (mut pty, _folder) = replay(&[], &[], (120, 36));
    pty.wait_for("[R replay]");
    pty.wait_for("DONE");
    pty.press("?");
    pty.wait_for("show the keys of this page");
    pty.press("/");
    pty.wait_for("search: _");
    pty.press("\u{1b}");
    pty.wait_until_gone("search:");
    pty.press("\u{1b}");
    pty.wait_until_gone("show the keys");
    pty.resize((80, 24));
    pty.wait_for("Steps");
    pty.resize((40, 8));
    pty.wait_for("too small (40x8");
    pty.resize((200, 50));
    pty.wait_for("Evidence");
    pty.press("q");
    assert_eq!(pty.ends(), 0);
    pty.assert_given_back();
}

#[test]
fn a_key_that_follows_a_new_size_is_not_lost() {
    let (mut pty, _folder) = replay(&[], &[], (120, 36));
    pty.wait_for("DONE");
    for columns in 100..120 {
        pty.resize((columns, 36));
        pty.press("?");
        pty.wait_for("show the keys of this page");
        pty.resize((columns, 40));
        pty.press("q");
        pty.wait_until_gone("show the keys of this page");
    }
    pty.press("q");
    assert_eq!(pty.ends(), 0);
}

#[test]
fn nothing_can_be_done_in_a_replay_and_it_says_why() {
    let (mut pty, _folder) = replay(&[], &["--ascii"], (120, 36));
    pty.wait_for("n next (disabled: read-only)");
    pty.press("nA");
    pty.wait_for("! read-only");
    pty.press("q");
    assert_eq!(pty.ends(), 0);
}

#[test]
fn a_signal_leaves_the_terminal_as_it_was() {
    let (mut pty, _folder) = replay(&[], &[], (80, 24));
    pty.wait_for("DONE");
    pty.signal(Signal::SIGTERM);
    pty.ends();
    pty.assert_given_back();
}

#[test]
fn a_terminal_that_hangs_up_ends_the_console() {
    let (folder, path, _) = whole();
    let args = ["replay", path.to_str().unwrap(), "--speed", "0"];
    let mut child = Pty::start_and_hang_up(&args, folder.path(), "DONE");
    let until = Instant::now() + Duration::from_secs(20);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "it goes on without a terminal");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn without_colours_modifiers_are_whole_and_no_colour_is_sent() {
    let (mut pty, _folder) = replay(&[("NO_COLOR", "1")], &[], (120, 36));
    pty.wait_for("DONE");
    pty.press("?");
    pty.wait_for("show the keys of this page");
    pty.press("\u{1b}");
    pty.wait_until_gone("show the keys");
    pty.press("q");
    pty.ends();
    let bytes = String::from_utf8_lossy(&pty.bytes()).into_owned();
    assert!(!bytes.contains("\u{1b}[;m"), "an empty colour cancels the modifier before it");
    assert!(bytes.contains("\u{1b}[7m"), "the chosen row is reversed");
    let colours: Vec<&str> =
        bytes.split("\u{1b}[").filter_map(style).filter(|style| coloured(style)).collect();
    assert_eq!(colours, Vec::<&str>::new());
}

/// The parameters of an SGR sequence, from what follows its introducer.
fn style(after: &str) -> Option<&str> {
    let end = after.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    after[end..].starts_with('m').then_some(&after[..end])
}

/// 39 and 49 are the terminal's own colours.
fn coloured(style: &str) -> bool {
    style
        .split(';')
        .filter_map(|number| number.parse::<u8>().ok())
        .any(|number| matches!(number, 30..=38 | 40..=48 | 90..=107))
}
