//! What a message does to the state. Pure: the clock is a message, and what is to be done outside comes back as effects.

use std::time::Duration;

use jiff::Timestamp;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::dialog::{Dialog, Kind, Taken};
use super::keymap;
use super::msg::{Cmd, Effect, Msg};
use super::state::{Pane, Scroll, UiState};
use super::theme::Role;
use crate::model::{Command, Event, Move, StepId, StopReason, choices};
use crate::session::SessionMode;

/// A dialog closes by itself after this time.
const EXPIRES: Duration = Duration::from_secs(60);
/// ctrl-c twice within this time detaches.
const TWICE: Duration = Duration::from_secs(2);

/// Takes a message in.
pub(super) fn update(ui: &mut UiState, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Event(event) => {
            ui.take(&event);
            ui.drop_stale_dialog();
            ui.mark(&event)
        }
        Msg::Observed(observed) => {
            ui.observed = *observed;
            Vec::new()
        }
        Msg::Ended => ui.end(),
        Msg::Key(key) => ui.key(key),
        Msg::Pasted => {
            if let Some(dialog) = &mut ui.dialog {
                dialog.refuse("pasted text is not taken: type it");
            }
            Vec::new()
        }
        Msg::Resized => vec![Effect::Clear],
        Msg::Tick(now) => {
            ui.tick(now);
            Vec::new()
        }
        Msg::Drawn => {
            if let Some(dialog) = &mut ui.dialog {
                dialog.drawn = true;
                dialog.burst = 0;
            }
            Vec::new()
        }
        Msg::CastEnded(why) => {
            ui.say(format!("the screen is no longer recorded: {why}"), Role::Warn);
            Vec::new()
        }
        Msg::Signal(signal) => ui.leave(StopReason::Signal(signal)),
    }
}

impl UiState {
    /// A step's edge is marked in the recording of the screen, but not those that were told before it began.
    fn mark(&self, event: &Event) -> Vec<Effect> {
        let seen = event.at >= self.opened || self.mode == SessionMode::Replay;
        let marked = seen && event.kind.is_edge();
        marked.then(|| Effect::Mark(event.kind.to_string())).into_iter().collect()
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let cmd = keymap::command(key);
        match (&mut self.dialog, cmd) {
            (_, Some(Cmd::Redraw)) => vec![Effect::Clear],
            (Some(_), Some(Cmd::Close)) => {
                self.dialog = None;
                Vec::new()
            }
            (_, Some(Cmd::Quit)) if key.code != KeyCode::Char('q') => self.quit(),
            (Some(dialog), _) if dialog.drawn => {
                let taken = dialog.key(key);
                self.taken(taken)
            }
            // typed before the dialog was on the screen: not meant for it
            (Some(_), _) | (None, None) => Vec::new(),
            (None, Some(cmd)) => self.command(cmd),
        }
    }

    fn taken(&mut self, taken: Taken) -> Vec<Effect> {
        match taken {
            Taken::Stays => Vec::new(),
            Taken::Closes => {
                self.dialog = None;
                Vec::new()
            }
            Taken::Opens(kind) => {
                self.dialog = Some(Dialog::new(kind, self.now));
                Vec::new()
            }
            Taken::Says(Command::Stop { reason }) => self.leave(reason),
            Taken::Says(command) => {
                self.dialog = None;
                vec![Effect::Send(command)]
            }
        }
    }

    fn command(&mut self, cmd: Cmd) -> Vec<Effect> {
        if let Some(why) = self.disabled(cmd) {
            self.say(why, Role::Muted);
            return Vec::new();
        }
        match cmd {
            Cmd::Next => self.open_next(),
            Cmd::Abort => self.open(Kind::Abort),
            Cmd::Help => self.open(Kind::Help),
            Cmd::Quit => return self.quit(),
            Cmd::Close => self.toast = None,
            Cmd::Pane => self.pane = next_pane(self.pane),
            Cmd::PaneBack => self.pane = next_pane(next_pane(self.pane)),
            Cmd::Up(lines) => self.scroll_by(lines),
            Cmd::Top => self.scroll[self.pane as usize] = Scroll::At(0),
            Cmd::Bottom => self.scroll[self.pane as usize] = Scroll::Follow,
            Cmd::Redraw => return vec![Effect::Clear],
        }
        Vec::new()
    }

