//! `delete`: named objects, until they are gone.
//!
//! Each is deleted only while it is the object that was seen before: its UID is a precondition. Workloads go in the
//! foreground, so that they are gone when their pods are; a claim stays as long as a pod uses it (`pvc-protection`).
//!
//! Calls: `get`, `delete` on each kind; `list` `pods` to name who uses a claim.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, DynamicObject, Preconditions};
use serde_json::{Value, json};

use crate::model::{Failure, FailureKind, ObjectRef, Outcome};
use crate::world::{ApiErrorKind, Call, World};

use super::act::{Act, outcome, refused, seen, untouched};
use super::wait::{Halt, Seen, Wakes, Watched, until};

/// The UID of each object that is there, by kind and name.
type Uids = BTreeMap<String, String>;

/// Records the UIDs.
pub(super) async fn prepare(world: &World, objects: &[ObjectRef]) -> Result<Value, Failure> {
    let mut uids = Uids::new();
    for object in objects {
        let found = world.cluster.get_object(object).await.map_err(untouched)?;
        if let Some(uid) = found.and_then(|found| found.metadata.uid) {
            uids.insert(object.to_string(), uid);
        }
    }
    Ok(json!(uids))
}

/// Deletes the objects one after another, each until it is gone.
pub(super) async fn perform(act: Act<'_>, objects: &[ObjectRef]) -> Result<Outcome, Failure> {
    let uids: Uids = act.before()?;
    let mut evidence = Vec::new();
    let mut deleted = Vec::new();
    for object in objects {
        let uid = uids.get(&object.to_string());
        let was_there = delete(act, object, uid).await?;
        let how = if was_there { "is gone" } else { "was gone already" };
        evidence.push(seen(format!("{object} {how}"), format!("GET {object}"), Vec::new()));
        deleted.extend(was_there.then(|| object.to_string()));
    }
    let summary = match deleted.len() {
        0 => "nothing was left to delete".to_owned(),
        _ => format!("deleted {}", deleted.join(", ")),
    };
    Ok(outcome(summary, evidence, json!({ "deleted": deleted })))
}

/// Deletes an object and waits until it is gone. False when it was not there. Without a UID whatever has the name goes.
pub(super) async fn delete(
    act: Act<'_>,
    object: &ObjectRef,
    uid: Option<&String>,
) -> Result<bool, Failure> {
    let Some(found) = act.cluster().get_object(object).await? else { return Ok(false) };
    let now = found.metadata.uid.clone().unwrap_or_default();
    if uid.is_none_or(|uid| *uid != now) {
        return Err(refused(
            FailureKind::Conflict,
            format!(
                "{object} is another object than the one that was seen before: somebody has made it anew"
            ),
        ));
    }
    if found.metadata.deletion_timestamp.is_none() {
        act.tell(format!("deleting {object}"));
        send(act, object, &now).await?;
    }
    until(act, Wakes::new(), Going::new(act, object, now)).await?;
    Ok(true)
}

async fn send(act: Act<'_>, object: &ObjectRef, uid: &str) -> Result<(), Failure> {
    let cluster = act.cluster();
    let api = cluster.dynamic(&object.api_version, &object.kind).await?;
    let owns_pods = matches!(
        object.kind.as_str(),
        "Deployment" | "StatefulSet" | "ReplicaSet" | "DaemonSet" | "Job" | "CronJob"
    );
    let policy = if owns_pods { DeleteParams::foreground() } else { DeleteParams::background() };
    let params = DeleteParams {
        preconditions: Some(Preconditions { uid: Some(uid.to_owned()), resource_version: None }),
        ..policy
    };
    let call = Call::new("delete", cluster.resource_of(object).await?).named(&object.name);
    match api.delete(&object.name, &params).await.map_err(|error| act.explain(call, error)) {
        Ok(_) => Ok(()),
        Err(error) if error.api_kind() == Some(ApiErrorKind::NotFound) => Ok(()),
        // No answer: the wait finds out whether it was taken up, and nothing else may have its name meanwhile.
        Err(error) if error.is_transient() => send_again(act, object, &api, &params).await,
        Err(error) => Err(error.into()),
    }
}

async fn send_again(
    act: Act<'_>,
    object: &ObjectRef,
    api: &kube::Api<DynamicObject>,
    params: &DeleteParams,
) -> Result<(), Failure> {
    let what = format!("{object} to be deleted");
    loop {
        act.pause(std::time::Duration::from_secs(1), &what).await?;
        let call =
            Call::new("delete", act.cluster().resource_of(object).await?).named(&object.name);
        match api.delete(&object.name, params).await.map_err(|error| act.explain(call, error)) {
            Ok(_) => return Ok(()),
            Err(error) if error.is_transient() => {
                act.tell(format!("no answer, asking again: {error}"));
            }
            Err(error) => {
                let gone = matches!(
                    error.api_kind(),
                    Some(ApiErrorKind::NotFound | ApiErrorKind::Conflict)
                );
                return if gone { Ok(()) } else { Err(error.into()) };
            }
        }
    }
}

/// Waits until an object is gone, or another has its name.
pub(super) struct Going<'a> {
    act: Act<'a>,
    object: &'a ObjectRef,
    uid: String,
}

impl<'a> Going<'a> {
    pub(super) const fn new(act: Act<'a>, object: &'a ObjectRef, uid: String) -> Self {
        Self { act, object, uid }
    }
}

impl Watched for Going<'_> {
    type Out = ();

    fn what(&self) -> String {
        format!("{} to be gone", self.object)
    }

    async fn look(&mut self) -> Result<Seen<()>, Halt> {
        let Some(found) = self.act.cluster().get_object(self.object).await? else {
            return Ok(Seen::Ready(()));
        };
        if found.metadata.uid.as_deref() != Some(&self.uid) {
            return Ok(Seen::Ready(()));
        }
        let finalizers = found.metadata.finalizers.unwrap_or_default();
        let held = if finalizers.iter().any(|one| one == "kubernetes.io/pvc-protection") {
            let users = self.users_of_claim().await;
            if users.is_empty() { String::new() } else { format!(", used by {}", users.join(", ")) }
        } else if finalizers.is_empty() {
            String::new()
        } else {
            format!(", held by finalizer {}", finalizers.join(", "))
        };
        Ok(Seen::waiting(format!("{} is being deleted{held}", self.object)))
    }
}

impl Going<'_> {
    async fn users_of_claim(&self) -> Vec<String> {
        let pods: Vec<Pod> = self.act.cluster().list("").await.unwrap_or_default();
        pods.iter()
            .filter(|pod| claims(pod).any(|claim| claim == self.object.name))
            .map(|pod| format!("pod/{}", pod.metadata.name.as_deref().unwrap_or_default()))
            .collect()
    }
}

fn claims(pod: &Pod) -> impl Iterator<Item = &str> {
    let volumes = pod.spec.as_ref().and_then(|spec| spec.volumes.as_ref());
    volumes
        .into_iter()
        .flatten()
        .filter_map(|volume| volume.persistent_volume_claim.as_ref())
        .map(|claim| claim.claim_name.as_str())
}
