//! What is laid over a page, only to be read: details of a row, and the keys.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::page::Page;
use crate::model::Name;

/// What is known of a row. It is written anew for each frame, so that it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Details {
    /// The page that knows it.
    pub(super) page: Page,
    /// The row.
    pub(super) row: Name,
    /// How many lines are scrolled away.
    pub(super) scroll: usize,
    /// It stays at its end when lines are added.
    pub(super) follows: bool,
}

impl Details {
    /// Scrolls by lines, up where it is negative. Who comes to the end of a log goes on with it, and who goes up does not.
    pub(super) fn scroll_by(&mut self, by: isize, overflow: usize, has_log: bool) {
        self.scroll = self.scroll.saturating_add_signed(by).min(overflow);
        if by != 0 {
            self.follows = has_log && by > 0 && self.scroll == overflow;
        }
    }

    /// Goes to where it must be, after lines were added or the screen has another size.
    pub(super) fn settle(&mut self, overflow: usize) {
        self.scroll = if self.follows { overflow } else { self.scroll.min(overflow) };
    }
}

/// The keys of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Help {
    /// What is searched for.
    pub(super) search: String,
    /// Letters are of the search; elsewhere they scroll.
    pub(super) searching: bool,
    /// How many lines are scrolled away.
    pub(super) scroll: usize,
}

impl Help {
    /// Takes a key of the search; false for one that is not of it.
    pub(super) fn take(&mut self, key: KeyEvent) -> bool {
        match key.code {
            KeyCode::Esc => *self = Self::default(),
            KeyCode::Enter => self.searching = false,
            KeyCode::Backspace => drop(self.search.pop()),
            KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => {
                self.search.push(c);
                self.scroll = 0;
            }
            _ => return false,
        }
        true
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_followed_at_its_end_until_somebody_goes_up() {
        let row = "job/restore".into();
        let mut open = Details { page: Page::Jobs, row, scroll: 0, follows: false };
        open.settle(20);
        assert_eq!(open.scroll, 0, "what is known of the row is read first");
        open.scroll_by(isize::MAX, 20, true);
        open.settle(25);
        assert_eq!(open.scroll, 25);
        open.scroll_by(-1, 25, true);
        open.settle(30);
        assert_eq!(open.scroll, 24);
        open.scroll_by(6, 30, true);
        open.settle(33);
        assert_eq!(open.scroll, 33);
    }

    #[test]
    fn what_is_not_a_log_stays_where_it_is() {
        let mut open = Details { page: Page::Rows, row: "t".into(), scroll: 0, follows: false };
        open.scroll_by(isize::MAX, 20, false);
        open.settle(25);
        assert_eq!(open.scroll, 20);
    }
}
