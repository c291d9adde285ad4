//! What a script does next: a pure function of the script, the fold and the time that was waited.
//!
//! The first difference between script and reality leaves the run safely: where nothing of the window has begun it is
//! stopped and can be resumed; from there to the point of no return everything is undone; behind it the run stops and a
//! human must finish it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::script::Script;
use crate::model::{
    Command, Decision, FailureKind, Judgement, Move, RunState, Runbook, Step, StepId, StepStatus,
    StopReason, choices, next,
};

/// For how long each step that is held has been held.
pub type Waits = BTreeMap<StepId, Duration>;

/// What a script does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// It answers or decides.
    Send(Command),
    /// It and reality differ: the run is left.
    Leave {
        /// How.
        command: Command,
        /// The difference, for a person.
        difference: String,
    },
}

/// What the script does in this state.
#[must_use]
pub fn decide(script: &Script, runbook: &Runbook, state: &RunState, waits: &Waits) -> Vec<Act> {
    let policy = Policy { script, runbook, state };
    let mut acts = Vec::new();
    for open in next(runbook, state) {
        let act = match &open {
            Move::AwaitAnswer(step) => policy.answer(step),
            Move::AwaitDecision(step) => Some(policy.decision(step)),
            Move::Check(step) => policy.mend(step).or_else(|| policy.held(step, waits)),
            Move::AwaitStep(step) => policy.mend(step),
            _ => None,
        };
        acts.extend(act);
    }
    acts
}

/// How a signal leaves the run.
#[must_use]
pub fn on_signal(runbook: &Runbook, state: &RunState, signal: i32) -> Option<Command> {
    leave(runbook, state, StopReason::Signal(signal))
}

struct Policy<'a> {
    script: &'a Script,
    runbook: &'a Runbook,
    state: &'a RunState,
}

impl Policy<'_> {
    fn answer(&self, id: &StepId) -> Option<Act> {
        let asked = self.state.step(id).asked?;
        let step = self.runbook.step(id)?;
        let answer = self.script.steps.get(id).and_then(|entry| entry.answer.clone());
        match answer {
            Some(answer) => Some(Act::Send(Command::Answer { step: id.clone(), answer, asked })),
            None => self.depart(
                StopReason::ConfirmationMissing { step: id.clone() },
                format!(
                    "`{id}` asks for {}, and nothing answers; give `{}`",
                    step.confirm,
                    flag(step)
                ),
            ),
        }
    }

    fn decision(&self, id: &StepId) -> Act {
        let known = self.state.step(id);
        let doubtful = known.status == StepStatus::Doubtful;
        let decision = if doubtful {
            self.script.steps.get(id).and_then(|entry| entry.on_doubt)
        } else {
            self.script.decision(id, self.taken(id))
        };
        match decision {
            Some(decision) => Act::Send(Command::Decide { step: id.clone(), decision }),
            None => self.undecided(id, doubtful),
        }
    }

    /// Mends what holds a step while it is held or runs, where that is the script's next decision for it.
    fn mend(&self, id: &StepId) -> Option<Act> {
        let offered = choices(self.runbook.step(id)?, self.state).contains(&Decision::Mend);
        let wanted = self.script.decision(id, self.taken(id)) == Some(Decision::Mend);
        let command = Command::Decide { step: id.clone(), decision: Decision::Mend };
        (offered && wanted).then_some(Act::Send(command))
    }

    /// How many decisions the script has taken for a step: its failures, without those that the runbook retried itself.
    fn taken(&self, id: &StepId) -> u32 {
        let retries = self.runbook.step(id).map_or(0, |step| step.retry.times);
        self.state.step(id).attempt.saturating_sub(retries + 1)
    }

    fn undecided(&self, id: &StepId, doubtful: bool) -> Act {
        let failure = self.state.step(id).failure.as_ref();
        let why = failure.map_or_else(|| "no reason is known".to_owned(), ToString::to_string);
        let step = id.clone();
        let (reason, word) = match failure.map(|failure| failure.kind) {
            _ if doubtful => (StopReason::OutcomeUnknown { step }, "is in doubt"),
            Some(FailureKind::Differs) => (StopReason::ContentDiffers { step }, "failed"),
            _ => (StopReason::StepFailed { step }, "failed"),
        };
        let difference = format!("`{id}` {word}, and the script does not say what to do: {why}");
        self.depart(reason, difference).unwrap_or(Act::Send(undo(id)))
    }

    fn held(&self, id: &StepId, waits: &Waits) -> Option<Act> {
        let waited = *waits.get(id)?;
        if self.state.step(id).status != StepStatus::Held || waited < self.script.wait_for(id) {
            return None;
        }
        let shut: Vec<&Judgement> =
            self.state.step(id).judgements.iter().filter(|gate| !gate.is_open()).collect();
        let gates: Vec<String> =
            shut.iter().map(|gate| format!("{}: {}", gate.gate, gate.evidence.summary)).collect();
        let difference =
            format!("`{id}` was held for {} s by {}", waited.as_secs(), gates.join("; "));
        self.depart(reason(id, &shut), difference)
    }

    fn depart(&self, reason: StopReason, difference: String) -> Option<Act> {
        let command = leave(self.runbook, self.state, reason)?;
        let command = match command {
            Command::Abort { .. } => Command::Abort { why: difference.clone() },
            other => other,
        };
        Some(Act::Leave { command, difference })
    }
}

