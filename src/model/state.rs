//! The fold of the facts. Nothing else is state.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::command::{Decision, StopReason};
use super::event::{Event, EventKind, When};
use super::evidence::Judgement;
use super::failure::{Effects, Failure, Outcome, Progress};
use super::id::{PhaseId, Seq, StepId};
use super::runbook::{Confirm, Runbook, Step};

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
    /// Steps are undone, last first.
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
    /// The journal's place of its first start: undo goes by this order.
    pub first_start: Option<Seq>,
    /// When it was first started.
    pub started_at: Option<Timestamp>,
    /// When it last ended.
    pub ended_at: Option<Timestamp>,
    /// It may have changed the world.
    pub touched: bool,
    touched_earlier: bool,
    /// The place of the question that is open.
    pub asked: Option<Seq>,
    /// When its gates last passed.
    pub passed_at: Option<Timestamp>,
    /// The last look at its gates.
    pub judgements: Vec<Judgement>,
    /// How far it is.
    pub progress: Option<Progress>,
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
}

/// What is known of a phase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhaseState {
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When its last step was settled.
    pub finished_at: Option<Timestamp>,
    /// Its checkpoint passed before it was done.
    pub checkpoint_missed: bool,
}

/// An event that cannot follow what is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} `{event}` cannot follow: {why}")]
pub struct Illegal {
    /// Its place.
    pub seq: Seq,
    /// Its type.
    pub event: String,
    /// What stands against it.
    pub why: String,
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
    /// The write-stop budget, or a phase's, ran out.
    pub budget_exceeded: bool,
    mode: Mode,
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
            past_return: false,
            undoing: None,
            aborted: None,
            writes_stopped_at: None,
            writes_stopped_for: Duration::ZERO,
            budget_exceeded: false,
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

    /// What is known of a step. A step that the runbook does not have is pending for ever.
    #[must_use]
    pub fn step(&self, id: &StepId) -> &StepState {
        const UNKNOWN: &StepState = &StepState {
            status: StepStatus::Pending,
            attempt: 0,
            before: None,
            first_start: None,
            started_at: None,
            ended_at: None,
            touched: false,
            touched_earlier: false,
            asked: None,
            passed_at: None,
            judgements: Vec::new(),
            progress: None,
            outcome: None,
            failure: None,
            decided: None,
        };
        self.steps.get(id).unwrap_or(UNKNOWN)
    }

    /// Whether an event can follow, without applying it.
    ///
    /// # Errors
    /// What stands against it.
    pub fn check(&self, runbook: &Runbook, event: &Event) -> Result<(), Illegal> {
        self.legal(runbook, event).map_err(|why| Illegal {
            seq: event.seq,
            event: type_of(&event.kind),
            why,
        })
    }

    /// Takes an event in.
    ///
    /// # Errors
    /// [`Illegal`] when it cannot follow; the state is then as it was.
    pub fn apply(&mut self, runbook: &Runbook, event: &Event) -> Result<(), Illegal> {
        self.check(runbook, event)?;
        self.take(runbook, event);
        if event.kind.is_durable() {
            self.seq = event.seq;
        }
        self.last_at = Some(event.at);
        Ok(())
    }

    fn legal(&self, runbook: &Runbook, event: &Event) -> Result<(), String> {
        if event.kind.is_durable() && event.seq.0 != self.seq.0 + 1 {
            return Err(format!("the last event was {}", self.seq));
        }
        self.legal_in_mode(&event.kind)?;
        let Some(id) = event.kind.step() else { return Ok(()) };
        let step = runbook.step(id).ok_or_else(|| format!("the runbook has no step `{id}`"))?;
        legal_for_step(step, self.step(id), self, &event.kind)
    }

    fn legal_in_mode(&self, kind: &EventKind) -> Result<(), String> {
        use EventKind as E;
        let fits = match (kind, &self.mode) {
            (E::RunStarted { .. }, mode) => *mode == Mode::New,
            (E::RunResumed { .. }, mode) => !matches!(mode, Mode::New | Mode::Finished(_)),
            (E::RunFinished { verdict: Verdict::Done }, mode) => *mode == Mode::Forward,
            (E::RunFinished { verdict: Verdict::Undone { .. } }, mode) => *mode == Mode::Undoing,
            (E::Decided { decision: Decision::Undo, .. }, mode) => {
                *mode == Mode::Forward && !self.past_return
            }
            (E::UndoStarted { .. } | E::UndoFinished { .. } | E::UndoFailed { .. }, mode) => {
                *mode == Mode::Undoing
            }
            (E::StepStarted { .. } | E::ConfirmationAsked { .. } | E::Confirmed { .. }, mode) => {
                *mode == Mode::Forward
            }
            (_, mode) => matches!(mode, Mode::Forward | Mode::Undoing),
        };
        if fits { Ok(()) } else { Err(format!("the run is {:?}", self.mode)) }
    }

