//! Phases and steps.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{pane, words};
use crate::model::{Confirm, Step};
use crate::tui::state::{Pane, Scroll, UiState};
use crate::tui::steps::{Item, word};
use crate::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let items = ui.items();
    let (at, chosen) = match ui.scrolled(Pane::Steps) {
        Scroll::Follow => (ui.current_item(), None),
        Scroll::At(line) => (line, Some(line)),
    };
    let first = pane::first_line(at, items.len(), area.height.saturating_sub(2).into());
    let width = usize::from(area.width.saturating_sub(2));
    let shown = items.iter().enumerate().skip(first).take(area.height.into());
    let lines = shown
        .map(|(index, item)| {
            let line = match item {
                Item::Phase(phase) => {
                    let window = if phase.window { "  (window)" } else { "" };
                    let title = words::fit(&format!("{}{window}", phase.title), width);
                    Line::styled(title, ui.theme.style(Role::Title))
                }
                Item::Step(step) => step_line(ui, step, width),
            };
            if chosen == Some(index) { line.style(ui.theme.style(Role::Focus)) } else { line }
        })
        .collect();
    let (settled, all) = ui.settled();
    let title = format!("Steps {settled}/{all}");
    pane::lines(frame, ui, area, &title, ui.pane == Pane::Steps, lines);
}

fn step_line<'a>(ui: &UiState, step: &'a Step, width: usize) -> Line<'a> {
    let known = ui.state.step(&step.id);
    let (status, role) = word(known.status);
    let end = ui.took(step).map_or_else(|| mark(step), words::short);
    let room = width.saturating_sub(7 + end.chars().count());
    let name = words::fit(&format!("{}  {}", step.id, step.title), room);
    let text = format!("{name:<room$} {end}");
    let rest = if role == Role::Muted { Role::Muted } else { Role::Plain };
    Line::from(vec![
        Span::raw(" "),
        Span::styled(status, ui.theme.style(role)),
        Span::raw(" "),
        Span::styled(text, ui.theme.style(rest)),
    ])
}

/// What a step that has not begun will ask, and whether it is the last that can be undone.
fn mark(step: &Step) -> String {
    let asks = match &step.confirm {
        Confirm::None => "",
        Confirm::Enter => "enter",
        Confirm::Yes => "yes",
        Confirm::Name(_) => "name",
    };
    if step.point_of_no_return { format!("{asks} no return") } else { asks.to_owned() }
}
