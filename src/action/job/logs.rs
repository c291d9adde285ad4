//! A Job's logs while it runs: the newest line is progress, and the last ones are kept.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::{AsyncBufReadExt, StreamExt};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, LogParams};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::model::Progress;

/// How many lines are kept.
const KEPT: usize = 40;

/// A log that is written fast is told this often.
const BETWEEN: Duration = Duration::from_millis(250);

/// Follows the logs of a Job's pods until it is dropped.
pub(super) struct Logs {
    api: Api<Pod>,
    progress: mpsc::UnboundedSender<Progress>,
    followed: BTreeSet<String>,
    tasks: JoinSet<()>,
    kept: Arc<Mutex<VecDeque<String>>>,
}

impl Logs {
    pub(super) fn new(api: Api<Pod>, progress: mpsc::UnboundedSender<Progress>) -> Self {
        Self {
            api,
            progress,
            followed: BTreeSet::new(),
            tasks: JoinSet::new(),
            kept: Arc::default(),
        }
    }

    /// Follows the containers of these pods that have begun, each once.
    pub(super) fn follow(&mut self, pods: &[Pod]) {
        for pod in pods {
            let name = pod.metadata.name.clone().unwrap_or_default();
            for container in begun(pod) {
                if self.followed.insert(format!("{name}/{container}")) {
                    self.start(name.clone(), container);
                }
            }
        }
    }

    fn start(&mut self, pod: String, container: String) {
        let (api, progress, kept) =
            (self.api.clone(), self.progress.clone(), Arc::clone(&self.kept));
        self.tasks.spawn(async move {
            let params =
                LogParams { follow: true, container: Some(container), ..LogParams::default() };
            let Ok(stream) = api.log_stream(&pod, &params).await else { return };
            let mut lines = stream.lines();
            let mut told = Instant::now().checked_sub(BETWEEN);
            while let Some(Ok(line)) = lines.next().await {
                let line = line.trim_end().to_owned();
                if line.is_empty() {
                    continue;
                }
                if told.is_none_or(|told| told.elapsed() >= BETWEEN) {
                    told = Some(Instant::now());
                    let message = format!("pod/{pod}: {line}");
                    let _ = progress.send(Progress { message, ..Progress::default() });
                }
                keep(&kept, line);
            }
        });
    }

    /// The last lines so far.
    pub(super) fn kept(&self) -> Vec<String> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// The last lines, after what is still on its way has come: the Job's condition overtakes its log.
    pub(super) async fn finish(&mut self) -> Vec<String> {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(Duration::from_secs(2), all).await;
        self.kept()
    }
}

fn keep(kept: &Mutex<VecDeque<String>>, line: String) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() == KEPT {
        kept.pop_front();
    }
    kept.push_back(line);
}

/// The containers that run or have run.
fn begun(pod: &Pod) -> Vec<String> {
    let status = pod.status.as_ref();
    let init = status.and_then(|status| status.init_container_statuses.as_ref());
    let main = status.and_then(|status| status.container_statuses.as_ref());
    let all = init.into_iter().flatten().chain(main.into_iter().flatten());
    let begun = all.filter(|one| {
        one.state
            .as_ref()
            .is_some_and(|state| state.running.is_some() || state.terminated.is_some())
    });
    begun.map(|one| one.name.clone()).collect()
}
