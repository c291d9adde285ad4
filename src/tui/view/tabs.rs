//! The pages' names.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::page::Page;
use crate::tui::state::UiState;
use crate::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let mut spans = vec![Span::raw(" ")];
    for page in Page::ALL {
        let name = format!("{} {}", page.number(), page.title());
        let (text, role) = if page == ui.page {
            (format!("[{name}]"), Role::Title)
        } else {
            (format!(" {name} "), Role::Plain)
        };
        spans.push(Span::styled(text, ui.theme.style(role)));
    }
    frame.render_widget(Line::from(spans), area);
}