    fn open(&mut self, kind: Kind) {
        self.dialog = Some(Dialog::new(kind, self.now));
    }

    fn open_next(&mut self) {
        let kind = self.moves().into_iter().find_map(|open| match open {
            Move::AwaitAnswer(step) => self.confirmation(step),
            Move::AwaitDecision(step) | Move::AwaitStep(step) | Move::Check(step) => {
                let choices = self.runbook.step(&step).map(|step| choices(step, &self.state));
                let choices = choices.filter(|choices| !choices.is_empty())?;
                Some(Kind::Decide { step, choices })
            }
            _ => None,
        });
        if let Some(kind) = kind {
            self.open(kind);
        }
    }

    fn confirmation(&self, step: StepId) -> Option<Kind> {
        let asked = self.state.step(&step).asked?;
        let confirm = self.runbook.step(&step)?.confirm.clone();
        Some(Kind::Confirm { step, confirm, asked })
    }

    fn quit(&mut self) -> Vec<Effect> {
        if !self.drives() {
            return vec![Effect::Leave];
        }
        let twice = self.quit_at.is_some_and(|at| within(at, self.now, TWICE));
        self.quit_at = Some(self.now);
        if twice {
            return self.leave(StopReason::Detached);
        }
        self.open(Kind::Quit);
        Vec::new()
    }

    /// Stops the run, and leaves when it has stopped. Said twice, the console goes at once.
    fn leave(&mut self, reason: StopReason) -> Vec<Effect> {
        self.dialog = None;
        if !self.drives() || self.leaving {
            return vec![Effect::Leave];
        }
        self.leaving = true;
        self.say("leaving as soon as the run has stopped", Role::Warn);
        vec![Effect::Send(Command::Stop { reason })]
    }

    fn end(&mut self) -> Vec<Effect> {
        self.ended = true;
        self.dialog = self.dialog.take().filter(|dialog| dialog.kind == Kind::Help);
        if self.leaving { vec![Effect::Leave] } else { Vec::new() }
    }

    fn tick(&mut self, now: Timestamp) {
        if self.mode != SessionMode::Replay || self.ended {
            self.now = now;
        }
        if self.toast.as_ref().is_some_and(|toast| now > toast.until) {
            self.toast = None;
        }
        let old =
            |dialog: &Dialog| dialog.kind != Kind::Help && !within(dialog.opened, now, EXPIRES);
        if self.dialog.as_ref().is_some_and(old) {
            self.dialog = None;
            self.say("the dialog expired; nothing was done", Role::Warn);
        }
    }

    /// Closes a dialog whose question is no longer open.
    fn drop_stale_dialog(&mut self) {
        let Some(dialog) = &self.dialog else { return };
        let stale = match &dialog.kind {
            Kind::Confirm { step, asked, .. } => self.state.step(step).asked != Some(*asked),
            Kind::Decide { step, choices: offered } => {
                self.runbook.step(step).is_none_or(|step| choices(step, &self.state) != *offered)
            }
            Kind::Abort | Kind::Quit => !self.drives(),
            Kind::Help => false,
        };
        if stale {
            self.dialog = None;
            self.say("the question is no longer open; nothing was done", Role::Warn);
        }
    }

    fn scroll_by(&mut self, up: isize) {
        let (at, last) = match self.pane {
            Pane::Steps => (self.current_item(), self.items().len().saturating_sub(1)),
            Pane::Compare => (0, (self.checks().len() + self.tables().len()).saturating_sub(1)),
            Pane::Log => (self.log.len().saturating_sub(1), self.log.len().saturating_sub(1)),
        };
        let from = match self.scrolled(self.pane) {
            Scroll::Follow => at,
            Scroll::At(line) => line,
        };
        let line = from.min(last).saturating_add_signed(-up).min(last);
        self.scroll[self.pane as usize] = Scroll::At(line);
    }
}

const fn next_pane(pane: Pane) -> Pane {
    match pane {
        Pane::Steps => Pane::Compare,
        Pane::Compare => Pane::Log,
        Pane::Log => Pane::Steps,
    }
}

fn within(from: Timestamp, now: Timestamp, limit: Duration) -> bool {
    Duration::try_from(now.duration_since(from)).is_ok_and(|passed| passed < limit)
}
