//! The dialogs, with the data that each of them owns. Every one opens where Enter does nothing: on Cancel, or in an empty field.

use jiff::Timestamp;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::layer::scrolling;
use crate::model::{Answer, Command, Confirm, Decision, Seq, StepId, StopReason};

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
    /// A letter came since it was last drawn: nobody has seen it.
    pub(super) unseen: bool,
    /// When it opened; it closes by itself.
    pub(super) opened: Timestamp,
    /// When another look at the gates was asked for.
    pub(super) looked: Option<Timestamp>,
    /// Why it refused the last key.
    pub(super) note: Option<String>,
    /// How many lines are scrolled away.
    pub(super) scroll: usize,
    /// How many lines of what scrolls are seen.
    pub(super) seen: usize,
    /// Statements and requests are shown as a whole.
    pub(super) whole: bool,
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
        /// The run begins, or goes on, with it.
        begins: bool,
    },
    /// What happens with a step that failed or is in doubt.
    Decide {
        /// The step.
        step: StepId,
        /// What can be chosen.
        choices: Vec<Decision>,
    },
    /// A gate holds a step: nothing is asked, but it is said why.
    Held {
        /// The step.
        step: StepId,
    },
    /// Everything is undone, back to the start, because a step failed.
    Undo {
        /// The step.
        step: StepId,
    },
    /// Everything is undone; past the point of no return the run is ended.
    Abort {
        /// What must be typed.
        wanted: String,
    },
    /// The keys that change something are heard for a time.
    Arm,
    /// How to leave.
    Quit {
        /// What leaving does now.
        way: WayOut,
        /// Why it cannot be aborted from here.
        no_abort: Option<String>,
    },
}

/// What becomes of the run when its operator leaves: the engine never leaves writes stopped where they can be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WayOut {
    /// It stops where it is.
    Detach,
    /// Writes are stopped: everything is undone, so that they flow again.
    UndoAll,
    /// Writes are stopped and cannot be given back: it goes on until they flow.
    WhenWritesFlow,
    /// It is being undone, or given up: that is done to its end.
    WhenEnded,
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
    /// It gives way to the one that undoes everything.
    OpensAbort,
    /// It closes, and the session is armed.
    Arms,
}

impl Dialog {
    /// A dialog that opens now.
    pub(super) const fn new(kind: Kind, now: Timestamp) -> Self {
        Self {
            kind,
            typed: String::new(),
            focus: 0,
            drawn: false,
            unseen: false,
            opened: now,
            looked: None,
            note: None,
            scroll: 0,
            seen: 10,
            whole: false,
        }
    }

    /// The word that must be typed, where one must be.
    pub(super) fn wanted(&self) -> Option<&str> {
        match &self.kind {
            Kind::Confirm { confirm: Confirm::Name(name), .. } => Some(name),
            Kind::Confirm { confirm: Confirm::Yes, .. }
            | Kind::Undo { .. }
            | Kind::Arm
            | Kind::Quit { way: WayOut::UndoAll, .. } => Some("yes"),
            Kind::Abort { wanted } => Some(wanted),
            _ => None,
        }
    }

    /// The buttons; the first changes nothing.
    pub(super) fn buttons(&self) -> Vec<String> {
        match &self.kind {
            Kind::Confirm { confirm: Confirm::None | Confirm::Enter, begins, .. } => {
                vec!["Cancel".to_owned(), if *begins { "Begin" } else { "Go" }.to_owned()]
            }
            Kind::Confirm { .. }
            | Kind::Undo { .. }
            | Kind::Abort { .. }
            | Kind::Arm
            | Kind::Quit { way: WayOut::UndoAll, .. } => Vec::new(),
            Kind::Held { .. } => vec!["Close".to_owned()],
            Kind::Decide { choices, .. } => {
                let words = choices.iter().map(|choice| match choice {
                    Decision::Undo => "Undo all".to_owned(),
                    other => capital(other.word()),
                });
                std::iter::once("Cancel".to_owned()).chain(words).collect()
            }
            Kind::Quit { way: WayOut::Detach, .. } => {
                ["Stay", "Detach", "Abort"].map(str::to_owned).to_vec()
            }
            Kind::Quit { way: WayOut::WhenWritesFlow, .. } => {
                vec!["Stay".to_owned(), "Leave when writes flow".to_owned()]
            }
            Kind::Quit { way: WayOut::WhenEnded, .. } => {
                vec!["Stay".to_owned(), "Leave when it has ended".to_owned()]
            }
        }
    }

