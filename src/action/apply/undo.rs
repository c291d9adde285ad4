//! Taking an apply back: what it created is deleted, what it changed is restored.

use std::time::Duration;

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::action::act::{Act, outcome, seen};
use crate::action::delete;
use crate::action::mark::{MANAGER, Mark};
use crate::action::rollout::settled;
use crate::model::{Evidence, Failure, FailureKind, Outcome};
use crate::world::{ApiErrorKind, Call};

use super::record::Recorded;
use super::workload;

/// Undoes an apply: what makes pods first, since a claim that a pod uses is not let go (`kubernetes.io/pvc-protection`), then the
/// rest, last object first. An object that is not ours any more is left alone, and so is a namespace: others may have put
/// things into it.
pub(in crate::action) async fn undo(act: Act<'_>, mark: &Mark) -> Result<Outcome, Failure> {
    let recorded: Vec<Recorded> = act.before()?;
    let mut evidence = Vec::new();
    let (crews, others): (Vec<_>, Vec<_>) =
        recorded.iter().rev().partition(|one| makes_pods(&one.object.kind));
    for one in crews.into_iter().chain(others) {
        let summary = match &one.uid {
            None => remove(act, one, mark).await?,
            Some(uid) => restore(act, one, uid).await?,
        };
        evidence.push(seen(summary, format!("GET {}", one.object), Vec::new()));
    }
    let told: Vec<&str> = evidence.iter().map(|one: &Evidence| one.summary.as_str()).collect();
    Ok(outcome(told.join("; "), evidence, Value::Null))
}

fn makes_pods(kind: &str) -> bool {
    matches!(
        kind,
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "CronJob" | "Pod"
    )
}

async fn remove(act: Act<'_>, one: &Recorded, mark: &Mark) -> Result<String, Failure> {
    let object = &one.object;
    let Some(found) = act.cluster().get_object(object).await? else {
        return Ok(format!("{object} is not there"));
    };
    if !mark.is_on(&found.metadata) {
        return Ok(format!("{object} is somebody else's by now, left alone"));
    }
    if object.kind == "Namespace" {
        return Ok(format!("{object} is left, for what others may have put into it"));
    }
    delete::delete(act, object, found.metadata.uid.as_ref()).await?;
    Ok(format!("{object} deleted"))
}

async fn restore(act: Act<'_>, one: &Recorded, uid: &str) -> Result<String, Failure> {
    let object = &one.object;
    loop {
        let Some(found) = act.cluster().get_object(object).await? else {
            return Err(Failure::new(
                FailureKind::Conflict,
                format!("{object} was there before, and is not there to be restored"),
            ));
        };
        if found.metadata.uid.as_deref() != Some(uid) {
            return Ok(format!("{object} was made anew by somebody else, left alone"));
        }
        if one.secret_lost {
            return Err(Failure::new(
                FailureKind::Other,
                format!("{object} keeps its new content: what it held before was not recorded"),
            ));
        }
        let version = found.metadata.resource_version.clone();
        let now = serde_json::to_value(&found).unwrap_or_default();
        let Some(mut patch) = one.former.restoring(&now) else {
            return Ok(format!("{object} is as it was"));
        };
        if let Some(body) = patch.as_object_mut() {
            let metadata = body.entry("metadata").or_insert_with(|| json!({}));
            metadata["resourceVersion"] = json!(version);
        }
        if send(act, one, &patch).await? {
            if let Some(workload) = workload(object) {
                settled(act, &workload).await?;
            }
            return Ok(format!("{object} restored"));
        }
        act.pause(Duration::from_millis(300), &format!("{object} to be restored")).await?;
    }
}

/// False when the object changed at the same moment, or no answer came.
async fn send(act: Act<'_>, one: &Recorded, patch: &Value) -> Result<bool, Failure> {
    let (cluster, object) = (act.cluster(), &one.object);
    let api = cluster.dynamic(&object.api_version, &object.kind).await?;
    let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
    let call = Call::new("patch", cluster.resource_of(object).await?).named(&object.name);
    match api
        .patch(&object.name, &params, &Patch::Merge(patch))
        .await
        .map_err(|error| act.explain(call, error))
    {
        Ok(_) => Ok(true),
        Err(error) if error.is_transient() || error.api_kind() == Some(ApiErrorKind::Conflict) => {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
