//! What a fault does to the world.

use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::sync::broadcast::Receiver;
use tokio_postgres::{Config, NoTls};

use crate::lab::cluster::kind::PODS;
use crate::lab::cluster::meta;
use crate::lab::cluster::store::{Change, Store};
use crate::lab::process::{Entry, MARK, all_processes};
use crate::lab::scenario::Action;

/// What faults need of the world.
#[derive(Debug)]
pub(in crate::lab) struct Hands {
    pub(in crate::lab) store: Store,
    pub(in crate::lab) namespace: &'static str,
    /// The lab's folder; the processes that belong to it are known by it.
    pub(in crate::lab) folder: PathBuf,
    /// How the application connects, all but the address.
    pub(in crate::lab) database: Config,
}

/// How often something that is to happen again is looked for.
const AGAIN: Duration = Duration::from_millis(50);

impl Hands {
    /// The cluster's changes from now on.
    pub(super) fn changes(&self) -> Receiver<Change> {
        self.store.subscribe()
    }

    /// Carries the fault out. What has a duration is taken back at its end, and when this is dropped.
    pub(super) async fn act(&self, action: &Action) {
        match action {
            Action::Kill { app, again } => self.kill(app, *again).await,
            Action::Stall { job, time } => self.stall(job, *time).await,
            Action::Sql { app, statement, hold } => self.run(app, statement, *hold).await,
        }
    }

    async fn kill(&self, app: &str, again: bool) {
        loop {
            let killed = self.processes("app", app);
            for pid in &killed {
                let _ = kill(*pid, Signal::SIGKILL);
            }
            if !again && !killed.is_empty() {
                return;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// New processes of the same Job stop as well, until the time is over.
    async fn stall(&self, job: &str, time: Duration) {
        let mut stopped = Stopped::default();
        let _ = tokio::time::timeout(time, async {
            loop {
                for pid in self.processes("batch.kubernetes.io/job-name", job) {
                    stopped.stop(pid);
                }
                tokio::time::sleep(AGAIN).await;
            }
        })
        .await;
    }

    async fn run(&self, app: &str, statement: &str, hold: Option<Duration>) {
        let address = self.pods("app", app).find_map(|pod| {
            Some(meta::text(&pod, "/status/podIP").to_owned()).filter(|address| !address.is_empty())
        });
        let Some(address) = address else {
            tracing::warn!(app, "a fault of the lab found no pod");
            return;
        };
        let mut config = self.database.clone();
        config.host(address);
        let (client, connection) = match config.connect(NoTls).await {
            Ok(connected) => connected,
            Err(error) => {
                return tracing::warn!(app, %error, "a fault of the lab could not connect");
            }
        };
        let connection = tokio::spawn(connection);
        if let Err(error) = client.batch_execute(statement).await {
            tracing::warn!(app, %error, "a fault's statement failed");
        }
        tokio::time::sleep(hold.unwrap_or_default()).await;
        drop(client);
        let _ = connection.await;
    }

    fn pods(&self, label: &str, value: &str) -> impl Iterator<Item = Value> {
        let (label, value) = (label.to_owned(), value.to_owned());
        let pods = self.store.list(&PODS, Some(self.namespace)).0;
        pods.into_iter().filter(move |pod| pod["metadata"]["labels"][&label] == value.as_str())
    }

    /// The processes of the pods with this label: those that were started with the pod's name as their host's.
    fn processes(&self, label: &str, value: &str) -> Vec<Pid> {
        let own = format!("{MARK}={}", self.folder.display());
        let hosts: Vec<_> =
            self.pods(label, value).map(|pod| format!("HOSTNAME={}", meta::name(&pod))).collect();
        if hosts.is_empty() {
            return Vec::new();
        }
        let all = all_processes();
        let is_of_pod = |one: &Entry| {
            one.environment_holds(&own) && hosts.iter().any(|host| one.environment_holds(host))
        };
        let sessions: Vec<_> =
            all.iter().filter(|one| is_of_pod(one)).map(|one| one.session).collect();
        all.iter().filter(|one| sessions.contains(&one.session)).map(|one| one.pid).collect()
    }
}

/// Processes that were stopped; they go on when this is dropped.
#[derive(Default)]
struct Stopped {
    pids: Vec<Pid>,
}

impl Stopped {
    fn stop(&mut self, pid: Pid) {
        if !self.pids.contains(&pid) && kill(pid, Signal::SIGSTOP).is_ok() {
            self.pids.push(pid);
        }
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        for pid in &self.pids {
            let _ = kill(*pid, Signal::SIGCONT);
        }
    }
}
