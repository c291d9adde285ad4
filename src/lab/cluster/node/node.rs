use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::address::PodAddresses;
use super::hooks::Hooks;
use super::image::{ImageSpec, Images};
use super::log::Logs;
use super::pace::Pace;
use super::pod::PodRun;
use crate::lab::cluster::kind::PODS;
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Recorder;
use crate::lab::cluster::store::{Changed, Store};
use crate::lab::process::{ProcessError, Supervisor};

/// The name of the lab's only node.
pub(crate) const NODE: &str = "lab";

/// What all pods of the node share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) supervisor: Arc<Supervisor>,
    pub(super) recorder: Recorder,
    pub(super) images: Images,
    pub(super) addresses: PodAddresses,
    pub(super) host: Ipv4Addr,
    pub(super) logs: Logs,
    pub(super) hooks: Hooks,
    pub(super) pace: Pace,
    /// The PostgreSQL image's entrypoint.
    pub(super) entrypoint: PathBuf,
    pulled: Mutex<BTreeMap<String, ImageSpec>>,
}

impl Shared {
    /// An image that was pulled before.
    pub(super) fn present(&self, image: &str) -> Option<ImageSpec> {
        self.pulled.lock().unwrap_or_else(PoisonError::into_inner).get(image).cloned()
    }

    pub(super) fn keep(&self, image: &str, spec: &ImageSpec) {
        self.pulled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(image.to_owned(), spec.clone());
    }
}

/// What a node is made of.
#[derive(Debug)]
pub(crate) struct NodeParts {
    pub(crate) store: Store,
    pub(crate) supervisor: Arc<Supervisor>,
    pub(crate) images: Images,
    pub(crate) addresses: PodAddresses,
    pub(crate) host: Ipv4Addr,
    pub(crate) pace: Pace,
}

