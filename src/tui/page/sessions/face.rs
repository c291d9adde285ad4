//! The page.

use ratatui::text::{Line, Span};

use super::client;
use crate::model::{ClientView, Side};
use crate::tui::list::{Cell, Column, Grid, Row};
use crate::tui::page::Face;
use crate::tui::page::standing::told_age;
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::words;

/// The page.
#[derive(Debug)]
pub(in crate::tui::page) struct Sessions;

impl Face for Sessions {
    fn title(&self, ui: &UiState) -> String {
        match ui.serving() {
            Some(side) => format!("Sessions, {} serves", side.word()),
            None => "Sessions".to_owned(),
        }
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns = vec![
            Column::name("CLIENT"),
            Column::text("STATE", 9).that_is_shown(),
            Column::number("SINCE").that_is_shown(),
            Column::text("VERDICT", 10).that_stays(),
            Column::age(),
            Column::text("STATEMENT", 20),
            Column::text("ROLE", 8),
            Column::number("PID"),
            Column::text("POD", 20),
            Column::text("ADDRESS", 15),
            Column::text("APPLICATION", 12),
        ];
        let grid = Grid::of(columns).with(Side::BOTH.into_iter().flat_map(|side| rows(ui, side)));
        Grid { ordered: true, ..grid }
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        if let Some((side, view)) = find(ui, row) {
            return client::lines(ui, side, view);
        }
        match row.split_once(' ') {
            Some((side, "ours")) => {
                vec![Line::raw(format!("sessions of this tool on {side}; they are not counted"))]
            }
            Some((_, "hidden")) => hidden(ui, row),
            None => {
                let side = if row == Side::Blue.word() { Side::Blue } else { Side::Green };
                let age = told_age(&ui.observed.side(side).sessions, ui.now);
                vec![Line::raw(heading(ui, side)), Line::raw(age)]
            }
            Some((side, "more")) => {
                vec![Line::raw(format!(
                    "those on {side} that write or have a transaction come first"
                ))]
            }
            Some(_) => vec![Line::raw("this session has ended")],
        }
    }

    fn copies(&self, ui: &UiState, row: &str) -> String {
        let statement = find(ui, row).and_then(|(_, view)| view.statement.clone());
        statement.or_else(|| grant(ui, row)).unwrap_or_else(|| row.to_owned())
    }

    fn sum(&self, ui: &UiState) -> Option<Line<'static>> {
        let mut spans = vec![Span::raw(" ")];
        for side in Side::BOTH {
            // the reading that the list is made of: another one would be of another moment
            let reading = &ui.observed.side(side).sessions;
            let text = match reading.value() {
                Some(sessions) => words::counted(sessions.total, "client"),
                None => "clients unknown".to_owned(),
            };
            let age = words::age(reading.at(), ui.now);
            let mark = if reading.is_stale() { " stale" } else { "" };
            let style = ui.theme.side(side, ui.serving());
            spans.push(Span::styled(format!("{side} {text} ({age}{mark})   "), style));
        }
        Some(Line::from(spans))
    }
}

fn rows(ui: &UiState, side: Side) -> Vec<Row> {
    let view = ui.observed.side(side);
    let sessions = view.sessions.value();
    let age = Cell::age_of(&view.sessions);
    let mut rows = vec![Row::dated_heading(side.word(), heading(ui, side), age)];
    let clients = sessions.into_iter().flat_map(|sessions| sessions.clients.iter());
    rows.extend(clients.map(|one| client::row(ui, side, one)));
    if let Some(sessions) = sessions {
        let unseen = sessions.total.saturating_sub(sessions.clients.len() as u64);
        if unseen > 0 {
            let text = format!("{} more, not listed", words::grouped(unseen));
            rows.push(wide(format!("{side} more"), text, Role::Muted));
        }
        if sessions.hidden > 0 {
            let text = format!("{} may not be seen into", words::grouped(sessions.hidden));
            rows.push(wide(format!("{side} hidden"), text, Role::Warn));
        }
    }
    let connections = &view.connections;
    rows.extend(connections.value().map(|known| {
        let cells = vec![
            Cell::Text("this tool".into(), Role::Muted),
            Cell::Text(format!("{} open", known.ours).into(), Role::Muted),
            Cell::none(),
            Cell::Text("not counted".into(), Role::Muted),
            Cell::age_of(connections),
        ];
        Row::new(format!("{side} ours"), cells)
    }));
    rows
}

/// A row whose text goes over the whole width.
fn wide(key: String, text: String, role: Role) -> Row {
    Row::new(key, vec![Cell::Text(text.into(), role)]).that_is_wide()
}

fn heading(ui: &UiState, side: Side) -> String {
    let view = ui.observed.side(side);
    let serves = if ui.serving() == Some(side) { " *serving*" } else { "" };
    let name = side.word().to_uppercase();
    let Some(sessions) = view.sessions.value() else {
        let why = view.sessions.why().unwrap_or("not read yet");
        return format!("{name}{serves}: sessions unknown: {why}");
    };
    let writing = sessions.clients.iter().filter(|one| one.writing).count();
    let open = sessions.clients.iter().filter(|one| one.transaction.is_some()).count();
    let used = view
        .connections
        .value()
        .map_or_else(String::new, |known| format!(", {}/{} connections", known.used, known.max));
    let total = words::counted(sessions.total, "client");
    format!("{name}{serves}: {total}, {open} in a transaction, {writing} write{used}")
}

/// What would let us see into the sessions that are hidden.
fn grant(ui: &UiState, row: &str) -> Option<String> {
    let side = row.strip_suffix(" hidden")?;
    let side = Side::BOTH.into_iter().find(|one| one.word() == side)?;
    ui.observed.side(side).sessions.value()?.grant.clone()
}

fn hidden(ui: &UiState, row: &str) -> Vec<Line<'static>> {
    let grant = grant(ui, row);
    let mut lines =
        vec![Line::raw("address, state and statement of these sessions are hidden from us")];
    lines.extend(grant.map(|grant| Line::raw(format!("fix  {grant}"))));
    lines
}

fn find<'a>(ui: &'a UiState, row: &str) -> Option<(Side, &'a ClientView)> {
    let (side, pid) = row.split_once(' ')?;
    let side = Side::BOTH.into_iter().find(|one| one.word() == side)?;
    let pid: i32 = pid.parse().ok()?;
    let sessions = ui.observed.side(side).sessions.value()?;
    sessions.clients.iter().find(|one| one.pid == pid).map(|one| (side, one))
}
