use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::journal::RunMode;
use crate::model::{Digest, Evidence, Judgement, PhaseId, RunId, StepId, StepStatus, When};

/// What a run was and how it went. Durations are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The version of this document's shape.
    pub schema: &'static str,
    /// The run.
    pub run: RunId,
    /// Whether it was for real.
    pub mode: RunMode,
    /// The program that began it.
    pub tool: String,
    /// The profile's name.
    pub profile: String,
    /// The profile's title.
    pub title: String,
    /// The plan's hash.
    pub plan: Digest,
    /// Where it acted.
    pub target: TargetPart,
    /// Who drove it, in order.
    pub operators: Vec<String>,
    /// How it ended.
    pub ending: Ending,
    /// How long it took, and what of it.
    pub times: Times,
    /// What was done, in order.
    pub phases: Vec<PhasePart>,
    /// What people, or the runbook, decided.
    pub decisions: Vec<DecisionPart>,
    /// What held it.
    pub held: Vec<HeldPart>,
    /// What the rehearsal's application found at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Value>,
}

/// Where a run acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetPart {
    /// The kubeconfig file.
    pub kubeconfig: Option<String>,
    /// The context in it.
    pub context: Option<String>,
    /// The API server's address.
    pub server: Option<String>,
    /// The namespace.
    pub namespace: String,
    /// What flags said against the profile.
    pub overrides: Vec<String>,
}

/// How a run ended, or where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ending {
    /// `done`, `undone`, `not-undone`, `stopped` or `unfinished`.
    pub word: &'static str,
    /// The same in a sentence.
    pub text: String,
    /// What a human must do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub todo: Option<String>,
}

/// How long a run took, and what of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Times {
    /// When it began.
    pub started: Option<Timestamp>,
    /// When the last thing happened.
    pub ended: Option<Timestamp>,
    /// From the first fact to the last.
    pub took: f64,
    /// Writes were stopped for so long.
    pub writes_stopped: f64,
    /// They still were at the end.
    pub writes_are_stopped: bool,
    /// They may be stopped for so long.
    pub budget: f64,
    /// The budget, or a phase's own, ran out.
    pub budget_exceeded: bool,
    /// Something waited for a person's answer or decision.
    pub waiting_for_people: f64,
    /// No console drove it.
    pub without_console: f64,
}

/// A phase of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhasePart {
    /// Its name.
    pub id: PhaseId,
    /// What it is for.
    pub title: String,
    /// When it began.
    pub started: Option<Timestamp>,
    /// How long it took, when it is over.
    pub took: Option<f64>,
    /// It was not done by its checkpoint.
    pub checkpoint_missed: bool,
    /// Its own budget ran out.
    pub budget_exceeded: bool,
    /// Its steps.
    pub steps: Vec<StepPart>,
}

/// A step of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepPart {
    /// Its name.
    pub id: StepId,
    /// What it is for.
    pub title: String,
    /// What it does.
    pub verb: &'static str,
    /// Why it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Where it is at the end.
    pub status: StepStatus,
    /// What was done for it: attempts and undo, in order.
    pub attempts: Vec<AttemptPart>,
    /// What its gates showed last before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Judgement>,
    /// What its expectations showed last after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Judgement>,
}

/// An attempt at a step, or at undoing it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttemptPart {
    /// Which one; none for an undo, and for what ended before it began.
    pub attempt: Option<u32>,
    /// It is the undo.
    pub undo: bool,
    /// When it began.
    pub started: Timestamp,
    /// How long it took, when its end is known.
    pub took: Option<f64>,
    /// `done`, `failed`, `in-doubt`, `undone`, `undo-failed`, `skipped`, or `unknown` when its end was not recorded.
    pub result: &'static str,
    /// What it did, or why it failed.
    pub text: String,
    /// What proves it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// Something that was decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecisionPart {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// About which step.
    pub step: Option<StepId>,
    /// What.
    pub what: String,
    /// How long after the question, or after what made it necessary.
    pub waited: Option<f64>,
}

/// A gate that held a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldPart {
    /// The step.
    pub step: StepId,
    /// Before it, or after.
    pub when: When,
    /// The gate.
    pub gate: String,
    /// What was seen last while it held.
    pub why: String,
    /// What would open it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// For how long; none when it never opened.
    pub held: Option<f64>,
}
