//! Looks at what the cluster runs.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::Api;

use crate::model::{ClaimFact, Fact, JobFact, PodFact, Workload, WorkloadFact};
use crate::world::{Cluster, WorldError};

use super::gate::Seen;

pub(super) async fn workload(cluster: &Cluster, workload: &Workload) -> Seen {
    let counts = counts(cluster, workload).await?;
    let pods = match &counts {
        Some(_) => cluster.pods_of(workload).await?,
        // What it owned may outlive it for a while: the garbage collector works in the background.
        None => orphans(cluster, workload).await?,
    };
    let pods = pods.iter().map(pod_fact).collect();
    Ok(Fact::Workload(match counts {
        Some(counts) => WorkloadFact { exists: true, pods, ..counts },
        None => WorkloadFact { pods, ..WorkloadFact::default() },
    }))
}

async fn counts(
    cluster: &Cluster,
    workload: &Workload,
) -> Result<Option<WorkloadFact>, WorldError> {
    let number = |count: Option<i32>| count.unwrap_or(0).unsigned_abs();
    Ok(match workload {
        Workload::Deployment(name) => cluster.get::<Deployment>(name).await?.map(|found| {
            let status = found.status.unwrap_or_default();
            WorkloadFact {
                wanted: number(found.spec.and_then(|spec| spec.replicas).or(Some(1))),
                observed: status.observed_generation >= found.metadata.generation,
                updated: number(status.updated_replicas),
                ready: number(status.ready_replicas),
                ..WorkloadFact::default()
            }
        }),
        Workload::StatefulSet(name) => cluster.get::<StatefulSet>(name).await?.map(|found| {
            let status = found.status.unwrap_or_default();
            // Only a rolling update counts pods of the newest template; without one, all of them are.
            let rolls = status.update_revision != status.current_revision;
            let ready = number(status.ready_replicas);
            WorkloadFact {
                wanted: number(found.spec.and_then(|spec| spec.replicas).or(Some(1))),
                observed: status.observed_generation >= found.metadata.generation,
                updated: if rolls { number(status.updated_replicas) } else { ready },
                ready,
                ..WorkloadFact::default()
            }
        }),
    })
}

async fn orphans(cluster: &Cluster, workload: &Workload) -> Result<Vec<Pod>, WorldError> {
    let all: Vec<Pod> = cluster.list("").await?;
    let belongs = |pod: &Pod| {
        pod.metadata.owner_references.iter().flatten().any(|owner| match workload {
            // A ReplicaSet's name is its Deployment's and a hash.
            Workload::Deployment(name) => {
                owner.kind == "ReplicaSet"
                    && owner.name.rsplit_once('-').is_some_and(|(stem, _)| stem == name)
            }
            Workload::StatefulSet(name) => owner.kind == "StatefulSet" && owner.name == *name,
        })
    };
    Ok(all.into_iter().filter(belongs).collect())
}

fn pod_fact(pod: &Pod) -> PodFact {
    let status = pod.status.clone().unwrap_or_default();
    let terminating = pod.metadata.deletion_timestamp.is_some();
    let mut conditions = status.conditions.iter().flatten();
    let ready = !terminating
        && conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True");
    let containers = status
        .init_container_statuses
        .iter()
        .flatten()
        .chain(status.container_statuses.iter().flatten());
    let waiting = containers
        .filter_map(|container| container.state.as_ref()?.waiting.as_ref())
        .find_map(|waiting| {
            let reason = waiting.reason.clone()?;
            let message =
                waiting.message.as_ref().map_or_else(String::new, |text| format!(": {text}"));
            Some(format!("{reason}{message}"))
        });
    let phase = status.phase.unwrap_or_else(|| "Unknown".to_owned());
    let state = match (terminating, waiting) {
        (true, _) => "Terminating".to_owned(),
        (false, Some(waiting)) => format!("{phase}, {waiting}"),
        (false, None) if ready => format!("{phase}, ready"),
        (false, None) => format!("{phase}, not ready"),
    };
    PodFact { name: pod.metadata.name.clone().unwrap_or_default(), ready, terminating, state }
}

/// The names of the pods that are ready and stay.
pub(super) fn ready_names<'p>(
    pods: impl IntoIterator<Item = &'p Pod>,
) -> impl Iterator<Item = String> {
    pods.into_iter().map(pod_fact).filter(|pod| pod.ready).map(|pod| pod.name)
}

pub(super) async fn claim(cluster: &Cluster, name: &str) -> Seen {
    let Some(found) = cluster.get::<PersistentVolumeClaim>(name).await? else {
        return Ok(Fact::Claim(None));
    };
    let phase =
        found.status.and_then(|status| status.phase).unwrap_or_else(|| "Pending".to_owned());
    let spec = found.spec.unwrap_or_default();
    let mut fact =
        ClaimFact { phase, volume: spec.volume_name, waits_for_consumer: false, event: None };
    if fact.phase != "Bound" {
        // They only tell why; who may not list events is told the phase alone.
        let events = cluster.events_of("PersistentVolumeClaim", name).await.unwrap_or_default();
        let newest = events.last();
        let told = newest.and_then(|event| event.reason.as_deref()) == Some("WaitForFirstConsumer");
        fact.waits_for_consumer = told || waits(cluster, spec.storage_class_name.as_deref()).await;
        fact.event = newest.map(|event| {
            let reason = event.reason.clone().unwrap_or_default();
            format!("{reason}: {}", event.message.clone().unwrap_or_default())
        });
    }
    Ok(Fact::Claim(Some(fact)))
}

/// Storage classes belong to the cluster: who may not read them goes by the claim's events.
async fn waits(cluster: &Cluster, class: Option<&str>) -> bool {
    let Some(class) = class.filter(|class| !class.is_empty()) else { return false };
    let found = Api::<StorageClass>::all(cluster.client()).get_opt(class).await;
    found
        .ok()
        .flatten()
        .is_some_and(|class| class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer"))
}

pub(super) async fn job(cluster: &Cluster, name: &str) -> Seen {
    let Some(found) = cluster.get::<Job>(name).await? else { return Ok(Fact::Job(None)) };
    let status = found.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let holds = |wanted: &str| {
        conditions.iter().find(|condition| condition.type_ == wanted && condition.status == "True")
    };
    let number = |count: Option<i32>| count.unwrap_or(0).unsigned_abs();
    let failed = holds("Failed").map(|condition| {
        let reason = condition.reason.clone().unwrap_or_else(|| "Failed".to_owned());
        condition.message.as_ref().map_or(reason.clone(), |message| format!("{reason}: {message}"))
    });
    Ok(Fact::Job(Some(JobFact {
        complete: holds("Complete").is_some(),
        failed,
        active: number(status.active),
        succeeded: number(status.succeeded),
        failures: number(status.failed),
    })))
}
