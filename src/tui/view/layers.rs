//! What is laid over a page to be read: the details of a row, and the keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use ratatui::widgets::Clear;

use super::wrap::wrap;
use super::{dialog, pane, screen};
use crate::tui::keymap::{Binding, Place, Tier, keys_of};
use crate::tui::layer::{Details, Help};
use crate::tui::layout::places;
use crate::tui::state::UiState;
use crate::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, body: Rect) {
    if let Some(open) = &ui.details {
        let follows = if open.follows { "  follows" } else { "" };
        let title = format!("{}: {}{follows}  esc closes", open.page.title(), open.row);
        layer(frame, ui, body, &title, details(ui, open, body), open.scroll);
    }
    if let Some(open) = &ui.help {
        let search = match (open.searching, open.search.as_str()) {
            (true, text) => format!("  search: {text}_"),
            (false, "") => String::new(),
            (false, text) => format!("  search: {text}, esc clears it"),
        };
        let title = format!("Keys of {}{search}", ui.focus.title());
        layer(frame, ui, body, &title, help(ui, open, within(body)), open.scroll);
    }
}

/// How far the top layer can be scrolled.
pub(in crate::tui) fn overflow(ui: &UiState) -> usize {
    let Some(places) = places(ui, Rect::new(0, 0, ui.size.0, ui.size.1)) else {
        return brief_overflow(ui).0;
    };
    if let Some(open) = &ui.dialog {
        return dialog::overflow(ui, open, places.body);
    }
    let lines = match (&ui.help, &ui.details) {
        (Some(open), _) => help(ui, open, within(places.body)),
        (None, Some(open)) => details(ui, open, places.body),
        (None, None) => return 0,
    };
    lines.len().saturating_sub(places.body.height.saturating_sub(2).into())
}

/// How many lines of what scrolls in the top layer are seen.
pub(in crate::tui) fn seen(ui: &UiState) -> usize {
    let Some(places) = places(ui, Rect::new(0, 0, ui.size.0, ui.size.1)) else {
        return brief_overflow(ui).1;
    };
    match &ui.dialog {
        Some(open) => dialog::seen(ui, open, places.body),
        None => places.body.height.saturating_sub(2).into(),
    }
}

/// How far the top layer can be scrolled on a terminal that is too small for pages, and how many lines are seen.
fn brief_overflow(ui: &UiState) -> (usize, usize) {
    let area = screen::below_the_state(ui);
    let height = usize::from(area.height);
    match (&ui.dialog, &ui.help) {
        (Some(open), _) => dialog::brief_overflow(ui, open, area),
        (None, Some(open)) => {
            (help(ui, open, area.width.into()).len().saturating_sub(height), height)
        }
        (None, None) => (0, height),
    }
}

/// The keys in a few lines, for a terminal that is too small.
pub(super) fn brief(ui: &UiState, open: &Help, area: Rect) -> Vec<Line<'static>> {
    let lines = help(ui, open, area.width.into());
    let scroll = open.scroll.min(lines.len().saturating_sub(area.height.into()));
    lines.into_iter().skip(scroll).take(area.height.into()).collect()
}

fn layer(
    frame: &mut Frame<'_>,
    ui: &UiState,
    area: Rect,
    title: &str,
    lines: Vec<Line<'static>>,
    scroll: usize,
) {
    frame.render_widget(Clear, area);
    let height = usize::from(area.height.saturating_sub(2));
    let all = lines.len();
    let scroll = scroll.min(all.saturating_sub(height));
    let part = (all > height).then(|| format!("{}-{} of {all}", scroll + 1, scroll + height));
    let block = pane::block(ui, area, title, true, part);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let lines: Vec<Line<'static>> = lines.into_iter().skip(scroll).take(height).collect();
    frame.render_widget(Text::from(lines), inner);
}

fn details(ui: &UiState, open: &Details, area: Rect) -> Vec<Line<'static>> {
    wrap(open.page.face().details(ui, &open.row), area.width.saturating_sub(2).into())
}

/// How wide a text is inside a frame.
fn within(area: Rect) -> usize {
    area.width.saturating_sub(2).into()
}

fn help(ui: &UiState, open: &Help, width: usize) -> Vec<Line<'static>> {
    let search = open.search.to_lowercase();
    let found = |text: &str| text.to_lowercase().contains(&search);
    let mut lines = Vec::new();
    for place in [Place::Playing, Place::On(ui.focus), Place::Rows, Place::Any] {
        let keys = keys_of(ui.focus, ui.player.is_some())
            .filter(|key| key.place == place && !key.help.is_empty());
        let keys = keys.filter(|key| found(key.label) || found(key.help));
        let keys: Vec<Line<'static>> = keys.map(|key| explained(ui, key)).collect();
        if !keys.is_empty() {
            lines.push(Line::styled(place.word(), ui.theme.style(Role::Title)));
            lines.extend(keys);
        }
    }
    if lines.is_empty() {
        lines.push(Line::styled("no key does that", ui.theme.style(Role::Muted)));
    }
    wrap(lines, width)
}

fn explained(ui: &UiState, key: &Binding) -> Line<'static> {
    let asks = match key.tier {
        Tier::Look => String::new(),
        tier => format!("; asks {}", tier.word()),
    };
    let (why, role) = match ui.disabled(key.cmd) {
        Some(why) => (format!(" (disabled: {why})"), Role::Muted),
        None => (String::new(), Role::Plain),
    };
    Line::styled(format!(" {:<10}  {}{asks}{why}", key.label, key.help), ui.theme.style(role))
}
