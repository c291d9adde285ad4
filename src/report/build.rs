//! From the facts to the parts of a report.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::journal::{JournalError, Recording, Target};
use crate::model::{
    Event, EventKind, Evidence, Mode, Phase, RunState, Runbook, Step, StepId, StepStatus, Verdict,
    When,
};

use super::held::{fix_in_words, held};
use super::parts::{
    AttemptPart, DecisionPart, Ending, PhasePart, Report, StepPart, TargetPart, Times,
};
use super::span::seconds;
use super::waits::waits;

impl Report {
    /// The report of a journal, with what the application of a rehearsal found at its end.
    ///
    /// # Errors
    /// When the journal's events do not follow one another.
    pub fn of(recording: &Recording, audit: Option<Value>) -> Result<Self, JournalError> {
        let (header, events) = (&recording.header, recording.events.as_slice());
        let state = recording.fold()?;
        let runbook = &header.runbook;
        Ok(Self {
            schema: "1.0",
            run: header.run.clone(),
            mode: header.mode,
            tool: header.tool.clone(),
            profile: runbook.name.clone(),
            title: runbook.title.clone(),
            plan: header.plan.clone(),
            target: target(&header.target),
            operators: operators(&header.operator, events),
            ending: ending(&state),
            times: times(runbook, &state, events),
            phases: runbook.phases.iter().map(|it| phase(it, &state, events)).collect(),
            decisions: decisions(events),
            held: held(events),
            audit,
        })
    }
}

fn target(target: &Target) -> TargetPart {
    let overrides = target.overrides.iter().map(|(flag, value)| format!("{flag}={value}"));
    TargetPart {
        kubeconfig: target.kubeconfig.clone(),
        context: target.context.clone(),
        server: target.server.clone(),
        namespace: target.namespace.clone(),
        overrides: overrides.collect(),
    }
}

fn operators(first: &str, events: &[Event]) -> Vec<String> {
    let mut operators = vec![first.to_owned()];
    for event in events {
        if let EventKind::RunStarted { operator, .. } | EventKind::RunResumed { operator, .. } =
            &event.kind
            && !operators.contains(operator)
        {
            operators.push(operator.clone());
        }
    }
    operators
}

fn ending(state: &RunState) -> Ending {
    let (word, todo) = match state.mode() {
        Mode::Finished(verdict @ Verdict::NotUndone { todo, .. }) => {
            (verdict.word(), Some(todo.clone()))
        }
        Mode::Finished(verdict) => (verdict.word(), None),
        Mode::Stopped(_) => ("stopped", Some("resume the run: `pgcutover resume`".to_owned())),
        _ => ("unfinished", Some("resume the run, unless a console drives it".to_owned())),
    };
    let text = match state.mode() {
        Mode::Finished(Verdict::NotUndone { cause, .. }) => format!("not undone: {cause}"),
        Mode::Finished(verdict) => verdict.to_string(),
        Mode::Stopped(reason) => format!("stopped: {reason}"),
        Mode::Undoing => "everything was being undone when the journal ends".to_owned(),
        Mode::New | Mode::Forward => "the journal ends before the run does".to_owned(),
    };
    Ending { word, text, todo }
}

fn times(runbook: &Runbook, state: &RunState, events: &[Event]) -> Times {
    let ended = events.last().map(|event| event.at);
    let took = |to| state.started_at.map_or(0.0, |from| seconds(from, to));
    let waits = waits(runbook, events);
    let stopped = ended.map_or(Duration::ZERO, |at| state.writes_stopped(at));
    Times {
        started: state.started_at,
        ended,
        took: ended.map_or(0.0, took),
        writes_stopped: stopped.as_secs_f64(),
        writes_are_stopped: state.writes_stopped_at.is_some(),
        budget: runbook.window.budget.as_secs_f64(),
        budget_exceeded: state.window_exceeded
            || state.phases.values().any(|phase| phase.budget_exceeded),
        waiting_for_people: waits.people,
        without_console: waits.console,
    }
}

fn phase(phase: &Phase, state: &RunState, events: &[Event]) -> PhasePart {
    let known = state.phases.get(&phase.id).cloned().unwrap_or_default();
    let took = known.started_at.zip(known.finished_at).map(|(from, to)| seconds(from, to));
    PhasePart {
        id: phase.id.clone(),
        title: phase.title.clone(),
        started: known.started_at,
        took,
        checkpoint_missed: known.checkpoint_missed,
        budget_exceeded: known.budget_exceeded,
        steps: phase.steps.iter().map(|it| step(it, state, events)).collect(),
    }
}