/// The kubelet: runs the pods that the scheduler gives it.
#[derive(Debug)]
pub(crate) struct Node {
    pub(super) shared: Arc<Shared>,
    pods: Mutex<BTreeMap<String, watch::Sender<Option<Instant>>>>,
    numbers: Mutex<u32>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// The folders of a lab that belong to the node.
const FOLDERS: [&str; 2] = ["pods", "claims"];
const ENTRYPOINT: &str = include_str!("../../../../assets/lab/postgres-entrypoint.sh");

impl Node {
    /// Starts to take pods.
    ///
    /// # Errors
    /// When its folders cannot be made.
    pub(crate) fn start(parts: NodeParts) -> Result<Arc<Self>, ProcessError> {
        let folder = parts.supervisor.folder();
        for name in FOLDERS {
            folder.make(name, parts.supervisor.account())?;
        }
        let entrypoint = folder.path().join("postgres-entrypoint.sh");
        std::fs::write(&entrypoint, ENTRYPOINT)
            .map_err(ProcessError::file("write", &entrypoint))?;
        let recorder = Recorder::new(parts.store.clone(), "kubelet").on(NODE);
        let shared = Shared {
            store: parts.store,
            supervisor: parts.supervisor,
            recorder,
            images: parts.images,
            addresses: parts.addresses,
            host: parts.host,
            logs: Logs::default(),
            hooks: Hooks::default(),
            pace: parts.pace,
            entrypoint,
            pulled: Mutex::default(),
        };
        let node = Arc::new(Self {
            shared: Arc::new(shared),
            pods: Mutex::default(),
            numbers: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        tokio::spawn(node.clone().follow(node.stop.clone()));
        Ok(node)
    }

    /// What scenarios do to pods.
    pub(crate) fn hooks(&self) -> &Hooks {
        &self.shared.hooks
    }

    /// Takes no more pods. Their processes end with the supervisor.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    fn pods(&self) -> MutexGuard<'_, BTreeMap<String, watch::Sender<Option<Instant>>>> {
        self.pods.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn follow(self: Arc<Self>, stop: CancellationToken) {
        let mut changes = self.shared.store.subscribe();
        self.look_at_all();
        loop {
            let change = tokio::select! {
                change = changes.recv() => change,
                () = stop.cancelled() => return,
            };
            match change {
                Ok(change) if change.kind.id() != PODS.id() => {}
                Ok(change) if change.what == Changed::Deleted => self.forget(&change.object),
                Ok(change) => self.look_at(&change.object),
                Err(RecvError::Lagged(_)) => self.look_at_all(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn look_at_all(self: &Arc<Self>) {
        let (all, _) = self.shared.store.list(&PODS, None);
        for pod in &all {
            self.look_at(pod);
        }
        let gone: Vec<String> = self
            .pods()
            .keys()
            .filter(|uid| all.iter().all(|pod| meta::uid(pod) != **uid))
            .cloned()
            .collect();
        for uid in &gone {
            self.forget_uid(uid);
        }
    }

    fn look_at(self: &Arc<Self>, pod: &Value) {
        if meta::text(pod, "/spec/nodeName") != NODE {
            return;
        }
        let known = self.pods().contains_key(meta::uid(pod));
        match (known, meta::is_deleting(pod)) {
            (false, false) => self.admit(pod),
            // It was deleted before its first process.
            (false, true) => self.remove(pod),
            (true, true) => self.end(meta::uid(pod), grace(pod)),
            (true, false) => {}
        }
    }

    fn admit(self: &Arc<Self>, pod: &Value) {
        if matches!(meta::text(pod, "/status/phase"), "Succeeded" | "Failed") {
            return;
        }
        let folder = match self.make_folder(pod) {
            Ok(folder) => folder,
            Err(error) => {
                return self.shared.recorder.warning(
                    pod,
                    "FailedCreatePodSandBox",
                    &error.to_string(),
                );
            }
        };
        let (order, stop) = watch::channel(None);
        self.pods().insert(meta::uid(pod).to_owned(), order);
        let run = Arc::new(PodRun::new(self.shared.clone(), pod.clone(), folder, stop));
        let end = self.stop.clone();
        self.tasks.spawn(async move { end.run_until_cancelled_owned(run.run()).await });
    }

    /// Numbered, since the path of a socket must be short.
    fn make_folder(&self, pod: &Value) -> Result<PathBuf, ProcessError> {
        let number = {
            let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
            *numbers += 1;
            *numbers
        };
        let (folder, account) = (self.shared.supervisor.folder(), self.shared.supervisor.account());
        let own = Path::new("pods").join(number.to_string());
        let path = folder.make(&own, account)?;
        for name in ["tmp", "run", "c", "vol"] {
            folder.make(own.join(name), account)?;
        }
        for volume in
            super::pod::list(pod, "volumes").filter(|volume| volume.get("emptyDir").is_some())
        {
            folder.make(own.join("vol").join(super::container::name_of(volume)), account)?;
        }
        Ok(path)
    }

    fn end(&self, uid: &str, grace: Duration) {
        let deadline = Instant::now() + grace;
        if let Some(order) = self.pods().get(uid) {
            order.send_if_modified(|when| {
                let sooner = when.is_none_or(|when| deadline < when);
                if sooner {
                    *when = Some(deadline);
                }
                sooner
            });
        }
    }

    fn remove(&self, pod: &Value) {
        // Somebody else may have been faster.
        let _ =
            self.shared.store.remove(&PODS, meta::namespace(pod), meta::name(pod), meta::uid(pod));
    }

    /// The object is gone; its processes have no grace left.
    fn forget(&self, pod: &Value) {
        self.forget_uid(meta::uid(pod));
    }

    fn forget_uid(&self, uid: &str) {
        self.end(uid, Duration::ZERO);
        self.pods().remove(uid);
        self.shared.logs.forget(uid);
    }
}

fn grace(pod: &Value) -> Duration {
    let seconds = pod["metadata"]["deletionGracePeriodSeconds"].as_u64();
    Duration::from_secs(seconds.unwrap_or(30))
}
