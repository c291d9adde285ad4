//! A judgement in the making.

use crate::model::evidence::{Fix, Opening};

/// An answer without its time and source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::model) struct Finding {
    pub(in crate::model) opening: Opening,
    pub(in crate::model) summary: String,
    pub(super) details: Vec<String>,
    pub(in crate::model) fix: Option<Fix>,
}

impl Finding {
    fn new(opening: Opening, summary: impl Into<String>) -> Self {
        Self { opening, summary: summary.into(), details: Vec::new(), fix: None }
    }

    /// What was asked for was seen.
    pub(super) fn open(summary: impl Into<String>) -> Self {
        Self::new(Opening::Open, summary)
    }

    /// Something else was seen. A held gate is told again when its summary changes: what changes with every look, such as
    /// an age, belongs into the details.
    pub(super) fn held(summary: impl Into<String>) -> Self {
        Self::new(Opening::Held, summary)
    }

    /// Nothing can be said.
    pub(super) fn unknown(summary: impl Into<String>) -> Self {
        Self::new(Opening::Unknown, summary)
    }

    /// Further lines.
    pub(super) fn details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    /// What would open the gate, in a sentence.
    pub(super) fn fix(mut self, title: Option<String>) -> Self {
        self.fix = title.map(|title| Fix { title, command: None, mend: None });
        self
    }

    /// What would open the gate, with the command or statement that does it.
    pub(super) fn by(mut self, title: impl Into<String>, command: impl Into<String>) -> Self {
        self.fix = Some(Fix { title: title.into(), command: Some(command.into()), mend: None });
        self
    }
}

/// Names in a sentence: all of a few, else the first ones and how many more.
pub(super) fn names<I: IntoIterator<Item = S>, S: Into<String>>(all: I) -> String {
    const FEW: usize = 5;
    let all: Vec<String> = all.into_iter().map(Into::into).collect();
    if all.len() <= FEW {
        return all.join(", ");
    }
    format!("{} and {} more", all[..FEW].join(", "), all.len() - FEW)
}
