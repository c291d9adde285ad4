//! The history of a StatefulSet's template, as `ControllerRevisions`.

use serde_json::{Value, json};

use super::super::deployment::hash;
use super::super::pods::{children, number};
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::CONTROLLER_REVISIONS;
use crate::lab::cluster::meta;
use crate::lab::cluster::store::Store;

/// The template that pods should have, and the one that they had before.
pub(super) struct Revisions {
    pub(super) update: String,
    pub(super) current: String,
    pub(super) current_template: Value,
}

/// Finds the revision of the present template, or writes it down.
pub(super) fn of(store: &Store, set: &Value) -> Result<Revisions, ApiError> {
    let template = &set["spec"]["template"];
    let name = format!("{}-{}", meta::name(set), hash::of(template, 0));
    let known = children(store, &CONTROLLER_REVISIONS, set);
    if known.iter().all(|one| meta::name(one) != name) {
        let newest = known.iter().filter_map(|one| one["revision"].as_i64()).max().unwrap_or(0);
        store.create(&CONTROLLER_REVISIONS, build(set, &name, newest + 1))?;
    }
    let current = match meta::text(&set["status"], "/currentRevision") {
        "" => name.clone(),
        current => current.to_owned(),
    };
    let former = known.iter().find(|one| meta::name(one) == current);
    let current_template =
        former.map_or_else(|| template.clone(), |one| one["data"]["spec"]["template"].clone());
    forget(store, set, &known, &[&name, &current]);
    Ok(Revisions { update: name, current, current_template })
}

fn build(set: &Value, name: &str, number: i64) -> Value {
    json!({
        "metadata": {
            "name": name, "namespace": meta::namespace(set), "labels": set["spec"]["selector"]["matchLabels"],
            "ownerReferences": [meta::owned_by(set)],
        },
        "data": {"spec": {"template": set["spec"]["template"]}},
        "revision": number,
    })
}

/// Keeps `revisionHistoryLimit` revisions besides those in use.
fn forget(store: &Store, set: &Value, known: &[Value], in_use: &[&str]) {
    let mut idle: Vec<&Value> =
        known.iter().filter(|one| !in_use.contains(&meta::name(one))).collect();
    idle.sort_by_key(|one| one["revision"].as_i64());
    let limit =
        usize::try_from(number(set, "/spec/revisionHistoryLimit").unwrap_or(10)).unwrap_or(10);
    for one in idle.iter().take(idle.len().saturating_sub(limit)) {
        // It may be gone already.
        let _ = store.remove(
            &CONTROLLER_REVISIONS,
            meta::namespace(one),
            meta::name(one),
            meta::uid(one),
        );
    }
}
