//! A dialog whose gates were looked at long ago.

use ratatui::crossterm::event::KeyCode;

use super::{asked, judgement, press, screen, second, state, typed};
use crate::model::sample::at;
use crate::model::{Answer, Command, Confirm, EventKind, Opening, StepStatus, When};
use crate::tui::msg::{Effect, Msg};
use crate::tui::state::UiState;
use crate::tui::update::update;

/// The gates of `switch` were looked at, and this is what was seen.
fn looked(ui: &mut UiState, second: u64, opening: Opening) {
    let (step, when, judgements) = ("switch".into(), When::Before, vec![judgement(opening)]);
    let kind = match opening {
        Opening::Open => EventKind::GatePassed { step, when, judgements },
        _ => EventKind::GateHeld { step, when, judgements },
    };
    let mut event = at(ui.state.seq.0 + 1, kind);
    event.at = super::second(second);
    update(ui, Msg::Event(Box::new(event)));
}

fn in_the_dialog() -> UiState {
    let name = Confirm::Name("orders-db".into());
    let mut ui = state(&["prepare", "stop"], asked("switch", name));
    looked(&mut ui, 12, Opening::Open);
    press(&mut ui, &[KeyCode::Char('n')]);
    ui
}

#[test]
fn a_look_that_is_too_old_confirms_nothing_and_says_so() {
    let mut ui = in_the_dialog();
    let again = [Effect::Send(Command::Look { step: "switch".into() })];
    assert_eq!(update(&mut ui, Msg::Tick(second(21))), [], "it is young enough");
    assert_eq!(update(&mut ui, Msg::Tick(second(23))), again);
    assert_eq!(update(&mut ui, Msg::Tick(second(30))), [], "it was asked for already");
    assert_eq!(update(&mut ui, Msg::Tick(second(45))), again);
    assert_eq!(press(&mut ui, &typed("orders-db")), []);
    assert_eq!(press(&mut ui, &[KeyCode::Enter]), []);
    insta::with_settings!({ snapshot_path => "../../../../tests/fixtures/screens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("stale-80x24", screen(&mut ui, 80, 24));
    });
    looked(&mut ui, 46, Opening::Open);
    update(&mut ui, Msg::Tick(second(47)));
    let asked = ui.state.step(&"switch".into()).asked.unwrap();
    let answer = Answer::Typed("orders-db".into());
    let sent = Command::Answer { step: "switch".into(), answer, asked };
    assert_eq!(press(&mut ui, &[KeyCode::Enter]), [Effect::Send(sent)], "what was typed is kept");
}

#[test]
fn a_gate_that_shuts_while_the_dialog_is_open_closes_it_and_is_the_reason() {
    let mut ui = in_the_dialog();
    press(&mut ui, &typed("orders"));
    looked(&mut ui, 24, Opening::Held);
    assert_eq!(ui.state.step(&"switch".into()).status, StepStatus::Held);
    assert_eq!(ui.dialog, None);
    let said = &ui.toast.as_ref().unwrap().text;
    assert_eq!(said, "a gate holds the step now; nothing was done");
}
