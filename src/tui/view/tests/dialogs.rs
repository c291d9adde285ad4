//! What confirms, and what never does.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{asked, held, press, screen, second, state, typed};
use crate::model::{Answer, Command, Confirm, Seq};
use crate::tui::acts::{Act, Call};
use crate::tui::dialog::{Dialog, Kind};
use crate::tui::msg::{Effect, Msg};
use crate::tui::page::Page;
use crate::tui::update::update;

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ snapshot_path => "../../../../tests/fixtures/screens", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn a_name_is_confirmed_by_typing_it() {
    let mut ui = state(&["prepare", "stop"], asked("switch", Confirm::Name("orders-db".into())));
    let number = ui.state.seq;
    assert_eq!(press(&mut ui, &[KeyCode::Char('n')]), []);
    assert_eq!(press(&mut ui, &[KeyCode::Enter]), [], "enter in an empty field does nothing");
    assert_eq!(press(&mut ui, &typed("orders-d")), []);
    update(&mut ui, Msg::Drawn);
    let effects = press(&mut ui, &[KeyCode::Char('b'), KeyCode::Enter]);
    let answer = Answer::Typed("orders-db".into());
    let command = Command::Answer { step: "switch".into(), answer, asked: number };
    assert_eq!(effects, [Effect::Send(command)]);
    assert_eq!(ui.dialog, None);
}

#[test]
fn neither_a_paste_nor_typed_ahead_keys_confirm() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    for code in [
        KeyCode::Char('n'),
        KeyCode::Char('y'),
        KeyCode::Char('e'),
        KeyCode::Char('s'),
        KeyCode::Enter,
    ] {
        let effects = update(&mut ui, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        assert_eq!(effects, [], "typed before the dialog was drawn");
    }
    assert_eq!(ui.dialog.as_ref().unwrap().typed, "");
    update(&mut ui, Msg::Pasted);
    assert_eq!(
        ui.dialog.as_ref().unwrap().note.as_deref(),
        Some("pasted text is not taken: type it")
    );
    update(&mut ui, Msg::Drawn);
    for code in [KeyCode::Char('y'), KeyCode::Char('e'), KeyCode::Char('s'), KeyCode::Enter] {
        let effects = update(&mut ui, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        assert_eq!(effects, [], "all within one frame");
    }
    let note = ui.dialog.as_ref().unwrap().note.clone();
    assert_eq!(note.as_deref(), Some("enter came before the text was seen: press it again"));
}

#[test]
fn keys_that_no_hand_pressed_confirm_nothing_though_a_frame_falls_between_them() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &typed("nye"));
    for code in [KeyCode::Char('s'), KeyCode::Enter] {
        update(&mut ui, Msg::Drawn);
        assert_eq!(update(&mut ui, Msg::Rushed(KeyEvent::from(code))), []);
        let open = ui.dialog.as_ref().unwrap();
        let note = open.note.as_deref();
        assert_eq!(note, Some("typed too fast to be a person: type it again"));
        assert_eq!(open.typed, "");
    }
    assert_eq!(press(&mut ui, &[typed("yes"), vec![KeyCode::Enter]].concat()).len(), 1);
    ui.dialog = Some(Dialog::new(Kind::Arm, ui.now));
    press(&mut ui, &[KeyCode::Char('y')]);
    update(&mut ui, Msg::Rushed(KeyEvent::from(KeyCode::Esc)));
    assert_eq!(ui.dialog, None, "what changes nothing is never too fast");
}

#[test]
fn enter_alone_cancels_where_enter_is_asked_for() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    let dialog = crate::tui::dialog::Kind::Confirm {
        step: "stop".into(),
        confirm: Confirm::Enter,
        asked: Seq(3),
        begins: false,
    };
    ui.dialog = Some(crate::tui::dialog::Dialog::new(dialog.clone(), ui.now));
    assert_eq!(press(&mut ui, &[KeyCode::Enter]), []);
    assert_eq!(ui.dialog, None);
    ui.dialog = Some(crate::tui::dialog::Dialog::new(dialog, ui.now));
    let effects = press(&mut ui, &[KeyCode::Tab, KeyCode::Enter]);
    let answer = Command::Answer { step: "stop".into(), answer: Answer::Enter, asked: Seq(3) };
    assert_eq!(effects, [Effect::Send(answer)]);
}

#[test]
fn a_dialog_expires_and_does_nothing() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &[KeyCode::Char('n')]);
    update(&mut ui, Msg::Tick(second(80)));
    assert_eq!(ui.dialog, None);
    assert_eq!(ui.toast.unwrap().text, "the dialog expired; nothing was done");
}

