//! Everything that the screen shows.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::acts::Acts;
use super::arming::Arming;
use super::dialog::{Dialog, WayOut};
use super::following::Driver;
use super::last::LastTimes;
use super::layer::{Details, Help};
use super::layout::SMALLEST;
use super::list::List;
use super::pace::Pace;
use super::page::{Page, log};
use super::playing::Player;
use super::prompt::Prompt;
use super::proof::Proofs;
use super::theme::{Role, Theme};
use super::trend::Trends;
use crate::model::{
    CallRecord, Decision, Event, EventKind, Focus, Mode, Move, Observed, Rate, RunId, RunState,
    Runbook, Side, Step, StepId, UndoTurn, choices, next, undo_order,
};
use crate::session::{Hands, Playback, SessionMode};

/// How many lines of the log are kept on screen; all of them are in the journal.
const LOG_LINES: usize = 500;

/// A line of the log.
#[derive(Debug, Clone)]
pub(super) struct LogLine {
    /// Its place among all lines since the console opened.
    pub(super) number: u64,
    pub(super) at: Timestamp,
    /// What it is of, in a word: the run, a step, a gate, the console.
    pub(super) kind: &'static str,
    pub(super) text: String,
    pub(super) role: Role,
}

/// A short word to the operator. It stands in the log too.
#[derive(Debug, Clone)]
pub(super) struct Toast {
    pub(super) text: String,
    pub(super) said: Timestamp,
}

/// Everything that the screen shows.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug)]
pub(super) struct UiState {
    pub(super) run: RunId,
    pub(super) mode: SessionMode,
    pub(super) place: String,
    /// Who drives the run, where that is another console.
    pub(super) driver: Option<Driver>,
    /// Why the journal's mirror in the cluster lacks facts, where it does.
    pub(super) behind: Option<String>,
    pub(super) controls: bool,
    /// The context is a protected one.
    pub(super) protected: bool,
    pub(super) arming: Arming,
    /// What each step says to the world.
    pub(super) acts: Acts,
    /// How long the steps took in an earlier run, where one was finished.
    pub(super) last: Option<LastTimes>,
    pub(super) theme: Theme,
    pub(super) runbook: Arc<Runbook>,
    pub(super) state: RunState,
    pub(super) observed: Observed,
    /// The time of the world that is shown.
    pub(super) now: Timestamp,
    /// What is measured from what was told.
    pub(super) pace: Pace,
    /// What the last comparisons found.
    pub(super) proofs: Proofs,
    /// The last readings of what goes up and down.
    pub(super) trends: Trends,
    /// The time of whoever looks at it. Only in a recorded run is it another.
    pub(super) wall: Timestamp,
    /// The playhead of a recorded run.
    pub(super) player: Option<Player>,
    /// When the console was opened.
    pub(super) opened: Timestamp,
    /// What was said to the world: the last calls, by the time when they began.
    pub(super) calls: Vec<(Hands, Arc<CallRecord>)>,
    /// How many older calls are not kept.
    pub(super) calls_dropped: u64,
    /// Columns and lines of the terminal.
    pub(super) size: (u16, u16),
    pub(super) log: VecDeque<LogLine>,
    /// The page that is shown.
    pub(super) page: Page,
    /// The page whose list has the keys: the shown one, or another that stands beside it on the overview.
    pub(super) focus: Page,
    /// Since when the lists are held as they are.
    pub(super) frozen: Option<Timestamp>,
    /// What was typed behind the colon, the latest last.
    pub(super) history: Vec<String>,
    /// The list with the focus has the whole screen.
    pub(super) zoomed: bool,
    lists: [List; Page::ALL.len()],
    /// What the log page has to itself.
    pub(super) log_view: log::View,
    /// What is known of a row, laid over the page.
    pub(super) details: Option<Details>,
    /// The keys, laid over the page.
    pub(super) help: Option<Help>,
    /// A line that is being typed.
    pub(super) prompt: Option<Prompt>,
    pub(super) dialog: Option<Dialog>,
    /// When a dialog closed by itself, or a key was last typed for it after that.
    pub(super) closed: Option<Timestamp>,
    pub(super) toast: Option<Toast>,
    /// Nobody drives the run any more.
    pub(super) ended: bool,
    /// The operator leaves as soon as the run has stopped.
    pub(super) leaving: bool,
    /// When ctrl-c or q was last pressed.
    pub(super) quit_at: Option<Timestamp>,
    /// What the lists are made of has changed since they were made.
    pub(super) outdated: bool,
}

/// What a session says of itself when the console opens.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) run: RunId,
    pub(super) mode: SessionMode,
    pub(super) place: String,
    pub(super) controls: bool,
    pub(super) protected: bool,
    pub(super) acts: Acts,
    pub(super) last: Option<LastTimes>,
    pub(super) theme: Theme,
    pub(super) runbook: Arc<Runbook>,
    pub(super) now: Timestamp,
    pub(super) playback: Option<Playback>,
}

