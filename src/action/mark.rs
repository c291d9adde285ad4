//! Whose work an object is: the run, the step and the attempt that made it, written on the object itself.

use kube::api::ObjectMeta;
use serde_json::{Map, Value, json};

pub(super) const RUN: &str = "pgcutover.io/run";
pub(super) const STEP: &str = "pgcutover.io/step";
pub(super) const ATTEMPT: &str = "pgcutover.io/attempt";

/// The field manager of what the runbook says.
pub(super) const MANAGER: &str = "pgcutover";

/// The field manager of mends: a manifest that is applied again does not take them back, since another manager owns them.
pub(super) const MEND_MANAGER: &str = "pgcutover-mend";

/// Who made an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) run: String,
    pub(super) step: String,
    pub(super) attempt: u32,
}

impl Mark {
    /// The annotations; with the attempt where each attempt makes an object of its own.
    pub(super) fn annotations(&self, with_attempt: bool) -> Map<String, Value> {
        let mut all = Map::new();
        all.insert(RUN.into(), json!(self.run));
        all.insert(STEP.into(), json!(self.step));
        if with_attempt {
            all.insert(ATTEMPT.into(), json!(self.attempt.to_string()));
        }
        all
    }

    /// Whether this run's step made it, in whatever attempt.
    pub(super) fn is_on(&self, metadata: &ObjectMeta) -> bool {
        annotation(metadata, RUN) == Some(self.run.as_str())
            && annotation(metadata, STEP) == Some(self.step.as_str())
    }

    /// Whether this very attempt made it.
    pub(super) fn is_exactly_on(&self, metadata: &ObjectMeta) -> bool {
        self.is_on(metadata)
            && annotation(metadata, ATTEMPT) == Some(self.attempt.to_string().as_str())
    }

    /// The run as a label's value: at most 63 characters of a small alphabet.
    pub(super) fn run_label(&self) -> String {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let tail: String = self.run.chars().map(|c| if fits(c) { c } else { '-' }).collect();
        let start = tail.len().saturating_sub(63);
        tail[start..].trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned()
    }
}

pub(super) fn annotation<'a>(metadata: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    metadata.annotations.as_ref()?.get(key).map(String::as_str)
}

/// The map at a path of an object, made where it is missing. None when something else is in its place.
pub(super) fn map_at<'a>(
    object: &'a mut Value,
    path: &[&str],
) -> Option<&'a mut Map<String, Value>> {
    let mut place = object;
    for key in path {
        let map = place.as_object_mut()?;
        place = map.entry(*key).or_insert_with(|| json!({}));
        if place.is_null() {
            *place = json!({});
        }
    }
    place.as_object_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_holds_the_end_of_a_long_run_name() {
        let run = format!("{}-2026-11-21T00:10:00Z-k2f9", "chronicle".repeat(8));
        let mark = Mark { run, step: "backup".into(), attempt: 1 };
        let label = mark.run_label();
        assert!(label.len() <= 63 && label.ends_with("2026-11-21T00-10-00Z-k2f9"), "{label}");
    }

    #[test]
    fn an_object_of_another_attempt_is_ours_but_not_exactly() {
        let mark = |attempt| Mark { run: "r".into(), step: "s".into(), attempt };
        let mut object = json!({ "metadata": { "annotations": null } });
        map_at(&mut object, &["metadata", "annotations"])
            .unwrap()
            .extend(mark(1).annotations(true));
        let metadata: ObjectMeta = serde_json::from_value(object["metadata"].clone()).unwrap();
        assert!(mark(1).is_exactly_on(&metadata));
        assert!(mark(2).is_on(&metadata) && !mark(2).is_exactly_on(&metadata));
    }
}
