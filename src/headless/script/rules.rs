//! What a script says.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{Answer, Decision, Digest, StepId};

/// How long a held gate is waited for where the script says nothing.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(120);

/// An operator's answers and decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The plan that it was written for; any when absent.
    pub plan: Option<Digest>,
    /// How long a held gate is waited for.
    pub wait: Duration,
    /// What it says of steps.
    pub steps: BTreeMap<StepId, ScriptStep>,
}

/// What a script says of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptStep {
    /// The answer to its confirmation.
    pub answer: Option<Answer>,
    /// How long its gates are waited for, where it differs from the script's.
    pub wait: Option<Duration>,
    /// What is decided when it fails, in order.
    pub on_failure: Vec<Rule>,
    /// What is decided when nobody knows whether it happened.
    pub on_doubt: Option<Decision>,
}

/// A decision, and how often it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The decision.
    pub decision: Decision,
    /// How often.
    pub times: u32,
}

impl Default for Script {
    fn default() -> Self {
        Self { plan: None, wait: DEFAULT_WAIT, steps: BTreeMap::new() }
    }
}

impl Script {
    /// Adds an answer as an operator would type it, in place of the script's own.
    pub fn answer(&mut self, step: StepId, typed: &str) {
        self.steps.entry(step).or_default().answer = Some(answer(typed));
    }

    /// How long the gates of a step are waited for.
    #[must_use]
    pub fn wait_for(&self, step: &StepId) -> Duration {
        self.steps.get(step).and_then(|step| step.wait).unwrap_or(self.wait)
    }

    /// The decision for a step's failure, when so many were taken before.
    #[must_use]
    pub fn decision(&self, step: &StepId, taken: u32) -> Option<Decision> {
        let mut left = taken;
        for rule in &self.steps.get(step)?.on_failure {
            if left < rule.times {
                return Some(rule.decision);
            }
            left -= rule.times;
        }
        None
    }
}

/// What an operator types as an answer: `enter` is the key.
pub(super) fn answer(typed: &str) -> Answer {
    if typed == "enter" { Answer::Enter } else { Answer::Typed(typed.to_owned()) }
}
