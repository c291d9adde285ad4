//! `patch`: changes an object, and waits for the rollout when it is a workload.
//!
//! What the object had where the patch goes is recorded, so that just that is restored. What a Secret held is not.
//!
//! Calls: `get`, `patch` on the object's kind; for workloads those of [`rollout`](super::rollout).

use json_patch::Patch as JsonPatch;
use kube::api::{DynamicObject, Patch, PatchParams};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::engine::Probed;
use crate::model::{Failure, FailureKind, ObjectRef, Outcome, PatchKind, Step, Undo};
use crate::world::{Call, World, WorldError};

use super::act::{Act, outcome, refused, seen, untouched};
use super::apply::workload;
use super::former::{Former, touched};
use super::mark::MANAGER;
use super::rollout::settled;

#[derive(Debug, Serialize, Deserialize)]
struct Before {
    uid: String,
    former: Former,
}

/// Records what the object has where the patch goes.
pub(super) async fn prepare(
    world: &World,
    step: &Step,
    object: &ObjectRef,
    kind: PatchKind,
    patch: &Value,
) -> Result<Value, Failure> {
    let found = require(world, object).await.map_err(untouched)?;
    let secret = object.kind == "Secret";
    if secret && step.undo == Undo::Former {
        return Err(refused(
            FailureKind::Refused,
            format!(
                "{object} could not be restored: what a Secret holds is not recorded; give the step another `undo`"
            ),
        ));
    }
    let uid = found.metadata.uid.clone().unwrap_or_default();
    let value = serde_json::to_value(found)
        .map_err(|error| refused(FailureKind::Other, error.to_string()))?;
    let former = if secret { Former::default() } else { Former::of(&value, &touched(kind, patch)) };
    serde_json::to_value(Before { uid, former })
        .map_err(|error| refused(FailureKind::Other, error.to_string()))
}

/// Sends the patch, then waits for a workload to be rolled out.
pub(super) async fn perform(
    act: Act<'_>,
    object: &ObjectRef,
    kind: PatchKind,
    patch: &Value,
) -> Result<Outcome, Failure> {
    let before = require(act.world, object).await.map_err(untouched)?;
    act.tell(format!("patching {object}"));
    let after = send(act, object, kind, patch).await?;
    let changed = before.metadata.resource_version != after.metadata.resource_version;
    let how = if changed { "patched" } else { "was as the patch says already" };
    let mut evidence = vec![seen(format!("{object} {how}"), format!("PATCH {object}"), Vec::new())];
    if let Some(workload) = workload(object) {
        evidence.push(settled(act, &workload).await?);
    }
    Ok(outcome(format!("{object} {how}"), evidence, json!({ "changed": changed })))
}

