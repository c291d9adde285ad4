//! What is laid over a page, only to be read: details of a row, and the keys.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::page::Page;

/// What is known of a row. It is written anew for each frame, so that it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Details {
    /// The page that knows it.
    pub(super) page: Page,
    /// The row.
    pub(super) row: String,
    /// How many lines are scrolled away.
    pub(super) scroll: usize,
}

/// The keys of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Help {
    /// What is searched for.
    pub(super) search: String,
    /// How many lines are scrolled away.
    pub(super) scroll: usize,
}

/// By how many lines a key scrolls a text, where it does; `screen` is the height of what is seen.
pub(super) fn scrolling(key: KeyEvent, screen: usize) -> Option<isize> {
    let screen = isize::try_from(screen).unwrap_or(isize::MAX).max(2);
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Down => 1,
        KeyCode::Up => -1,
        KeyCode::PageDown => screen - 1,
        KeyCode::PageUp => 1 - screen,
        KeyCode::Char('d') if control => screen / 2,
        KeyCode::Char('u') if control => -screen / 2,
        KeyCode::Home => isize::MIN,
        KeyCode::End => isize::MAX,
        _ => return None,
    })
}
