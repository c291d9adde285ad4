//! What a message does to the state. Pure: the clock is a message, and what is to be done outside comes back as effects.

use std::time::Duration;

use jiff::Timestamp;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;

use super::arming::Arming;
use super::dialog::{Dialog, Kind, Taken, WayOut};
use super::keymap;
use super::layer::Help;
use super::layout::{places, rows_in};
use super::msg::{Cmd, Effect, Msg};
use super::page::Page;
use super::state::{Toast, UiState};
use super::theme::Role;
use super::view;
use super::view::words;
use crate::model::{Answer, Command, Event, Seq, StepId, StepStatus, StopReason, choices};

/// A dialog closes by itself after this time.
pub(super) const EXPIRES: Duration = Duration::from_secs(60);
/// Keys that come sooner after a dialog closed by itself, or after each other, were typed for it.
const FOR_DIALOG: Duration = Duration::from_secs(1);
/// A toast goes by itself after this time.
const STANDS: Duration = Duration::from_secs(6);
/// A key takes a toast away that stood for so long: it may have come in the middle of a word.
const READS: Duration = Duration::from_secs(1);
/// For so long after the start nothing is said of keys that mean nothing.
const SETTLES: Duration = Duration::from_secs(2);
/// ctrl-c twice within this time leaves.
const TWICE: Duration = Duration::from_secs(2);

/// Takes a message in.
pub(super) fn update(ui: &mut UiState, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Event(event) => {
            ui.take(&event);
            ui.drop_stale_dialog();
            ui.outdated = true;
            return ui.mark(&event);
        }
        Msg::Observed(observed) => {
            ui.pace.see(&observed);
            ui.trends.take(&observed);
            ui.observed = *observed;
            ui.outdated = true;
        }
        Msg::Ended => return ui.end(),
        Msg::Follows(follow) => ui.follow(*follow),
        Msg::Looked(look) => ui.looked(look),
        Msg::Behind(why) => ui.lag(why),
        Msg::Continued(since) => ui.go_on(since),
        Msg::Key(key) => return ui.key(key),
        Msg::Rushed(key) => return ui.rushed(key),
        Msg::Pasted => ui.pasted(),
        Msg::Clicked(column, line) => ui.clicked(column, line),
        Msg::Wheeled(rows, column, line) => ui.wheeled(rows, column, line),
        Msg::Resized => return vec![Effect::Clear],
        Msg::Tick(now) => return ui.tick(now),
        Msg::Frame { width, height } => ui.settle(width, height),
        Msg::Drawn => {
            let shown = view::answers_show(ui);
            if let Some(dialog) = &mut ui.dialog {
                dialog.drawn = shown;
                dialog.unseen &= !shown;
            }
        }
        Msg::CastEnded(why) => {
            ui.say(format!("the screen is no longer recorded: {why}"), Role::Warn);
        }
        Msg::Calls { calls, dropped } => {
            (ui.calls, ui.calls_dropped) = (calls, dropped);
            ui.outdated |= ui.focus == Page::Log || ui.page == Page::Log;
        }
        Msg::Signal(signal) => return ui.leave(StopReason::Signal(signal)),
    }
    Vec::new()
}

