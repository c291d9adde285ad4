//! Secrets leave no trace: not in progress, outcomes or failures.

use serde_json::Value;

use crate::model::{Evidence, Failure, Fix, Outcome, Progress};

/// What stands where a secret was.
const COVER: &str = "<redacted>";

/// Too short to be a secret that could be told from ordinary text.
const SHORTEST: usize = 4;

/// The secrets that are known, longest first, so that one within another leaves nothing behind.
#[derive(Clone, Default)]
pub(super) struct Redactor {
    secrets: Vec<String>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

impl Redactor {
    pub(super) fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut redactor = Self::default();
        redactor.add(secrets);
        redactor
    }

    pub(super) fn add(&mut self, secrets: impl IntoIterator<Item = String>) {
        self.secrets.extend(secrets.into_iter().filter(|secret| secret.len() >= SHORTEST));
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        self.secrets.dedup();
    }

    pub(super) fn text(&self, text: String) -> String {
        self.secrets.iter().fold(text, |text, secret| {
            if text.contains(secret.as_str()) { text.replace(secret.as_str(), COVER) } else { text }
        })
    }

    fn texts(&self, texts: Vec<String>) -> Vec<String> {
        texts.into_iter().map(|text| self.text(text)).collect()
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(all) => all.into_iter().map(|value| self.value(value)).collect(),
            Value::Object(map) => {
                map.into_iter().map(|(key, value)| (key, self.value(value))).collect()
            }
            other => other,
        }
    }

    fn fix(&self, fix: Fix) -> Fix {
        Fix { title: self.text(fix.title), command: fix.command.map(|text| self.text(text)), ..fix }
    }

    fn evidence(&self, evidence: Evidence) -> Evidence {
        Evidence {
            summary: self.text(evidence.summary),
            source: self.text(evidence.source),
            details: self.texts(evidence.details),
            ..evidence
        }
    }

    pub(super) fn progress(&self, progress: Progress) -> Progress {
        Progress {
            message: self.text(progress.message),
            fix: progress.fix.map(|fix| self.fix(fix)),
            ..progress
        }
    }

    pub(super) fn outcome(&self, outcome: Outcome) -> Outcome {
        Outcome {
            summary: self.text(outcome.summary),
            evidence: outcome.evidence.into_iter().map(|one| self.evidence(one)).collect(),
            data: self.value(outcome.data),
        }
    }

    pub(super) fn failure(&self, failure: Failure) -> Failure {
        Failure {
            message: self.text(failure.message),
            causes: self.texts(failure.causes),
            fix: failure.fix.map(|fix| self.fix(fix)),
            ..failure
        }
    }
}

/// Whether a variable's name says that its value is a secret.
pub(super) fn names_a_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "PRIVATE_KEY", "CREDENTIAL"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_covered_wherever_it_stands() {
        let redactor =
            Redactor::new(["hunter2!".to_owned(), "hunter2!longer".to_owned(), "no".to_owned()]);
        let failure = Failure::new(crate::model::FailureKind::Refused, "no: hunter2!longer")
            .because("password hunter2! is wrong");
        let told = redactor.failure(failure);
        assert_eq!(told.message, "no: <redacted>");
        assert_eq!(told.causes, ["password <redacted> is wrong"]);
    }
}
