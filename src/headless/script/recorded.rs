//! A script from the journal of an earlier run: what was answered and decided then is answered and decided again.

use super::rules::{DEFAULT_WAIT, Rule, Script};
use crate::model::{
    Answer, Confirm, Decision, Event, EventKind, Illegal, Move, RunState, Runbook, StepId,
    StepStatus, next,
};

impl Script {
    /// The decisions of a recorded run. Those that its runbook took by itself are left out, for it will take them again.
    ///
    /// # Errors
    /// The events are not those of a run of this runbook.
    pub fn recorded(runbook: &Runbook, events: &[Event]) -> Result<Self, Illegal> {
        let mut script = Self { wait: DEFAULT_WAIT, ..Self::default() };
        let mut state = RunState::new(runbook);
        for event in events {
            script.take(runbook, &state, &event.kind);
            state.apply(runbook, event)?;
        }
        Ok(script)
    }

    fn take(&mut self, runbook: &Runbook, state: &RunState, kind: &EventKind) {
        match kind {
            EventKind::RunStarted { plan, .. } => self.plan = Some(plan.clone()),
            EventKind::Confirmed { step, .. } => {
                let answer = runbook.step(step).map(|step| given(&step.confirm));
                self.steps.entry(step.clone()).or_default().answer = answer;
            }
            EventKind::Decided { step, decision, .. }
                if next(runbook, state).contains(&Move::AwaitDecision(step.clone())) =>
            {
                self.decided(step, *decision, state.step(step).status == StepStatus::Doubtful);
            }
            _ => {}
        }
    }

    fn decided(&mut self, step: &StepId, decision: Decision, doubt: bool) {
        let entry = self.steps.entry(step.clone()).or_default();
        if doubt {
            entry.on_doubt = Some(decision);
            return;
        }
        match entry.on_failure.last_mut() {
            Some(rule) if rule.decision == decision => rule.times += 1,
            _ => entry.on_failure.push(Rule { decision, times: 1 }),
        }
    }
}

fn given(confirm: &Confirm) -> Answer {
    match confirm {
        Confirm::None | Confirm::Enter => Answer::Enter,
        Confirm::Yes => Answer::Typed("yes".to_owned()),
        Confirm::Name(name) => Answer::Typed(name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{at, events, runbook};
    use crate::model::{Digest, Failure, FailureKind};

    #[test]
    fn the_decisions_of_an_earlier_run_are_taken_again() {
        let book = runbook();
        let failure = Failure::new(FailureKind::Other, "no");
        let mut kinds = events(
            &book,
            &["prepare", "stop"],
            EventKind::StepFailed { step: "switch".into(), failure },
        );
        kinds.push(at(
            kinds.len() as u64 + 1,
            EventKind::Decided {
                step: "switch".into(),
                decision: Decision::Retry,
                by: "alice".into(),
            },
        ));
        let script = Script::recorded(&book, &kinds).unwrap();
        assert_eq!(script.plan, Some(Digest::from("abc")));
        let (stop, switch) = (StepId::from("stop"), StepId::from("switch"));
        assert_eq!(script.steps[&stop].answer, Some(Answer::Typed("yes".into())));
        assert_eq!(script.steps[&switch].answer, Some(Answer::Typed("orders-db".into())));
        assert_eq!(script.decision(&switch, 0), Some(Decision::Retry));
        assert_eq!(script.decision(&switch, 1), None);
        assert!(!script.steps.contains_key(&StepId::from("prepare")));
    }
}
