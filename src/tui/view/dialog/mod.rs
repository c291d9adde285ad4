//! The dialogs: what they are about above, which scrolls, and below it what must be answered, which never does.

mod answer;
mod beginning;
mod confirmation;
mod effect;
mod leave;
mod text;

pub(super) use text::has_calls;

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::text::{Line, Text};
use ratatui::widgets::Clear;

use super::wrap::wrap;
use super::{pane, words};
use crate::tui::dialog::{Dialog, Kind, WayOut};
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::update::EXPIRES;

/// Where there is room for more than this beside it, it is this wide; elsewhere it takes the whole width, so that nothing
/// of the page is left over at its edges.
const WIDE: u16 = 100;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, open: &Dialog, body: Rect) {
    let (area, above, below) = composed(ui, open, body);
    frame.render_widget(Clear, area);
    let title = title(ui, open);
    let title = words::fit(&title, usize::from(area.width).saturating_sub(8), ui.theme);
    let expires = Line::styled(format!(" {} ", expires(ui, open)), ui.theme.style(Role::Muted));
    let block = pane::frame_of(ui, &title, true)
        .title_bottom(Line::styled(keys(ui, open), ui.theme.style(Role::Muted)))
        .title_bottom(expires.right_aligned());
    let inner = block.inner(area).inner(Margin::new(1, 0));
    frame.render_widget(block, area);
    let fixed = u16::try_from(below.len()).unwrap_or(u16::MAX).min(inner.height);
    let [top, bottom] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(fixed)]).areas(inner);
    let height = usize::from(top.height);
    let scroll = open.scroll.min(above.len().saturating_sub(height));
    frame.render_widget(Text::from(marked(ui, above, scroll, height)), top);
    frame.render_widget(Text::from(below), bottom);
}

/// How far it can be scrolled.
pub(super) fn overflow(ui: &UiState, open: &Dialog, body: Rect) -> usize {
    let (area, above, below) = composed(ui, open, body);
    (above.len() + below.len() + 2).saturating_sub(area.height.into())
}

/// The same in a few lines, for a terminal that is too small: what it does, and the field, which never scrolls away.
pub(super) fn brief(ui: &UiState, open: &Dialog, area: Rect) -> Lines {
    let (above, below) = brief_parts(ui, open, area.width);
    let expires = expires(ui, open);
    let room = usize::from(area.width).saturating_sub(expires.len() + 1);
    let title = words::fit(&title(ui, open), room, ui.theme);
    let height = brief_height(area, &below);
    let scroll = open.scroll.min(above.len().saturating_sub(height));
    let title = Line::styled(format!("{title} {expires}"), ui.theme.style(Role::Title));
    [vec![title], marked(ui, above, scroll, height), below].concat()
}

/// Whether all of the field, or the buttons, is seen there below the title.
pub(super) fn brief_fits(ui: &UiState, open: &Dialog, area: Rect) -> bool {
    let (_, below) = brief_parts(ui, open, area.width);
    below.len() < usize::from(area.height)
}

/// How far it can be scrolled there, and how many lines are seen.
pub(super) fn brief_overflow(ui: &UiState, open: &Dialog, area: Rect) -> (usize, usize) {
    let (above, below) = brief_parts(ui, open, area.width);
    let height = brief_height(area, &below);
    (above.len().saturating_sub(height), height)
}

fn brief_height(area: Rect, below: &Lines) -> usize {
    usize::from(area.height).saturating_sub(below.len() + 1)
}

/// Where it is stands in the title already, so that the effect comes first.
fn brief_parts(ui: &UiState, open: &Dialog, width: u16) -> (Lines, Lines) {
    let told = |line: &Line<'_>| !line.spans.iter().any(|span| span.content.starts_with("Target "));
    let above = text::of(ui, open).into_iter().filter(told).collect();
    let typed = match open.wanted() {
        Some(wanted) => format!("type `{wanted}`: {}_", open.typed),
        None => open
            .buttons()
            .get(open.focus)
            .map_or_else(String::new, |button| format!("[{button}] tab enter")),
    };
    let below = [Some(typed), open.note.clone()].into_iter().flatten().map(Line::raw).collect();
    (wrap(above, width.into()), wrap(below, width.into()))
}

