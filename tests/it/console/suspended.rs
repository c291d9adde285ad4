//! ctrl-z: the terminal is given back to the shell and taken again, and nothing is left standing still that must not.

use nix::sys::signal::Signal;

use super::stage::Stage;
use crate::journal::whole;
use crate::support::{Pty, skip};

const CTRL_Z: &str = "\u{1a}";

/// Only a shell with job control stops and continues what it started.
const SHELL: &str =
    "set -m; \"$0\" \"$@\"; echo \"stopped: $?\"; read _; fg >/dev/null; echo \"ended: $?\"";

#[test]
fn a_suspended_console_gives_the_terminal_back_and_takes_it_again() {
    if !std::path::Path::new("/bin/bash").exists() {
        return skip("bash is not installed");
    }
    let (folder, journal, _) = whole();
    let args = ["replay", journal.to_str().unwrap(), "--speed", "0"];
    let mut pty = Pty::start_in(&["/bin/bash", "-c", SHELL], &args, folder.path());
    pty.wait_for("DONE");
    pty.press(CTRL_Z);
    pty.wait_for("stopped: 148");
    pty.assert_given_back();
    pty.press("\r");
    pty.wait_for("DONE");
    pty.press("q");
    pty.wait_for("ended: 0");
    pty.ends();
    pty.assert_given_back();
}

#[test]
fn a_rehearsal_is_not_suspended_since_its_world_would_stand_still() {
    let Some(mut stage) = Stage::start() else { return };
    stage.pty.wait_for("Steps");
    stage.pty.press(CTRL_Z);
    stage.pty.wait_for("the rehearsal's world would stand still with it");
    stage.begins();
    stage.until("step-started", "apply-green");
    stage.pty.signal(Signal::SIGTERM);
    stage.ends();
}
