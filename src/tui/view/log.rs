//! The last facts.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{pane, words};
use crate::tui::state::{Pane, Scroll, UiState};
use crate::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let height = usize::from(area.height.saturating_sub(2));
    let first = match ui.scrolled(Pane::Log) {
        Scroll::Follow => ui.log.len().saturating_sub(height),
        Scroll::At(line) => (line + 1).saturating_sub(height),
    };
    let lines = ui
        .log
        .iter()
        .skip(first)
        .take(height)
        .map(|line| {
            Line::from(vec![
                Span::styled(words::time(line.at), ui.theme.style(Role::Muted)),
                Span::styled(format!(" {}", line.text), ui.theme.style(line.role)),
            ])
        })
        .collect();
    pane::lines(frame, ui, area, "Log (UTC)", ui.pane == Pane::Log, lines);
}
