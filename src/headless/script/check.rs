//! What can be wrong with a script before anything has happened.

use std::fmt;
use std::ops::Range;

use super::rules::Script;
use crate::model::{Confirm, Runbook, Step, StepId};

/// Something wrong with a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    place: Option<(usize, usize)>,
    message: String,
    nearest: Option<String>,
}

impl Problem {
    /// A problem at a place of a text, given in bytes.
    pub(super) fn at(text: &str, span: Range<usize>, message: &str) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
        Self { place: Some((line, column)), message: message.to_owned(), nearest: None }
    }

    fn anywhere(message: String) -> Self {
        Self { place: None, message, nearest: None }
    }

    /// Names the step of the plan that may have been meant.
    pub(super) fn nearest(mut self, runbook: &Runbook, id: &StepId) -> Self {
        self.nearest = runbook
            .steps()
            .map(|(_, step)| (distance(step.id.as_str(), id.as_str()), step.id.to_string()))
            .min()
            .and_then(|(distance, name)| (distance <= 3).then_some(name));
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

impl Script {
    /// What `--confirm` says wrongly: steps that the plan does not have, answers that will not be accepted.
    #[must_use]
    pub fn problems(&self, runbook: &Runbook) -> Vec<Problem> {
        self.steps
            .iter()
            .filter_map(|(id, entry)| match runbook.step(id) {
                None => {
                    let message = format!("the plan has no step `{id}`");
                    Some(Problem::anywhere(message).nearest(runbook, id))
                }
                Some(step) => {
                    let why = step.confirm.accepts(entry.answer.as_ref()?).err()?;
                    Some(Problem::anywhere(format!("step `{id}` {why}")))
                }
            })
            .collect()
    }

    /// The steps whose confirmation would be missing when it is too late: the script answers the first question of a
    /// window, but not all of them. A script that ends before the window leaves the run where it can be resumed.
    #[must_use]
    pub fn missing_in_window<'a>(&self, runbook: &'a Runbook) -> Vec<&'a Step> {
        let mut asked = runbook
            .steps()
            .filter(|(phase, step)| phase.window && step.confirm != Confirm::None)
            .map(|(_, step)| step)
            .peekable();
        let enters = asked.peek().is_none_or(|step| self.answers(step));
        if enters { asked.filter(|step| !self.answers(step)).collect() } else { Vec::new() }
    }

    /// Whether it has an answer for a step.
    #[must_use]
    pub fn answers(&self, step: &Step) -> bool {
        self.steps.get(&step.id).is_some_and(|entry| entry.answer.is_some())
    }
}

/// How many letters must be changed, added or dropped (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::runbook;

    #[test]
    fn a_script_that_enters_the_window_must_answer_all_of_it() {
        let mut script = Script::default();
        assert!(script.missing_in_window(&runbook()).is_empty());
        script.answer("stop".into(), "yes");
        let book = runbook();
        let missing: Vec<_> =
            script.missing_in_window(&book).iter().map(|step| step.id.to_string()).collect();
        assert_eq!(missing, ["switch"]);
    }

    #[test]
    fn a_wrong_answer_is_seen_before_anything_has_happened() {
        let mut script = Script::default();
        script.answer("switch".into(), "orders");
        script.answer("prepair".into(), "enter");
        let told: Vec<_> = script.problems(&runbook()).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "the plan has no step `prepair`; did you mean `prepare`?",
                "step `switch` asks for the name `orders-db`, not `orders`",
            ]
        );
    }
}
