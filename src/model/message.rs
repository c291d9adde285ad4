//! The facts in words: one line for each, the same in a script's output, on the screen and in a report.

use std::fmt;
use std::time::Duration;

use super::command::{Decision, StopReason};
use super::event::{EventKind, When};
use super::evidence::{Fix, Judgement, Opening};
use super::failure::{Failure, Progress};
use super::observed::{Observed, SideView, TableView};
use super::side::Side;
use super::spelled::spelled;
use super::state::Verdict;

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RunStarted { profile, plan, operator, .. } => {
                write!(f, "`{profile}` started by {operator}, plan {}", plan.short())
            }
            Self::RunResumed { operator, .. } => write!(f, "taken up again by {operator}"),
            Self::RunStopped { reason } => write!(f, "stopped: {reason}"),
            Self::PhaseStarted { phase } => write!(f, "phase `{phase}` started"),
            Self::PhaseFinished { phase } => write!(f, "phase `{phase}` is done"),
            Self::GateHeld { step, when, judgements } => held(f, step.as_str(), *when, judgements),
            Self::GatePassed { step, when, judgements } => {
                write!(f, "gates {} `{step}` are open: ", when.word())?;
                join(f, ", ", judgements.iter().map(|judgement| judgement.gate.as_str()))
            }
            Self::ConfirmationAsked { step, confirm } => write!(f, "`{step}` asks for {confirm}"),
            Self::Confirmed { step, by } => write!(f, "`{step}` confirmed by {by}"),
            Self::Declined { step, why } => write!(f, "`{step}` not confirmed: {why}"),
            Self::StepStarted { step, attempt: 1, .. } => write!(f, "`{step}` started"),
            Self::StepStarted { step, attempt, .. } => {
                write!(f, "`{step}` started, attempt {attempt}")
            }
            Self::StepProgress { step, progress } => write!(f, "`{step}` {progress}"),
            Self::StepFinished { step, outcome } => {
                done(f, step.as_str(), "done", &outcome.summary)
            }
            Self::StepFailed { step, failure } => failed(f, step.as_str(), "failed", failure),
            Self::StepInDoubt { step, failure } => failed(f, step.as_str(), "is in doubt", failure),
            Self::Decided { step, decision, by } => write!(f, "`{step}`: {by} said {decision}"),
            Self::StepSkipped { step, why } => write!(f, "`{step}` skipped: {why}"),
            Self::Refused { command, why } => write!(f, "cannot {command}: {why}"),
            Self::Aborted { by, why } => write!(f, "aborted by {by}: {why}"),
            Self::UndoStarted { step } => write!(f, "undoing `{step}`"),
            Self::UndoFinished { step, outcome } => {
                done(f, step.as_str(), "undone", &outcome.summary)
            }
            Self::UndoFailed { step, failure } => {
                failed(f, step.as_str(), "could not be undone", failure)
            }
            Self::BudgetExceeded { phase: None, budget } => {
                write!(f, "the write-stop budget of {} s ran out", budget.as_secs())
            }
            Self::BudgetExceeded { phase: Some(phase), budget } => {
                write!(f, "the budget of {} s of phase `{phase}` ran out", budget.as_secs())
            }
            Self::CheckpointMissed { phase, checkpoint } => {
                write!(f, "phase `{phase}` missed its checkpoint at {} s", checkpoint.as_secs())
            }
            Self::RunFinished { verdict } => verdict.fmt(f),
        }
    }
}

impl When {
    /// `before` or `after`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let (Some(done), "seconds") = (self.done, self.unit.as_str()) {
            let spelled = |seconds| match seconds {
                0 => "0 s".to_owned(),
                seconds => spelled(Duration::from_secs(seconds)),
            };
            write!(f, ", {}", spelled(done))?;
            if let Some(total) = self.total {
                write!(f, " of {}", spelled(total))?;
            }
        } else if let Some(done) = self.done {
            write!(f, " {done}")?;
            if let Some(total) = self.total {
                write!(f, "/{total}")?;
            }
            if !self.unit.is_empty() {
                write!(f, " {}", self.unit)?;
            }
        }
        fix(f, self.fix.as_ref())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done: green serves"),
            Self::Undone { cause } => write!(f, "undone: blue serves; {cause}"),
            Self::NotUndone { cause, todo, .. } => write!(f, "not undone: {cause}; to do: {todo}"),
        }
    }
}

impl Verdict {
    /// The verdict's word, for machines.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Undone { .. } => "undone",
            Self::NotUndone { .. } => "not-undone",
        }
    }
}