/// Restores what was recorded.
pub(super) async fn undo(act: Act<'_>, object: &ObjectRef) -> Result<Outcome, Failure> {
    let before: Before = act.before()?;
    loop {
        let found = require(act.world, object).await?;
        if found.metadata.uid.as_deref() != Some(&before.uid) {
            return Ok(Outcome::new(format!(
                "{object} was made anew by somebody else, left alone"
            )));
        }
        let version = found.metadata.resource_version.clone();
        let now = serde_json::to_value(found).unwrap_or_default();
        let Some(mut patch) = before.former.restoring(&now) else {
            return Ok(Outcome::new(format!("{object} is as it was")));
        };
        if let Some(body) = patch.as_object_mut() {
            body.entry("metadata").or_insert_with(|| json!({}))["resourceVersion"] = json!(version);
        }
        match try_send(act, object, PatchKind::Merge, &patch).await {
            Ok(_) => break,
            Err(error) if error.is_conflict() || error.is_transient() => {
                act.pause(
                    std::time::Duration::from_millis(300),
                    &format!("{object} to be restored"),
                )
                .await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut evidence =
        vec![seen(format!("{object} restored"), format!("PATCH {object}"), Vec::new())];
    if let Some(workload) = workload(object) {
        evidence.push(settled(act, &workload).await?);
    }
    Ok(outcome(format!("{object} restored"), evidence, Value::Null))
}

/// Merging twice is merging once. The operations of a JSON patch may not be: then the object tells whether they were done.
pub(super) async fn probe(
    act: Act<'_>,
    object: &ObjectRef,
    kind: PatchKind,
    patch: &Value,
) -> Probed {
    if kind != PatchKind::Json {
        return Probed::Again;
    }
    let asked = async {
        let before: Before = act.before()?;
        let found = require(act.world, object).await?;
        let now = serde_json::to_value(found)
            .map_err(|error| Failure::new(FailureKind::Other, error.to_string()))?;
        Ok::<_, Failure>((before, now))
    };
    match asked.await {
        Ok((before, now)) => judge(&before.former, &now, patch, object),
        Err(failure) => Probed::Unknown(failure),
    }
}

fn judge(former: &Former, now: &Value, patch: &Value, object: &ObjectRef) -> Probed {
    let mut base = now.clone();
    match former.restoring(now) {
        None => return Probed::Again,
        Some(restoring) => json_patch::merge(&mut base, &restoring),
    }
    let operations: Result<JsonPatch, _> = serde_json::from_value(patch.clone());
    let patched =
        operations.is_ok_and(|operations| json_patch::patch(&mut base, &operations).is_ok());
    if patched && base == *now {
        return Probed::Done(Outcome::new(format!("{object} is as the patch makes it")));
    }
    Probed::Unknown(Failure::new(
        FailureKind::Conflict,
        format!(
            "{object} is neither as it was nor as the patch makes it: somebody else has changed it too"
        ),
    ))
}

async fn require(world: &World, object: &ObjectRef) -> Result<DynamicObject, WorldError> {
    let cluster = &world.cluster;
    let api = cluster.dynamic(&object.api_version, &object.kind).await?;
    let call = Call::new("get", cluster.resource_of(object).await?).named(&object.name);
    api.get(&object.name).await.map_err(|error| cluster.explain(call, error))
}

async fn send(
    act: Act<'_>,
    object: &ObjectRef,
    kind: PatchKind,
    patch: &Value,
) -> Result<DynamicObject, Failure> {
    let what = format!("{object} to be patched");
    loop {
        match try_send(act, object, kind, patch).await {
            Ok(patched) => return Ok(patched),
            // A JSON patch that was not answered may have been done, and must not be done twice.
            Err(error) if error.is_transient() && kind != PatchKind::Json => {
                act.tell(format!("no answer, asking again: {error}"));
                act.pause(std::time::Duration::from_secs(1), &what).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn try_send(
    act: Act<'_>,
    object: &ObjectRef,
    kind: PatchKind,
    patch: &Value,
) -> Result<DynamicObject, WorldError> {
    let cluster = act.cluster();
    let api = cluster.dynamic(&object.api_version, &object.kind).await?;
    let call = Call::new("patch", cluster.resource_of(object).await?).named(&object.name);
    let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
    let body = match kind {
        PatchKind::Merge => Patch::Merge(patch.clone()),
        PatchKind::Strategic => Patch::Strategic(patch.clone()),
        PatchKind::Json => Patch::Json(
            serde_json::from_value(patch.clone())
                .map_err(|error| act.explain(call.clone(), kube::Error::SerdeError(error)))?,
        ),
    };
    api.patch(&object.name, &params, &body).await.map_err(|error| act.explain(call, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_patch_in_doubt_is_judged_by_the_object() {
        let object =
            ObjectRef { api_version: "v1".into(), kind: "Service".into(), name: "s".into() };
        let patch = json!([{ "op": "add", "path": "/spec/ports/-", "value": 2 }]);
        let before = json!({ "spec": { "ports": [1] } });
        let former = Former::of(&before, &touched(PatchKind::Json, &patch));
        assert_eq!(judge(&former, &before, &patch, &object), Probed::Again);
        let done = json!({ "spec": { "ports": [1, 2] } });
        assert!(matches!(judge(&former, &done, &patch, &object), Probed::Done(_)));
        let other = json!({ "spec": { "ports": [1, 2, 3] } });
        assert!(matches!(judge(&former, &other, &patch, &object), Probed::Unknown(_)));
    }
}
