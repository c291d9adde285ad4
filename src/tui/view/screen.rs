//! One frame.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

use super::wrap::wrap;
use super::{dialog, evidence, footer, header, layers, run, side, tabs, undo_path};
use crate::tui::layout::{SMALLEST, Slot, places};
use crate::tui::state::UiState;

/// Draws one frame.
pub(in crate::tui) fn draw(frame: &mut Frame<'_>, ui: &UiState) {
    let area = frame.area();
    let Some(places) = places(ui, area) else { return emergency(frame, ui, area) };
    header::draw(frame, ui, places.head);
    tabs::draw(frame, ui, places.tabs);
    for (slot, area) in places.slots.iter().filter(|(_, area)| area.height > 0) {
        match slot {
            Slot::List(page) => page.face().draw(frame, ui, *page, *area),
            Slot::Evidence => evidence::draw(frame, ui, *area),
            Slot::Side(side) => side::draw(frame, ui, *side, *area),
            Slot::UndoPath => undo_path::draw(frame, ui, *area),
            Slot::Run => run::draw(frame, ui, *area),
        }
    }
    layers::draw(frame, ui, places.body);
    if let Some(open) = &ui.dialog {
        dialog::draw(frame, ui, open, places.body);
    }
    footer::draw(frame, ui, places.foot);
}

/// Too small for anything but the state. Abort works all the same, in a dialog of two lines.
fn emergency(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let mut lines = wrap(vec![Line::raw(header::brief(ui))], area.width.into());
    if let Some(open) = &ui.dialog {
        let brief = dialog::brief(ui, open).into_iter().map(Line::raw).collect();
        lines.extend(wrap(brief, area.width.into()));
    } else {
        let (width, height) = SMALLEST;
        let keys = Line::raw(format!(
            "too small ({}x{}, needs {width}x{height})  A abort  q quit",
            area.width, area.height
        ));
        lines.extend(wrap(vec![keys], area.width.into()));
    }
    frame.render_widget(Text::from(lines), area);
}
