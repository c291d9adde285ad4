//! `scale`: the scale subresource, then a wait until no pod is left or all of them are ready.
//!
//! Calls: `get`, `patch` `deployments.apps/scale` or `statefulsets.apps/scale`; `list` `horizontalpodautoscalers.autoscaling`
//! (where it is not permitted the outcome says that autoscalers are unknown); and those of [`rollout`](super::rollout).

use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v1::Scale;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use kube::api::{Patch, PatchParams};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::{Evidence, Failure, FailureKind, Fix, Outcome, Workload};
use crate::world::{Call, World, WorldError};

use super::act::{Act, outcome, refused, seen, untouched};
use super::mark::MANAGER;
use super::rollout::{pods_gone, settled};

/// How often a count that changes under us is read again.
const TRIES: u32 = 10;

#[derive(Debug, Serialize, Deserialize)]
struct Before {
    replicas: i32,
    uid: String,
    autoscalers: Vec<String>,
}

/// Records the former count, and refuses where an autoscaler would take the new one back.
pub(super) async fn prepare(
    world: &World,
    workload: &Workload,
    replicas: u32,
) -> Result<Value, Failure> {
    let scale = get(world, workload).await.map_err(untouched)?;
    let autoscalers = match autoscalers(world, workload).await {
        Ok(found) => {
            if let Some(keda) = found.iter().find(|one| one.from_zero && replicas == 0) {
                return Err(would_scale_up(world, workload, keda));
            }
            found.into_iter().map(|one| one.name).collect()
        }
        // Without the API there are no autoscalers.
        Err(error) if error.is_not_found() => Vec::new(),
        Err(error) => vec![format!("unknown: {error}")],
    };
    let before = Before {
        replicas: scale.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or_default(),
        uid: scale.metadata.uid.unwrap_or_default(),
        autoscalers,
    };
    serde_json::to_value(before).map_err(|error| {
        refused(FailureKind::Other, "the former scale cannot be recorded")
            .because(error.to_string())
    })
}

/// Sets the count and waits.
pub(super) async fn perform(
    act: Act<'_>,
    workload: &Workload,
    replicas: u32,
) -> Result<Outcome, Failure> {
    let wanted = i32::try_from(replicas).map_err(|_| {
        refused(FailureKind::Refused, format!("{replicas} is not a number of replicas"))
    })?;
    let former = set(act, workload, wanted).await?;
    let settled = wait(act, workload, wanted).await?;
    let mut evidence = vec![settled];
    evidence.extend(autoscaler_note(act, wanted));
    Ok(outcome(
        format!("{workload} scaled from {former} to {wanted}"),
        evidence,
        json!({ "workload": workload.to_string(), "from": former, "to": wanted }),
    ))
}

/// Sets the count that was recorded, and waits until it is reached.
pub(super) async fn undo(act: Act<'_>, workload: &Workload) -> Result<Outcome, Failure> {
    let before: Before = act.before()?;
    let former = set(act, workload, before.replicas).await?;
    let evidence = wait(act, workload, before.replicas).await?;
    Ok(outcome(
        format!("{workload} scaled back from {former} to {}", before.replicas),
        vec![evidence],
        Value::Null,
    ))
}

async fn wait(act: Act<'_>, workload: &Workload, replicas: i32) -> Result<Evidence, Failure> {
    if replicas == 0 { pods_gone(act, workload).await } else { settled(act, workload).await }
}

