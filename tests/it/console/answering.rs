//! A whole rehearsal by keys: what confirms, what never does, and what is told at its end.

use super::stage::Stage;

const PASTED: (&str, &str) = ("\u{1b}[200~", "\u{1b}[201~");

#[test]
fn a_cutover_is_confirmed_by_hand_alone_and_its_end_tells_what_became_of_it() {
    let Some(mut stage) = Stage::start() else { return };
    whoever_only_looks_changes_nothing(&mut stage);
    stage.begins();
    stage.asks("stop-writers");
    typed_ahead_is_not_an_answer(&mut stage);
    stage.types("yes");
    stage.answers("fence-blue", "yes");
    stage.asks("switch");
    a_pasted_name_is_refused(&mut stage);
    a_wrong_name_is_refused(&mut stage);
    stage.types("chronicle-db");
    stage.answers("open-green", "chronicle-db-v17-vector");
    stage.answers("decommission", "chronicle-db-v17");
    stage.pty.wait_for("DONE");
    stage.pty.press("q");
    assert_eq!(stage.ends(), 0);
    let told = stage.pty.screen();
    for text in [
        "done: green serves\n  served          green, read ",
        "answered the audit",
        " acknowledged, 0 lost, 0 duplicated",
        "  clients         blocked for ",
        "  writes stopped  for ",
        "journal.jsonl",
        "  report          pgcutover report chronicle-",
        "  replay          pgcutover replay chronicle-",
    ] {
        assert!(told.contains(text), "`{text}` is not told at the end:\n{told}");
    }
    assert!(!told.contains("resume"), "{told}");
}

/// The first step that changes something waits, through every page and through typed-ahead keys.
fn whoever_only_looks_changes_nothing(stage: &mut Stage) {
    stage.asks("apply-green");
    for (number, page) in [("6", "[6 Steps]"), ("7", "[7 Log]"), ("1", "[1 Overview]")] {
        stage.pty.press(number);
        stage.pty.wait_for(page);
    }
    stage.pty.press("ny\r");
    stage.pty.wait_for("[ Begin ]");
    stage.pty.press("\u{1b}");
    stage.pty.wait_until_gone("[ Begin ]");
    assert_eq!(stage.count("confirmed", "apply-green"), 0);
}

/// All of it comes in one piece, before the dialog is drawn.
fn typed_ahead_is_not_an_answer(stage: &mut Stage) {
    stage.pty.press("nyes\r");
    stage.pty.wait_for("Type  yes");
    stage.pty.press("\u{15}");
    stage.pty.wait_for("> _");
    assert_eq!(stage.count("confirmed", "stop-writers"), 0);
}

fn a_pasted_name_is_refused(stage: &mut Stage) {
    let (begins, ends) = PASTED;
    stage.pty.press("n");
    stage.pty.wait_for("Type  chronicle-db");
    stage.pty.press(&format!("{begins}chronicle-db{ends}"));
    stage.pty.wait_for("pasted text is not taken: type it");
    stage.pty.press_alone("\r");
    stage.pty.wait_for("not sent: the text differs from `chronicle-db`");
    // a terminal without bracketed paste sends it as if it were typed
    stage.pty.press("chronicle-db\r");
    stage.pty.wait_for("typed too fast to be a person: type it again");
    // the end of it alone is no better, when a frame falls before it
    stage.pty.types("chronicle-d");
    stage.pty.press_alone("b\r");
    stage.pty.wait_for("typed too fast to be a person: type it again");
    stage.pty.wait_for("> _");
    assert_eq!(stage.count("confirmed", "switch"), 0);
}

fn a_wrong_name_is_refused(stage: &mut Stage) {
    stage.pty.types("b");
    stage.pty.wait_for("the text differs");
    stage.pty.press_alone("\r");
    stage.pty.wait_for("not sent: the text differs from `chronicle-db`");
    stage.pty.press("\u{7f}");
    stage.pty.wait_for("> _");
    assert_eq!(stage.count("confirmed", "switch"), 0);
}