    fn take(&mut self, runbook: &Runbook, event: &Event) {
        use EventKind as E;
        match &event.kind {
            E::RunStarted { operator, .. } => {
                self.mode = Mode::Forward;
                self.started_at = Some(event.at);
                self.operator.clone_from(operator);
            }
            E::RunResumed { operator } => self.resume(operator),
            E::RunStopped { reason } => self.mode = Mode::Stopped(reason.clone()),
            E::RunFinished { verdict } => self.mode = Mode::Finished(verdict.clone()),
            E::PhaseStarted { phase } => {
                self.phases.entry(phase.clone()).or_default().started_at = Some(event.at);
            }
            E::PhaseFinished { phase } => {
                self.phases.entry(phase.clone()).or_default().finished_at = Some(event.at);
            }
            E::CheckpointMissed { phase, .. } => {
                self.phases.entry(phase.clone()).or_default().checkpoint_missed = true;
            }
            E::Aborted { why, .. } if self.past_return => self.aborted = Some(why.clone()),
            E::Aborted { why, .. } => self.turn_back(why.clone()),
            E::BudgetExceeded { budget, .. } => {
                self.budget_exceeded = true;
                if !self.past_return {
                    self.turn_back(format!("the budget of {} s ran out", budget.as_secs()));
                }
            }
            E::Decided { step, decision: Decision::Undo, by } => {
                self.turn_back(format!("`{step}` failed, and {by} said undo"));
            }
            _ => {}
        }
        if let Some(step) = event.kind.step().and_then(|id| runbook.step(id)) {
            self.take_for_step(step, event);
        }
    }

    fn resume(&mut self, operator: &str) {
        operator.clone_into(&mut self.operator);
        self.mode = if self.undoing.is_some() { Mode::Undoing } else { Mode::Forward };
        for step in self.steps.values_mut() {
            step.status = match step.status {
                StepStatus::Held
                | StepStatus::Ready
                | StepStatus::Asked
                | StepStatus::Confirmed => StepStatus::Pending,
                StepStatus::Running => StepStatus::InDoubt,
                other => other,
            };
            step.asked = None;
        }
    }

    fn turn_back(&mut self, cause: String) {
        self.undoing.get_or_insert(cause);
        self.mode = Mode::Undoing;
    }

    fn take_for_step(&mut self, step: &Step, event: &Event) {
        match &event.kind {
            EventKind::StepStarted { .. } => {
                self.past_return |= step.point_of_no_return;
                if step.stops_writes && self.writes_stopped_at.is_none() {
                    self.writes_stopped_at = Some(event.at);
                }
            }
            EventKind::StepFinished { .. } if step.resumes_writes => self.writes_flow(event.at),
            EventKind::UndoFinished { .. } if step.stops_writes => self.writes_flow(event.at),
            _ => {}
        }
        let state = self.steps.entry(step.id.clone()).or_default();
        take_step(state, event);
    }

    fn writes_flow(&mut self, at: Timestamp) {
        if let Some(since) = self.writes_stopped_at.take() {
            self.writes_stopped_for +=
                Duration::try_from(at.duration_since(since)).unwrap_or_default();
        }
    }
}

