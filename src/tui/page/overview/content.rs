//! What the last comparison of content found: counts can be equal where content is not.

use ratatui::text::Line;

use super::check::Check;
use crate::tui::list::Cell;
use crate::tui::page::standing::Word;
use crate::tui::proof::Content;
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::words;

pub(super) fn check(ui: &UiState) -> Check {
    let Some(found) = ui.proofs.content() else {
        return Check::alone("content", Word::Wait.because("not compared yet"), Cell::none());
    };
    let standing = match found.differ.len() {
        0 => Word::Ok.because(format!("{} tables", found.tables)),
        1 => Word::Fail.because("1 table differs"),
        count => Word::Fail.because(format!("{count} tables differ")),
    };
    Check::alone("content", standing, Cell::age(Some(found.at), false))
}

pub(super) fn details(ui: &UiState) -> Vec<Line<'static>> {
    let Some(Content { step, tables, differ, at }) = ui.proofs.content() else {
        return vec![Line::raw("         no comparison of this run has ended that covers it")];
    };
    let age = words::age(Some(*at), ui.now);
    let when = format!("compared {tables} tables by `{step}`, {age} ago, at {}", words::time(*at));
    let differ = differ
        .iter()
        .map(|table| Line::styled(format!("differs  {table}"), ui.theme.style(Role::Fail)));
    std::iter::once(Line::raw(format!("{when} UTC"))).chain(differ).collect()
}
