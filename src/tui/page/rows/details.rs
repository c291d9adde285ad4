//! What is known of a table: its numbers on both sides, the last comparison, columns and indexes.

use ratatui::text::Line;

use super::table::{Known, how_far};
use crate::model::{IndexView, Side, TableDetails, TableView, WorkKind};
use crate::tui::page::standing::told_age;
use crate::tui::proof::Proof;
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::words;

pub(super) fn lines(ui: &UiState, table: &str) -> Vec<Line<'static>> {
    let known = Known::of(ui);
    let pair = known.pair(table);
    let standing = known.standing(&pair);
    let mut lines = vec![Line::styled(
        format!("verdict  {}", standing.text()),
        ui.theme.style(standing.word.role()),
    )];
    for (side, view) in Side::BOTH.into_iter().zip(pair.views) {
        lines.extend(numbers(ui, side, view));
        lines.extend(work(ui, side, table, pair.views[0]));
    }
    lines.push(Line::raw(""));
    lines.extend(match known.left_out(&pair) {
        Some(why) => vec![Line::raw(format!("compared not: {why}"))],
        None => compared(ui, ui.proofs.of(table)),
    });
    for side in Side::BOTH {
        lines.push(Line::raw(""));
        lines.extend(catalogue(ui, side, table));
    }
    lines
}

fn numbers(ui: &UiState, side: Side, view: Option<&TableView>) -> Vec<Line<'static>> {
    let reading = &ui.observed.side(side).tables;
    let age = told_age(reading, ui.now);
    let style = ui.theme.side(side, ui.serving());
    let Some(view) = view else {
        let text = if reading.value().is_some() { "not there" } else { "unknown" };
        return vec![Line::styled(format!("{side:<7}  {text}  ({age})"), style)];
    };
    let rows = view.rows.map_or_else(
        || "rows unknown: nobody has counted, and neither statistics nor planner know".to_owned(),
        |rows| {
            let mark = if rows.method.is_exact() { "" } else { "~" };
            let counted = words::age(Some(rows.at), ui.now);
            let count = words::grouped(rows.count);
            // a count that is older than a round stands because its table has not been written to
            let stands = rows.method.is_exact().then(|| rows.at + ui.runbook.watch.refresh);
            let seen = reading.at().filter(|at| stands.is_some_and(|stands| *at > stands));
            let since = match seen {
                Some(at) => {
                    let seen = words::age(Some(at), ui.now);
                    format!("counted {counted} ago, and not written to as of {seen} ago")
                }
                None => format!("as of {counted} ago"),
            };
            format!("{mark}{count} rows, {}, {since}", rows.method.word())
        },
    );
    let writes = view.writes.map_or_else(
        || "writes unknown: it takes two readings".to_owned(),
        |rate| format!("{rate} written"),
    );
    let bytes = view.bytes.map_or_else(
        || "size unknown: not read yet".to_owned(),
        |bytes| {
            let (table, indexes) = (words::size(bytes.table), words::size(bytes.indexes));
            format!("{table} and {indexes} of indexes")
        },
    );
    let ago = |at: Option<jiff::Timestamp>| {
        at.map_or_else(
            || "never, as far as its statistics go back".to_owned(),
            |at| format!("{} ago", words::age(Some(at), ui.now)),
        )
    };
    vec![
        Line::styled(format!("{side:<7}  {rows}"), style),
        Line::raw(format!("         {writes}   {bytes}")),
        Line::raw(format!(
            "         {} dead   vacuumed {}   analysed {}   ({age})",
            words::grouped(view.dead),
            ago(view.vacuumed),
            ago(view.analyzed),
        )),
    ]
}

