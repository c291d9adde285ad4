//! The cluster without its API server: store, controllers, node and kube-proxy put together.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::kind::{NODES, STORAGE_CLASSES};
use super::kubelet::Kubelet;
use super::meta;
use super::node::{
    Block, Hooks, Images, NODE, Node, NodeError, NodeParts, Pace, PodAddresses, Proxy,
};
use super::reconcile::{Delays, Manager, STORAGE_CLASS};
use super::store::Store;
use crate::lab::process::{Folder, Supervisor, SupervisorConfig};

/// What a cluster is started with.
#[derive(Debug, Clone)]
pub(crate) struct ClusterConfig {
    /// Names and uids are drawn from it, so that they repeat from run to run.
    pub(crate) seed: String,
    pub(crate) supervisor: SupervisorConfig,
    pub(crate) images: Images,
    pub(crate) pace: Pace,
    /// The pause after a Job's first failed pod, 10 s in a real cluster.
    pub(crate) job_backoff: Duration,
}

impl ClusterConfig {
    /// At a rehearsal's pace.
    pub(crate) fn new(seed: &str, supervisor: SupervisorConfig, images: Images) -> Self {
        Self {
            seed: seed.to_owned(),
            supervisor,
            images,
            pace: Pace::default(),
            job_backoff: Duration::from_secs(1),
        }
    }
}

/// A running cluster of one node. Dropping it ends every process of it; [`Cluster::shutdown`] does the same without blocking the runtime.
#[derive(Debug)]
pub(crate) struct Cluster {
    store: Store,
    supervisor: Arc<Supervisor>,
    manager: Manager,
    node: Arc<Node>,
    proxy: Proxy,
    _block: Block,
}

impl Cluster {
    /// Starts everything. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When folders, processes or addresses cannot be had.
    pub(crate) fn start(config: &ClusterConfig) -> Result<Self, NodeError> {
        let block = Block::claim()?;
        let supervisor = Arc::new(Supervisor::start(&config.supervisor)?);
        let store = Store::new(&config.seed, block.services());
        furnish(&store, &block);
        let node = Node::start(NodeParts {
            store: store.clone(),
            supervisor: supervisor.clone(),
            images: config.images.clone(),
            addresses: PodAddresses::new(&block),
            host: block.node(),
            pace: config.pace,
        })?;
        let proxy = Proxy::start(store.clone(), supervisor.folder().path());
        let manager = Manager::start(&store, &supervisor, config.job_backoff);
        Ok(Self { store, supervisor, manager, node, proxy, _block: block })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// What the API server asks for logs and connections.
    pub(crate) fn kubelet(&self) -> Arc<dyn Kubelet> {
        self.node.clone()
    }

    /// Where everything lies that the lab writes.
    pub(crate) fn folder(&self) -> &Folder {
        self.supervisor.folder()
    }

    /// What scenarios do to pods.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "no shipped scenario asks for it yet; the tests do")
    )]
    pub(crate) fn hooks(&self) -> &Hooks {
        self.node.hooks()
    }

    /// What scenarios do to controllers.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "no shipped scenario asks for it yet; the tests do")
    )]
    pub(crate) fn delays(&self) -> &Delays {
        self.manager.delays()
    }

    /// Ends controllers, connections and processes, and removes the folder.
    pub(crate) async fn shutdown(self) {
        self.manager.stop().await;
        self.proxy.stop();
        let supervisor = self.supervisor.clone();
        // It waits for processes to end; a failure to join means that it panicked, and the janitor goes on alone.
        let _ = tokio::task::spawn_blocking(move || supervisor.end()).await;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.manager.cancel();
        self.proxy.stop();
        // Processes first, each with the signal that suits it; the node's tasks would only kill them.
        self.supervisor.end();
        self.node.stop();
    }
}

/// The node and the storage class that a cluster has before anybody asks.
fn furnish(store: &Store, block: &Block) {
    let class = json!({
        "metadata": {"name": STORAGE_CLASS, "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "lab.pgcutover.dev/folder", "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": false,
    });
    store.create(&STORAGE_CLASSES, class).expect("a new store has no storage class");
    let conditions = [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID"),
        ("Ready", "True", "KubeletReady"),
    ];
    let conditions = conditions.map(|(kind, status, reason)| {
        json!({"type": kind, "status": status, "reason": reason, "lastHeartbeatTime": meta::now(), "lastTransitionTime": meta::now()})
    });
    let room = json!({"cpu": "2", "memory": "8Gi", "pods": "110", "ephemeral-storage": "50Gi"});
    let node = json!({
        "metadata": {"name": NODE, "labels": {
            "kubernetes.io/hostname": NODE, "kubernetes.io/os": "linux", "kubernetes.io/arch": std::env::consts::ARCH,
            "node-role.kubernetes.io/control-plane": "",
        }},
        "spec": {},
        "status": {
            "capacity": room, "allocatable": room, "conditions": conditions,
            "addresses": [{"type": "InternalIP", "address": block.node().to_string()}, {"type": "Hostname", "address": NODE}],
            "nodeInfo": {
                "architecture": std::env::consts::ARCH, "operatingSystem": "linux", "kubeletVersion": "v1.33.0",
                "containerRuntimeVersion": "pgcutover://lab", "osImage": "rehearsal", "kernelVersion": "", "machineID": "",
                "systemUUID": "", "bootID": "", "kubeProxyVersion": "",
            },
        },
    });
    store.create(&NODES, node).expect("a new store has no node");
}