type Lines = Vec<Line<'static>>;

/// Where it stands, and its two parts.
fn composed(ui: &UiState, open: &Dialog, body: Rect) -> (Rect, Lines, Lines) {
    let widest = if body.width >= 120 { WIDE } else { body.width };
    let room = usize::from(widest.saturating_sub(4));
    let mut above = wrap(text::of(ui, open), room);
    above.push(Line::raw(""));
    let below = wrap(answer::of(ui, open), room);
    let wanted = u16::try_from(above.len() + below.len() + 2).unwrap_or(u16::MAX);
    let height = Constraint::Length(wanted.min(body.height));
    (body.centered(Constraint::Max(widest), height), above, below)
}

/// How many of the lines that scroll are seen.
pub(super) fn seen(ui: &UiState, open: &Dialog, body: Rect) -> usize {
    let (area, _, below) = composed(ui, open, body);
    usize::from(area.height.saturating_sub(2)).saturating_sub(below.len())
}

/// The key that shows all of what is said to the world, where something is.
fn keys(ui: &UiState, open: &Dialog) -> String {
    match (text::has_calls(ui, open), open.whole) {
        (false, _) => String::new(),
        (true, false) => " F2 shows all SQL and requests ".to_owned(),
        (true, true) => " F2 hides the SQL ".to_owned(),
    }
}

/// The lines that are seen; the first and the last say how many there are beyond them.
fn marked(ui: &UiState, lines: Lines, scroll: usize, height: usize) -> Lines {
    let all = lines.len();
    let mut shown: Lines = lines.into_iter().skip(scroll).take(height).collect();
    let mark = |text: String| Line::styled(text, ui.theme.style(Role::Muted));
    let cut = ui.theme.cut();
    if scroll + height < all
        && let Some(last) = shown.last_mut()
    {
        *last = mark(format!("{cut} {} more lines: down", all - scroll - height + 1));
    }
    if scroll > 0
        && let Some(first) = shown.first_mut()
    {
        *first = mark(format!("{cut} {} more lines: up", scroll + 1));
    }
    shown
}

fn title(ui: &UiState, open: &Dialog) -> String {
    let (what, tier) = match &open.kind {
        Kind::Confirm { step, .. } => {
            let at = ui.runbook.steps().position(|(_, known)| known.id == *step);
            let all = ui.runbook.steps().count();
            let what = match ui.runbook.step(step) {
                Some(step) if ui.state.begins_with(step) && ui.has_changed() => "Go on: step",
                Some(step) if ui.state.begins_with(step) => "Begin: step",
                _ => "Step",
            };
            (format!("{what} {} of {all}: {step}", at.map_or(0, |at| at + 1)), true)
        }
        Kind::Decide { step, .. } => (format!("What about {step}?"), true),
        Kind::Held { step } => (format!("A gate holds {step}"), true),
        Kind::Undo { step } => (format!("Undo everything because of {step}"), true),
        Kind::Abort { .. } if ui.state.past_return => ("Abort: nothing is undone".to_owned(), true),
        Kind::Abort { .. } => ("Abort: undo everything".to_owned(), true),
        Kind::Arm => ("Arm".to_owned(), false),
        Kind::Quit { way: WayOut::UndoAll, .. } => ("Leave: undo all".to_owned(), true),
        Kind::Quit { .. } => ("Leave".to_owned(), false),
    };
    let place = if tier { format!("  {}", ui.place) } else { String::new() };
    format!("{what}{place}")
}

fn expires(ui: &UiState, open: &Dialog) -> String {
    let age = Duration::try_from(ui.now.duration_since(open.opened)).unwrap_or_default();
    format!("expires in {}", words::short(EXPIRES.saturating_sub(age)))
}
