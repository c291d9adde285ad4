//! The pages' names.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::page::Page;
use crate::tui::state::UiState;
use crate::tui::theme::Role;

/// The page whose name stands in a column.
pub(in crate::tui) fn page_at(column: u16) -> Option<Page> {
    let mut end = 1;
    Page::ALL.into_iter().find(|page| {
        let begin = end;
        end += page.title().len() + 4;
        (begin..end).contains(&usize::from(column))
    })
}

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
