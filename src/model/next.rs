//! The only place that decides what may happen. Forward run, resume and undo are the same function on different folds.

use super::command::Decision;
use super::id::{PhaseId, StepId};
use super::runbook::{Confirm, OnFailure, Phase, Runbook, Step};
use super::state::{Mode, RunState, StepState, StepStatus, Verdict};
use super::undo::undo_order;

/// Something that may happen now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// The run begins.
    Begin,
    /// A phase begins.
    StartPhase(PhaseId),
    /// A phase is over.
    FinishPhase(PhaseId),
    /// The gates before a step are looked at.
    Check(StepId),
    /// The operator is asked.
    Ask(StepId),
    /// An answer is awaited.
    AwaitAnswer(StepId),
    /// A step begins; its gates are looked at once more.
    Start(StepId),
    /// A running step is awaited.
    AwaitStep(StepId),
    /// The world is asked whether a step happened.
    Probe(StepId),
    /// The operator must say what happens with a step that failed or is in doubt.
    AwaitDecision(StepId),
    /// The runbook itself decides what happens with a failed step.
    Decide(StepId, Decision),
    /// The run goes on without a step.
    Skip(StepId),
    /// The operator said of a step in doubt that it happened.
    TakeAsDone(StepId),
    /// A running step is told to end, because everything is being undone.
    Cancel(StepId),
    /// A step is undone.
    Undo(StepId),
    /// The run ends.
    Finish(Verdict),
}

impl Move {
    /// The step that it is about.
    #[must_use]
    pub const fn step(&self) -> Option<&StepId> {
        match self {
            Self::Check(step)
            | Self::Ask(step)
            | Self::AwaitAnswer(step)
            | Self::Start(step)
            | Self::AwaitStep(step)
            | Self::Probe(step)
            | Self::AwaitDecision(step)
            | Self::Decide(step, _)
            | Self::Skip(step)
            | Self::TakeAsDone(step)
            | Self::Cancel(step)
            | Self::Undo(step) => Some(step),
            Self::Begin | Self::StartPhase(_) | Self::FinishPhase(_) | Self::Finish(_) => None,
        }
    }
}

/// What the operator may decide of a step now: the same table that the fold holds a [`Decision`] against.
#[must_use]
pub fn choices(step: &Step, state: &RunState) -> Vec<Decision> {
    let known = state.step(&step.id);
    let stands = match known.status {
        StepStatus::Failed => vec![Decision::Retry],
        StepStatus::Doubtful => vec![Decision::Happened, Decision::Retry],
        StepStatus::Held | StepStatus::Running => Vec::new(),
        _ => return Vec::new(),
    };
    if *state.mode() != Mode::Forward || state.aborted.is_some() {
        return Vec::new();
    }
    let ended = !stands.is_empty();
    let mend = known.mend().is_some().then_some(Decision::Mend);
    let more = [
        (step.skippable && (ended || known.status == StepStatus::Held), Decision::Skip),
        (ended && !state.past_return, Decision::Undo),
    ];
    let more = more.into_iter().filter_map(|(may, it)| may.then_some(it));
    mend.into_iter().chain(stands).chain(more).collect()
}

/// The moves that are open. Empty when the run is stopped or has ended.
#[must_use]
pub fn next(runbook: &Runbook, state: &RunState) -> Vec<Move> {
    match state.mode() {
        Mode::New => vec![Move::Begin],
        Mode::Forward => forward(runbook, state),
        Mode::Undoing => backward(runbook, state),
        Mode::Stopped(_) | Mode::Finished(_) => Vec::new(),
    }
}

fn forward(runbook: &Runbook, state: &RunState) -> Vec<Move> {
    if let Some(why) = &state.aborted {
        return give_up(runbook, state, why);
    }
    let open = runbook
        .phases
        .iter()
        .find(|phase| state.phases.get(&phase.id).is_none_or(|known| known.finished_at.is_none()));
    let Some(phase) = open else { return vec![Move::Finish(Verdict::Done)] };
    if state.phases.get(&phase.id).is_none_or(|known| known.started_at.is_none()) {
        return vec![Move::StartPhase(phase.id.clone())];
    }
    in_phase(phase, state)
}

fn in_phase(phase: &Phase, state: &RunState) -> Vec<Move> {
    let unsettled = phase.steps.iter().filter(|step| !state.step(&step.id).is_settled());
    let width = if phase.parallel { usize::MAX } else { 1 };
    let mut moves: Vec<Move> =
        unsettled.take(width).map(|step| of_step(step, state.step(&step.id), state)).collect();
    if moves.is_empty() {
        return vec![Move::FinishPhase(phase.id.clone())];
    }
    if state.waits_to_begin {
        one_asks(&mut moves);
    }
    moves
}

/// Of steps that stand side by side one asks for all whether the run may begin.
fn one_asks(moves: &mut Vec<Move>) {
    let mut asked = moves.iter().any(|open| matches!(open, Move::AwaitAnswer(_)));
    moves.retain(|open| !matches!(open, Move::Ask(_)) || !std::mem::replace(&mut asked, true));
}

