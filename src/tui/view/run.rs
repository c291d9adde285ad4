//! The run itself: which one, by whom, how long it took, and how much of that a person was waited for.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{pane, words};
use crate::tui::arming::Arming;
use crate::tui::state::UiState;
use crate::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    pane::lines(frame, ui, area, "Run", lines(ui));
}

fn lines(ui: &UiState) -> Vec<Line<'static>> {
    let since = |at| Duration::try_from(ui.now.duration_since(at)).unwrap_or_default();
    let running = ui.state.started_at.map_or_else(|| "-".to_owned(), |at| words::short(since(at)));
    let armed = match ui.arming {
        Arming::ReadOnly => "read-only".to_owned(),
        Arming::Safe => "safe: `a` arms".to_owned(),
        Arming::Armed { until } => format!("until {} UTC", words::time(until)),
    };
    let (settled, all) = ui.settled();
    let mut lines = vec![
        Line::raw(format!("run      {}", ui.run)),
        Line::raw(format!("by       {}", ui.state.operator)),
        Line::raw(format!("steps    {settled} of {all}, {} facts", ui.state.seq)),
        Line::raw(format!(
            "took     {running}, {} of it waited for you",
            words::short(ui.pace.waited(ui.now))
        )),
        Line::raw(format!("armed    {armed}")),
        Line::raw(format!(
            "budget   writes may be stopped for {}",
            words::short(ui.runbook.window.budget)
        )),
    ];
    if let Some(at) = ui.pace.waiting_since() {
        let time = words::short(since(at));
        let text = match ui.arming {
            Arming::ReadOnly => format!("asks     {}, for {time}", ui.state.operator),
            Arming::Safe => format!("asks     you, for {time}: press a, then n"),
            Arming::Armed { .. } => format!("asks     you, for {time}: press n"),
        };
        lines.push(Line::styled(text, ui.theme.style(Role::Title)));
    }
    lines
}
