//! Every table: its rows on both sides, how far they are apart, and how they were counted.

use ratatui::text::Line;

use super::Face;
use super::overview::age;
use crate::model::{Focus, Side, SideView, TableView};
use crate::tui::list::{Cell, Column, Grid, Row};
use crate::tui::state::UiState;
use crate::tui::theme::Role;

/// The page.
#[derive(Debug)]
pub(super) struct Rows;

impl Face for Rows {
    fn title(&self, _ui: &UiState) -> String {
        "Rows".to_owned()
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns = vec![
            Column::text("TABLE", 16),
            Column::side(Side::Blue, 15),
            Column::side(Side::Green, 15),
            Column::number("DELTA", 9),
            Column::word("METHOD", 8),
            Column::number("AGE", 9),
            Column::word("VERDICT", 7),
        ];
        let [blue, green] = Side::BOTH.map(|side| &ui.observed.side(side).tables);
        let mut names: Vec<&String> = [blue, green]
            .iter()
            .filter_map(|read| read.value())
            .flat_map(|all| all.keys())
            .collect();
        names.sort_unstable();
        names.dedup();
        let age = age(ui, |view| &view.tables);
        Grid::of(columns)
            .with(names.into_iter().map(|name| row(ui, name, &age)))
            .or_says("no table has been read yet")
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        let line = |side: Side| {
            let count = found(ui.observed.side(side), row);
            let text = count.map_or_else(
                || "not there, or not read yet".to_owned(),
                |table| match table.rows {
                    Some(rows) => format!("{} rows, {}", rows.count, rows.method.word()),
                    None => "not counted yet".to_owned(),
                },
            );
            Line::raw(format!("{side:<6} {text}"))
        };
        let mut lines = vec![line(Side::Blue), line(Side::Green)];
        if let Some(reason) = ui.runbook.watch.exclude.get(row) {
            lines.push(Line::raw(format!("left out of the comparison: {reason}")));
        }
        lines
    }

    fn looks_at(&self, _ui: &UiState, row: &str) -> Focus {
        Focus { table: Some(row.to_owned()), ..Focus::default() }
    }

    fn sum(&self, ui: &UiState) -> Option<Line<'static>> {
        let rows = &ui.list(super::Page::Rows).grid().rows;
        let differ = rows.iter().filter(|row| row.differs).count();
        Some(Line::raw(format!(" {}/{} equal   {differ} differ", rows.len() - differ, rows.len())))
    }
}

fn found<'a>(view: &'a SideView, name: &str) -> Option<&'a TableView> {
    view.tables.value().and_then(|tables| tables.get(name))
}

fn row(ui: &UiState, name: &str, age: &Cell) -> Row {
    let [blue, green] = Side::BOTH.map(|side| found(ui.observed.side(side), name));
    let counts = [blue, green].map(|table| table.and_then(TableView::count));
    let differs = counts[0] != counts[1];
    let exact = [blue, green].iter().flatten().all(|table| table.is_exact());
    let delta = match counts {
        [Some(blue), Some(green)] => Cell::Delta(apart(blue, green)),
        _ => Cell::none(),
    };
    let verdict = if differs { Cell::Text("WARN".into(), Role::Warn) } else { Cell::plain("ok") };
    let cells = vec![
        Cell::plain(name.to_owned()),
        count(blue),
        count(green),
        delta,
        Cell::plain(if exact { "exact" } else { "estimate" }),
        age.clone(),
        verdict,
    ];
    Row::new(name, cells).that_differs(differs)
}

fn count(table: Option<&TableView>) -> Cell {
    match table.map(|table| (table.count(), table.is_exact())) {
        None => Cell::none(),
        Some((Some(rows), false)) => Cell::Estimate(rows),
        Some((rows, _)) => Cell::Count(rows),
    }
}

/// How far green is from blue.
pub(super) fn apart(blue: u64, green: u64) -> i128 {
    i128::from(green) - i128::from(blue)
}
