//! The last line: a toast, or the keys. A key that does nothing now stays, and says why.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::keymap::KEYS;
use crate::tui::state::UiState;
use crate::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    if let Some(toast) = &ui.toast {
        let line = Line::styled(format!(" ! {}", toast.text), ui.theme.style(Role::Warn));
        return frame.render_widget(line, area);
    }
    let mut spans = Vec::new();
    for binding in KEYS.iter().filter(|binding| !binding.hint.is_empty()) {
        let disabled = ui.disabled(binding.cmd);
        let why = disabled.as_ref().map_or_else(String::new, |why| format!(" (disabled: {why})"));
        let role = if disabled.is_some() { Role::Muted } else { Role::Title };
        spans.push(Span::styled(format!(" {}", binding.label), ui.theme.style(role)));
        let rest = if disabled.is_some() { Role::Muted } else { Role::Plain };
        spans.push(Span::styled(format!(" {}{why} ", binding.hint), ui.theme.style(rest)));
    }
    frame.render_widget(Line::from(spans), area);
}