#[test]
fn keys_typed_for_a_dialog_that_closes_meanwhile_reach_nothing_below_it() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &typed("ny"));
    update(&mut ui, Msg::Tick(second(80)));
    for key in typed("es").into_iter().chain([KeyCode::Enter, KeyCode::Char('7')]) {
        assert_eq!(press(&mut ui, &[key]), []);
    }
    assert_eq!((ui.page, ui.details.is_none()), (Page::Overview, true));
    update(&mut ui, Msg::Tick(second(82)));
    press(&mut ui, &[KeyCode::Char('7')]);
    assert_eq!(ui.page, Page::Log);
}

#[test]
fn a_dialog_is_seen_on_the_smallest_terminal() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &typed("ny"));
    let shown = screen(&mut ui, 20, 5);
    assert!(shown.contains("y_"), "{shown}");
    assert!(shown.contains("SERVING"), "{shown}");
}

#[test]
fn an_answer_that_nobody_sees_is_not_taken() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    screen(&mut ui, 20, 2);
    let answer = [typed("nyes"), vec![KeyCode::Enter]].concat();
    assert_eq!(press(&mut ui, &answer), []);
    assert_eq!(ui.dialog.as_ref().unwrap().typed, "");
    screen(&mut ui, 60, 15);
    assert_eq!(press(&mut ui, &answer[1..]).len(), 1);
}

#[test]
fn a_long_dialog_scrolls_and_its_field_stays() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    let call = |n| format!("blue: SELECT {n}");
    let runs = (1..=40).map(|n| Call { line: call(n), whole: call(n) }).collect();
    ui.acts.insert("stop".into(), Act { runs, undoes: Vec::new() });
    press(&mut ui, &[KeyCode::Char('n')]);
    snapshot!("long-60x15", screen(&mut ui, 60, 15));
    press(&mut ui, &[KeyCode::PageDown, KeyCode::PageDown]);
    snapshot!("long-scrolled-60x15", screen(&mut ui, 60, 15));
}

#[test]
fn paging_through_a_dialog_leaves_no_line_out() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    let call = |n| format!("blue: SELECT {n} FROM t");
    let runs = (1..=40).map(|n| Call { line: call(n), whole: call(n) }).collect();
    ui.acts.insert("stop".into(), Act { runs, undoes: Vec::new() });
    press(&mut ui, &[KeyCode::Char('n')]);
    for (width, height) in [(60, 15), (80, 24), (120, 36)] {
        let mut all = String::new();
        ui.dialog.as_mut().unwrap().scroll = 0;
        for _ in 0..40 {
            all.push_str(&screen(&mut ui, width, height));
            press(&mut ui, &[KeyCode::PageDown]);
        }
        let missing: Vec<String> = (1..=40).map(call).filter(|line| !all.contains(line)).collect();
        assert_eq!(missing, Vec::<String>::new(), "{width}x{height}");
    }
}

#[test]
fn a_dialog_at_the_smallest_size_says_what_it_does() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    update(&mut ui, Msg::Frame { width: 40, height: 10 });
    press(&mut ui, &[KeyCode::Char('j')]);
    assert_eq!(ui.toast.as_ref().unwrap().text, "not shown at this size: make the terminal larger");
    let keys = screen(&mut ui, 40, 10);
    press(&mut ui, &[KeyCode::Char('n')]);
    let asks = screen(&mut ui, 40, 10);
    press(&mut ui, &[KeyCode::Esc, KeyCode::Char('A')]);
    snapshot!("smallest-40x10", format!("{keys}---\n{asks}---\n{}", screen(&mut ui, 40, 10)));
}

#[test]
fn a_gate_that_holds_is_explained_where_the_next_step_is_asked_for() {
    let mut ui = state(&["prepare", "stop"], held());
    press(&mut ui, &[KeyCode::Char('n')]);
    update(&mut ui, Msg::Tick(second(30)));
    snapshot!("held-why-80x24", screen(&mut ui, 80, 24));
    assert_eq!(press(&mut ui, &[KeyCode::Enter]), []);
    assert_eq!(ui.dialog, None);
}

#[test]
fn a_click_moves_but_never_confirms() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    screen(&mut ui, 80, 24);
    update(&mut ui, Msg::Clicked(10, 7));
    assert_eq!((ui.focus, ui.list(Page::Overview).at()), (Page::Overview, 2));
    press(&mut ui, &[KeyCode::Char('n')]);
    assert_eq!(update(&mut ui, Msg::Clicked(20, 14)), []);
    let note = ui.dialog.unwrap().note;
    assert_eq!(note.as_deref(), Some("a click never confirms: use the keys"));
}
