//! Who is connected to either side.

use ratatui::text::Line;

use super::Face;
use crate::model::{Reading, Side};
use crate::tui::list::{Cell, Column, Grid, Row};
use crate::tui::state::UiState;

/// The page.
#[derive(Debug)]
pub(super) struct Sessions;

impl Face for Sessions {
    fn title(&self, _ui: &UiState) -> String {
        "Sessions".to_owned()
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns =
            vec![Column::text("SIDE", 10), Column::number("CLIENTS", 12), Column::number("AGE", 9)];
        Grid::of(columns).with(Side::BOTH.map(|side| {
            let clients = &ui.observed.side(side).clients;
            let stale = matches!(clients, Reading::Stale { .. });
            let count =
                clients.value().map_or_else(Cell::unknown, |count| Cell::Count(Some(*count)));
            let age = Cell::Age { at: clients.at(), stale };
            Row::new(side.word(), vec![Cell::plain(side.word()), count, age])
        }))
    }

    fn details(&self, _ui: &UiState, row: &str) -> Vec<Line<'static>> {
        vec![Line::raw(format!("clients in pg_stat_activity of {row}, without those of this tool"))]
    }
}
