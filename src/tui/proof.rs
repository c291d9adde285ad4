//! What the last comparison found of each table.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{
    FailureKind, Position, RunState, Runbook, StepId, StepStatus, TableVerdict, Verb, Verification,
};

/// What the run's comparisons found, by table. It is made anew when one of them ends, not when readings come.
#[derive(Debug, Default)]
pub(super) struct Proofs {
    of: Vec<(StepId, Option<Timestamp>, StepStatus)>,
    tables: HashMap<String, Proof>,
    left_out: BTreeMap<String, String>,
}

/// What a comparison found of a table.
#[derive(Debug, Clone)]
pub(super) struct Proof {
    /// The step that compared.
    pub(super) step: StepId,
    /// The table is the same on both sides.
    pub(super) equal: bool,
    /// Content was compared, not only counted.
    pub(super) content: bool,
    /// What was found, in a line.
    pub(super) text: String,
    /// When, how, and from which positions; a comparison that failed does not keep them.
    pub(super) basis: Option<Arc<Basis>>,
    /// When the step ended.
    pub(super) at: Option<Timestamp>,
}

/// What a comparison rests on.
#[derive(Debug)]
pub(super) struct Basis {
    /// How the content was compared.
    pub(super) method: String,
    /// Blue's position.
    pub(super) blue: Position,
    /// Green's position.
    pub(super) green: Position,
}

impl Proofs {
    /// What is known of a table.
    pub(super) fn of(&self, table: &str) -> Option<&Proof> {
        self.tables.get(table)
    }

    /// Why the last comparison left a table out.
    pub(super) fn left_out(&self, table: &str) -> Option<&str> {
        self.left_out.get(table).map(String::as_str)
    }

    /// Reads the outcomes of the comparisons anew, where there are newer ones.
    pub(super) fn refresh(&mut self, book: &Runbook, state: &RunState) {
        let compares = || {
            let steps = book.steps().map(|(_, step)| step);
            steps.filter(|step| matches!(step.verb, Verb::Verify { .. }))
        };
        let now: Vec<_> = compares()
            .map(|step| (step, state.step(&step.id)))
            .filter(|(_, known)| known.outcome.is_some() || known.failure.is_some())
            .map(|(step, known)| (step.id.clone(), known.ended_at, known.status))
            .collect();
        if now == self.of {
            return;
        }
        self.tables.clear();
        self.left_out.clear();
        let mut by_age = now.clone();
        by_age.sort_by_key(|(_, at, _)| *at);
        for (step, at, _) in by_age {
            self.take(&step, at, state);
        }
        self.of = now;
    }

    fn take(&mut self, step: &StepId, ended: Option<Timestamp>, state: &RunState) {
        let known = state.step(step);
        // once somebody has gone on from a failed comparison, the tables have moved on as well
        let failed = (known.status == StepStatus::Failed).then_some(known.failure.as_ref());
        let failed = failed.flatten().filter(|failure| failure.kind == FailureKind::Differs);
        if let Some(failure) = failed {
            // the line that sums a table up comes before those of its rows
            let told = failure.causes.iter().rev().filter_map(|cause| cause.split_once(": "));
            for (table, text) in told {
                let proof = Proof {
                    step: step.clone(),
                    equal: false,
                    content: true,
                    text: text.to_owned(),
                    basis: None,
                    at: ended,
                };
                self.tables.insert(table.to_owned(), proof);
            }
        }
        let data = known.outcome.as_ref().map(|outcome| outcome.data.clone());
        let Some(found) = data.and_then(|data| serde_json::from_value::<Verification>(data).ok())
        else {
            return;
        };
        let Verification { at, blue, green, method, tables, excluded, .. } = found;
        self.left_out = excluded;
        let basis = Arc::new(Basis { method, blue, green });
        for table in tables {
            let proof = Proof {
                step: step.clone(),
                equal: table.is_equal(),
                content: table.blue.as_ref().is_some_and(|sum| sum.hash.is_some()),
                text: without_name(&table),
                basis: Some(Arc::clone(&basis)),
                at: Some(at),
            };
            self.tables.insert(table.table, proof);
        }
    }
}

fn without_name(table: &TableVerdict) -> String {
    let text = table.describe();
    text.strip_prefix(&format!("{}: ", table.table)).map(str::to_owned).unwrap_or(text)
}
