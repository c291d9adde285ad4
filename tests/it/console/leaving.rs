//! Every way out of a console that drives a run: by keys, by a panic, by signals. The terminal is given back in each.

use nix::sys::signal::Signal;

use super::stage::Stage;

const CTRL_C: &str = "\u{3}";
/// The step that is left: it changes something, and takes a while.
const STEP: &str = "initial-backup";

fn in_a_running_step() -> Option<Stage> {
    let mut stage = Stage::start()?;
    stage.begins();
    stage.until("step-started", STEP);
    Some(stage)
}

#[track_caller]
fn tells(stage: &Stage, texts: &[&str]) {
    let told = stage.pty.screen();
    for text in texts {
        assert!(told.contains(text), "`{text}` is not told at the end:\n{told}");
    }
    assert!(!told.contains("pgcutover resume"), "a rehearsal cannot be resumed:\n{told}");
}

#[test]
fn ctrl_c_in_a_running_step_asks_and_who_stays_or_detaches_is_heard() {
    let Some(mut stage) = in_a_running_step() else { return };
    stage.pty.press(CTRL_C);
    stage.pty.wait_for("[ Stay ]  [ Detach ]  [ Abort ]");
    stage.pty.press_button(0);
    stage.pty.wait_until_gone("[ Detach ]");
    stage.until("step-finished", STEP);
    stage.pty.press(CTRL_C);
    stage.pty.press(CTRL_C);
    assert_eq!(stage.ends(), 13);
    tells(
        &stage,
        &[
            "stopped: the operator left\n  served          blue, read ",
            " acknowledged, 0 lost, 0 duplicated",
            "  writes stopped  never\n",
            "journal.jsonl",
            "  go on           not possible: the world of a rehearsal ends with it",
        ],
    );
}

#[test]
fn ctrl_c_in_a_running_step_leads_to_an_abort_that_undoes_it() {
    let Some(mut stage) = in_a_running_step() else { return };
    stage.pty.press(CTRL_C);
    stage.pty.wait_for("[ Abort ]");
    stage.pty.press_button(2);
    stage.pty.wait_for("Type  yes");
    stage.types("yes");
    stage.pty.wait_for("UNDONE");
    stage.pty.press("q");
    assert_eq!(stage.ends(), 12);
    tells(&stage, &["undone: blue serves; ", " acknowledged, 0 lost, 0 duplicated"]);
}

#[test]
#[cfg(debug_assertions)]
fn a_panic_gives_the_terminal_back_and_tells_where_the_journal_is() {
    let Some(mut stage) = in_a_running_step() else { return };
    stage.pty.press(":panic");
    stage.pty.wait_for(":panic");
    stage.pty.press("\r");
    assert_eq!(stage.ends(), 101);
    let report = "  report          pgcutover report chronicle-";
    tells(&stage, &["somebody asked for it", "journal.jsonl", "  go on           not", report]);
}

#[test]
fn a_terminal_that_is_closed_stops_the_run_and_leaves_the_terminal_as_it_was() {
    let Some(mut stage) = in_a_running_step() else { return };
    stage.pty.signal(Signal::SIGHUP);
    assert_eq!(stage.ends(), 13);
    tells(&stage, &["stopped: signal 1\n", "  writes stopped  never\n"]);
}
