use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::claim::Claims;
use super::cron_job::CronJobs;
use super::delays::Delays;
use super::deployment::Deployments;
use super::endpoints::EndpointSlices;
use super::garbage::Garbage;
use super::job::Jobs;
use super::namespace::Namespaces;
use super::replica_set::ReplicaSets;
use super::runner::{Controller, run};
use super::scheduler::Scheduler;
use super::stateful_set::StatefulSets;
use crate::lab::cluster::store::Store;
use crate::lab::process::Supervisor;

/// All controllers of the cluster, each in a task of its own.
#[derive(Debug)]
pub(crate) struct Manager {
    tasks: TaskTracker,
    stop: CancellationToken,
    delays: Arc<Delays>,
}

impl Manager {
    /// `job_backoff` is the pause after a Job's first failed pod, 10 s in a real cluster.
    pub(crate) fn start(
        store: &Store,
        supervisor: &Arc<Supervisor>,
        job_backoff: Duration,
    ) -> Self {
        let manager = Self {
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            delays: Arc::default(),
        };
        manager.add(store, Namespaces::new(store.clone()));
        manager.add(store, Deployments::new(store.clone()));
        manager.add(store, ReplicaSets::new(store.clone()));
        manager.add(store, StatefulSets::new(store.clone()));
        manager.add(store, Jobs::new(store.clone(), job_backoff));
        manager.add(store, CronJobs::new(store.clone()));
        manager.add(store, EndpointSlices::new(store.clone()));
        manager.add(store, Claims::new(store.clone(), supervisor.clone()));
        manager.add(store, Scheduler::new(store.clone()));
        manager.add(store, Garbage::new(store.clone()));
        manager
    }

    fn add(&self, store: &Store, controller: impl Controller) {
        self.tasks.spawn(run(controller, store.clone(), self.delays.clone(), self.stop.clone()));
    }

    /// Slows controllers down, each by its name.
    pub(crate) fn delays(&self) -> &Delays {
        &self.delays
    }

    /// Tells them all to end.
    pub(crate) fn cancel(&self) {
        self.stop.cancel();
    }

    /// Ends them all.
    pub(crate) async fn stop(&self) {
        self.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
