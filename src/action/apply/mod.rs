//! `apply`: server-side apply of manifests, then a wait until what they describe is ready.
//!
//! The field manager is `pgcutover`. Everything is first sent as a dry run, so that what an API server, a webhook or another
//! field manager would refuse is refused before anything is changed. Fields that `kubectl apply` set without `--server-side`
//! are taken over; those of any other manager only when the profile says `force = true`.
//!
//! Calls, for each kind in the manifests: `get`, `create`, `patch`, and `delete` for the undo; for workloads those of
//! [`rollout`](super::rollout); for claims `watch` `persistentvolumeclaims`, `list` `events`, and `get`
//! `storageclasses.storage.k8s.io`, which may be missing; to name a pull secret `list` `deployments.apps` and `statefulsets.apps`.

mod claim;
mod conflict;
mod document;
mod record;
mod send;
mod undo;

use serde_json::{Value, json};

use crate::model::{Evidence, Failure, FailureKind, Manifest, ObjectRef, Outcome, Workload};
use crate::world::World;

use super::act::{Act, outcome, refused, seen};
use super::mark::Mark;
use super::rollout::settled;
use super::wait::{Wakes, until};

use document::{Document, documents};
use record::Recorded;
use send::Sent;

pub(super) use undo::undo;

/// Records what is there before: which objects, and their fields that will change. Never what is in a Secret.
pub(super) async fn prepare(
    world: &World,
    manifests: &[Manifest],
    force: bool,
    mark: &Mark,
) -> Result<Value, Failure> {
    let mut recorded = Vec::new();
    for document in documents(world, manifests, mark)? {
        recorded.push(Recorded::read(world, &document, force).await?);
    }
    serde_json::to_value(recorded).map_err(|error| {
        refused(FailureKind::Other, "what is there cannot be recorded").because(error.to_string())
    })
}

/// Applies the manifests in their order, and waits for claims and workloads.
pub(super) async fn perform(
    act: Act<'_>,
    manifests: &[Manifest],
    force: bool,
) -> Result<Outcome, Failure> {
    let documents = documents(act.world, manifests, &act.mark())?;
    for document in &documents {
        until_deleted(act, document).await?;
        send::rehearse(act, document, force).await.map_err(Failure::without_effects)?;
    }
    let mut evidence = Vec::new();
    for document in &documents {
        act.tell(format!("applying {}", document.object));
        let sent = send::apply(act, document, force).await?;
        evidence.push(told(document, &sent));
    }
    evidence.extend(wait(act, &documents).await?);
    let names: Vec<String> = documents.iter().map(|document| document.object.to_string()).collect();
    Ok(outcome(format!("applied {}", names.join(", ")), evidence, json!({ "objects": names })))
}

/// An object that is on its way out would take the applied manifest with it.
async fn until_deleted(act: Act<'_>, document: &Document) -> Result<(), Failure> {
    let found = act.cluster().get_object(&document.object).await?;
    match found.filter(|found| found.metadata.deletion_timestamp.is_some()) {
        Some(leaving) => {
            let uid = leaving.metadata.uid.unwrap_or_default();
            let going = super::delete::Going::new(act, &document.object, uid);
            until(act, Wakes::new(), going).await
        }
        None => Ok(()),
    }
}

fn told(document: &Document, sent: &Sent) -> Evidence {
    let how = if sent.created { "created" } else { "configured" };
    let source = format!("PATCH {} (server-side apply, {})", document.object, document.path);
    seen(format!("{} {how}", document.object), source, sent.taken_over.clone())
}

/// Claims first: a pod waits for them in turn.
async fn wait(act: Act<'_>, documents: &[Document]) -> Result<Vec<Evidence>, Failure> {
    let mut evidence = Vec::new();
    for claim in documents.iter().filter(|document| document.object.kind == "PersistentVolumeClaim")
    {
        evidence.push(claim::usable(act, &claim.object.name).await?);
    }
    for workload in documents.iter().filter_map(|document| workload(&document.object)) {
        evidence.push(settled(act, &workload).await?);
    }
    Ok(evidence)
}

pub(super) fn workload(object: &ObjectRef) -> Option<Workload> {
    match (object.api_version.as_str(), object.kind.as_str()) {
        ("apps/v1", "Deployment") => Some(Workload::Deployment(object.name.clone())),
        ("apps/v1", "StatefulSet") => Some(Workload::StatefulSet(object.name.clone())),
        _ => None,
    }
}
