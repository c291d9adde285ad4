//! Who may change something, and how a run is left.

use ratatui::crossterm::event::KeyCode;

use super::{asked, held, press, screen, second, state, typed};
use crate::model::{Command, Confirm, EventKind};
use crate::session::SessionMode;
use crate::tui::msg::{Cmd, Effect, Msg};
use crate::tui::update::update;

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ snapshot_path => "../../../../tests/fixtures/screens", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn leaving_a_driven_run_asks_how() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    assert_eq!(press(&mut ui, &[KeyCode::Char('q')]), []);
    let effects = press(&mut ui, &[KeyCode::Tab, KeyCode::Enter]);
    let stop = Command::Stop { reason: crate::model::StopReason::Detached };
    assert_eq!(effects, [Effect::Send(stop)]);
    assert_eq!(update(&mut ui, Msg::Ended), [Effect::Leave]);
}

#[test]
fn leaving_while_writes_are_stopped_undoes_everything_and_takes_a_yes() {
    let mut ui = state(&["prepare", "stop"], held());
    press(&mut ui, &[KeyCode::Char('q'), KeyCode::Tab, KeyCode::Enter]);
    assert!(ui.dialog.is_some(), "an enter alone undoes nothing");
    snapshot!("leave-stopped-80x24", screen(&mut ui, 80, 24));
    let effects = press(&mut ui, &[typed("yes"), vec![KeyCode::Enter]].concat());
    let stop = Command::Stop { reason: crate::model::StopReason::Detached };
    assert_eq!(effects, [Effect::Send(stop)]);
}

#[test]
fn a_question_of_how_to_leave_closes_when_the_answer_would_do_something_else() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &[KeyCode::Char('q')]);
    let after = ui.state.seq.0;
    let start = [
        EventKind::Confirmed { step: "stop".into(), by: "alice".into() },
        EventKind::StepStarted { step: "stop".into(), attempt: 1, before: serde_json::Value::Null },
    ];
    for (kind, seq) in start.into_iter().zip(after + 1..) {
        update(&mut ui, Msg::Event(Box::new(crate::model::sample::at(seq, kind))));
    }
    assert_eq!(ui.dialog, None, "detaching would now undo everything");
}

#[test]
fn a_safe_session_refuses_until_it_is_armed_and_falls_back() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    ui.mode = SessionMode::Run;
    ui.arming = ui.first_arming();
    assert_eq!(ui.badge(), "[RW safe]");
    assert_eq!(press(&mut ui, &[KeyCode::Char('n'), KeyCode::Char('A'), KeyCode::Char('u')]), []);
    assert_eq!(ui.dialog, None);
    assert_eq!(ui.disabled(Cmd::Next).as_deref(), Some("safe: `a` arms"));
    press(&mut ui, &[KeyCode::Char('a'), KeyCode::Char('y'), KeyCode::Char('e')]);
    press(&mut ui, &[KeyCode::Char('s'), KeyCode::Enter]);
    assert_eq!((ui.badge().as_str(), &ui.dialog), ("[RW armed]", &None));
    assert_eq!(ui.disabled(Cmd::Next), None);
    update(&mut ui, Msg::Tick(second(12 + 3599)));
    assert!(ui.is_armed());
    update(&mut ui, Msg::Tick(second(12 + 3600)));
    assert_eq!(ui.badge(), "[RW safe]");
}

#[test]
fn while_writes_are_stopped_it_stays_armed() {
    let mut ui = state(&["prepare", "stop"], held());
    update(&mut ui, Msg::Tick(second(100_000)));
    assert!(ui.is_armed());
    assert_eq!(ui.disabled(Cmd::Abort), None);
}

#[test]
fn a_session_without_controls_changes_nothing() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    ui.controls = false;
    ui.mode = SessionMode::Monitor;
    ui.arming = ui.first_arming();
    assert_eq!(ui.badge(), "[R]");
    assert_eq!(press(&mut ui, &[KeyCode::Char('n'), KeyCode::Char('A'), KeyCode::Char('a')]), []);
    assert_eq!(ui.dialog, None);
    assert_eq!(press(&mut ui, &[KeyCode::Char('q')]), [Effect::Leave]);
}