/// Long work on the table that is under way.
fn work(ui: &UiState, side: Side, table: &str, source: Option<&TableView>) -> Vec<Line<'static>> {
    let reading = &ui.observed.side(side).work;
    let all = reading.value().into_iter().flat_map(|work| work.iter());
    let its = all.filter(|work| work.table.as_deref() == Some(table));
    let of = source.and_then(TableView::count);
    its.map(|work| {
        let far = match (work.kind, work.total) {
            (WorkKind::Copy, _) => how_far(work, of),
            (_, Some(total)) => {
                let (done, total) = (words::grouped(work.done), words::grouped(total));
                format!("{done} of {total} {}", work.unit)
            }
            (_, None) => format!("{} {}", words::grouped(work.done), work.unit),
        };
        let age = told_age(reading, ui.now);
        let text = format!("         {}: {far}   pid {}   ({age})", work.phase, work.pid);
        Line::styled(text, ui.theme.style(Role::Running))
    })
    .collect()
}

fn compared(ui: &UiState, proof: Option<&Proof>) -> Vec<Line<'static>> {
    let Some(proof) = proof else {
        return vec![Line::styled(
            "compared never: no comparison of this run has ended that covers it",
            ui.theme.style(Role::Muted),
        )];
    };
    let role = if proof.equal { Role::Plain } else { Role::Fail };
    let at = proof.at.map_or_else(
        || "at an unknown time".to_owned(),
        |at| format!("{} ago, at {} UTC", words::age(Some(at), ui.now), words::time(at)),
    );
    let mut lines = vec![
        Line::styled(format!("compared {}", proof.text), ui.theme.style(role)),
        Line::raw(format!("         by `{}`, {at}", proof.step)),
    ];
    lines.extend(proof.rows.iter().map(|row| {
        Line::styled(format!("  row    {}", row.describe()), ui.theme.style(Role::Fail))
    }));
    let Some(basis) = &proof.basis else { return lines };
    let what = if proof.content { &basis.method } else { "rows counted, content not compared" };
    lines.push(Line::raw(format!("         {what}")));
    for (side, position) in [(Side::Blue, &basis.blue), (Side::Green, &basis.green)] {
        lines.push(Line::raw(format!(
            "         {side} at {}, next transaction {}, system {}",
            position.lsn, position.next_xid, position.system
        )));
    }
    lines
}

fn catalogue(ui: &UiState, side: Side, table: &str) -> Vec<Line<'static>> {
    let reading = &ui.observed.side(side).details;
    let style = ui.theme.side(side, ui.serving());
    let age = told_age(reading, ui.now);
    let Some(found) = reading.value().filter(|found| found.table == table) else {
        let why = reading.why().map_or_else(
            || "columns and indexes are being read".to_owned(),
            |why| format!("columns and indexes unknown: {why}"),
        );
        return vec![Line::styled(format!("{side:<7}  {why}"), style)];
    };
    let TableDetails { kind, owner, columns, indexes, constraints, triggers, .. } = &**found;
    let scans = words::grouped(found.sequential_scans);
    let mut lines = vec![Line::styled(
        format!("{side:<7}  {kind} of {owner}   {scans} sequential scans   ({age})"),
        style,
    )];
    lines.extend(indexes.iter().flat_map(|index| of_index(ui, index)));
    lines.extend(constraints.iter().map(|(name, text)| Line::raw(format!("  {name}  {text}"))));
    lines.extend(triggers.iter().map(|name| Line::raw(format!("  trigger  {name}"))));
    lines.extend(columns.iter().map(|column| {
        let null = if column.nullable { "" } else { " not null" };
        let default = column.default.as_ref().map_or_else(String::new, |text| format!(" = {text}"));
        Line::raw(format!("  {}  {}{null}{default}", column.name, column.data_type))
    }));
    lines
}

fn of_index(ui: &UiState, index: &IndexView) -> Vec<Line<'static>> {
    let key = if index.primary { ", primary key" } else { "" };
    let (size, scans) = (words::size(index.bytes), words::grouped(index.scans));
    let line = Line::raw(format!("  index {}{key}   {size}   {scans} scans", index.name));
    let broken = (!index.valid).then(|| {
        let text = "    WARN not valid: it is being built, or its build failed";
        Line::styled(text, ui.theme.style(Role::Warn))
    });
    let text = Line::styled(format!("    {}", index.definition), ui.theme.style(Role::Muted));
    std::iter::once(line).chain(broken).chain([text]).collect()
}
