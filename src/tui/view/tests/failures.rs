//! What is offered after a failure, and what is told of it.

use ratatui::crossterm::event::KeyCode;

use super::{press, screen, second, state, typed};
use crate::model::{Command, EventKind, Failure, FailureKind};
use crate::tui::msg::{Effect, Msg};
use crate::tui::state::UiState;
use crate::tui::update::update;

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ snapshot_path => "../../../../tests/fixtures/screens", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn the_footer_says_what_keys_do_after_a_failure_and_no_toast_hides_it() {
    let failure = Failure::new(FailureKind::Other, "the pod was killed");
    let mut ui = state(&["prepare"], EventKind::StepFailed { step: "stop".into(), failure });
    let last = |ui: &mut UiState| screen(ui, 80, 24).lines().last().unwrap().to_owned();
    assert!(last(&mut ui).starts_with(" ? help  n retry/undo  A abort  u undo all "));
    press(&mut ui, &typed("x"));
    let text = screen(&mut ui, 80, 24);
    assert!(text.contains("! `x` has no meaning here"), "{text}");
    assert!(last(&mut ui).contains("n retry/undo"));
    update(&mut ui, Msg::Tick(second(14)));
    press(&mut ui, &typed("j"));
    assert!(ui.toast.is_none(), "who presses the next key has read it");
}

#[test]
fn a_failure_offers_what_can_be_done() {
    let failure = Failure::new(FailureKind::Other, "the pod was killed");
    let mut ui = state(&["prepare"], EventKind::StepFailed { step: "stop".into(), failure });
    press(&mut ui, &[KeyCode::Char('n')]);
    assert_eq!(ui.dialog.as_ref().unwrap().buttons(), ["Cancel", "Retry", "Undo all"]);
}

#[test]
fn an_undo_is_previewed_and_takes_a_yes() {
    let failure = Failure::new(FailureKind::Other, "the pod was killed");
    let mut ui = state(&["prepare"], EventKind::StepFailed { step: "stop".into(), failure });
    press(&mut ui, &[KeyCode::Char('n'), KeyCode::Tab, KeyCode::Tab, KeyCode::Enter]);
    press(&mut ui, &typed("yes"));
    let undo = Command::Decide { step: "stop".into(), decision: crate::model::Decision::Undo };
    assert_eq!(press(&mut ui, &[KeyCode::Enter]), [Effect::Send(undo)]);
}

#[test]
fn past_the_point_of_no_return_nothing_promises_an_undo() {
    let failure = Failure::new(FailureKind::Other, "the pod was killed");
    let failed = EventKind::StepFailed { step: "switch".into(), failure };
    let mut ui = state(&["prepare", "stop"], failed);
    press(&mut ui, &[KeyCode::Char('u')]);
    assert_eq!(
        ui.toast.as_ref().unwrap().text,
        "past the point of no return nothing can be undone; `n` offers for switch: retry"
    );
    press(&mut ui, &[KeyCode::Char('A')]);
    snapshot!("abort-past-return-80x24", screen(&mut ui, 80, 24));
}
