//! What was found to be wrong.

use std::fmt;
use std::time::Duration;

use crate::model::{Failure, FailureKind, Fix, Progress};

/// Why an image does not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PullRefusal {
    /// The registry wants other credentials, or any at all.
    Denied,
    /// The registry has no such repository or tag.
    NotFound,
    /// There is no variant for the node's architecture.
    Platform,
    /// The reference cannot be parsed, or `imagePullPolicy: Never` forbids to pull it.
    Unusable,
    /// The registry asks to come back later.
    RateLimited,
    /// The registry cannot be reached or trusted: name, route, certificate.
    Unreachable,
    /// The kubelet says something else.
    Other,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// An image cannot be pulled: `ErrImagePull`, `ImagePullBackOff`, `InvalidImageName`, `ErrImageNeverPull`.
    ImagePull {
        /// The image as the pod names it.
        image: String,
        /// Why.
        refusal: PullRefusal,
        /// The `imagePullSecrets` that the pod names.
        named: Vec<String>,
        /// Those of them that could not be read (event `FailedToRetrieveImagePullSecret`).
        unread: Vec<String>,
    },
    /// A container ends again and again: `CrashLoopBackOff`.
    CrashLoop {
        /// How often it was restarted.
        restarts: i32,
        /// Its last exit code.
        exit_code: Option<i32>,
    },
    /// A container cannot be made: `CreateContainerConfigError`, a missing Secret, `ConfigMap` or key, a bad command.
    Config,
    /// No node takes the pod: `FailedScheduling`.
    Unschedulable {
        /// A cluster autoscaler has said that it adds a node.
        node_coming: bool,
    },
    /// A volume does not mount or attach: `FailedMount`, `FailedAttachVolume`.
    Mount,
    /// Pods may not be made: a quota, a webhook, a `ServiceAccount` that is missing (`FailedCreate`).
    Refused,
    /// The pod runs and does not get ready: `Unhealthy`.
    Probe,
    /// The pod was evicted, or its node went away.
    Lost,
}

impl Trouble {
    /// The kind of failure that it ends in.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        match self {
            Self::ImagePull { .. } => FailureKind::ImagePull,
            Self::CrashLoop { .. } => FailureKind::CrashLoop,
            Self::Unschedulable { .. } => FailureKind::Unschedulable,
            Self::Refused => FailureKind::Refused,
            Self::Config | Self::Mount | Self::Probe | Self::Lost => FailureKind::Other,
        }
    }

    /// How long it may last before the step fails; for ever (that is, until the step's timeout) when absent.
    #[must_use]
    pub const fn patience(&self) -> Option<Duration> {
        match self {
            Self::ImagePull { refusal, .. } => Some(match refusal {
                PullRefusal::Unusable => Duration::ZERO,
                PullRefusal::Denied | PullRefusal::NotFound | PullRefusal::Platform => {
                    Duration::from_secs(20)
                }
                PullRefusal::RateLimited | PullRefusal::Unreachable | PullRefusal::Other => {
                    Duration::from_secs(90)
                }
            }),
            Self::Config | Self::Refused => Some(Duration::from_secs(20)),
            Self::CrashLoop { .. } | Self::Lost | Self::Unschedulable { node_coming: false } => {
                Some(Duration::from_secs(60))
            }
            Self::Mount => Some(Duration::from_secs(120)),
            Self::Unschedulable { node_coming: true } | Self::Probe => None,
        }
    }
}

/// A trouble with the object that has it and the cluster's words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub trouble: Trouble,
    /// The pod, workload or Job, such as `pod/backup-job-x7k2p`.
    pub object: String,
    /// The container, where one is meant.
    pub container: Option<String>,
    /// One line for people.
    pub message: String,
    /// What the status and the events say, newest first, unabridged.
    pub causes: Vec<String>,
}

impl Finding {
    /// The same trouble of a later pod has the same key.
    #[must_use]
    pub fn key(&self) -> String {
        let what = match &self.trouble {
            Trouble::ImagePull { image, .. } => format!("image {image}"),
            other => format!("{other:?}").chars().take_while(char::is_ascii_alphabetic).collect(),
        };
        format!("{what}/{}", self.container.as_deref().unwrap_or_default())
    }

    /// The failure that it ends in.
    #[must_use]
    pub fn into_failure(self, what: &str, fix: Option<Fix>) -> Failure {
        let mut failure = Failure::new(self.trouble.kind(), format!("{what}: {}", self.message));
        failure.causes = self.causes;
        failure.fix = fix;
        failure
    }

    /// The same told while the step is held by it.
    #[must_use]
    pub fn to_progress(&self, fix: Option<Fix>) -> Progress {
        let cause = self.causes.first().map_or_else(String::new, |cause| format!(": {cause}"));
        Progress { message: format!("{}{cause}", self.message), fix, ..Progress::default() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