/// Writes the count with the `resourceVersion` that was read, so that nobody else's change is overwritten unseen.
async fn set(act: Act<'_>, workload: &Workload, wanted: i32) -> Result<i32, Failure> {
    let mut last = None;
    for _ in 0..TRIES {
        let scale = get(act.world, workload).await?;
        let now = scale.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or_default();
        if now == wanted {
            return Ok(last.unwrap_or(now));
        }
        act.tell(format!("{workload}: {now} → {wanted} replicas"));
        last = Some(now);
        let patch = json!({ "metadata": { "resourceVersion": scale.metadata.resource_version }, "spec": { "replicas": wanted } });
        match patch_scale(act.world, workload, &patch).await {
            Ok(_) => return Ok(now),
            Err(error) if error.is_conflict() => {
                act.pause(Duration::from_millis(100), &format!("{workload} to be scaled")).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::new(
        FailureKind::Conflict,
        format!("{workload} changed {TRIES} times while it was to be scaled"),
    ))
}

async fn get(world: &World, workload: &Workload) -> Result<Scale, WorldError> {
    let (cluster, name) = (&world.cluster, workload.name());
    let got = match workload {
        Workload::Deployment(_) => cluster.api::<Deployment>().get_scale(name).await,
        Workload::StatefulSet(_) => cluster.api::<StatefulSet>().get_scale(name).await,
    };
    got.map_err(|error| cluster.explain(call("get", workload), error))
}

async fn patch_scale(
    world: &World,
    workload: &Workload,
    patch: &Value,
) -> Result<Scale, WorldError> {
    let (cluster, name) = (&world.cluster, workload.name());
    let (params, patch) = (
        PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() },
        Patch::Merge(patch),
    );
    let got = match workload {
        Workload::Deployment(_) => {
            cluster.api::<Deployment>().patch_scale(name, &params, &patch).await
        }
        Workload::StatefulSet(_) => {
            cluster.api::<StatefulSet>().patch_scale(name, &params, &patch).await
        }
    };
    got.map_err(|error| cluster.explain(call("patch", workload), error))
}

fn call(verb: &'static str, workload: &Workload) -> Call {
    let resource = match workload {
        Workload::Deployment(_) => "deployments.apps/scale",
        Workload::StatefulSet(_) => "statefulsets.apps/scale",
    };
    Call::new(verb, resource).named(workload.name())
}

#[derive(Debug, PartialEq, Eq)]
struct Autoscaler {
    name: String,
    /// It was made by KEDA, which scales up from zero by itself. A `HorizontalPodAutoscaler` alone leaves a workload alone
    /// whose count is zero, until somebody scales it up again.
    from_zero: bool,
}

async fn autoscalers(world: &World, workload: &Workload) -> Result<Vec<Autoscaler>, WorldError> {
    let all: Vec<HorizontalPodAutoscaler> = world.cluster.list("").await?;
    Ok(all.iter().filter_map(|one| aims_at(one, workload)).collect())
}

fn aims_at(one: &HorizontalPodAutoscaler, workload: &Workload) -> Option<Autoscaler> {
    let target = &one.spec.as_ref()?.scale_target_ref;
    let object = workload.object();
    if target.kind != object.kind || target.name != object.name {
        return None;
    }
    let owners = one.metadata.owner_references.iter().flatten();
    let keda = owners.into_iter().find(|owner| owner.kind == "ScaledObject");
    Some(Autoscaler {
        name: keda.map_or_else(
            || {
                format!(
                    "horizontalpodautoscaler/{}",
                    one.metadata.name.as_deref().unwrap_or_default()
                )
            },
            |owner| format!("scaledobject/{}", owner.name),
        ),
        from_zero: keda.is_some(),
    })
}

fn would_scale_up(world: &World, workload: &Workload, keda: &Autoscaler) -> Failure {
    let name = keda.name.trim_start_matches("scaledobject/");
    refused(
        FailureKind::Conflict,
        format!("{} scales {workload} up from zero by itself", keda.name),
    )
    .mended_by(Fix {
        title: format!("pause {} for the time of the cutover", keda.name),
        command: Some(format!(
            "kubectl annotate scaledobject {name} -n {} autoscaling.keda.sh/paused=true",
            world.cluster.namespace()
        )),
        mend: None,
    })
}

/// What is known of autoscalers that aim at the workload.
fn autoscaler_note(act: Act<'_>, wanted: i32) -> Option<Evidence> {
    let before: Before = act.before().ok()?;
    let named = before.autoscalers.join(", ");
    if named.is_empty() {
        return None;
    }
    let summary = match (named.starts_with("unknown"), wanted) {
        (true, _) => format!("whether an autoscaler aims at it is {named}"),
        (false, 0) => format!("{named} leaves it alone while its count is 0"),
        (false, _) => format!("{named} may change the count from here on"),
    };
    Some(seen(summary, "LIST horizontalpodautoscalers.autoscaling", Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn autoscaler(target: &str, owners: &Value) -> HorizontalPodAutoscaler {
        serde_json::from_value(json!({
            "metadata": { "name": "keda-hpa-x", "ownerReferences": owners },
            "spec": { "maxReplicas": 5, "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": target } },
        }))
        .unwrap()
    }

    #[test]
    fn an_autoscaler_counts_when_it_aims_at_the_workload() {
        let workload = Workload::Deployment("chronicle-service".into());
        assert_eq!(aims_at(&autoscaler("other", &json!([])), &workload), None);
        let plain = aims_at(&autoscaler("chronicle-service", &json!([])), &workload).unwrap();
        assert!(!plain.from_zero);
        let owner = json!([{ "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "so", "uid": "u" }]);
        let keda = aims_at(&autoscaler("chronicle-service", &owner), &workload).unwrap();
        assert_eq!(keda, Autoscaler { name: "scaledobject/so".into(), from_zero: true });
    }
}
