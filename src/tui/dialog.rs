//! The dialogs, with the data that each of them owns. Every one opens where Enter does nothing: on Cancel, or in an empty field.

use jiff::Timestamp;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::model::{Answer, Command, Confirm, Decision, Seq, StepId, StopReason};

/// More letters than this between two frames were not typed by hand.
const FASTEST: usize = 4;

/// What lies over the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dialog {
    /// What it is about.
    pub(super) kind: Kind,
    /// What was typed.
    pub(super) typed: String,
    /// Which button has the focus; the first is Cancel.
    pub(super) focus: usize,
    /// It has been drawn: keys that were typed before that are not meant for it.
    pub(super) drawn: bool,
    /// How many letters came since it was last drawn: a hand is slower than a frame.
    pub(super) burst: usize,
    /// When it opened; it closes by itself.
    pub(super) opened: Timestamp,
    /// Why it refused the last key.
    pub(super) note: Option<String>,
}

/// What a dialog is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// The confirmation of a step.
    Confirm {
        /// The step.
        step: StepId,
        /// What must be answered.
        confirm: Confirm,
        /// Which question it is.
        asked: Seq,
    },
    /// What happens with a step that failed or is in doubt.
    Decide {
        /// The step.
        step: StepId,
        /// What can be chosen.
        choices: Vec<Decision>,
    },
    /// Everything is undone.
    Abort,
    /// How to leave.
    Quit,
}

/// What a key did in a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Taken {
    /// The dialog stays.
    Stays,
    /// It closes.
    Closes,
    /// It closes, and this is said.
    Says(Command),
    /// It gives way to another.
    Opens(Kind),
}

impl Dialog {
    /// A dialog that opens now.
    pub(super) const fn new(kind: Kind, now: Timestamp) -> Self {
        Self {
            kind,
            typed: String::new(),
            focus: 0,
            drawn: false,
            burst: 0,
            opened: now,
            note: None,
        }
    }

    /// The word that must be typed, where one must be.
    pub(super) fn wanted(&self) -> Option<&str> {
        match &self.kind {
            Kind::Confirm { confirm: Confirm::Name(name), .. } => Some(name),
            Kind::Confirm { confirm: Confirm::Yes, .. } | Kind::Abort => Some("yes"),
            _ => None,
        }
    }

    /// The buttons; the first changes nothing.
    pub(super) fn buttons(&self) -> Vec<String> {
        match &self.kind {
            Kind::Confirm { confirm: Confirm::None | Confirm::Enter, .. } => {
                vec!["Cancel".to_owned(), "Go".to_owned()]
            }
            Kind::Confirm { .. } | Kind::Abort => Vec::new(),
            Kind::Decide { choices, .. } => {
                let words = choices.iter().map(|choice| capital(choice.word()));
                std::iter::once("Cancel".to_owned()).chain(words).collect()
            }
            Kind::Quit => ["Stay", "Detach", "Abort"].map(str::to_owned).to_vec(),
        }
    }

    /// Takes a key.
    pub(super) fn key(&mut self, key: KeyEvent) -> Taken {
        self.note = None;
        if self.wanted().is_some() {
            return self.key_in_field(key);
        }
        let buttons = self.buttons().len();
        match key.code {
            KeyCode::Tab | KeyCode::Right | KeyCode::Down => {
                self.focus = (self.focus + 1) % buttons;
            }
            KeyCode::BackTab | KeyCode::Left | KeyCode::Up => {
                self.focus = (self.focus + buttons - 1) % buttons;
            }
            KeyCode::Enter => return self.press(self.focus),
            KeyCode::Char('y') if matches!(self.kind, Kind::Confirm { .. }) => {
                return self.press(1);
            }
            _ => {}
        }
        Taken::Stays
    }

    fn key_in_field(&mut self, key: KeyEvent) -> Taken {
        match key.code {
            KeyCode::Enter => return self.enter(),
            KeyCode::Backspace => drop(self.typed.pop()),
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                self.typed.clear();
            }
            KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => self.letter(c),
            _ => {}
        }
        Taken::Stays
    }

    fn letter(&mut self, c: char) {
        self.burst += 1;
        self.typed.push(c);
        if self.burst > FASTEST {
            self.refuse("that came faster than anybody types: type it");
        }
    }

    fn enter(&mut self) -> Taken {
        if self.burst > 0 {
            self.note = Some("enter came with the text: press it again".to_owned());
            return Taken::Stays;
        }
        let wanted = self.wanted().unwrap_or_default().to_owned();
        if self.typed != wanted {
            self.note = Some(format!("not sent: the text differs from `{wanted}`"));
            return Taken::Stays;
        }
        let typed = std::mem::take(&mut self.typed);
        match &self.kind {
            Kind::Confirm { step, asked, .. } => Taken::Says(Command::Answer {
                step: step.clone(),
                answer: Answer::Typed(typed),
                asked: *asked,
            }),
            _ => Taken::Says(Command::Abort { why: "the operator said so".to_owned() }),
        }
    }

    fn press(&self, button: usize) -> Taken {
        match &self.kind {
            _ if button == 0 => Taken::Closes,
            Kind::Confirm { step, asked, .. } => Taken::Says(Command::Answer {
                step: step.clone(),
                answer: Answer::Enter,
                asked: *asked,
            }),
            Kind::Decide { step, choices } => {
                choices.get(button - 1).map_or(Taken::Stays, |choice| {
                    Taken::Says(Command::Decide { step: step.clone(), decision: *choice })
                })
            }
            Kind::Quit if button == 1 => {
                Taken::Says(Command::Stop { reason: StopReason::Detached })
            }
            Kind::Quit | Kind::Abort => Taken::Opens(Kind::Abort),
        }
    }

    /// Refuses text that nobody typed.
    pub(super) fn refuse(&mut self, why: &str) {
        self.typed.clear();
        self.note = Some(why.to_owned());
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
