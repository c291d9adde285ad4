//! The facts, as they happened.

use ratatui::crossterm::event::KeyCode;
use ratatui::text::Line;

use super::{Face, Page};
use crate::tui::keymap::{Binding, on};
use crate::tui::list::{Cell, Column, Grid, Row};
use crate::tui::msg::{Cmd, Effect};
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::words;

/// The page.
#[derive(Debug)]
pub(super) struct Log;

/// What the page has to itself.
#[derive(Debug, Default)]
pub(in crate::tui) struct View {
    errors_only: bool,
}

/// A key of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Key {
    /// Goes with what happens.
    Follow,
    /// Shows only what went wrong.
    ErrorsOnly,
}

const KEYS: &[Binding] = &[
    on(Page::Log, "f", &[KeyCode::Char('f')], Cmd::Log(Key::Follow), "go with what happens")
        .hint("follow"),
    on(
        Page::Log,
        "e",
        &[KeyCode::Char('e')],
        Cmd::Log(Key::ErrorsOnly),
        "only what went wrong, or everything",
    )
    .hint("errors"),
];

impl Face for Log {
    fn title(&self, ui: &UiState) -> String {
        let follow = if ui.list(Page::Log).follows() { "  follows" } else { "" };
        let errors = if ui.log_view.errors_only { "  errors only" } else { "" };
        format!("Log (UTC){follow}{errors}")
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns = vec![Column::word("", 8), Column::text("", 40)];
        let wanted =
            |role: Role| !ui.log_view.errors_only || matches!(role, Role::Warn | Role::Fail);
        let lines = ui.log.iter().filter(|line| wanted(line.role));
        let rows: Vec<Row> = lines
            .map(|line| {
                let time = Cell::Text(words::time(line.at).into(), Role::Muted);
                let text = Cell::Text(line.text.clone().into(), line.role);
                Row::new(line.number.to_string(), vec![time, text])
                    .that_differs(matches!(line.role, Role::Warn | Role::Fail))
            })
            .collect();
        let last = rows.len().saturating_sub(1);
        let grid = Grid::of(columns).with(rows).or_says("nothing has happened yet");
        Grid { follows: Some(last), ordered: true, ..grid }
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        let line = ui.log.iter().find(|line| line.number.to_string() == row);
        line.map_or_else(
            || vec![Line::raw("this line has left the screen; it is in the journal")],
            |line| vec![Line::raw(line.at.to_string()), Line::raw(line.text.clone())],
        )
    }

    fn copies(&self, ui: &UiState, row: &str) -> String {
        let line = ui.log.iter().find(|line| line.number.to_string() == row);
        line.map_or_else(String::new, |line| format!("{} {}", line.at, line.text))
    }

    fn keys(&self) -> &'static [Binding] {
        KEYS
    }

    fn act(&self, ui: &mut UiState, cmd: Cmd) -> Vec<Effect> {
        match cmd {
            Cmd::Log(Key::Follow) => ui.list_mut(Page::Log).bottom(),
            Cmd::Log(Key::ErrorsOnly) => {
                ui.log_view.errors_only = !ui.log_view.errors_only;
                ui.outdated = true;
            }
            _ => {}
        }
        Vec::new()
    }
}