impl UiState {
    /// A step's edge is marked in the recording of the screen, but not those that were told before it began.
    fn mark(&self, event: &Event) -> Vec<Effect> {
        let marked = event.at >= self.opened && event.kind.is_edge();
        marked.then(|| Effect::Mark(event.kind.to_string())).into_iter().collect()
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let read = |toast: &Toast| !within(toast.said, self.wall, READS);
        if self.toast.as_ref().is_some_and(read) {
            self.toast = None;
        }
        let cmd = keymap::command(key, self.focus, self.player.is_some());
        if self.is_late(key) {
            return Vec::new();
        }
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
            (None, _) if self.prompt.is_some() => self.key_in_prompt(key),
            (None, _) if self.help.is_some() => self.key_in_help(key, cmd),
            // typed before the dialog was on the screen: not meant for it
            (Some(_), _) => Vec::new(),
            (None, None) => self.unknown(key),
            (None, Some(cmd)) => self.command(cmd),
        }
    }

    /// The key was typed for a dialog that has just closed by itself, and means nothing to what lies below it.
    fn is_late(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let soon = self.closed.is_some_and(|at| within(at, self.wall, FOR_DIALOG));
        let late = soon && self.dialog.is_none() && !control;
        self.closed = late.then_some(self.wall);
        late
    }

    /// Says that a key means nothing; not in the first moment, when what was typed for the shell may still come.
    fn unknown(&mut self, key: KeyEvent) -> Vec<Effect> {
        if !within(self.opened, self.wall, SETTLES) {
            let name = keymap::name(key);
            self.say(format!("`{name}` has no meaning here; ? lists the keys"), Role::Muted);
        }
        Vec::new()
    }

    /// Over the keys letters mean what they mean over rows, until `/` begins a search.
    fn key_in_help(&mut self, key: KeyEvent, cmd: Option<Cmd>) -> Vec<Effect> {
        let screen = isize::try_from(view::seen(self)).unwrap_or(isize::MAX).max(2);
        let Some(help) = &mut self.help else { return Vec::new() };
        if help.searching && help.take(key) {
            return Vec::new();
        }
        let by = match cmd {
            Some(Cmd::Down(rows)) => rows,
            Some(Cmd::HalfPages(2)) => screen - 1,
            Some(Cmd::HalfPages(-2)) => 1 - screen,
            Some(Cmd::HalfPages(halves)) => halves * screen / 2,
            Some(Cmd::Top) => isize::MIN,
            Some(Cmd::Bottom) => isize::MAX,
            Some(Cmd::Filter) => {
                help.searching = true;
                return Vec::new();
            }
            Some(Cmd::Close) if !help.search.is_empty() => {
                *help = Help::default();
                return Vec::new();
            }
            Some(Cmd::Close | Cmd::Help | Cmd::Quit | Cmd::Details) => {
                self.help = None;
                return Vec::new();
            }
            _ => {
                let name = keymap::name(key);
                self.say(
                    format!("`{name}` does nothing over the keys; esc closes them"),
                    Role::Muted,
                );
                return Vec::new();
            }
        };
        help.scroll = help.scroll.saturating_add_signed(by);
        Vec::new()
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
            Taken::OpensAbort => {
                self.open(self.abort_dialog());
                Vec::new()
            }
            Taken::Arms => {
                self.dialog = None;
                self.arming = Arming::Armed { until: self.armed_until() };
                self.say("armed: the dialogs of `n`, `A` and `u` change things now", Role::Armed);
                Vec::new()
            }
            Taken::Says(Command::Stop { reason }) => self.leave(reason),
            Taken::Says(Command::Answer { step, answer, asked }) => {
                self.answer(step, answer, asked)
            }
            Taken::Says(command) => {
                self.dialog = None;
                vec![Effect::Send(command)]
            }
        }
    }

    /// Answers, unless the gates were looked at too long ago: then the dialog stays, says so, and keeps what was typed.
    fn answer(&mut self, step: StepId, answer: Answer, asked: Seq) -> Vec<Effect> {
        let Some(age) = self.stale_look(&step) else {
            self.dialog = None;
            return vec![Effect::Send(Command::Answer { step, answer, asked })];
        };
        if let Some(dialog) = &mut self.dialog {
            if let Answer::Typed(text) = answer {
                dialog.typed = text;
            }
            let age = words::short(age);
            dialog.note = Some(format!(
                "not sent: the gates were last looked at {age} ago, and are being looked at again"
            ));
        }
        self.look_again()
    }

    fn pasted(&mut self) {
        if let Some(dialog) = &mut self.dialog {
            dialog.refuse("pasted text is not taken: type it");
        }
    }

    /// A key that no hand pressed: a terminal that does not tell a paste sends it as keys. In a dialog such keys say nothing.
    fn rushed(&mut self, key: KeyEvent) -> Vec<Effect> {
        if let Some(dialog) = &mut self.dialog
            && matches!(key.code, KeyCode::Char(_) | KeyCode::Enter)
            && !key.modifiers.contains(KeyModifiers::CONTROL)
        {
            dialog.refuse("typed too fast to be a person: type it again");
            return Vec::new();
        }
        self.key(key)
    }

    /// A click moves the focus and the row; in a dialog it does nothing, and is told so.
    fn clicked(&mut self, column: u16, line: u16) {
        if let Some(dialog) = &mut self.dialog {
            dialog.note = Some("a click never confirms: use the keys".to_owned());
        } else if let Some(page) = self.tab_at(column, line).filter(|_| self.help.is_none()) {
            self.show(page);
            self.outdated = true;
        } else if self.details.is_none() && self.help.is_none() {
            self.point(column, line);
        }
    }

    fn wheeled(&mut self, rows: isize, column: u16, line: u16) {
        let layer = self.dialog.as_mut().map(|dialog| &mut dialog.scroll);
        let layer = layer.or(self.help.as_mut().map(|help| &mut help.scroll));
        if let Some(scroll) = layer {
            *scroll = scroll.saturating_add_signed(rows);
        } else if self.details.is_some() {
            self.scroll_details(rows);
        } else if let Some((page, _)) = self.pane_at(column, line) {
            self.list_mut(page).step(rows);
        }
    }

    pub(super) fn quit(&mut self) -> Vec<Effect> {
        if !self.drives() {
            return vec![Effect::Leave];
        }
        let twice = self.quit_at.is_some_and(|at| within(at, self.now, TWICE));
        self.quit_at = Some(self.now);
        if twice {
            return self.leave(StopReason::Detached);
        }
        let no_abort = self.disabled(Cmd::Abort);
        self.open(Kind::Quit { way: self.way_out(), no_abort });
        Vec::new()
    }

    /// Stops the run, and leaves when it has stopped. Said twice, the console goes at once.
    fn leave(&mut self, reason: StopReason) -> Vec<Effect> {
        self.dialog = None;
        if !self.drives() || self.leaving {
            return vec![Effect::Leave];
        }
        self.leaving = true;
        let when = match self.way_out() {
            WayOut::Detach => "as soon as the run has stopped",
            WayOut::UndoAll | WayOut::WhenEnded => "as soon as everything is undone",
            WayOut::WhenWritesFlow => "as soon as writes flow, or a person is needed",
        };
        self.say(format!("leaving {when}; leave again to go at once"), Role::Warn);
        vec![Effect::Send(Command::Stop { reason })]
    }

    fn end(&mut self) -> Vec<Effect> {
        self.ended = true;
        self.dialog = None;
        if self.leaving { vec![Effect::Leave] } else { Vec::new() }
    }

    fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        self.wall = now;
        if self.player.is_none() {
            self.now = now;
        }
        self.fall_back();
        if self.toast.as_ref().is_some_and(|toast| !within(toast.said, now, STANDS)) {
            self.toast = None;
        }
        if self.dialog.as_ref().is_some_and(|dialog| !within(dialog.opened, now, EXPIRES)) {
            self.dialog = None;
            self.closed = Some(now);
            self.say("the dialog expired; nothing was done", Role::Warn);
        }
        let mut effects = self.play_on(now);
        effects.extend(self.look_again());
        effects
    }

    /// Makes the lists anew where what they are made of has changed, and scrolls them to where the keys are.
    fn settle(&mut self, width: u16, height: u16) {
        self.outdated |= self.size != (width, height);
        self.size = (width, height);
        let (overflow, seen) = (view::overflow(self), view::seen(self));
        if let Some(dialog) = &mut self.dialog {
            dialog.scroll = dialog.scroll.min(overflow);
            dialog.seen = seen;
        } else if let Some(help) = &mut self.help {
            help.scroll = help.scroll.min(overflow);
        } else if let Some(details) = &mut self.details {
            details.settle(overflow);
        }
        let Some(places) = places(self, Rect::new(0, 0, width, height)) else { return };
        let lists: Vec<(Page, Rect)> = places.seen().collect();
        if self.frozen.is_none() && std::mem::take(&mut self.outdated) {
            self.proofs.refresh(&self.runbook, &self.state);
            for page in Page::ALL {
                if page == self.focus || lists.iter().any(|(shown, _)| *shown == page) {
                    self.list_mut(page).let_go();
                    let grid = page.face().grid(self);
                    self.list_mut(page).refresh(grid);
                }
            }
        }
        for (page, area) in lists {
            let rows = rows_in(self, page, area);
            self.list_mut(page).settle(rows);
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
            Kind::Held { step } => self.state.step(step).status != StepStatus::Held,
            Kind::Undo { step } => self.failed_step().as_ref() != Some(step),
            Kind::Quit { way, .. } => *way != self.way_out() || !self.drives(),
            Kind::Abort { .. } | Kind::Arm => !self.drives(),
        };
        if stale {
            let held = match &dialog.kind {
                Kind::Confirm { step, .. } => self.state.step(step).status == StepStatus::Held,
                _ => false,
            };
            let why = match &dialog.kind {
                Kind::Held { step } => format!("{step} is no longer held"),
                _ if held => "a gate holds the step now; nothing was done".to_owned(),
                _ => "the question is no longer open; nothing was done".to_owned(),
            };
            self.dialog = None;
            self.closed = Some(self.wall);
            self.say(why, Role::Warn);
        }
    }
}

pub(super) fn within(from: Timestamp, now: Timestamp, limit: Duration) -> bool {
    Duration::try_from(now.duration_since(from)).is_ok_and(|passed| passed < limit)
}
