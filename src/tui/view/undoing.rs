//! How a step is undone, in plain words.

use std::collections::BTreeMap;

use serde_json::Value;

use super::words;
use crate::model::{Manifest, ObjectRef, Side, Step, StepState, Undo, Verb, Workload};
use crate::tui::state::UiState;

/// In a sentence, as far as it is known: what was recorded when the step started, else what the plan says.
pub(super) fn sentence(ui: &UiState, step: &Step) -> String {
    match &step.undo {
        Undo::Nothing if step.verb.only_looks() => "nothing to undo: it changes nothing".to_owned(),
        Undo::Nothing => "none: what it did stays".to_owned(),
        Undo::Former => former(ui, step),
        Undo::Verb(verb) => instead(verb),
    }
}

/// In a few words, for a list.
pub(super) fn brief(ui: &UiState, step: &Step) -> String {
    let Undo::Former = step.undo else { return sentence(ui, step) };
    match &step.verb {
        Verb::Apply { manifests, .. } => applied_briefly(manifests, ui.state.step(&step.id)),
        Verb::Job { manifest } => format!("delete {}", job(manifest)),
        Verb::Scale { workload, .. } => {
            let to = replicas(ui.state.step(&step.id)).map(|count| format!(" to {count}"));
            format!("scale {workload} back{}", to.unwrap_or_default())
        }
        Verb::SwitchService { service, .. } => {
            let to = led_to(ui, ui.state.step(&step.id)).map(|side| format!(" at {side}"));
            format!("point service/{service} back{}", to.unwrap_or_default())
        }
        Verb::Patch { object, .. } => format!("restore {object}"),
        Verb::Fence { side } => format!("lift the fence of {side}"),
        _ => sentence(ui, step),
    }
}

fn former(ui: &UiState, step: &Step) -> String {
    let known = ui.state.step(&step.id);
    match &step.verb {
        Verb::Apply { manifests, .. } => applied(manifests, known),
        Verb::Job { manifest } => {
            format!("delete {}, where it is this step's; what it wrote stays", job(manifest))
        }
        Verb::Scale { workload, .. } => scaled(ui, workload, known),
        Verb::SwitchService { service, .. } => switched(ui, service, known),
        Verb::Patch { object, .. } => {
            format!("restore {object} where the patch changes it, as recorded before")
        }
        Verb::Fence { side } => format!(
            "lift the fence of {side}: ALTER DATABASE{} gives default_transaction_read_only back as recorded before, \
             and sessions are ended, so that clients come back able to write",
            database(known).map(|name| format!(" {name}")).unwrap_or_default()
        ),
        Verb::Unfence { side } => {
            format!("fence {side} again: it refuses writes, and that is proven")
        }
        Verb::Backup { path, .. } => format!("delete the dump `{path}`"),
        _ => "nothing to undo".to_owned(),
    }
}

/// What an apply did is known when it has started: what was not there before is deleted, the rest restored.
fn applied(manifests: &[Manifest], known: &StepState) -> String {
    let Some((made, changed)) = recorded(known) else {
        let all = listed(&objects(manifests));
        return format!("delete what it makes and restore what it changes: {all}");
    };
    match (made.as_slice(), changed.as_slice()) {
        (made, []) => format!("delete {}", listed(made)),
        ([], changed) => format!("restore as recorded before: {}", listed(changed)),
        (made, changed) => {
            format!("delete {}; restore as recorded before: {}", listed(made), listed(changed))
        }
    }
}

fn applied_briefly(manifests: &[Manifest], known: &StepState) -> String {
    let counted = |count: usize| words::counted(count as u64, "object");
    match recorded(known).map(|(made, changed)| (made.len(), changed.len())) {
        None => format!("delete or restore {}", counted(objects(manifests).len())),
        Some((made, 0)) => format!("delete {}", counted(made)),
        Some((0, changed)) => format!("restore {}", counted(changed)),
        Some((made, changed)) => format!("delete {}, restore {changed}", counted(made)),
    }
}

/// The objects that were not there before an apply, and those that were.
fn recorded(known: &StepState) -> Option<(Vec<ObjectRef>, Vec<ObjectRef>)> {
    let before = known.before.as_ref()?.as_array()?;
    let of = |made: bool| {
        let records = before.iter().rev().filter(|one| one["uid"].is_null() == made);
        let all = records.filter_map(|one| serde_json::from_value(one["object"].clone()).ok());
        as_undone(all.filter(|object: &ObjectRef| object.kind != "Namespace").collect())
    };
    Some((of(true), of(false)))
}

