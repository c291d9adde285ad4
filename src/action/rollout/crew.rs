//! The pods that a rollout is about.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::api::ObjectMeta;
use kube::core::Selector;

use crate::action::diagnose::{Finding, Trouble};
use crate::action::mark::annotation;
use crate::model::Workload;
use crate::world::{Cluster, WorldError};

use super::status::{Rollout, of_deployment, of_stateful_set};

const REVISION: &str = "deployment.kubernetes.io/revision";

/// A workload as it is now.
pub(super) struct Crew {
    /// How far its rollout is.
    pub(super) rollout: Rollout,
    /// The pods of its newest template; older ones are on their way out and no trouble of theirs counts.
    pub(super) pods: Vec<Pod>,
    /// Why its controller may not make pods.
    pub(super) refused: Option<Finding>,
    /// Its label selector, for a watch.
    pub(super) selector: String,
}

impl Crew {
    /// Reads a workload; none when it does not exist.
    pub(super) async fn read(
        cluster: &Cluster,
        workload: &Workload,
    ) -> Result<Option<Self>, WorldError> {
        match workload {
            Workload::Deployment(name) => match cluster.get::<Deployment>(name).await? {
                Some(deployment) => {
                    Self::of_deployment(cluster, workload, deployment).await.map(Some)
                }
                None => Ok(None),
            },
            Workload::StatefulSet(name) => match cluster.get::<StatefulSet>(name).await? {
                Some(set) => Self::of_stateful_set(cluster, set).await.map(Some),
                None => Ok(None),
            },
        }
    }

    async fn of_deployment(
        cluster: &Cluster,
        workload: &Workload,
        deployment: Deployment,
    ) -> Result<Self, WorldError> {
        let selector =
            deployment.spec.as_ref().map(|spec| query(&spec.selector)).unwrap_or_default();
        let rollout = of_deployment(&deployment);
        if matches!(rollout, Rollout::Done(_)) {
            return Ok(Self { rollout, pods: Vec::new(), refused: None, selector });
        }
        let sets: Vec<ReplicaSet> = cluster.list(&selector).await?;
        let newest = newest_set(&deployment.metadata, &sets);
        let pods: Vec<Pod> = match newest {
            Some(_) => cluster.list(&selector).await?,
            None => Vec::new(),
        };
        let pods = pods
            .into_iter()
            .filter(|pod| newest.is_some_and(|uid| controlled_by(&pod.metadata, uid)));
        Ok(Self {
            rollout,
            pods: pods.collect(),
            refused: refused(workload, &deployment),
            selector,
        })
    }

    async fn of_stateful_set(cluster: &Cluster, set: StatefulSet) -> Result<Self, WorldError> {
        let selector = set.spec.as_ref().map(|spec| query(&spec.selector)).unwrap_or_default();
        let rollout = of_stateful_set(&set);
        let uid = set.metadata.uid.unwrap_or_default();
        let pods: Vec<Pod> = cluster.list(&selector).await?;
        let pods = pods.into_iter().filter(|pod| controlled_by(&pod.metadata, &uid)).collect();
        Ok(Self { rollout, pods, refused: None, selector })
    }
}

/// The `ReplicaSet` of the Deployment's newest revision.
fn newest_set<'a>(deployment: &ObjectMeta, sets: &'a [ReplicaSet]) -> Option<&'a str> {
    let owner = deployment.uid.as_deref()?;
    let revision = annotation(deployment, REVISION)?;
    let ours = sets.iter().filter(|set| controlled_by(&set.metadata, owner));
    let newest =
        ours.into_iter().find(|set| annotation(&set.metadata, REVISION) == Some(revision))?;
    newest.metadata.uid.as_deref()
}

pub(super) fn controlled_by(metadata: &ObjectMeta, uid: &str) -> bool {
    metadata.owner_references.iter().flatten().any(|owner| owner.uid == uid)
}

/// The Deployment's condition `ReplicaFailure` holds the API server's refusal: a quota, a webhook, a missing account.
fn refused(workload: &Workload, deployment: &Deployment) -> Option<Finding> {
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    let failure = conditions
        .iter()
        .find(|condition| condition.type_ == "ReplicaFailure" && condition.status == "True")?;
    let reason = failure.reason.as_deref().unwrap_or("ReplicaFailure");
    Some(Finding {
        trouble: Trouble::Refused,
        object: workload.to_string(),
        container: None,
        message: format!("{reason}: no pod may be made for {workload}"),
        causes: failure.message.clone().into_iter().collect(),
    })
}

pub(super) fn query(selector: &LabelSelector) -> String {
    Selector::try_from(selector.clone()).map(|selector| selector.to_string()).unwrap_or_default()
}
