//! Everything that the screen shows.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::dialog::Dialog;
use super::msg::Cmd;
use super::theme::{Role, Theme};
use crate::model::{
    Event, EventKind, Mode, Move, Observed, RunId, RunState, Runbook, Side, StepId, choices, next,
};
use crate::session::SessionMode;

/// How many lines of the log are kept on screen; all of them are in the journal.
const LOG_LINES: usize = 500;

/// The panes that can have the focus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Pane {
    /// Phases and steps.
    #[default]
    Steps,
    /// Blue beside green.
    Compare,
    /// The facts.
    Log,
}

/// Where a list is scrolled to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scroll {
    /// It shows where the run is.
    Follow,
    /// It shows this line.
    At(usize),
}

/// A line of the log.
#[derive(Debug, Clone)]
pub(super) struct LogLine {
    pub(super) at: Timestamp,
    pub(super) text: String,
    pub(super) role: Role,
}

/// A short word to the operator. It stands in the log too.
#[derive(Debug, Clone)]
pub(super) struct Toast {
    pub(super) text: String,
    pub(super) until: Timestamp,
}

/// Everything that the screen shows.
#[derive(Debug)]
pub(super) struct UiState {
    pub(super) run: RunId,
    pub(super) mode: SessionMode,
    pub(super) place: String,
    pub(super) controls: bool,
    pub(super) theme: Theme,
    pub(super) runbook: Arc<Runbook>,
    pub(super) state: RunState,
    pub(super) observed: Observed,
    pub(super) now: Timestamp,
    /// When the console was opened.
    pub(super) opened: Timestamp,
    pub(super) log: VecDeque<LogLine>,
    pub(super) pane: Pane,
    pub(super) scroll: [Scroll; 3],
    pub(super) dialog: Option<Dialog>,
    pub(super) toast: Option<Toast>,
    /// Nobody drives the run any more.
    pub(super) ended: bool,
    /// The operator leaves as soon as the run has stopped.
    pub(super) leaving: bool,
    /// When ctrl-c or q was last pressed.
    pub(super) quit_at: Option<Timestamp>,
}

impl UiState {
    /// Where a pane is scrolled to.
    pub(super) const fn scrolled(&self, pane: Pane) -> Scroll {
        self.scroll[pane as usize]
    }

    /// Takes a fact in.
    pub(super) fn take(&mut self, event: &Event) {
        if let Err(illegal) = self.state.apply(&self.runbook, event) {
            tracing::error!(%illegal, "an event was told that cannot follow");
        }
        if self.mode == SessionMode::Replay {
            self.now = event.at;
        }
        let text = event.kind.to_string();
        let again =
            matches!(event.kind, EventKind::StepProgress { .. } | EventKind::GateHeld { .. });
        if !(again && self.log.iter().rev().take(8).any(|line| line.text == text)) {
            self.log(event.at, text, role(&event.kind));
        }
    }

    /// Says something for six seconds, and writes it down.
    pub(super) fn say(&mut self, text: impl Into<String>, role: Role) {
        let text = text.into();
        let until = self.now + Duration::from_secs(6);
        self.toast = Some(Toast { text: text.clone(), until });
        self.log(self.now, text, role);
    }

    fn log(&mut self, at: Timestamp, text: String, role: Role) {
        if self.log.len() == LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back(LogLine { at, text, role });
    }

    /// What the run waits for.
    pub(super) fn moves(&self) -> Vec<Move> {
        next(&self.runbook, &self.state)
    }

    /// The step that the run is at.
    pub(super) fn current(&self) -> Option<StepId> {
        let moves = self.moves();
        let waits = |open: &&Move| matches!(open, Move::AwaitDecision(_) | Move::AwaitAnswer(_));
        moves.iter().find(waits).or(moves.first()).and_then(Move::step).cloned()
    }

    /// The side that serves, where it is known.
    pub(super) fn serving(&self) -> Option<Side> {
        self.observed.serving.value().copied().flatten()
    }

    /// For how long writes have been stopped in all, and whether they are now. None before they ever were.
    pub(super) fn stopped(&self) -> Option<(Duration, bool)> {
        let since = self
            .state
            .writes_stopped_at
            .map(|at| Duration::try_from(self.now.duration_since(at)).unwrap_or_default());
        let before = self.state.writes_stopped_for;
        match since {
            Some(since) => Some((before + since, true)),
            None if before > Duration::ZERO => Some((before, false)),
            None => None,
        }
    }

    /// True while a run is driven from here.
    pub(super) fn drives(&self) -> bool {
        self.controls
            && !self.ended
            && !matches!(self.state.mode(), Mode::Finished(_) | Mode::Stopped(_))
    }

    /// Why a key does nothing now.
    pub(super) fn disabled(&self, cmd: Cmd) -> Option<String> {
        match cmd {
            Cmd::Next | Cmd::Abort if !self.controls => Some("read-only".to_owned()),
            Cmd::Next | Cmd::Abort if !self.drives() => Some("the run has ended".to_owned()),
            Cmd::Next | Cmd::Abort if self.leaving => Some("the run is being left".to_owned()),
            Cmd::Abort if self.state.undoing.is_some() => Some("it is being undone".to_owned()),
            Cmd::Next => self.nothing_to_answer(),
            _ => None,
        }
    }

    fn nothing_to_answer(&self) -> Option<String> {
        let moves = self.moves();
        let decidable = |open: &Move| {
            let step = open.step().and_then(|step| self.runbook.step(step));
            step.is_some_and(|step| !choices(step, &self.state).is_empty())
        };
        if moves.iter().any(|open| matches!(open, Move::AwaitAnswer(_)) || decidable(open)) {
            return None;
        }
        Some(match moves.first() {
            Some(Move::Check(step)) => format!("a gate holds {step}"),
            Some(open) => match open.step() {
                Some(step) => format!("{step} is under way"),
                None => "nothing is asked".to_owned(),
            },
            None => "nothing is asked".to_owned(),
        })
    }
}

fn role(kind: &EventKind) -> Role {
    match kind {
        EventKind::StepFailed { .. }
        | EventKind::StepInDoubt { .. }
        | EventKind::UndoFailed { .. }
        | EventKind::BudgetExceeded { .. } => Role::Fail,
        EventKind::GateHeld { .. }
        | EventKind::Declined { .. }
        | EventKind::Aborted { .. }
        | EventKind::RunStopped { .. }
        | EventKind::CheckpointMissed { .. } => Role::Warn,
        EventKind::StepProgress { .. } => Role::Muted,
        EventKind::ConfirmationAsked { .. } => Role::Title,
        _ => Role::Plain,
    }
}