fn legal_for_step(
    step: &Step,
    state: &StepState,
    run: &RunState,
    kind: &EventKind,
) -> Result<(), String> {
    use EventKind as E;
    use StepStatus as S;
    let fits = match kind {
        E::GateHeld { when: When::Before, .. } | E::GatePassed { when: When::Before, .. } => {
            matches!(state.status, S::Pending | S::Held | S::Ready | S::Asked | S::Confirmed)
        }
        E::GateHeld { when: When::After, .. }
        | E::GatePassed { when: When::After, .. }
        | E::StepProgress { .. } => {
            matches!(state.status, S::Running | S::InDoubt | S::Undoing)
        }
        E::ConfirmationAsked { .. } => {
            matches!(state.status, S::Pending | S::Ready | S::Asked | S::Confirmed)
                && gates_passed(step, state)
        }
        E::Confirmed { .. } => state.status == S::Asked,
        E::StepStarted { .. } => may_start(step, state),
        E::StepFinished { .. } => matches!(state.status, S::Running | S::InDoubt | S::Doubtful),
        E::StepFailed { .. } => matches!(state.status, S::Running | S::InDoubt),
        E::StepInDoubt { .. } => state.status == S::InDoubt,
        E::Decided { .. } => matches!(state.status, S::Failed | S::Doubtful),
        E::StepSkipped { .. } => !matches!(state.status, S::Running | S::Done | S::Undoing),
        E::UndoStarted { .. } => state.touched && state.status != S::Running,
        E::UndoFinished { .. } | E::UndoFailed { .. } => {
            state.status == S::Undoing && run.undoing.is_some()
        }
        _ => true,
    };
    if fits { Ok(()) } else { Err(format!("step `{}` is {:?}", step.id, state.status)) }
}

fn gates_passed(step: &Step, state: &StepState) -> bool {
    step.gates.is_empty() || state.passed_at.is_some()
}

fn may_start(step: &Step, state: &StepState) -> bool {
    match state.status {
        StepStatus::Confirmed => gates_passed(step, state),
        StepStatus::Pending | StepStatus::Ready => {
            step.confirm == Confirm::None && gates_passed(step, state)
        }
        StepStatus::InDoubt => true,
        _ => false,
    }
}

fn take_step(state: &mut StepState, event: &Event) {
    use EventKind as E;
    match &event.kind {
        E::GateHeld { when, judgements, .. } => {
            state.judgements.clone_from(judgements);
            if *when == When::Before {
                state.status = StepStatus::Held;
                state.passed_at = None;
                state.asked = None;
            }
        }
        E::GatePassed { when, judgements, .. } => {
            state.judgements.clone_from(judgements);
            if *when == When::Before {
                state.passed_at = Some(event.at);
                if matches!(state.status, StepStatus::Pending | StepStatus::Held) {
                    state.status = StepStatus::Ready;
                }
            }
        }
        E::ConfirmationAsked { .. } => {
            state.status = StepStatus::Asked;
            state.asked = Some(event.seq);
        }
        E::Confirmed { .. } => state.status = StepStatus::Confirmed,
        E::StepStarted { attempt, before, .. } => take_start(state, event, *attempt, before),
        E::StepProgress { progress, .. } => state.progress = Some(progress.clone()),
        E::StepFinished { outcome, .. } => {
            end(state, StepStatus::Done, event.at);
            state.outcome = Some(outcome.clone());
        }
        E::StepFailed { failure, .. } => {
            end(state, StepStatus::Failed, event.at);
            if failure.effects == Effects::None {
                state.touched = state.touched_earlier;
            }
            state.failure = Some(failure.clone());
        }
        E::StepInDoubt { failure, .. } => {
            end(state, StepStatus::Doubtful, event.at);
            state.failure = Some(failure.clone());
        }
        E::Decided { decision, .. } => {
            state.decided = Some(*decision);
            if matches!(decision, Decision::Retry | Decision::Mend) {
                state.status = StepStatus::Pending;
                state.passed_at = None;
            }
        }
        E::StepSkipped { .. } => end(state, StepStatus::Skipped, event.at),
        E::UndoStarted { .. } => state.status = StepStatus::Undoing,
        E::UndoFinished { .. } => {
            end(state, StepStatus::Undone, event.at);
            state.touched = false;
        }
        E::UndoFailed { failure, .. } => {
            end(state, StepStatus::UndoFailed, event.at);
            state.failure = Some(failure.clone());
        }
        _ => {}
    }
}

fn take_start(state: &mut StepState, event: &Event, attempt: u32, before: &Value) {
    state.status = StepStatus::Running;
    state.attempt = attempt;
    state.touched_earlier = state.touched;
    state.touched = true;
    state.progress = None;
    state.decided = None;
    if state.first_start.is_none() {
        state.first_start = Some(event.seq);
        state.started_at = Some(event.at);
        state.before = Some(before.clone());
    }
}

fn end(state: &mut StepState, status: StepStatus, at: Timestamp) {
    state.status = status;
    state.ended_at = Some(at);
    state.asked = None;
}

fn type_of(kind: &EventKind) -> String {
    match serde_json::to_value(kind) {
        Ok(Value::Object(map)) => {
            map.get("type").and_then(Value::as_str).unwrap_or("event").to_owned()
        }
        _ => "event".to_owned(),
    }
}
