//! The namespace, as its watches show it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::reading::Reading;
use super::shared::Shared;

/// What is seen of the namespace. All of it comes by watch: an age is the time since the watch was last known to live.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterView {
    /// The workloads that the runbook names, as it writes them: `deployment/x`. None for one that is not there.
    pub workloads: BTreeMap<String, Reading<Option<WorkloadView>>>,
    /// Pods by name.
    pub pods: Reading<Shared<BTreeMap<String, PodView>>>,
    /// Claims by name.
    pub claims: Reading<Shared<BTreeMap<String, ClaimView>>>,
    /// Jobs by name.
    pub jobs: Reading<Shared<BTreeMap<String, JobView>>>,
    /// Where the Service's connections go.
    pub endpoints: Reading<Shared<Vec<EndpointView>>>,
    /// The namespace's last events, newest first.
    pub events: Reading<Shared<Vec<EventView>>>,
}

/// A Deployment or a `StatefulSet`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadView {
    /// `spec.replicas`.
    pub wanted: u32,
    /// Pods of the newest template.
    pub updated: u32,
    /// Pods that are ready.
    pub ready: u32,
    /// All of its pods.
    pub replicas: u32,
    /// The controller has not seen the newest spec yet: what else stands here is of the one before.
    pub behind: bool,
    /// Why it does not get on, from its conditions.
    pub reason: Option<String>,
    /// The images of its template, in the order of the containers.
    pub images: Vec<String>,
}

/// Who made a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerView {
    /// `Deployment`, `StatefulSet`, `Job` and so on; a `ReplicaSet` that a Deployment made stands for that.
    pub kind: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for OwnerView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.to_lowercase(), self.name)
    }
}

/// A pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodView {
    /// `Pending`, `Running`, `Succeeded`, `Failed`, or `Terminating` while it is being deleted.
    pub phase: String,
    /// Containers that are ready, and all of them.
    pub ready: (u32, u32),
    /// Restarts of its containers.
    pub restarts: u32,
    /// The node.
    pub node: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// Who made it.
    pub owner: Option<OwnerView>,
    /// Why it does not get on, in a word: `ImagePullBackOff`, `OOMKilled`, `Unschedulable`.
    pub reason: Option<String>,
    /// The cluster's sentence about it.
    pub message: Option<String>,
    /// Its containers, init containers first.
    pub containers: Vec<ContainerView>,
}

impl PodView {
    /// All of its containers are ready.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.ready.1 > 0 && self.ready.0 == self.ready.1
    }
}

/// A container of a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerView {
    /// Its name.
    pub name: String,
    /// It runs before the others, and ends.
    pub init: bool,
    /// `running`, or why it waits or ended: `ImagePullBackOff`, `Completed`, `Error (1)`.
    pub state: String,
    /// It has a log: it runs, or has run.
    pub began: bool,
}

/// A `PersistentVolumeClaim`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimView {
    /// `Pending`, `Bound` or `Lost`.
    pub phase: String,
    /// The capacity as Kubernetes writes it; what is asked for while it is not bound.
    pub size: Option<String>,
    /// The storage class.
    pub class: Option<String>,
    /// The volume.
    pub volume: Option<String>,
}

/// How far a Job is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobStatus {
    /// It has not ended.
    #[default]
    Running,
    /// It has succeeded.
    Complete,
    /// It has failed for good.
    Failed,
    /// Somebody suspended it.
    Suspended,
}

impl JobStatus {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Suspended => "suspended",
        }
    }
}

/// A Job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// How far it is.
    pub status: JobStatus,
    /// Its pods that have not ended.
    pub active: u32,
    /// Its pods that succeeded.
    pub succeeded: u32,
    /// Its pods that failed.
    pub failed: u32,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// Why it failed, from its condition: `BackoffLimitExceeded: …`.
    pub reason: Option<String>,
}

/// An endpoint of the Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    /// Its address.
    pub address: String,
    /// The pod behind it.
    pub pod: Option<String>,
    /// It gets connections.
    pub ready: bool,
    /// It is on its way out.
    pub terminating: bool,
}

/// An event of the namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// When it was last seen.
    pub at: Option<Timestamp>,
    /// It is a `Warning`.
    pub warning: bool,
    /// A word, such as `FailedScheduling`.
    pub reason: String,
    /// What it is about: `pod/backup-job-x7k2p`.
    pub object: String,
    /// The sentence.
    pub message: String,
    /// How often it was seen.
    pub count: u32,
}