fn step(step: &Step, state: &RunState, events: &[Event]) -> StepPart {
    let of_step = |event: &&Event| event.kind.step() == Some(&step.id);
    let last_look = |wanted: When| {
        let looks = events.iter().filter(of_step).rev().filter_map(|event| match &event.kind {
            EventKind::GatePassed { when, judgements, .. }
            | EventKind::GateHeld { when, judgements, .. }
                if *when == wanted =>
            {
                Some(judgements.clone())
            }
            _ => None,
        });
        looks.take(1).flatten().collect()
    };
    StepPart {
        id: step.id.clone(),
        title: step.title.clone(),
        verb: step.verb.word(),
        because: step.because.clone(),
        status: match state.step(&step.id).status {
            // Nobody drives a run that was read from its journal, so nobody knows how the step goes on.
            StepStatus::Running if state.mode() != &Mode::Forward => StepStatus::InDoubt,
            status => status,
        },
        attempts: attempts(&step.id, events),
        before: last_look(When::Before),
        after: last_look(When::After),
    }
}

/// Attempts, undo and skipping of a step, in order.
fn attempts(id: &StepId, events: &[Event]) -> Vec<AttemptPart> {
    let mut parts: Vec<AttemptPart> = Vec::new();
    for event in events.iter().filter(|event| event.kind.step() == Some(id)) {
        match &event.kind {
            EventKind::StepStarted { attempt, .. } => parts.push(begun(event, Some(*attempt))),
            EventKind::UndoStarted { .. } => {
                parts.push(AttemptPart { undo: true, ..begun(event, None) });
            }
            EventKind::StepSkipped { why, .. } => {
                let part = begun(event, None);
                parts.push(AttemptPart { result: "skipped", text: why.clone(), ..part });
            }
            kind => {
                if let Some(end) = end(kind) {
                    close(&mut parts, event, end);
                }
            }
        }
    }
    parts
}

fn begun(event: &Event, attempt: Option<u32>) -> AttemptPart {
    AttemptPart {
        attempt,
        undo: false,
        started: event.at,
        took: None,
        result: "unknown",
        text: "its end was not recorded".to_owned(),
        evidence: Vec::new(),
    }
}

/// How an attempt ended: a word, a text, and what proves it.
type End = (&'static str, String, Vec<Evidence>);

fn end(kind: &EventKind) -> Option<End> {
    let failed = |word, failure: &crate::model::Failure| {
        let fix = failure.fix.as_ref().map(fix_in_words);
        let fix = fix.map_or_else(String::new, |fix| format!(" (fix: {fix})"));
        Some((word, format!("{failure}{fix}"), Vec::new()))
    };
    match kind {
        EventKind::StepFinished { outcome, .. } => {
            Some(("done", outcome.summary.clone(), outcome.evidence.clone()))
        }
        EventKind::UndoFinished { outcome, .. } => {
            Some(("undone", outcome.summary.clone(), outcome.evidence.clone()))
        }
        EventKind::StepFailed { failure, .. } => failed("failed", failure),
        EventKind::StepInDoubt { failure, .. } => failed("in-doubt", failure),
        EventKind::UndoFailed { failure, .. } => failed("undo-failed", failure),
        _ => None,
    }
}

fn close(parts: &mut Vec<AttemptPart>, event: &Event, (result, text, evidence): End) {
    let open = parts.last_mut().filter(|part| matches!(part.result, "unknown" | "in-doubt"));
    match open {
        Some(part) => {
            let took = Some(seconds(part.started, event.at));
            *part = AttemptPart { took, result, text, evidence, ..part.clone() };
        }
        // It failed before it began.
        None => parts.push(AttemptPart {
            attempt: None,
            undo: false,
            started: event.at,
            took: Some(0.0),
            result,
            text,
            evidence,
        }),
    }
}

fn decisions(events: &[Event]) -> Vec<DecisionPart> {
    events
        .iter()
        .enumerate()
        .filter_map(|(index, event)| decision(&events[..index], event))
        .collect()
}

fn decision(before: &[Event], event: &Event) -> Option<DecisionPart> {
    let (by, what) = match &event.kind {
        EventKind::Confirmed { by, .. } => (by.clone(), "confirmed".to_owned()),
        EventKind::Declined { why, .. } => ("the tool".to_owned(), format!("declined: {why}")),
        EventKind::Decided { decision, by, .. } => (by.clone(), decision.to_string()),
        EventKind::Aborted { by, why } => (by.clone(), format!("abort: {why}")),
        EventKind::RunStopped { reason } => ("the operator".to_owned(), format!("stop: {reason}")),
        EventKind::RunResumed { operator, .. } => (operator.clone(), "resume".to_owned()),
        _ => return None,
    };
    let step = event.kind.step().cloned();
    let waited = asked(before, step.as_ref()).map(|since| seconds(since, event.at));
    Some(DecisionPart { at: event.at, by, step, what, waited })
}

/// When what a decision answers happened.
fn asked(before: &[Event], step: Option<&StepId>) -> Option<Timestamp> {
    let step = step?;
    let asks = |event: &&Event| {
        event.kind.step() == Some(step)
            && matches!(
                event.kind,
                EventKind::ConfirmationAsked { .. }
                    | EventKind::StepFailed { .. }
                    | EventKind::StepInDoubt { .. }
            )
    };
    before.iter().rev().find(asks).map(|event| event.at)
}
