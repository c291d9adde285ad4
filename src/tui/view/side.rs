//! One side: its server, its clients, what happens on it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::sparkline::sparkline;
use super::{pane, words};
use crate::model::{Reading, Side, SideView};
use crate::tui::state::UiState;
use crate::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, side: Side, area: Rect) {
    let name = if side == Side::Blue { "BLUE" } else { "GREEN" };
    let title = match ui.serving() {
        Some(serving) if serving == side => format!("{name} *serving*"),
        Some(_) if side == Side::Green => format!("{name} candidate"),
        Some(_) if ui.observed.is_absent(&ui.runbook, side) => format!("{name} retired"),
        Some(_) => format!("{name} former"),
        None => name.to_owned(),
    };
    let width = usize::from(area.width.saturating_sub(2));
    pane::lines(frame, ui, area, &title, lines(ui, side, width));
}

fn lines(ui: &UiState, side: Side, width: usize) -> Vec<Line<'static>> {
    let view = ui.observed.side(side);
    let workload = ui.runbook.store(side).workload.as_ref();
    let absent = workload.filter(|_| ui.observed.is_absent(&ui.runbook, side));
    let not_there = |own| Line::styled(format!("{own} is not there"), ui.theme.style(Role::Title));
    let mut lines: Vec<Line<'static>> = absent.map(not_there).into_iter().collect();
    lines.extend([
        line(ui, "server", &view.version, |version| {
            format!("PostgreSQL {}", words::version(version))
        }),
        line(ui, "pods", &view.pods, |(ready, wanted)| format!("{ready}/{wanted} ready")),
        line(ui, "clients", &view.clients, |count| words::grouped(*count)),
        line(ui, "slots", &view.connections, |all| {
            format!("{} of {} connections", all.used, all.max)
        }),
        line(ui, "writes", &view.flow, |flow| {
            format!("{}   transactions {}", flow.writes, flow.transactions)
        }),
        line(ui, "open", &view.transactions, |all| {
            let longest = all
                .longest
                .map_or_else(String::new, |time| format!(", longest {}", words::short(time)));
            format!("{} transactions{longest}", all.open)
        }),
        line(ui, "wal", &view.wal, |wal| wal.lsn.clone()),
        line(ui, "size", &view.size, |bytes| words::size(*bytes)),
    ]);
    lines.extend(work(view));
    let trend = sparkline(ui.pace.writes(side), width.saturating_sub(12), ui.theme.ascii);
    if !trend.is_empty() {
        lines.push(Line::from(vec![
            Span::styled("writes/s  ", ui.theme.style(Role::Muted)),
            Span::styled(trend, ui.theme.side(side, ui.serving())),
        ]));
    }
    lines
}

fn line<T>(
    ui: &UiState,
    name: &str,
    reading: &Reading<T>,
    show: impl FnOnce(&T) -> String,
) -> Line<'static> {
    let muted = ui.theme.style(Role::Muted);
    let value = reading
        .value()
        .map_or_else(|| Span::styled("unknown", muted), |value| Span::raw(show(value)));
    let (age, style) = match reading {
        Reading::Unknown { .. } => (String::new(), muted),
        Reading::Fresh { at, .. } => (format!("  {}", words::age(Some(*at), ui.now)), muted),
        Reading::Stale { at, .. } => {
            (format!("  {} stale", words::age(Some(*at), ui.now)), ui.theme.style(Role::Warn))
        }
    };
    Line::from(vec![Span::styled(format!("{name:<9} "), muted), value, Span::styled(age, style)])
}

/// Long work that is under way.
fn work(view: &SideView) -> Vec<Line<'static>> {
    let all = view.work.value().into_iter().flat_map(|all| all.iter());
    all.take(2)
        .map(|work| {
            let table = work.table.as_deref().unwrap_or("");
            Line::raw(format!("{:<9} {table} {}", "work", work.phase))
        })
        .collect()
}
