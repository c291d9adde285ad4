//! Which cluster is meant, as kubectl's flags say it.

use std::path::PathBuf;
use std::time::Duration;

/// The flags that kubectl's users know. What is absent comes from the environment.
#[derive(Debug, Clone)]
pub struct Target {
    /// `--kubeconfig`; else `KUBECONFIG`, else `~/.kube/config`, else the pod that we run in.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`; else the kubeconfig's current one.
    pub context: Option<String>,
    /// `--cluster`: another cluster of the kubeconfig than the context's.
    pub cluster: Option<String>,
    /// `--user`: another user of the kubeconfig than the context's.
    pub user: Option<String>,
    /// `--namespace`; else the runbook's.
    pub namespace: Option<String>,
    /// `--as`: the user to impersonate.
    pub impersonate: Option<String>,
    /// `--as-group`: the groups to impersonate.
    pub impersonate_groups: Vec<String>,
    /// `--request-timeout`: how long one request may take; watches and streams have none.
    pub request_timeout: Duration,
    /// Whether pods are reached at their own addresses; when absent, what the profile says, and `true` inside a cluster.
    pub direct: Option<bool>,
}

impl Default for Target {
    fn default() -> Self {
        Self {
            kubeconfig: None,
            context: None,
            cluster: None,
            user: None,
            namespace: None,
            impersonate: None,
            impersonate_groups: Vec::new(),
            request_timeout: Duration::from_secs(15),
            direct: None,
        }
    }
}
