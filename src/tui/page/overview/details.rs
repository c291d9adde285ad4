//! Why a line of the comparison says what it says.

use ratatui::text::Line;

use crate::model::{Reading, Side, SideView};
use crate::tui::list::Row;
use crate::tui::page::Face;
use crate::tui::page::standing::told_age;
use crate::tui::state::UiState;
use crate::tui::trend::Trend;
use crate::tui::view::table::in_words;
use crate::tui::view::words;

pub(super) fn lines(ui: &UiState, row: &str) -> Vec<Line<'static>> {
    let grid = super::Overview.grid(ui);
    let found = grid.rows.iter().find(|one| *one.key == *row);
    let mut lines: Vec<Line<'static>> = found.map(verdict).into_iter().collect();
    lines.push(Line::raw(format!("what     {}", what(row))));
    if row == "content" {
        lines.extend(super::content::details(ui));
        return lines;
    }
    if row == "jobs" {
        lines.push(Line::raw(format!("         {}", told_age(&ui.observed.cluster.jobs, ui.now))));
        return lines;
    }
    for side in Side::BOTH {
        let style = ui.theme.side(side, ui.serving());
        let value =
            found.and_then(|found| Some(in_words(ui, found.cells().get(1 + side as usize)?)));
        let told = told(ui, ui.observed.side(side), row, &value.unwrap_or_default());
        lines.push(Line::styled(format!("{side:<7}  {told}"), style));
    }
    let trends = match row {
        "clients" => Some((ui.trends.clients(), 1)),
        "writes/s" => Some((ui.trends.writes(), 1000)),
        _ => None,
    };
    if let Some((trends, unit)) = trends {
        for (side, trend) in Side::BOTH.into_iter().zip(trends) {
            lines.extend(line(ui, side, trend, unit));
        }
    }
    lines
}

fn verdict(row: &Row) -> Line<'static> {
    match row.cells().get(3) {
        Some(crate::tui::list::Cell::Text(text, _)) if text != "-" => {
            Line::raw(format!("verdict  {text}"))
        }
        _ => Line::raw("verdict  none: it is only to be seen"),
    }
}

fn line(ui: &UiState, side: Side, trend: &Trend, unit: u64) -> Option<Line<'static>> {
    let (least, most, since) = trend.span()?;
    let line = trend.line(60, ui.theme.ascii);
    let (least, most) = (words::grouped(least / unit), words::grouped(most / unit));
    let since = words::time(since);
    Some(Line::raw(format!("{side:<7}  {line}  {least} to {most} since {since} UTC")))
}

fn what(row: &str) -> &'static str {
    match row {
        "version" => "server_version",
        "clients" => "clients of the database in pg_stat_activity, without those of this tool",
        "writes/s" => "rows inserted, updated and deleted in a second (pg_stat_database)",
        "tables" => "tables that are compared, materialized views are not; page 2 has them all",
        "rows" => "rows of all tables together; page 2 has them by table",
        "content" => {
            "count and hash of every table, by the last comparison of this run; page 2 has them by table"
        }
        "extensions" => "installed extensions; page 3 has versions and the SQL that mends them",
        "sequences" => "sequences; page 3 has their values and what room is left",
        "settings" => "settings that were read; page 3 has those that differ",
        "jobs" => "Jobs of the namespace; page 4 has them",
        "pods ready" => "ready and wanted pods of the side's workload",
        "open tx" => "open transactions of clients, and how long the longest has been open",
        "connections" => "connections of the whole server, and max_connections",
        "size" => "pg_database_size",
        "WAL" => {
            "position in the write-ahead log; the servers' positions say nothing of each other"
        }
        _ => "",
    }
}

/// A value of the line, and how old it is.
fn told(ui: &UiState, view: &SideView, row: &str, value: &str) -> String {
    fn of<T>(ui: &UiState, reading: &Reading<T>) -> String {
        told_age(reading, ui.now)
    }
    let age = match row {
        "version" => of(ui, &view.version),
        "clients" => of(ui, &view.clients),
        "writes/s" => of(ui, &view.flow),
        "extensions" => of(ui, &view.extensions),
        "sequences" => of(ui, &view.sequences),
        "settings" => of(ui, &view.settings),
        "pods ready" => of(ui, &view.pods),
        "open tx" => of(ui, &view.transactions),
        "connections" => of(ui, &view.connections),
        "size" => of(ui, &view.size),
        "WAL" => of(ui, &view.wal),
        _ => of(ui, &view.tables),
    };
    let value = match (row, view.version.value()) {
        ("version", Some(whole)) => whole,
        _ => value,
    };
    if age.starts_with("unknown") { age } else { format!("{value}   ({age})") }
}
