//! The checks that every profile has, blue beside green. What stands around them is the layout's.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ratatui::text::Line;

use super::Face;
use super::rows::apart;
use crate::model::{Reading, Shared, Side, SideView, TableView};
use crate::tui::list::{Cell, Column, Grid, Row};
use crate::tui::state::UiState;
use crate::tui::view::words;

/// The page.
#[derive(Debug)]
pub(super) struct Overview;

impl Face for Overview {
    fn title(&self, _ui: &UiState) -> String {
        "Compare".to_owned()
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns = vec![
            Column::text("CHECK", 10),
            Column::side(Side::Blue, 15),
            Column::side(Side::Green, 15),
            Column::text("VERDICT", 7),
            Column::number("AGE", 9),
        ];
        let grid = Grid::of(columns).with([
            row(
                ui,
                "version",
                |view| &view.version,
                |version| Cell::plain(words::version(version)),
            ),
            row(
                ui,
                "pods ready",
                |view| &view.pods,
                |(ready, wanted)| Cell::plain(format!("{ready}/{wanted}")),
            ),
            row(ui, "clients", |view| &view.clients, |count| Cell::Count(Some(*count))),
            row(ui, "size", |view| &view.size, |bytes| Cell::plain(words::size(*bytes))),
            row(
                ui,
                "extensions",
                |view| &view.extensions,
                |all| {
                    let installed = all.values().filter(|one| one.installed.is_some());
                    Cell::Count(Some(installed.count() as u64))
                },
            ),
            tables(ui),
            rows(ui),
        ]);
        Grid { ordered: true, ..grid }
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        let why = |side: Side| {
            let view = ui.observed.side(side);
            let why = match row {
                "version" => why(&view.version),
                "pods ready" => why(&view.pods),
                "clients" => why(&view.clients),
                "size" => why(&view.size),
                "extensions" => why(&view.extensions),
                _ => why(&view.tables),
            };
            Line::raw(format!("{side:<6} {}", why.unwrap_or_else(|| "read".to_owned())))
        };
        vec![Line::raw(row.to_owned()), Line::raw(""), why(Side::Blue), why(Side::Green)]
    }
}

fn row<T>(
    ui: &UiState,
    name: &'static str,
    of: impl Fn(&SideView) -> &Reading<T>,
    show: impl Fn(&T) -> Cell,
) -> Row {
    let [blue, green] =
        Side::BOTH.map(|side| of(ui.observed.side(side)).value().map_or_else(Cell::unknown, &show));
    Row::new(name, vec![Cell::plain(name), blue, green, Cell::plain(""), age(ui, of)])
}

fn tables(ui: &UiState) -> Row {
    judged(row(ui, "tables", |view| &view.tables, |all| Cell::Count(Some(all.len() as u64))))
}

fn rows(ui: &UiState) -> Row {
    let show = |all: &Shared<BTreeMap<String, TableView>>| {
        let sum = all.values().filter_map(TableView::count).sum();
        if all.values().all(TableView::is_exact) {
            Cell::Count(Some(sum))
        } else {
            Cell::Estimate(sum)
        }
    };
    judged(row(ui, "rows", |view| &view.tables, show))
}

/// A difference is something to see, not a failure: green is behind until it has been synced.
fn judged(mut row: Row) -> Row {
    let number = |cell: &Cell| match cell {
        Cell::Count(count) => *count,
        Cell::Estimate(count) => Some(*count),
        _ => None,
    };
    if let (Some(blue), Some(green)) = (number(&row.cells[1]), number(&row.cells[2])) {
        row.differs = blue != green;
        row.cells[3] = Cell::Delta(apart(blue, green));
    }
    row
}

/// The age of the older of two readings; not known when one of them is not.
pub(super) fn age<T>(ui: &UiState, of: impl Fn(&SideView) -> &Reading<T>) -> Cell {
    let [blue, green] = Side::BOTH.map(|side| of(ui.observed.side(side)));
    let stale = [blue, green].iter().any(|reading| matches!(reading, Reading::Stale { .. }));
    let at: Option<Timestamp> = blue.at().zip(green.at()).map(|(blue, green)| blue.min(green));
    Cell::Age { at, stale }
}

/// Why a reading is not newer, where that is known.
fn why<T>(reading: &Reading<T>) -> Option<String> {
    match reading {
        Reading::Fresh { .. } => None,
        Reading::Stale { why, .. } => {
            Some(why.clone().unwrap_or_else(|| "it is too old".to_owned()))
        }
        Reading::Unknown { why } => {
            Some(why.clone().unwrap_or_else(|| "it has not been read yet".to_owned()))
        }
    }
}
