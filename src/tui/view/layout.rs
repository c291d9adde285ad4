//! Where things stand at each size. Blue is left and green right at all of them.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::{compare, dialog, evidence, footer, header, log, steps};
use crate::tui::state::UiState;

const SMALLEST: (u16, u16) = (60, 15);
const WIDE: u16 = 110;

/// Draws one frame.
pub(in crate::tui) fn draw(frame: &mut Frame<'_>, ui: &UiState) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return emergency(frame, ui, area);
    }
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(2), Constraint::Fill(1), Constraint::Length(1)])
            .areas(area);
    header::draw(frame, ui, head);
    if area.width >= WIDE {
        wide(frame, ui, body);
    } else {
        narrow(frame, ui, body);
    }
    footer::draw(frame, ui, foot);
    if let Some(open) = &ui.dialog {
        dialog::draw(frame, ui, open, body);
    }
}

fn wide(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(40), Constraint::Fill(1)]).areas(area);
    let [list, proof] =
        Layout::vertical([Constraint::Percentage(55), Constraint::Fill(1)]).areas(left);
    let [table, facts] =
        Layout::vertical([Constraint::Percentage(60), Constraint::Fill(1)]).areas(right);
    steps::draw(frame, ui, list);
    evidence::draw(frame, ui, proof);
    compare::draw(frame, ui, table);
    log::draw(frame, ui, facts);
}

fn narrow(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let rows =
        [Constraint::Length(9), Constraint::Fill(3), Constraint::Fill(2), Constraint::Fill(2)];
    let short =
        [Constraint::Length(6), Constraint::Fill(1), Constraint::Length(0), Constraint::Length(0)];
    let [table, list, proof, facts] =
        Layout::vertical(if area.height < 20 { short } else { rows }).areas(area);
    compare::draw(frame, ui, table);
    steps::draw(frame, ui, list);
    evidence::draw(frame, ui, proof);
    log::draw(frame, ui, facts);
}

/// Too small for anything but the state. Abort works all the same, in a dialog of two lines.
fn emergency(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let mut lines = vec![Line::raw(header::brief(ui))];
    if let Some(open) = &ui.dialog {
        lines.extend(dialog::brief(open).into_iter().map(Line::raw));
    } else {
        let (width, height) = SMALLEST;
        lines.push(Line::raw(format!(
            "too small ({}x{}, needs {width}x{height})  A abort  q quit",
            area.width, area.height
        )));
    }
    frame.render_widget(ratatui::text::Text::from(lines), area);
}
