//! How a step ends: outcome or failure, owned and serializable from the first day.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::evidence::{Evidence, Fix};

/// What a verb did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// One line for people.
    pub summary: String,
    /// What proves it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Values that later steps or a report use, such as the position at the fence.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

impl Outcome {
    /// An outcome that needs no more than its summary.
    pub fn new(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), ..Self::default() }
    }
}

/// How far a running step is. It may be lost: it is told, not synced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is going on, such as an event's text or a line of a pod's log.
    pub message: String,
    /// How many units are done, where they can be counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<u64>,
    /// How many there are in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// The unit: `tables`, `bytes`, `rows`, `pods`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Why it does not move, when something in the world holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// What kind of failure it is, as far as a script or an exit code needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// An image cannot be pulled.
    ImagePull,
    /// A container ends again and again.
    CrashLoop,
    /// A Job used up its `backoffLimit`.
    BackoffLimit,
    /// No node takes the pod.
    Unschedulable,
    /// A deadline of the cluster passed: `activeDeadlineSeconds`, `progressDeadlineSeconds`.
    DeadlineExceeded,
    /// The API server or the database refused for want of a permission.
    Forbidden,
    /// An object changed under us, or another field manager owns the field.
    Conflict,
    /// The world does not answer.
    Unreachable,
    /// Blue and green differ.
    Differs,
    /// The fence could not be proven.
    NotFenced,
    /// A gate that must open after the verb stayed shut.
    GateShut,
    /// The step's own timeout passed.
    TimedOut,
    /// A command ended with a code other than 0, or a statement was refused.
    Refused,
    /// The operator or a budget cancelled it.
    Cancelled,
    /// None of these.
    Other,
}

/// Whether a failed action may have changed the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effects {
    /// It is known that nothing changed.
    None,
    /// Something may have changed; undo must look.
    Maybe,
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// One line: what was tried and what came back.
    pub message: String,
    /// The chain of causes, outermost first, such as an object's status or an HTTP error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// Whether the world may have changed.
    pub effects: Effects,
    /// How to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// What was found all the same, such as the comparison that found a difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<Value>>,
}

impl Failure {
    /// A failure that may have had effects, which is what must be assumed unless it is known better.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            causes: Vec::new(),
            effects: Effects::Maybe,
            fix: None,
            data: None,
        }
    }

    /// Appends a cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Says that nothing changed.
    #[must_use]
    pub const fn without_effects(mut self) -> Self {
        self.effects = Effects::None;
        self
    }

    /// Keeps what was found.
    #[must_use]
    pub fn with(mut self, data: Value) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn mended_by(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl std::error::Error for Failure {}
