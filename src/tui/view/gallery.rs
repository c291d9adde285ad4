//! The overview, the steps and every dialog at five sizes, and what the four themes make of one screen.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use ratatui::crossterm::event::KeyCode;

use super::draw;
use super::tests::{asked, held, press, screen, state, typed};
use crate::model::{Confirm, EventKind, Failure, FailureKind, Fix};
use crate::tui::acts::{Act, Call};
use crate::tui::msg::Msg;
use crate::tui::state::UiState;
use crate::tui::theme::{Palette, Theme};
use crate::tui::update::update;

const SIZES: [(u16, u16); 5] = [(200, 50), (120, 36), (80, 24), (60, 15), (48, 10)];

macro_rules! gallery {
    ($name:literal, $ui:expr) => {
        insta::with_settings!({ snapshot_path => "../../../tests/fixtures/screens", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(concat!("all-", $name), at_all_sizes($ui));
        });
    };
}

fn at_all_sizes(ui: &mut UiState) -> String {
    SIZES.into_iter().fold(String::new(), |mut all, (width, height)| {
        let screen = screen(ui, width, height);
        writeln!(all, "=== {width}x{height}\n{screen}").unwrap();
        all
    })
}

/// The sample run, with what its steps say to the world.
fn at(done: &[&str], last: EventKind) -> UiState {
    let mut ui = state(done, last);
    let runs = vec![
        whole("blue: ALTER DATABASE orders SET default_transaction_read_only = on"),
        Call {
            line: "blue: Ends the sessions of clients that are not ours".into(),
            whole: "blue: SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()".into(),
        },
    ];
    let undoes = vec![whole("blue: ALTER DATABASE orders RESET default_transaction_read_only")];
    ui.acts.insert("stop".into(), Act { runs, undoes });
    ui
}

fn whole(text: &str) -> Call {
    Call { line: text.into(), whole: text.into() }
}

fn failed() -> EventKind {
    let fix = Fix {
        title: "end the session that holds the lock".into(),
        command: Some("SELECT pg_terminate_backend(4711)".into()),
        mend: None,
    };
    let failure = Failure::new(FailureKind::Other, "a session could not be ended within 60 s");
    EventKind::StepFailed { step: "stop".into(), failure: Failure { fix: Some(fix), ..failure } }
}

#[test]
fn the_overview() {
    gallery!("overview", &mut state(&["prepare"], asked("stop", Confirm::Yes)));
}

#[test]
fn the_steps_and_the_details_of_one() {
    let mut ui = at(&["prepare"], failed());
    press(&mut ui, &typed("6"));
    gallery!("steps", &mut ui);
    press(&mut ui, &[KeyCode::Enter]);
    gallery!("step-details", &mut ui);
}

#[test]
fn the_dialog_that_takes_a_yes() {
    let mut ui = at(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &typed("nno"));
    press(&mut ui, &[KeyCode::Enter]);
    gallery!("confirm-yes", &mut ui);
    press(&mut ui, &[KeyCode::F(2)]);
    gallery!("confirm-whole", &mut ui);
}

#[test]
fn the_dialog_that_takes_a_name() {
    let name = Confirm::Name("orders-db".into());
    let mut ui = at(&["prepare", "stop"], asked("switch", name));
    press(&mut ui, &typed("norders"));
    gallery!("confirm-name", &mut ui);
}

#[test]
fn the_dialogs_after_a_failure() {
    let mut ui = at(&["prepare"], failed());
    press(&mut ui, &typed("n"));
    gallery!("decide", &mut ui);
    press(&mut ui, &[KeyCode::Esc]);
    press(&mut ui, &typed("u"));
    gallery!("undo", &mut ui);
}

#[test]
fn the_dialogs_of_an_abort_and_of_leaving() {
    let mut ui = at(&["prepare", "stop"], held());
    press(&mut ui, &typed("A"));
    gallery!("abort", &mut ui);
    press(&mut ui, &[KeyCode::Esc]);
    press(&mut ui, &typed("q"));
    gallery!("leave", &mut ui);
}

#[test]
fn the_keys_that_a_word_finds() {
    let mut ui = at(&["prepare", "stop"], held());
    press(&mut ui, &typed("?undo"));
    gallery!("help", &mut ui);
}

#[test]
fn a_protected_place_looks_different() {
    let mut ui = at(&["prepare"], asked("stop", Confirm::Yes));
    ui.protected = true;
    gallery!("protected", &mut ui);
}

#[test]
fn each_theme_says_the_same_in_its_own_way() {
    let mut text = String::new();
    for palette in Palette::ALL {
        let mut ui = at(&["prepare", "stop"], held());
        ui.theme = Theme { palette, ascii: true };
        press(&mut ui, &typed("2j"));
        update(&mut ui, Msg::Frame { width: 80, height: 24 });
        writeln!(text, "=== {}\n{}", palette.word(), styles(&ui)).unwrap();
    }
    insta::with_settings!({ snapshot_path => "../../../tests/fixtures/screens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("themes", text);
    });
}

/// A letter for each style, and where it is used: lines that are wholly plain are left out.
fn styles(ui: &UiState) -> String {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| draw(frame, ui)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut letters = BTreeMap::new();
    let mut map = String::new();
    for y in 0..24 {
        let mut line = String::new();
        for x in 0..80 {
            line.push(letter(&mut letters, &buffer[(x, y)]));
        }
        if !line.trim().is_empty() {
            writeln!(map, "{y:>2} {}", line.trim_end()).unwrap();
        }
    }
    let legend = letters.iter().fold(String::new(), |mut all, (style, letter)| {
        writeln!(all, "{letter} = {style}").unwrap();
        all
    });
    format!("{legend}{map}")
}

fn letter(letters: &mut BTreeMap<String, char>, cell: &Cell) -> char {
    let plain = ratatui::style::Color::Reset;
    if (cell.fg, cell.bg) == (plain, plain) && cell.modifier.is_empty() {
        return ' ';
    }
    let style = format!("{} {:?}", cell.fg, cell.modifier);
    let next = char::from(b'a' + u8::try_from(letters.len()).unwrap());
    *letters.entry(style).or_insert(next)
}