impl UiState {
    /// The state before the first message.
    pub(super) fn new(opening: Opening) -> Self {
        let Opening {
            run,
            mode,
            place,
            controls,
            protected,
            acts,
            last,
            theme,
            runbook,
            now,
            playback,
        } = opening;
        let mut ui = Self {
            run,
            mode,
            place,
            driver: None,
            behind: None,
            controls,
            protected,
            arming: Arming::ReadOnly,
            acts,
            last,
            theme,
            state: RunState::new(&runbook),
            runbook,
            observed: Observed::default(),
            proofs: Proofs::default(),
            trends: Trends::default(),
            now,
            pace: Pace::default(),
            wall: now,
            player: None,
            opened: now,
            calls: Vec::new(),
            calls_dropped: 0,
            size: (80, 24),
            log: VecDeque::new(),
            page: Page::default(),
            focus: Page::default(),
            frozen: None,
            history: Vec::new(),
            zoomed: false,
            lists: Default::default(),
            log_view: log::View::default(),
            details: None,
            help: None,
            prompt: None,
            dialog: None,
            closed: None,
            toast: None,
            ended: false,
            leaving: false,
            quit_at: None,
            outdated: true,
        };
        ui.arming = ui.first_arming();
        if let Some(playback) = playback {
            ui.play_back(playback);
        }
        ui
    }

    /// True while a clock on the screen shows more than seconds.
    pub(super) fn runs_a_clock(&self) -> bool {
        self.state.writes_stopped_at.is_some() || self.player.is_some()
    }

    /// The list of a page.
    pub(super) const fn list(&self, page: Page) -> &List {
        &self.lists[page as usize]
    }

    /// The list of a page, to be moved in.
    pub(super) const fn list_mut(&mut self, page: Page) -> &mut List {
        &mut self.lists[page as usize]
    }

    /// What the operator looks at closely: the row whose details are open.
    pub(super) fn looks_at(&self) -> Focus {
        let open = self.details.as_ref();
        open.map(|open| open.page.face().looks_at(self, &open.row)).unwrap_or_default()
    }

    /// Takes a fact in.
    pub(super) fn take(&mut self, event: &Event) {
        let seen_again = self.is_known(event);
        if let Err(illegal) = self.state.apply(&self.runbook, event) {
            tracing::error!(%illegal, "an event was told that cannot follow");
        }
        self.pace.take(event);
        let text = event.kind.to_string();
        let again =
            matches!(event.kind, EventKind::StepProgress { .. } | EventKind::GateHeld { .. });
        let told = again && self.log.iter().rev().take(8).any(|line| line.text == text);
        if !seen_again && !told {
            self.log(event.at, kind(&event.kind), text, role(&event.kind));
        }
    }

    /// It tells that a step is as far as it was.
    fn is_known(&self, event: &Event) -> bool {
        let EventKind::StepProgress { step, progress } = &event.kind else { return false };
        self.state.step(step).progress.as_ref() == Some(progress)
    }

    /// Says something for some seconds, and writes it down.
    pub(super) fn say(&mut self, text: impl Into<String>, role: Role) {
        let text = text.into();
        self.toast = Some(Toast { text: text.clone(), said: self.wall });
        self.log(self.now, "note", text, role);
    }

    fn log(&mut self, at: Timestamp, kind: &'static str, text: String, role: Role) {
        if self.log.len() == LOG_LINES {
            self.log.pop_front();
        }
        let number = self.log.back().map_or(1, |line| line.number + 1);
        self.log.push_back(LogLine { number, at, kind, text, role });
        self.outdated = true;
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

    /// How much is written on blue although its writers were stopped, where a client of it was seen since.
    pub(super) fn still_written(&self) -> Option<Rate> {
        let stopped = self.state.writes_stopped_at?;
        let blue = self.observed.side(Side::Blue);
        let (flow, clients) = (blue.flow.fresh()?, blue.clients.fresh()?);
        let since = blue.flow.at()? - flow.over >= stopped && blue.clients.at()? >= stopped;
        (since && *clients > 0 && !flow.writes.is_zero()).then_some(flow.writes)
    }

    /// True while a run is driven from here.
    pub(super) fn drives(&self) -> bool {
        self.controls
            && !self.ended
            && !matches!(self.state.mode(), Mode::Finished(_) | Mode::Stopped(_))
    }

    /// There is no room for pages.
    pub(super) const fn is_too_small(&self) -> bool {
        self.size.0 < SMALLEST.0 || self.size.1 < SMALLEST.1
    }

    /// What becomes of the run when its operator leaves now: what the engine does when it is told to stop.
    pub(super) fn way_out(&self) -> WayOut {
        match &self.state {
            state if state.undoing.is_some() || state.aborted.is_some() => WayOut::WhenEnded,
            state if state.writes_stopped_at.is_none() => WayOut::Detach,
            state if state.past_return => WayOut::WhenWritesFlow,
            _ => WayOut::UndoAll,
        }
    }

    /// The run has begun a step that changes something, whatever became of it.
    pub(super) fn has_changed(&self) -> bool {
        let mut steps = self.runbook.steps().map(|(_, step)| step);
        steps.any(|step| !step.verb.only_looks() && self.state.step(&step.id).attempt > 0)
    }

    /// The step whose failure can be answered with an undo.
    pub(super) fn failed_step(&self) -> Option<StepId> {
        let offers = |step: &StepId| {
            let step = self.runbook.step(step);
            step.is_some_and(|step| choices(step, &self.state).contains(&Decision::Undo))
        };
        self.moves().iter().filter_map(Move::step).find(|step| offers(step)).cloned()
    }

    /// The steps that an undo would undo, in its order.
    pub(super) fn to_undo(&self) -> Vec<(UndoTurn, &Step)> {
        undo_order(&self.runbook, &self.state)
    }
}

const fn kind(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::GateHeld { .. } | EventKind::GatePassed { .. } => "gate",
        kind if kind.step().is_some() => "step",
        _ => "run",
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
