//! The fold of the facts. Nothing else is state.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::command::{Decision, StopReason};
use super::event::Event;
use super::evidence::{Fix, Judgement, Mend};
use super::failure::{Failure, Outcome, Progress};
use super::id::{PhaseId, Seq, StepId};
use super::legal::Illegal;
use super::runbook::Runbook;
use super::verified::Verification;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every step is done or was skipped: green serves.
    Done,
    /// Everything that was done was undone: blue serves and takes writes.
    Undone {
        /// Why.
        cause: String,
    },
    /// It could be neither finished nor undone.
    NotUndone {
        /// The step that stands in the way, where it is one.
        step: Option<StepId>,
        /// What happened.
        cause: String,
        /// What a human must do.
        todo: String,
    },
}

/// Which way a run goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// It has not begun.
    New,
    /// Steps are taken in order.
    Forward,
    /// Steps are undone, in the order of [`undo_order`](super::undo_order).
    Undoing,
    /// Nobody drives it.
    Stopped(StopReason),
    /// It has ended.
    Finished(Verdict),
}

/// Where a step is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    /// Its turn has not come, or its gates have not been looked at.
    #[default]
    Pending,
    /// A gate holds it.
    Held,
    /// Its gates were open when they were last looked at.
    Ready,
    /// The operator was asked.
    Asked,
    /// The operator said yes.
    Confirmed,
    /// It acts.
    Running,
    /// A console died while it acted; the world must be asked.
    InDoubt,
    /// The world was asked and could not tell; the operator must.
    Doubtful,
    /// It is done.
    Done,
    /// It failed.
    Failed,
    /// The run went on without it.
    Skipped,
    /// It is being undone.
    Undoing,
    /// It was undone.
    Undone,
    /// It could not be undone.
    UndoFailed,
}

/// What is known of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepState {
    /// Where it is.
    pub status: StepStatus,
    /// How often it was started.
    pub attempt: u32,
    /// What was recorded before its first attempt, for its undo.
    pub before: Option<Value>,
    /// The journal's place of its first start; undo goes by it.
    pub first_start: Option<Seq>,
    /// When it was first started.
    pub started_at: Option<Timestamp>,
    /// When its last attempt was first started.
    pub tried_at: Option<Timestamp>,
    /// When it last ended.
    pub ended_at: Option<Timestamp>,
    /// It may have changed the world.
    pub touched: bool,
    pub(super) touched_earlier: bool,
    /// How often it failed.
    pub failures: u32,
    /// The place of the question that is open.
    pub asked: Option<Seq>,
    /// The place of the operator's yes. It holds for later attempts, until a gate holds the step.
    pub confirmed: Option<Seq>,
    /// The place of the last look at its gates that found all of them open.
    pub passed: Option<Seq>,
    /// When that was.
    pub passed_at: Option<Timestamp>,
    /// The last look at its gates.
    pub judgements: Vec<Judgement>,
    /// How far it is.
    pub progress: Option<Progress>,
    /// When that was told.
    pub progress_at: Option<Timestamp>,
    /// What it did.
    pub outcome: Option<Outcome>,
    /// Why it failed last.
    pub failure: Option<Failure>,
    /// What was decided after it failed.
    pub decided: Option<Decision>,
}

impl StepState {
    /// Done or skipped: the run goes on behind it.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(self.status, StepStatus::Done | StepStatus::Skipped)
    }

    /// The gates were seen open, and after the operator's yes where there was one.
    #[must_use]
    pub fn passed_since_confirmed(&self) -> bool {
        self.passed.is_some() && self.passed > self.confirmed
    }

    /// What it found when it compared last, whether that was equal or not.
    #[must_use]
    pub fn verification(&self) -> Option<Verification> {
        let outcome = self.outcome.as_ref().map(|outcome| &outcome.data);
        let failure = self.failure.as_ref().and_then(|failure| failure.data.as_deref());
        let found = outcome.into_iter().chain(failure).filter(|data| data.is_object());
        let found =
            found.filter_map(|data| serde_json::from_value::<Verification>(data.clone()).ok());
        found.max_by_key(|found| found.at)
    }

    /// The patch that what holds or failed it offers.
    #[must_use]
    pub fn mend(&self) -> Option<&Mend> {
        let fix = match self.status {
            StepStatus::Failed | StepStatus::Doubtful => self.failure.as_ref()?.fix.as_ref(),
            StepStatus::Held => self.held_fix(),
            StepStatus::Running => {
                self.progress.as_ref().and_then(|known| known.fix.as_ref()).or(self.held_fix())
            }
            _ => None,
        };
        fix.and_then(|fix| fix.mend.as_ref())
    }

    fn held_fix(&self) -> Option<&Fix> {
        let held = self.judgements.iter().filter(|judgement| !judgement.is_open());
        held.filter_map(|judgement| judgement.fix.as_ref()).find(|fix| fix.mend.is_some())
    }
}

