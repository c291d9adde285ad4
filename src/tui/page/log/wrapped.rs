//! The log with long lines broken rather than cut.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};

use super::Page;
use crate::tui::list::{Cell, Row};
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::{self, words};

/// Draws the lines around the one that the keys are at, which is the last one while the log is followed.
pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, page: Page, area: Rect) {
    let inner = view::frame_of_list(frame, ui, page, area);
    let (width, height) = (usize::from(inner.width), usize::from(inner.height));
    let list = ui.list(page);
    let rows: Vec<&Row> = list.rows().collect();
    if rows.is_empty() {
        let empty = view::nothing_in(ui, page);
        frame.render_widget(Line::styled(empty, ui.theme.style(Role::Muted)), inner);
        return;
    }
    let at = if list.follows() { rows.len() - 1 } else { list.at() };
    let written = |index: usize| {
        let chosen = ui.focus == page && !list.follows() && index == at;
        let lines = view::wrap(vec![line(ui, rows[index])], width);
        lines.into_iter().map(move |line| {
            if chosen { line.patch_style(ui.theme.style(Role::Focus)) } else { line }
        })
    };
    let mut above: Vec<Line<'static>> = written(at).take(height).collect();
    for index in (0..at).rev() {
        let before: Vec<Line<'static>> = written(index).collect();
        if above.len() + before.len() > height {
            break;
        }
        above.splice(0..0, before);
    }
    for index in at + 1..rows.len() {
        if above.len() >= height {
            break;
        }
        above.extend(written(index));
    }
    above.truncate(height);
    frame.render_widget(Text::from(above), inner);
}

fn line(ui: &UiState, row: &Row) -> Line<'static> {
    let cells = row.cells();
    let texts = cells.iter().filter_map(|cell| match cell {
        Cell::Text(text, role) if !text.is_empty() && text != "-" => {
            Some(Span::styled(format!("{text} "), ui.theme.style(*role)))
        }
        Cell::Since(from) => {
            let age = words::age(Some(*from), ui.now);
            Some(Span::styled(format!("{age} "), ui.theme.style(Role::Running)))
        }
        _ => None,
    });
    Line::from(texts.collect::<Vec<_>>())
}
