//! What the last comparison found of each table.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{
    Failure, FailureKind, Position, RowDifference, RunState, Runbook, StepId, StepStatus,
    TableVerdict, Verb, Verification, VerifyScope,
};

/// What the run's comparisons found, by table. It is made anew when one of them ends, not when readings come.
#[derive(Debug, Default)]
pub(super) struct Proofs {
    of: Vec<(StepId, Option<Timestamp>, StepStatus)>,
    tables: HashMap<String, Proof>,
    left_out: BTreeMap<String, String>,
    content: Option<Content>,
}

/// What the last comparison of content found of all tables.
#[derive(Debug, Clone)]
pub(super) struct Content {
    /// The step that compared.
    pub(super) step: StepId,
    /// How many tables it compared.
    pub(super) tables: usize,
    /// The tables that differ, and how; large objects are among them.
    pub(super) differ: Vec<String>,
    /// When.
    pub(super) at: Timestamp,
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
    /// The rows that differ, as far as they were named.
    pub(super) rows: Vec<RowDifference>,
    /// How, and from which positions; a failure of an older journal does not keep them.
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

    /// What the last comparison of content found.
    pub(super) const fn content(&self) -> Option<&Content> {
        self.content.as_ref()
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
        self.content = None;
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
        match (failed, known.outcome.is_some()) {
            (None, false) => {}
            (Some(failure), _) if failure.data.is_none() => self.take_text(step, ended, failure),
            _ => {
                if let Some(found) = known.verification() {
                    self.take_found(step, found);
                }
            }
        }
    }

    /// Older journals keep of a comparison that failed no more than what was told.
    fn take_text(&mut self, step: &StepId, ended: Option<Timestamp>, failure: &Failure) {
        // the line that sums a table up comes before those of its rows
        let told = failure.causes.iter().rev().filter_map(|cause| cause.split_once(": "));
        for (table, text) in told {
            let proof = Proof {
                step: step.clone(),
                equal: false,
                content: true,
                text: text.to_owned(),
                rows: Vec::new(),
                basis: None,
                at: ended,
            };
            self.tables.insert(table.to_owned(), proof);
        }
    }

    fn take_found(&mut self, step: &StepId, found: Verification) {
        if found.covers(VerifyScope::Content) {
            let differ = found.tables.iter().filter(|table| !table.is_equal());
            self.content = Some(Content {
                step: step.clone(),
                tables: found.tables.iter().filter(|table| table.is_table()).count(),
                differ: differ.map(TableVerdict::describe).collect(),
                at: found.at,
            });
        }
        let Verification { at, blue, green, method, tables, excluded, .. } = found;
        self.left_out = excluded;
        let basis = Arc::new(Basis { method, blue, green });
        for table in tables {
            let proof = Proof {
                step: step.clone(),
                equal: table.is_equal(),
                content: table.blue.as_ref().is_some_and(|sum| sum.hash.is_some()),
                text: without_name(&table),
                rows: table.differences,
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