fn of_step(step: &Step, known: &StepState, run: &RunState) -> Move {
    let id = step.id.clone();
    match known.status {
        StepStatus::Held if known.decided == Some(Decision::Skip) => Move::Skip(id),
        StepStatus::Pending | StepStatus::Held if !step.gates.is_empty() => Move::Check(id),
        StepStatus::Pending | StepStatus::Held | StepStatus::Ready => {
            ask_or_start(step, known, run)
        }
        StepStatus::Asked => Move::AwaitAnswer(id),
        StepStatus::Confirmed => Move::Start(id),
        StepStatus::Running | StepStatus::Undoing => Move::AwaitStep(id),
        StepStatus::InDoubt if known.asked.is_some() => Move::AwaitAnswer(id),
        StepStatus::InDoubt if run.begins_with(step) => Move::Ask(id),
        StepStatus::InDoubt => Move::Probe(id),
        StepStatus::Doubtful => match known.decided {
            Some(Decision::Happened) => Move::TakeAsDone(id),
            Some(Decision::Skip) => Move::Skip(id),
            _ => Move::AwaitDecision(id),
        },
        StepStatus::Failed => after_failure(step, known, run),
        StepStatus::Done | StepStatus::Skipped | StepStatus::Undone | StepStatus::UndoFailed => {
            Move::AwaitStep(id)
        }
    }
}

fn ask_or_start(step: &Step, known: &StepState, run: &RunState) -> Move {
    if run.asks(step) == Confirm::None || known.confirmed.is_some() {
        Move::Start(step.id.clone())
    } else {
        Move::Ask(step.id.clone())
    }
}

fn after_failure(step: &Step, known: &StepState, run: &RunState) -> Move {
    let id = step.id.clone();
    if known.decided == Some(Decision::Skip) {
        return Move::Skip(id);
    }
    // What a person said had happened must not be done again without asking.
    if known.failures <= step.retry.times && known.decided != Some(Decision::Happened) {
        return Move::Decide(id, Decision::Retry);
    }
    match step.on_failure {
        OnFailure::Continue => Move::Skip(id),
        OnFailure::UndoAll if !run.past_return => Move::Decide(id, Decision::Undo),
        OnFailure::Ask | OnFailure::UndoAll => Move::AwaitDecision(id),
    }
}

fn backward(runbook: &Runbook, state: &RunState) -> Vec<Move> {
    let running = in_status(runbook, state, StepStatus::Running);
    if !running.is_empty() {
        return running.into_iter().map(Move::Cancel).collect();
    }
    if let Some(step) = in_status(runbook, state, StepStatus::UndoFailed).pop() {
        return vec![Move::Finish(undo_failed(runbook, state, step))];
    }
    vec![match undo_order(runbook, state).first() {
        Some((_, step)) => Move::Undo(step.id.clone()),
        None => Move::Finish(Verdict::Undone { cause: state.undoing.clone().unwrap_or_default() }),
    }]
}

fn give_up(runbook: &Runbook, state: &RunState, why: &str) -> Vec<Move> {
    let running = in_status(runbook, state, StepStatus::Running);
    if !running.is_empty() {
        return running.into_iter().map(Move::Cancel).collect();
    }
    vec![Move::Finish(Verdict::NotUndone {
        step: None,
        cause: format!("aborted past the point of no return: {why}"),
        todo: finish_by_hand(runbook, state),
    })]
}

fn finish_by_hand(runbook: &Runbook, state: &RunState) -> String {
    let left = runbook.steps().filter(|(_, step)| !state.step(&step.id).is_settled());
    let left = names(left.map(|(_, step)| &step.id));
    let stopped = if state.writes_stopped_at.is_some() {
        "writes are stopped, and only green may take them: "
    } else {
        "green may hold writes that blue lacks, so do not point clients back at blue: "
    };
    format!("{stopped}finish by hand what is left, in this order: {left}")
}

fn undo_failed(runbook: &Runbook, state: &RunState, step: StepId) -> Verdict {
    let failure = state.step(&step).failure.as_ref().map_or_else(String::new, ToString::to_string);
    let left = names(undo_order(runbook, state).into_iter().map(|(_, step)| &step.id));
    let todo = if state.writes_stopped_at.is_some() {
        format!(
            "writes are stopped: undo by hand, in this order: {left}; \
             blue must not take writes while clients may still reach green"
        )
    } else {
        format!("blue takes writes; clear away by hand, in this order: {left}")
    };
    Verdict::NotUndone {
        cause: format!("`{step}` could not be undone: {failure}"),
        todo,
        step: Some(step),
    }
}

fn names<'a>(steps: impl Iterator<Item = &'a StepId>) -> String {
    steps.map(|step| format!("`{step}`")).collect::<Vec<_>>().join(", ")
}

fn in_status(runbook: &Runbook, state: &RunState, status: StepStatus) -> Vec<StepId> {
    runbook
        .steps()
        .filter(|(_, step)| state.step(&step.id).status == status)
        .map(|(_, step)| step.id.clone())
        .collect()
}