fn scaled(ui: &UiState, workload: &Workload, known: &StepState) -> String {
    if let Some(count) = replicas(known) {
        return format!("scale {workload} back to {count}, as recorded before");
    }
    let seen = ui.observed.cluster.workloads.get(&workload.to_string());
    let now = seen.and_then(|seen| {
        let count = seen.value()?.as_ref()?.wanted;
        Some(format!(": {count} now, read {} ago", words::age(seen.at(), ui.now)))
    });
    format!("scale {workload} back to the count before this step{}", now.unwrap_or_default())
}

fn switched(ui: &UiState, service: &str, known: &StepState) -> String {
    if let Some(side) = led_to(ui, known) {
        return format!("point service/{service} back at {side}, as recorded before");
    }
    let seen = &ui.observed.serving;
    let now = seen
        .value()
        .copied()
        .flatten()
        .map(|side| format!(": {side} now, read {} ago", words::age(seen.at(), ui.now)));
    format!("point service/{service} back at the side before this step{}", now.unwrap_or_default())
}

/// What is done in its place, with no more of a statement or a patch than its beginning.
fn instead(verb: &Verb) -> String {
    match verb {
        Verb::Patch { object, .. } => format!("patch {object}"),
        Verb::Sql { side, statement, .. } => {
            let mut lines = statement.trim().lines();
            let first = lines.next().unwrap_or_default();
            let more = if lines.next().is_some() { " and more" } else { "" };
            format!("run on {side}: {first}{more}")
        }
        verb => verb.to_string(),
    }
}

fn replicas(known: &StepState) -> Option<i64> {
    known.before.as_ref()?.get("replicas")?.as_i64()
}

fn database(known: &StepState) -> Option<&str> {
    known.before.as_ref()?.get("database")?.as_str()
}

/// The side that the Service meant before.
fn led_to(ui: &UiState, known: &StepState) -> Option<Side> {
    let selector = known.before.as_ref()?.get("selector")?;
    let selector: BTreeMap<String, String> = serde_json::from_value(selector.clone()).ok()?;
    let traffic = ui.runbook.traffic.as_ref()?;
    Side::BOTH.into_iter().find(|side| *traffic.selector(*side) == selector)
}

/// The objects of manifests in the order in which they are undone; a namespace is left.
fn objects(manifests: &[Manifest]) -> Vec<ObjectRef> {
    let documents = manifests.iter().flat_map(|file| &file.documents).rev();
    let text = |document: &Value, key: &str| Some(document.get(key)?.as_str()?.to_owned());
    let object = |document: &Value| {
        Some(ObjectRef {
            api_version: text(document, "apiVersion")?,
            kind: text(document, "kind").filter(|kind| kind != "Namespace")?,
            name: text(document.get("metadata")?, "name")?,
        })
    };
    as_undone(documents.filter_map(object).collect())
}

/// What makes pods goes first: a claim that a pod uses is not let go.
fn as_undone(mut objects: Vec<ObjectRef>) -> Vec<ObjectRef> {
    let makes_pods = ["Deployment", "StatefulSet", "DaemonSet", "Job"];
    objects.sort_by_key(|object| !makes_pods.contains(&object.kind.as_str()));
    objects
}

fn job(manifest: &Manifest) -> String {
    let named = objects(std::slice::from_ref(manifest)).first().map(ToString::to_string);
    named.unwrap_or_else(|| format!("the Job of {}", manifest.path))
}

fn listed(objects: &[ObjectRef]) -> String {
    objects.iter().map(|object| words::object(&object.to_string())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::view::tests::{held, state};

    #[test]
    fn what_takes_a_verb_back_is_told_before_it_has_begun() {
        let ui = state(&["prepare"], held());
        let told = |verb| sentence(&ui, &Step { undo: Undo::Former, ..Step::of("it", verb) });
        let (side, path) = (Side::Blue, "blue.dump".to_owned());
        assert_eq!(
            told(Verb::Unfence { side }),
            "fence blue again: it refuses writes, and that is proven"
        );
        assert_eq!(told(Verb::Backup { side, path }), "delete the dump `blue.dump`");
        assert_eq!(
            brief(&ui, &Step { undo: Undo::Former, ..Step::of("it", Verb::Fence { side }) }),
            "lift the fence of blue"
        );
        assert_eq!(
            sentence(&ui, &Step { undo: Undo::Nothing, ..Step::of("it", Verb::Check) }),
            "nothing to undo: it changes nothing"
        );
    }
}