/// How the run is left: stopped, or undone. Nothing when it is being undone already.
fn leave(runbook: &Runbook, state: &RunState, reason: StopReason) -> Option<Command> {
    if state.past_return {
        return Some(Command::Stop { reason });
    }
    if state.undoing.is_some() {
        return None;
    }
    let in_window =
        runbook.steps().any(|(phase, step)| phase.window && state.step(&step.id).touched);
    if in_window || state.writes_stopped_at.is_some() {
        Some(Command::Abort { why: reason.to_string() })
    } else {
        Some(Command::Stop { reason })
    }
}

/// Gates that are about the window or the content have an exit code of their own.
fn reason(step: &StepId, shut: &[&Judgement]) -> StopReason {
    let all = |words: &[&str]| {
        !shut.is_empty()
            && shut
                .iter()
                .all(|gate| words.contains(&gate.gate.split(' ').next().unwrap_or_default()))
    };
    if all(&["window-open"]) {
        StopReason::OutsideWindow
    } else if all(&["rows-equal", "content-equal"]) {
        StopReason::ContentDiffers { step: step.clone() }
    } else {
        StopReason::GateHeld { step: step.clone() }
    }
}

fn undo(step: &StepId) -> Command {
    Command::Decide { step: step.clone(), decision: Decision::Undo }
}

/// The flag that would answer a step's confirmation.
pub(super) fn flag(step: &Step) -> String {
    use crate::model::Confirm;
    let answer = match &step.confirm {
        Confirm::None | Confirm::Enter => "enter",
        Confirm::Yes => "yes",
        Confirm::Name(name) => name,
    };
    format!("--confirm {}={answer}", step.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headless::script::Rule;
    use crate::model::sample::{runbook, state};
    use crate::model::{Confirm, EventKind, Evidence, Failure, Opening, Seq, When};

    fn held(step: &str, gate: &str) -> EventKind {
        let evidence = Evidence {
            summary: "3 rows differ".into(),
            source: String::new(),
            at: jiff::Timestamp::UNIX_EPOCH,
            details: Vec::new(),
        };
        let judgement =
            Judgement { gate: gate.into(), opening: Opening::Held, evidence, fix: None };
        EventKind::GateHeld { step: step.into(), when: When::Before, judgements: vec![judgement] }
    }

    fn failed(step: &str) -> EventKind {
        EventKind::StepFailed { step: step.into(), failure: Failure::new(FailureKind::Other, "no") }
    }

    fn asked(step: &str, confirm: Confirm) -> EventKind {
        EventKind::ConfirmationAsked { step: step.into(), confirm }
    }

    fn decided(script: &Script, state: &RunState, waits: &Waits) -> Act {
        let mut acts = decide(script, &runbook(), state, waits);
        assert_eq!(acts.len(), 1, "{acts:?}");
        acts.remove(0)
    }

    #[test]
    fn a_missing_confirmation_before_the_window_stops_the_run_and_names_the_flag() {
        let state = state(&runbook(), &["prepare"], asked("stop", Confirm::Yes));
        let act = decided(&Script::default(), &state, &Waits::new());
        let reason = StopReason::ConfirmationMissing { step: "stop".into() };
        let difference =
            "`stop` asks for yes, and nothing answers; give `--confirm stop=yes`".to_owned();
        assert_eq!(act, Act::Leave { command: Command::Stop { reason }, difference });
    }

    #[test]
    fn a_missing_confirmation_in_the_window_undoes_everything() {
        let asked = asked("switch", Confirm::Name("orders-db".into()));
        let state = state(&runbook(), &["prepare", "stop"], asked);
        let act = decided(&Script::default(), &state, &Waits::new());
        let Act::Leave { command: Command::Abort { why }, difference } = act else {
            panic!("{act:?}")
        };
        assert_eq!(why, difference);
        assert!(why.contains("give `--confirm switch=orders-db`"), "{why}");
    }

    #[test]
    fn a_failure_past_the_point_of_no_return_only_stops() {
        let state = state(&runbook(), &["prepare", "stop"], failed("switch"));
        let act = decided(&Script::default(), &state, &Waits::new());
        let Act::Leave { command: Command::Stop { reason }, .. } = act else { panic!("{act:?}") };
        assert_eq!(reason, StopReason::StepFailed { step: "switch".into() });
    }

    #[test]
    fn a_held_gate_is_waited_for_and_then_named() {
        let state = state(&runbook(), &["prepare", "stop"], held("switch", "rows-equal"));
        let mut waits = Waits::from([("switch".into(), Duration::from_secs(119))]);
        assert!(decide(&Script::default(), &runbook(), &state, &waits).is_empty());
        waits.insert("switch".into(), Duration::from_secs(120));
        let Act::Leave { difference, .. } = decided(&Script::default(), &state, &waits) else {
            panic!()
        };
        assert_eq!(difference, "`switch` was held for 120 s by rows-equal: 3 rows differ");
    }

    #[test]
    fn a_failure_is_decided_by_the_rules_in_order() {
        let mut script = Script::default();
        let rule = Rule { decision: Decision::Mend, times: 1 };
        script.steps.entry("prepare".into()).or_default().on_failure.push(rule);
        let state = state(&runbook(), &[], failed("prepare"));
        let command = Command::Decide { step: "prepare".into(), decision: Decision::Mend };
        assert_eq!(decided(&script, &state, &Waits::new()), Act::Send(command));
    }

    #[test]
    fn an_answer_carries_the_number_of_its_question() {
        let mut script = Script::default();
        script.answer("stop".into(), "yes");
        let state = state(&runbook(), &["prepare"], asked("stop", Confirm::Yes));
        let Act::Send(Command::Answer { asked, .. }) = decided(&script, &state, &Waits::new())
        else {
            panic!()
        };
        assert_eq!(asked, state.seq);
        assert!(asked > Seq(0));
    }
}
