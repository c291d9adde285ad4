//! Rows: chosen, filtered, sorted, frozen.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::KeyCode;

use super::{asked, held, press, screen, state, typed};
use crate::model::Confirm;
use crate::tui::msg::Msg;
use crate::tui::page::Page;
use crate::tui::state::UiState;
use crate::tui::update::update;
use crate::tui::view::draw;

#[test]
fn what_the_log_is_narrowed_to_is_named_and_leaves_the_overview_alone() {
    let mut ui = state(&["prepare", "stop"], held());
    press(&mut ui, &typed("7te/zzz"));
    press(&mut ui, &[KeyCode::Enter]);
    let text = screen(&mut ui, 120, 36);
    let keys =
        "esc clears the filter `zzz`, e shows more than errors, t changes the kind (everything)";
    assert!(text.contains(keys), "{text}");
    press(&mut ui, &typed("1"));
    let text = screen(&mut ui, 120, 36);
    assert!(text.contains("`stop` done") && !text.contains("zzz"), "{text}");
}

#[test]
fn rows_are_sorted_by_the_column_that_is_named_and_a_click_on_a_name_shows_its_page() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    screen(&mut ui, 80, 24);
    update(&mut ui, Msg::Clicked(16, 2));
    assert_eq!(ui.page, Page::Rows);
    screen(&mut ui, 80, 24);
    press(&mut ui, &typed(":sort de"));
    press(&mut ui, &[KeyCode::Enter]);
    assert_eq!(ui.list(Page::Rows).sorted_by(), Some(("DELTA", false)));
}

#[test]
fn a_frozen_list_stays_as_it_was_and_the_header_says_so() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    screen(&mut ui, 80, 24);
    press(&mut ui, &typed("p"));
    update(&mut ui, Msg::Observed(Box::default()));
    let text = screen(&mut ui, 80, 24);
    assert!(
        text.contains("FROZEN") && text.contains("16.14") && text.contains("unknown"),
        "{text}"
    );
    press(&mut ui, &typed("p"));
    assert!(!screen(&mut ui, 80, 24).contains("16.14"));
}

#[test]
fn rows_are_filtered_sorted_and_kept_chosen() {
    let mut ui = state(&["prepare", "stop"], held());
    press(&mut ui, &typed("2"));
    screen(&mut ui, 80, 24);
    press(&mut ui, &typed("j"));
    let chosen = |ui: &UiState| ui.list(Page::Rows).selected().map(|row| row.key.clone());
    assert_eq!(chosen(&ui).as_deref(), Some("public.tasks"));
    press(&mut ui, &typed("ss"));
    assert_eq!(ui.list(Page::Rows).at(), 0, "backwards by name; the row stays chosen");
    press(&mut ui, &typed("/!task"));
    press(&mut ui, &[KeyCode::Enter]);
    assert_eq!(chosen(&ui).as_deref(), Some("public.sprints"));
    press(&mut ui, &[KeyCode::Esc, KeyCode::Char('v')]);
    assert_eq!(ui.list(Page::Rows).count(), (1, 2));
    press(&mut ui, &[KeyCode::Enter]);
    assert_eq!(ui.looks_at().table.as_deref(), Some("public.tasks"));
}

#[test]
fn without_colours_no_cell_has_one() {
    let mut ui = state(&["prepare", "stop"], held());
    update(&mut ui, Msg::Frame { width: 120, height: 36 });
    let mut terminal = Terminal::new(TestBackend::new(120, 36)).unwrap();
    terminal.draw(|frame| draw(frame, &ui)).unwrap();
    let plain = ratatui::style::Color::Reset;
    assert!(
        terminal.backend().buffer().content.iter().all(|cell| cell.fg == plain && cell.bg == plain)
    );
}
