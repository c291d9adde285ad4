//! The last line: what is being typed, or the keys. A key that does nothing now stays, and says why. A toast stands above it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{dialog, pane, words};
use crate::tui::command_line::candidates;
use crate::tui::keymap::{Binding, Place, keys_of};
use crate::tui::msg::Cmd;
use crate::tui::prompt::{Kind, Prompt};
use crate::tui::state::UiState;
use crate::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let width = usize::from(area.width);
    if let Some(prompt) = &ui.prompt {
        let line = pane::fitted(ui.theme, &typing(ui, prompt), area.width);
        return frame.render_widget(line, area);
    }
    let line = layer(ui).unwrap_or_else(|| keys(ui, width));
    frame.render_widget(pane::fitted(ui.theme, &line, area.width), area);
}

/// A toast stands above the keys: what can be pressed about it stays readable.
pub(super) fn toast(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let Some(toast) = &ui.toast else { return };
    let text = words::fit(&format!(" ! {}", toast.text), area.width.into(), ui.theme);
    frame.render_widget(Line::styled(text, ui.theme.style(Role::Warn)), area);
}

/// The keys of the top layer, where something lies over the page.
fn layer(ui: &UiState) -> Option<Line<'static>> {
    let keys: &[(&str, &str)] = match (&ui.dialog, &ui.help, &ui.details) {
        (Some(open), ..) if open.wanted().is_some() && dialog::has_calls(ui, open) => {
            &[("enter", "sends"), ("esc", "cancels"), ("pgdn pgup", "scroll"), ("F2", "all SQL")]
        }
        (Some(open), ..) if open.wanted().is_some() => {
            &[("enter", "sends"), ("esc", "cancels"), ("pgdn pgup", "scroll")]
        }
        (Some(_), ..) => {
            &[("tab", "moves"), ("enter", "presses"), ("esc", "closes"), ("up down", "scroll")]
        }
        (None, Some(open), _) if open.searching => {
            &[("letters", "search"), ("enter", "keeps it"), ("esc", "ends the search")]
        }
        (None, Some(_), _) => &[("j k pgdn pgup", "scroll"), ("/", "searches"), ("esc", "closes")],
        (None, None, Some(_)) => {
            &[("esc", "closes"), ("j k pgdn pgup", "scroll"), ("?", "help"), ("q", "quit")]
        }
        (None, None, None) => return None,
    };
    let pairs = keys.iter().flat_map(|(key, does)| {
        [
            Span::styled(format!(" {key}"), ui.theme.style(Role::Title)),
            Span::raw(format!(" {does} ")),
        ]
    });
    Some(Line::from(pairs.collect::<Vec<_>>()))
}

fn typing(ui: &UiState, prompt: &Prompt) -> Line<'static> {
    let (mark, hint) = match prompt.kind {
        Kind::Filter(_) => ('/', "enter keeps it, esc clears it".to_owned()),
        Kind::Command => (':', candidates(ui, &prompt.text).join("  ")),
    };
    Line::from(vec![
        Span::styled(format!(" {mark}{}_", prompt.text), ui.theme.style(Role::Title)),
        Span::styled(format!("   {hint}"), ui.theme.style(Role::Muted)),
    ])
}

/// How much is said of keys that do nothing now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reasons {
    All,
    /// Of the next step alone: that is what is waited for.
    Next,
    No,
}

/// The keys that there is room for: first the reasons are left out, then the keys that only show something, and last why
/// the next step cannot be taken.
fn keys(ui: &UiState, width: usize) -> Line<'static> {
    let mut keys: Vec<&Binding> =
        keys_of(ui.focus, ui.player.is_some()).filter(|key| ui.hint(key).is_some()).collect();
    keys.sort_by_key(|binding| order(binding));
    let all = written(ui, &keys, Reasons::All);
    if all.width() <= width {
        return all;
    }
    while keys.len() > 4 && written(ui, &keys, Reasons::Next).width() > width {
        keys.remove(keys.len() - 2);
    }
    let line = written(ui, &keys, Reasons::Next);
    if line.width() <= width { line } else { written(ui, &keys, Reasons::No) }
}

/// Help, what acts, what the page has to itself, what only shows, and quit.
fn order(binding: &Binding) -> u8 {
    match (binding.cmd, binding.place) {
        (Cmd::Help, _) => 0,
        (Cmd::Next | Cmd::Abort | Cmd::Undo, _) => 1,
        (Cmd::Quit, _) => 9,
        (_, Place::On(_) | Place::Playing) => 2,
        (Cmd::Pane, _) => 3,
        _ => 4,
    }
}

fn written(ui: &UiState, keys: &[&Binding], reasons: Reasons) -> Line<'static> {
    let mut spans = Vec::new();
    for binding in keys {
        let disabled = ui.disabled(binding.cmd);
        let told = binding.cmd == Cmd::Next;
        let why = match &disabled {
            Some(why) if reasons == Reasons::All || told && reasons == Reasons::Next => {
                format!(" (disabled: {why})")
            }
            Some(_) => " (disabled)".to_owned(),
            None => String::new(),
        };
        let [key, rest] = match disabled {
            Some(_) => [Role::Muted; 2],
            None => [Role::Title, Role::Plain],
        };
        spans.push(Span::styled(format!(" {}", binding.label), ui.theme.style(key)));
        spans.push(Span::styled(
            format!(" {}{why} ", ui.hint(binding).unwrap_or_default()),
            ui.theme.style(rest),
        ));
    }
    Line::from(spans)
}