    /// Takes a key.
    pub(super) fn key(&mut self, key: KeyEvent) -> Taken {
        self.note = None;
        if key.code == KeyCode::F(2) {
            self.whole = !self.whole;
            return Taken::Stays;
        }
        let field = self.wanted().is_some();
        let scrolls = matches!(key.code, KeyCode::PageUp | KeyCode::PageDown)
            || field && matches!(key.code, KeyCode::Up | KeyCode::Down);
        if let Some(by) = scrolling(key, self.seen.saturating_sub(1)).filter(|_| scrolls) {
            self.scroll = self.scroll.saturating_add_signed(by);
            return Taken::Stays;
        }
        if self.wanted().is_some() {
            return self.key_in_field(key);
        }
        let buttons = self.buttons().len();
        match key.code {
            KeyCode::Down => self.scroll += 1,
            KeyCode::Up => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::Tab | KeyCode::Right => {
                self.focus = (self.focus + 1) % buttons;
            }
            KeyCode::BackTab | KeyCode::Left => {
                self.focus = (self.focus + buttons - 1) % buttons;
            }
            KeyCode::Enter => return self.press(self.focus),
            KeyCode::Char('y') if matches!(self.kind, Kind::Confirm { .. }) => {
                return self.press(1);
            }
            KeyCode::Char(key) => {
                self.note = Some(format!("`{key}` means nothing here: tab moves, enter presses"));
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
            KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => {
                self.unseen = true;
                self.typed.push(c);
            }
            _ => {}
        }
        Taken::Stays
    }

    fn enter(&mut self) -> Taken {
        if self.unseen {
            self.note = Some("enter came before the text was seen: press it again".to_owned());
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
            Kind::Undo { step } => {
                Taken::Says(Command::Decide { step: step.clone(), decision: Decision::Undo })
            }
            Kind::Arm => Taken::Arms,
            Kind::Quit { .. } => Taken::Says(Command::Stop { reason: StopReason::Detached }),
            _ => Taken::Says(Command::Abort { why: "the operator aborted it".to_owned() }),
        }
    }

    fn press(&mut self, button: usize) -> Taken {
        match &self.kind {
            _ if button == 0 => Taken::Closes,
            Kind::Confirm { step, asked, .. } => Taken::Says(Command::Answer {
                step: step.clone(),
                answer: Answer::Enter,
                asked: *asked,
            }),
            Kind::Decide { step, choices } if choices.get(button - 1) == Some(&Decision::Undo) => {
                Taken::Opens(Kind::Undo { step: step.clone() })
            }
            Kind::Decide { step, choices } => {
                choices.get(button - 1).map_or(Taken::Stays, |choice| {
                    Taken::Says(Command::Decide { step: step.clone(), decision: *choice })
                })
            }
            Kind::Quit { .. } if button == 1 => {
                Taken::Says(Command::Stop { reason: StopReason::Detached })
            }
            Kind::Quit { no_abort: Some(why), .. } => {
                self.note = Some(format!("cannot be aborted from here: {why}"));
                Taken::Stays
            }
            Kind::Quit { no_abort: None, .. } => Taken::OpensAbort,
            Kind::Held { .. } => Taken::Closes,
            Kind::Undo { .. } | Kind::Abort { .. } | Kind::Arm => Taken::Stays,
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
