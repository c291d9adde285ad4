//! The page.

use ratatui::text::Line;

use super::check::Check;
use super::{data, details, server};
use crate::model::Side;
use crate::tui::list::{Column, Grid};
use crate::tui::page::Face;
use crate::tui::state::UiState;

/// The page.
#[derive(Debug)]
pub(in crate::tui::page) struct Overview;

/// What is compared, what matters most first: a low screen shows the first of them.
const CHECKS: [fn(&UiState) -> Check; 14] = [
    server::version,
    server::clients,
    server::writes,
    data::tables,
    data::rows,
    data::extensions,
    data::sequences,
    server::settings,
    data::jobs,
    server::pods,
    server::transactions,
    server::connections,
    server::size,
    server::wal,
];

impl Face for Overview {
    fn title(&self, _ui: &UiState) -> String {
        "Compare".to_owned()
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns = vec![
            Column::text("CHECK", 11),
            Column::side(Side::Blue, 12),
            Column::side(Side::Green, 12),
            Column::text("VERDICT", 8),
            Column::number("AGE", 9),
            Column::text("BLUE, GREEN", 25),
        ];
        let grid = Grid::of(columns).with(CHECKS.iter().map(|check| check(ui).row()));
        Grid { ordered: true, ..grid }
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        details::lines(ui, row)
    }
}
