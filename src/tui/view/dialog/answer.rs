//! What must be answered: a field or buttons, and why the last key was refused.

use ratatui::text::{Line, Span};

use crate::tui::dialog::Dialog;
use crate::tui::state::UiState;
use crate::tui::theme::Role;

pub(super) fn of(ui: &UiState, open: &Dialog) -> Vec<Line<'static>> {
    let mut lines = match open.wanted() {
        Some(wanted) => field(ui, open, wanted),
        None => vec![buttons(ui, open)],
    };
    let note = open.note.clone();
    lines.extend(note.map(|note| Line::styled(note, ui.theme.style(Role::Fail))));
    lines
}

fn field(ui: &UiState, open: &Dialog, wanted: &str) -> Vec<Line<'static>> {
    let left = wanted.chars().count().saturating_sub(open.typed.chars().count());
    let state = match () {
        () if open.typed == wanted => "enter sends it".to_owned(),
        () if wanted.starts_with(&open.typed) && left == 1 => "1 letter left".to_owned(),
        () if wanted.starts_with(&open.typed) => format!("{left} letters left"),
        () => "the text differs".to_owned(),
    };
    vec![
        Line::from(vec![
            Span::raw("Type  "),
            Span::styled(wanted.to_owned(), ui.theme.style(Role::Title)),
            Span::raw("  to confirm; esc cancels"),
        ]),
        Line::from(vec![
            Span::styled(format!("> {}_", open.typed), ui.theme.style(Role::Title)),
            Span::styled(format!("   {state}"), ui.theme.style(Role::Muted)),
        ]),
    ]
}

fn buttons(ui: &UiState, open: &Dialog) -> Line<'static> {
    let spans = open.buttons().into_iter().enumerate().flat_map(|(index, button)| {
        let role = if index == open.focus { Role::Focus } else { Role::Plain };
        [Span::styled(format!("[ {button} ]"), ui.theme.style(role)), Span::raw("  ")]
    });
    let keys = Span::styled("tab and enter", ui.theme.style(Role::Muted));
    Line::from(spans.chain([keys]).collect::<Vec<_>>())
}
