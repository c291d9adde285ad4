//! What steps took last time, where they are about to be taken again.

use std::time::Duration;

use ratatui::crossterm::event::KeyCode;

use super::{asked, press, screen, state, typed};
use crate::model::Confirm;
use crate::session::SessionMode;
use crate::tui::last::LastTimes;
use crate::tui::state::UiState;

fn ui() -> UiState {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    let took = [("prepare", 900), ("stop", 3_240), ("switch", 72_000)];
    let took = took.map(|(step, millis)| (step.into(), Duration::from_millis(millis)));
    ui.last = Some(LastTimes { run: "orders-0".into(), rehearsed: true, took: took.into() });
    ui
}

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ snapshot_path => "../../../../tests/fixtures/screens", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn steps_and_dialogs_tell_how_long_it_took_last_time() {
    let mut ui = ui();
    press(&mut ui, &typed("n"));
    snapshot!("last-confirm-80x24", screen(&mut ui, 80, 24));
    press(&mut ui, &[KeyCode::Esc]);
    press(&mut ui, &typed("6"));
    snapshot!("last-steps-80x24", screen(&mut ui, 80, 24));
}

#[test]
fn a_rehearsals_time_is_told_as_such_where_it_is_for_real() {
    let mut ui = ui();
    assert_eq!(ui.last_time(&"switch".into()).as_deref(), Some("last 1m12s"));
    ui.mode = SessionMode::Run;
    assert_eq!(ui.last_time(&"stop".into()).as_deref(), Some("rehearsed 3.2s"));
    assert_eq!(ui.last_time(&"unheard-of".into()), None);
}
