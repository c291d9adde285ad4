//! The lines of the log: the facts and the calls, by their time.

use std::sync::Arc;
use std::time::Duration;

use ratatui::text::Line;

use super::Kinds;
use crate::model::{CallKind, CallOutcome, CallRecord, CallTarget};
use crate::session::Hands;
use crate::tui::list::{Cell, Row};
use crate::tui::state::{LogLine, UiState};
use crate::tui::theme::Role;
use crate::tui::view::words;

/// The rows, oldest first; with all columns, or with time and text alone.
pub(super) fn rows(ui: &UiState, kinds: Kinds, errors_only: bool, whole: bool) -> Vec<Row> {
    let wanted = |role: Role| !errors_only || matches!(role, Role::Warn | Role::Fail);
    let facts = ui.log.iter().filter(|line| shows_facts(kinds) && wanted(line.role));
    let calls =
        ui.calls.iter().filter(|(hands, call)| shows(kinds, *hands, call) && wanted(role(call)));
    let mut rows = Vec::with_capacity(ui.log.len());
    let mut calls = calls.peekable();
    for line in facts {
        while let Some((hands, call)) = calls.next_if(|(_, call)| call.at < line.at) {
            rows.push(called(*hands, call, whole));
        }
        rows.push(happened(line, whole));
    }
    rows.extend(calls.map(|(hands, call)| called(*hands, call, whole)));
    rows
}

const fn shows_facts(kinds: Kinds) -> bool {
    matches!(kinds, Kinds::Run | Kinds::All | Kinds::Facts)
}

fn shows(kinds: Kinds, hands: Hands, call: &CallRecord) -> bool {
    match kinds {
        Kinds::Run => hands == Hands::Acting && (changes(call) || call.outcome.is_failure()),
        Kinds::All => true,
        Kinds::Facts => false,
        Kinds::Sql => matches!(call.to, CallTarget::Side(_)),
        Kinds::Api => matches!(call.to, CallTarget::Cluster | CallTarget::Http),
    }
}

/// It says something to a server or runs a program, rather than asks the cluster how things are.
const fn changes(call: &CallRecord) -> bool {
    matches!(
        call.kind,
        CallKind::Connect | CallKind::Statement | CallKind::Write | CallKind::Program
    )
}

fn happened(line: &LogLine, whole: bool) -> Row {
    let time = Cell::Text(words::time(line.at).into(), Role::Muted);
    let text = Cell::Text(line.text.clone().into(), line.role);
    let cells = if whole {
        let kind = Cell::Text(line.kind.into(), Role::Muted);
        vec![time, kind, Cell::none(), text, Cell::plain(""), Cell::plain("")]
    } else {
        vec![time, text]
    };
    Row::new(line.number.to_string(), cells)
        .that_differs(matches!(line.role, Role::Warn | Role::Fail))
}

fn called(hands: Hands, call: &CallRecord, whole: bool) -> Row {
    let role = role(call);
    let time = Cell::Text(words::time(call.at).into(), Role::Muted);
    let what = Cell::Text(call.headline.to_string().into(), role);
    let cells = if whole {
        let took = match call.took {
            Some(took) => Cell::Text(exactly(took).into(), Role::Plain),
            None => Cell::Since(call.at),
        };
        let kind = Cell::Text(kind(call).into(), Role::Muted);
        let outcome = Cell::Text(call.outcome.to_string().into(), role);
        vec![time, kind, Cell::plain(call.to.word()), what, took, outcome]
    } else {
        vec![time, what]
    };
    Row::new(key(hands, call), cells).that_differs(call.outcome.is_failure())
}

fn key(hands: Hands, call: &CallRecord) -> String {
    let log = match hands {
        Hands::Looking => "looking",
        Hands::Acting => "acting",
    };
    format!("{log} {}", call.number)
}

fn kind(call: &CallRecord) -> &'static str {
    match call.kind {
        CallKind::Connect => "conn",
        CallKind::Statement if changes_data(&call.headline) => "WRITE",
        CallKind::Statement => "sql",
        CallKind::Read => "read",
        CallKind::Write => "WRITE",
        CallKind::Stream => "watch",
        CallKind::Program => "run",
    }
}

/// By its first word; a function that is selected may change something all the same.
fn changes_data(statement: &str) -> bool {
    const WORDS: [&str; 13] = [
        "ALTER", "ANALYZE", "COMMENT", "COPY", "CREATE", "DELETE", "DROP", "GRANT", "INSERT",
        "REVOKE", "TRUNCATE", "UPDATE", "VACUUM",
    ];
    let first = statement.split_whitespace().next().unwrap_or_default();
    WORDS.iter().any(|word| first.eq_ignore_ascii_case(word))
}

const fn role(call: &CallRecord) -> Role {
    match call.outcome {
        CallOutcome::Running => Role::Running,
        CallOutcome::Abandoned => Role::Warn,
        _ if call.outcome.is_failure() => Role::Fail,
        _ => Role::Plain,
    }
}

/// `0.8ms`, `12ms`, `1.9s`, `1m10s`.
fn exactly(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0..10_000 => format!("{}.{}ms", micros / 1000, micros / 100 % 10),
        10_000..1_000_000 => format!("{}ms", micros / 1000),
        1_000_000..60_000_000 => format!("{}.{}s", micros / 1_000_000, micros / 100_000 % 10),
        _ => words::short(time),
    }
}

fn found<'a>(ui: &'a UiState, row: &str) -> Option<(Hands, &'a Arc<CallRecord>)> {
    let (log, number) = row.split_once(' ')?;
    let hands = if log == "looking" { Hands::Looking } else { Hands::Acting };
    let number: u64 = number.parse().ok()?;
    let found = ui.calls.iter().find(|(of, call)| *of == hands && call.number == number);
    found.map(|(hands, call)| (*hands, call))
}

fn fact<'a>(ui: &'a UiState, row: &str) -> Option<&'a LogLine> {
    ui.log.iter().find(|line| line.number.to_string() == row)
}

/// Everything that is known of a line.
pub(super) fn details(ui: &UiState, row: &str) -> Vec<Line<'static>> {
    if let Some(line) = fact(ui, row) {
        return vec![Line::raw(line.at.to_string()), Line::raw(line.text.clone())];
    }
    let Some((hands, call)) = found(ui, row) else {
        return vec![Line::raw("this line is no longer kept; facts are in the journal")];
    };
    let by = match hands {
        Hands::Looking => "the observers, which only read",
        Hands::Acting => "the run",
    };
    let took =
        call.took.map_or_else(|| format!("{} so far", words::age(Some(call.at), ui.now)), exactly);
    let style = ui.theme.style(role(call));
    let mut lines = vec![
        Line::raw(format!("began      {}", call.at)),
        Line::raw(format!("to         {}", call.to.word())),
        Line::raw(format!("by         {by}")),
    ];
    if !call.purpose.is_empty() {
        lines.push(Line::raw(format!("for        {}", call.purpose)));
    }
    lines.push(Line::raw(format!("took       {took}")));
    lines.push(Line::styled(format!("outcome    {}", call.outcome), style));
    lines.push(Line::raw(""));
    lines.push(Line::raw(call.headline.to_string()));
    lines
}

/// A line as text.
pub(super) fn copies(ui: &UiState, row: &str) -> String {
    if let Some(line) = fact(ui, row) {
        return format!("{} {}", line.at, line.text);
    }
    found(ui, row).map_or_else(String::new, |(_, call)| {
        let took = call.took.map(exactly).unwrap_or_default();
        let words = [call.to.word(), &call.headline, &took].join(" ");
        format!("{} {words} {}", call.at, call.outcome)
    })
}
