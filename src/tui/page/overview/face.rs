//! The page.

use ratatui::text::Line;

use super::check::Check;
use super::{content, data, details, server};
use crate::model::Side;
use crate::tui::layout::is_strip;
use crate::tui::list::{Column, Grid};
use crate::tui::page::Face;
use crate::tui::state::UiState;

/// The page.
#[derive(Debug)]
pub(in crate::tui::page) struct Overview;

/// What is compared, what matters most first. Where only a few are seen, those that stand in the way come first.
const CHECKS: [fn(&UiState) -> Check; 15] = [
    server::version,
    server::clients,
    server::writes,
    data::tables,
    data::rows,
    content::check,
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
            Column::name("CHECK"),
            Column::side(Side::Blue),
            Column::side(Side::Green),
            Column::text("VERDICT", 8).that_stays(),
            Column::age(),
            Column::text("BLUE, GREEN", 25),
        ];
        let mut checks: Vec<Check> = CHECKS.iter().map(|check| check(ui)).collect();
        if is_strip(ui) {
            checks.sort_by_key(Check::urgency);
        }
        let grid = Grid::of(columns).with(checks.into_iter().map(Check::row));
        Grid { ordered: true, ..grid }
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        details::lines(ui, row)
    }
}
