//! Pods of a workload, by the links that controllers set: owner references, not labels alone.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use kube::api::ListParams;
use kube::core::Selector;

use crate::model::Workload;
use crate::world::WorldError;

use super::handle::Cluster;

impl Cluster {
    /// The pods that carry all of the labels, whatever their state.
    ///
    /// # Errors
    /// Whatever the API server answers.
    pub async fn pods_labelled(
        &self,
        labels: &BTreeMap<String, String>,
    ) -> Result<Vec<Pod>, WorldError> {
        self.list(&selector_text(labels)).await
    }

    /// The pods that a workload owns, those in `Terminating` included: a Deployment's through its `ReplicaSets`.
    ///
    /// A workload that does not exist owns nothing, but pods that it left behind still match its name: none are reported.
    ///
    /// # Errors
    /// Whatever the API server answers.
    pub async fn pods_of(&self, workload: &Workload) -> Result<Vec<Pod>, WorldError> {
        match workload {
            Workload::Deployment(name) => {
                let Some(deployment) = self.get::<Deployment>(name).await? else {
                    return Ok(Vec::new());
                };
                let selector = deployment.spec.as_ref().map(|spec| &spec.selector);
                let sets: Vec<ReplicaSet> = self.list(&query(selector)).await?;
                let uid = deployment.metadata.uid.unwrap_or_default();
                let owners = sets
                    .iter()
                    .filter(|set| owned_by(&set.metadata, &BTreeSet::from([uid.clone()])))
                    .filter_map(|set| set.metadata.uid.clone())
                    .collect();
                self.owned_pods(selector, &owners).await
            }
            Workload::StatefulSet(name) => {
                let Some(set) = self.get::<StatefulSet>(name).await? else { return Ok(Vec::new()) };
                let selector = set.spec.as_ref().map(|spec| &spec.selector);
                self.owned_pods(selector, &set.metadata.uid.iter().cloned().collect()).await
            }
        }
    }

    /// The pods that an object with this UID owns, such as a Job's.
    ///
    /// # Errors
    /// Whatever the API server answers.
    pub async fn pods_owned_by(&self, uid: &str, labels: &str) -> Result<Vec<Pod>, WorldError> {
        let pods: Vec<Pod> = self.list(labels).await?;
        let owners = BTreeSet::from([uid.to_owned()]);
        Ok(pods.into_iter().filter(|pod| owned_by(&pod.metadata, &owners)).collect())
    }

    async fn owned_pods(
        &self,
        selector: Option<&LabelSelector>,
        owners: &BTreeSet<String>,
    ) -> Result<Vec<Pod>, WorldError> {
        let pods: Vec<Pod> = self.list(&query(selector)).await?;
        Ok(pods.into_iter().filter(|pod| owned_by(&pod.metadata, owners)).collect())
    }

    /// The events of an object, oldest first.
    ///
    /// # Errors
    /// Whatever the API server answers.
    pub async fn events_of(&self, kind: &str, name: &str) -> Result<Vec<Event>, WorldError> {
        let fields = format!("involvedObject.kind={kind},involvedObject.name={name}");
        let mut events: Vec<Event> = self.list_with(&ListParams::default().fields(&fields)).await?;
        events.sort_by_key(event_time);
        Ok(events)
    }

    /// The slices that say where a Service's connections go.
    ///
    /// # Errors
    /// Whatever the API server answers.
    pub async fn endpoint_slices(&self, service: &str) -> Result<Vec<EndpointSlice>, WorldError> {
        self.list(&format!("kubernetes.io/service-name={service}")).await
    }
}

/// When an event was last seen; the field differs between the two event APIs.
fn event_time(event: &Event) -> Option<k8s_openapi::jiff::Timestamp> {
    let series = event.series.as_ref().and_then(|series| series.last_observed_time.as_ref());
    series
        .or(event.event_time.as_ref())
        .map(|time| time.0)
        .or(event.last_timestamp.as_ref().map(|time| time.0))
        .or(event.metadata.creation_timestamp.as_ref().map(|time| time.0))
}

/// Labels as a selector's text.
pub(crate) fn selector_text(labels: &BTreeMap<String, String>) -> String {
    labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

fn query(selector: Option<&LabelSelector>) -> String {
    let selector = selector.cloned().and_then(|selector| Selector::try_from(selector).ok());
    selector.map_or_else(String::new, |selector| selector.to_string())
}

fn owned_by(metadata: &ObjectMeta, owners: &BTreeSet<String>) -> bool {
    metadata.owner_references.iter().flatten().any(|owner| owners.contains(&owner.uid))
}
