//! A line that is being typed at the foot of the screen.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::page::Page;

/// A line that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prompt {
    /// What for.
    pub(super) kind: Kind,
    /// What was typed so far.
    pub(super) text: String,
    /// How many lines back it was recalled from; 0 is none.
    pub(super) recalled: usize,
}

/// What a line is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The filter of a page's rows; it works while it is typed.
    Filter(Page),
    /// A command.
    Command,
}

/// What a key did to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// The text is another.
    Changed,
    /// It is finished.
    Entered,
    /// Nothing.
    Nothing,
}

impl Prompt {
    /// A line that begins with a text.
    pub(super) fn new(kind: Kind, text: &str) -> Self {
        Self { kind, text: text.to_owned(), recalled: 0 }
    }

    /// Takes a key.
    pub(super) fn key(&mut self, key: KeyEvent) -> Typed {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Typed::Entered,
            KeyCode::Backspace => drop(self.text.pop()),
            KeyCode::Char('u') if control => self.text.clear(),
            KeyCode::Char(c) if !control => self.text.push(c),
            _ => return Typed::Nothing,
        }
        Typed::Changed
    }
}