impl Decision {
    /// The decision's word, as a script writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Mend => "mend",
            Self::Skip => "skip",
            Self::Happened => "happened",
            Self::Undo => "undo",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GateHeld { step } => write!(f, "a gate holds `{step}`"),
            Self::ConfirmationMissing { step } => write!(f, "nobody confirmed `{step}`"),
            Self::ContentDiffers { step } => write!(f, "`{step}` found that blue and green differ"),
            Self::StepFailed { step } => write!(f, "`{step}` failed"),
            Self::OutcomeUnknown { step } => write!(f, "it is not known whether `{step}` happened"),
            Self::Diverged { difference } => write!(f, "script and reality differ: {difference}"),
            Self::OutsideWindow => f.write_str("the maintenance window is shut"),
            Self::LeaseHeld { holder } => write!(f, "the lease is held by {holder}"),
            Self::LeaseLost { why } => write!(f, "the lease could not be renewed: {why}"),
            Self::Detached => f.write_str("the operator left"),
            Self::Signal(number) => write!(f, "signal {number}"),
        }
    }
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.serving.value() {
            Some(Some(side)) => write!(f, "serving: {side}")?,
            Some(None) => f.write_str("serving: neither side")?,
            None => f.write_str("serving: unknown")?,
        }
        for side in Side::BOTH {
            write!(f, "; {side}: {}", self.side(side))?;
        }
        Ok(())
    }
}

impl fmt::Display for SideView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version.value() {
            Some(version) => write!(f, "PostgreSQL {version}")?,
            None => f.write_str("unknown")?,
        }
        if let Some((ready, wanted)) = self.pods.value() {
            write!(f, ", pods {ready}/{wanted}")?;
        }
        if let Some(clients) = self.clients.value() {
            write!(f, ", clients {clients}")?;
        }
        if let Some(tables) = self.tables.value() {
            let rows: u64 = tables.views().filter_map(TableView::count).sum();
            let about = if tables.views().all(TableView::is_exact) { "" } else { "about " };
            write!(f, ", {about}{rows} rows in {} tables", tables.len())?;
        }
        Ok(())
    }
}

fn held(
    f: &mut fmt::Formatter<'_>,
    step: &str,
    when: When,
    judgements: &[Judgement],
) -> fmt::Result {
    match when {
        When::Before => write!(f, "`{step}` is held: ")?,
        When::After => write!(f, "`{step}` waits: ")?,
    }
    let shut: Vec<_> = judgements.iter().filter(|judgement| !judgement.is_open()).collect();
    for (index, judgement) in shut.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { "; " })?;
        let known = if judgement.opening == Opening::Unknown { " (unknown)" } else { "" };
        write!(f, "{}{known}: {}", judgement.gate, judgement.evidence.summary)?;
        fix(f, judgement.fix.as_ref())?;
    }
    Ok(())
}

fn done(f: &mut fmt::Formatter<'_>, step: &str, word: &str, summary: &str) -> fmt::Result {
    write!(f, "`{step}` {word}")?;
    if summary.is_empty() { Ok(()) } else { write!(f, ": {summary}") }
}

fn failed(f: &mut fmt::Formatter<'_>, step: &str, word: &str, failure: &Failure) -> fmt::Result {
    write!(f, "`{step}` {word}: {failure}")?;
    fix(f, failure.fix.as_ref())
}

fn fix(f: &mut fmt::Formatter<'_>, fix: Option<&Fix>) -> fmt::Result {
    let Some(fix) = fix else { return Ok(()) };
    write!(f, " (fix: {}", fix.title)?;
    if let Some(command) = &fix.command {
        write!(f, ": {command}")?;
    }
    f.write_str(")")
}

fn join<'a>(
    f: &mut fmt::Formatter<'_>,
    between: &str,
    mut words: impl Iterator<Item = &'a str>,
) -> fmt::Result {
    if let Some(first) = words.next() {
        f.write_str(first)?;
    }
    words.try_for_each(|word| write!(f, "{between}{word}"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{Evidence, StepId};

    fn judgement(gate: &str, opening: Opening) -> Judgement {
        Judgement {
            gate: gate.to_owned(),
            opening,
            evidence: Evidence {
                summary: "it is so".to_owned(),
                source: String::new(),
                at: Timestamp::UNIX_EPOCH,
                details: Vec::new(),
            },
            fix: None,
        }
    }

    #[test]
    fn a_held_gate_says_what_holds_it_and_leaves_out_what_is_open() {
        let mut shut = judgement("rows-equal", Opening::Held);
        shut.fix =
            Some(Fix { title: "wait".to_owned(), command: Some("sleep 1".to_owned()), mend: None });
        let kind = EventKind::GateHeld {
            step: StepId::from("switch"),
            when: When::Before,
            judgements: vec![
                judgement("fenced blue", Opening::Open),
                shut,
                judgement("serving", Opening::Unknown),
            ],
        };
        assert_eq!(
            kind.to_string(),
            "`switch` is held: rows-equal: it is so (fix: wait: sleep 1); serving (unknown): it is so"
        );
    }

    #[test]
    fn progress_counts_only_what_can_be_counted() {
        let progress = Progress { message: "copying".into(), ..Progress::default() };
        assert_eq!(progress.to_string(), "copying");
        let progress =
            Progress { done: Some(3), total: Some(34), unit: "tables".into(), ..progress };
        assert_eq!(progress.to_string(), "copying 3/34 tables");
    }
}