/// What is known of a phase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhaseState {
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When its last step was settled.
    pub finished_at: Option<Timestamp>,
    /// Its budget ran out before it was done.
    pub budget_exceeded: bool,
    /// Its checkpoint passed before it was done.
    pub checkpoint_missed: bool,
}

/// Everything that is known of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunState {
    /// The place of the last durable event.
    pub seq: Seq,
    /// When the run began.
    pub started_at: Option<Timestamp>,
    /// When the last event happened.
    pub last_at: Option<Timestamp>,
    /// Who drives it.
    pub operator: String,
    /// Every step of the runbook.
    pub steps: BTreeMap<StepId, StepState>,
    /// Every phase of the runbook.
    pub phases: BTreeMap<PhaseId, PhaseState>,
    /// A person is at it who has confirmed nothing yet: nothing changes before they do.
    pub waits_to_begin: bool,
    /// A step past which nothing is undone has begun.
    pub past_return: bool,
    /// Why everything is being undone.
    pub undoing: Option<String>,
    /// The operator aborted when nothing could be undone any more.
    pub aborted: Option<String>,
    /// When writes were stopped, while they are.
    pub writes_stopped_at: Option<Timestamp>,
    /// For how long writes were stopped, in all, while they are not.
    pub writes_stopped_for: Duration,
    /// The write-stop budget ran out.
    pub window_exceeded: bool,
    pub(super) mode: Mode,
}

impl RunState {
    /// The state before the first event.
    #[must_use]
    pub fn new(runbook: &Runbook) -> Self {
        Self {
            seq: Seq(0),
            started_at: None,
            last_at: None,
            operator: String::new(),
            steps: runbook
                .steps()
                .map(|(_, step)| (step.id.clone(), StepState::default()))
                .collect(),
            phases: runbook
                .phases
                .iter()
                .map(|phase| (phase.id.clone(), PhaseState::default()))
                .collect(),
            waits_to_begin: false,
            past_return: false,
            undoing: None,
            aborted: None,
            writes_stopped_at: None,
            writes_stopped_for: Duration::ZERO,
            window_exceeded: false,
            mode: Mode::New,
        }
    }

    /// The state after a journal's events.
    ///
    /// # Errors
    /// The first event that cannot follow its predecessors.
    pub fn fold<'a>(
        runbook: &Runbook,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<Self, Illegal> {
        events.into_iter().try_fold(Self::new(runbook), |mut state, event| {
            state.apply(runbook, event)?;
            Ok(state)
        })
    }

    /// Which way the run goes.
    #[must_use]
    pub const fn mode(&self) -> &Mode {
        &self.mode
    }

    /// How it ended, when it has.
    #[must_use]
    pub const fn verdict(&self) -> Option<&Verdict> {
        match &self.mode {
            Mode::Finished(verdict) => Some(verdict),
            _ => None,
        }
    }

    /// For how long writes have been stopped at a moment, every stretch counted.
    #[must_use]
    pub fn writes_stopped(&self, now: Timestamp) -> Duration {
        let open = self.writes_stopped_at.map_or(Duration::ZERO, |since| span(since, now));
        self.writes_stopped_for + open
    }

    /// What is known of a step. A step that the runbook does not have is pending for ever.
    #[must_use]
    pub fn step(&self, id: &StepId) -> &StepState {
        const UNKNOWN: &StepState = &StepState {
            status: StepStatus::Pending,
            attempt: 0,
            before: None,
            first_start: None,
            started_at: None,
            tried_at: None,
            ended_at: None,
            touched: false,
            touched_earlier: false,
            failures: 0,
            asked: None,
            confirmed: None,
            passed: None,
            passed_at: None,
            judgements: Vec::new(),
            progress: None,
            progress_at: None,
            outcome: None,
            failure: None,
            decided: None,
        };
        self.steps.get(id).unwrap_or(UNKNOWN)
    }
}

/// The time between two moments; none when the clock was set back between them.
pub(super) fn span(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}
