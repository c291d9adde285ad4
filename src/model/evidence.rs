//! What was seen, where it came from and how old it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::verb::ObjectRef;

/// Something that was observed, told so that a person can check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// One line: what was seen, with figures and units.
    pub summary: String,
    /// The SQL statement or API call that produced it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// When it was seen.
    pub at: Timestamp,
    /// Further lines: the rows, events or objects behind the summary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// How to mend what holds a gate or failed a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What is to be done, in one sentence.
    pub title: String,
    /// The command or SQL that does it, ready to be pasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The same as a patch that the tool can apply when the operator says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mend: Option<Mend>,
}

/// A strategic merge patch that mends an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mend {
    /// The object to patch.
    pub object: ObjectRef,
    /// The patch's body.
    pub patch: Box<Value>,
}

/// Whether a gate lets the run through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opening {
    /// What was asked for was seen.
    Open,
    /// Something else was seen.
    Held,
    /// Nothing could be seen; this does not open the gate, and is not a failure either.
    Unknown,
}

/// A gate's answer: open, held or unknown, always with evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The gate as a person reads it, such as `rows-equal` or `extension vector on green`.
    pub gate: String,
    /// The answer.
    pub opening: Opening,
    /// What the answer rests on.
    pub evidence: Evidence,
    /// What would open it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

impl Judgement {
    /// True when the gate lets the run through.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.opening, Opening::Open)
    }
}
