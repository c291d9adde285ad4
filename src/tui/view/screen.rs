//! One frame.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

use super::wrap::wrap;
use super::{dialog, evidence, footer, header, layers, run, side, tabs, undo_path, words};
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
    footer::toast(frame, ui, places.toast);
    footer::draw(frame, ui, places.foot);
}

/// Too small for anything but the state. What acts works all the same, and a dialog says what it does in the lines there are.
fn emergency(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let mut lines = head(ui, area);
    let below = Rect { height: area.height.saturating_sub(height(&lines)), ..area };
    if let Some(open) = &ui.dialog {
        lines.extend(dialog::brief(ui, open, below));
    } else if let Some(open) = &ui.help {
        lines.extend(layers::brief(ui, open, below));
    } else {
        let (width, height) = SMALLEST;
        let small = format!("too small ({}x{}, needs {width}x{height})", area.width, area.height);
        let said = [Some(small), ui.toast.as_ref().map(|toast| format!("! {}", toast.text))];
        let said = said.into_iter().flatten().chain([keys(ui)]).map(Line::raw).collect();
        lines.extend(wrap(said, area.width.into()));
    }
    if lines.len() > usize::from(area.height) {
        lines.truncate(area.height.into());
        let last =
            lines.pop().map_or_else(String::new, |line| format!("{line} {}", ui.theme.cut()));
        let cut = last.chars().count() > usize::from(area.width);
        let last = if cut { words::fit(&last, area.width.into(), ui.theme) } else { last };
        lines.push(Line::raw(last));
    }
    frame.render_widget(Text::from(lines), area);
    if ui.prompt.is_some() {
        footer::draw(frame, ui, Rect { y: area.bottom().saturating_sub(1), height: 1, ..area });
    }
}

/// Whether the open dialog's field or buttons are on the screen: an answer that nobody sees is not taken.
pub(in crate::tui) fn answers_show(ui: &UiState) -> bool {
    let fits = |open| dialog::brief_fits(ui, open, below_the_state(ui));
    !ui.is_too_small() || ui.dialog.as_ref().is_none_or(fits)
}

/// The keys that work at every size.
fn keys(ui: &UiState) -> String {
    let next = ui.decisions().unwrap_or_else(|| "next".to_owned());
    format!("? help  n {next}  q leave  A abort")
}

/// The state, in half of the lines at most where something else must be seen.
fn head(ui: &UiState, area: Rect) -> Vec<Line<'static>> {
    let mut lines = wrap(vec![Line::raw(header::brief(ui))], area.width.into());
    let most = usize::from(area.height / 2).max(1);
    if (ui.dialog.is_some() || ui.help.is_some()) && lines.len() > most {
        let rest: Vec<String> = lines.split_off(most - 1).iter().map(Line::to_string).collect();
        lines.push(Line::raw(words::fit(&rest.join(" "), area.width.into(), ui.theme)));
    }
    lines
}

fn height(lines: &[Line<'_>]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

/// What is left below the state, on a terminal that is too small for pages.
pub(super) fn below_the_state(ui: &UiState) -> Rect {
    let (width, all) = ui.size;
    let area = Rect::new(0, 0, width, all);
    Rect { height: all.saturating_sub(height(&head(ui, area))), ..area }
}
