//! A world for verbs: the lab's API server without controllers, so that each test plays them and decides what the
//! cluster says and when.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::NamespaceResourceScope;
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::{Client, Config, Resource};
use pgcutover::action::{Actions, Tools};
use pgcutover::engine::{Executor, StepContext};
use pgcutover::lab::cluster::{ApiServer, ServerOptions};
use pgcutover::model::{
    CallKind, CallOutcome, Failure, Outcome, Progress, RunId, RunState, Runbook, Step, Verb,
};
use pgcutover::world::{Access, Calls, Target, World};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::{runbook, store};

/// The namespace of every test.
pub(crate) const NAMESPACE: &str = "dsm";

/// An API server, the verbs on it, and an administrator beside them.
pub(crate) struct Bench {
    pub(crate) server: ApiServer,
    pub(crate) admin: Client,
    pub(crate) actions: Arc<Actions>,
    pub(crate) runbook: Arc<Runbook>,
    calls: Calls,
    _folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let mut plan =
            runbook(store("postgresql://127.0.0.1:1/x"), store("postgresql://127.0.0.1:1/x"));
        NAMESPACE.clone_into(&mut plan.cluster.namespace);
        Self::start_with(plan, Tools::default()).await
    }

    pub(crate) async fn start_with(plan: Runbook, tools: Tools) -> Self {
        let server =
            ApiServer::start(ServerOptions { services: services(), ..ServerOptions::default() })
                .await
                .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig");
        std::fs::write(&path, server.admin_kubeconfig(NAMESPACE)).unwrap();
        let target =
            Target { kubeconfig: Some(path.clone()), direct: Some(true), ..Target::default() };
        let plan = Arc::new(plan);
        let world = World::connect(plan.clone(), RunId::new("run-1"), target, Access::ReadWrite)
            .await
            .unwrap();
        let kubeconfig = kube::config::Kubeconfig::read_from(&path).unwrap();
        let options = kube::config::KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
        let admin = Client::try_from(config).unwrap();
        let calls = world.calls().clone();
        let bench = Self {
            server,
            admin,
            calls,
            actions: Arc::new(Actions::new(world, tools)),
            runbook: plan,
            _folder: folder,
        };
        let namespace = serde_json::json!({ "metadata": { "name": NAMESPACE } });
        let api: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(bench.admin.clone());
        api.create(&PostParams::default(), &serde_json::from_value(namespace).unwrap())
            .await
            .unwrap();
        bench
    }

    pub(crate) fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.admin.clone(), NAMESPACE)
    }

    /// The programs that were run, each with what came of it.
    pub(crate) fn programs(&self) -> Vec<String> {
        let log = self.calls.log().borrow().clone();
        let programs = log.records().filter(|call| call.kind == CallKind::Program);
        programs
            .map(|call| {
                assert_eq!(call.took.is_some(), call.outcome != CallOutcome::Running);
                format!("{} {}: {}", call.to.word(), call.headline, call.outcome)
            })
            .collect()
    }

    /// Makes an object as an administrator.
    pub(crate) async fn create<K>(&self, object: Value) -> K
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
            + Clone
            + std::fmt::Debug
            + Serialize
            + DeserializeOwned,
    {
        let object: K = serde_json::from_value(object).unwrap();
        self.api::<K>().create(&PostParams::default(), &object).await.unwrap()
    }

    /// Says what a controller or a kubelet would say.
    pub(crate) async fn status<K>(&self, name: &str, status: Value)
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
            + Clone
            + std::fmt::Debug
            + DeserializeOwned,
    {
        let body = serde_json::json!({ "status": status });
        self.api::<K>()
            .patch_status(name, &PatchParams::default(), &Patch::Merge(body))
            .await
            .unwrap();
    }

    /// A step's attempt, as the engine would make it: what `prepare` read goes along.
    pub(crate) async fn begin(&self, step: Step) -> Attempt {
        let before = self.actions.prepare(&step).await.unwrap();
        self.attempt(step, before, 1)
    }

    pub(crate) fn attempt(&self, step: Step, before: Value, attempt: u32) -> Attempt {
        let (progress, told) = mpsc::unbounded_channel();
        let context = StepContext {
            run: RunId::new("run-1"),
            attempt,
            started_at: Timestamp::now(),
            before,
            state: RunState::new(&self.runbook),
            progress,
            cancel: CancellationToken::new(),
        };
        Attempt { actions: self.actions.clone(), step, context, told }
    }
}

/// A step that is about to act.
pub(crate) struct Attempt {
    actions: Arc<Actions>,
    pub(crate) step: Step,
    pub(crate) context: StepContext,
    pub(crate) told: mpsc::UnboundedReceiver<Progress>,
}

impl Attempt {
    pub(crate) async fn perform(&self) -> Result<Outcome, Failure> {
        within(self.actions.perform(&self.step, &self.context)).await
    }

    pub(crate) async fn undo(&self) -> Result<Outcome, Failure> {
        within(self.actions.undo(&self.step, &self.context)).await
    }

    pub(crate) async fn probe(&self) -> pgcutover::engine::Probed {
        within(self.actions.probe(&self.step, &self.context)).await
    }

    /// The same step in the background, with what it tells.
    pub(crate) fn spawn(self) -> Running {
        let Self { actions, step, context, told } = self;
        let cancel = context.cancel.clone();
        let work = tokio::spawn(async move { within(actions.perform(&step, &context)).await });
        Running { work, told, cancel }
    }
}

/// A step that acts.
pub(crate) struct Running {
    work: tokio::task::JoinHandle<Result<Outcome, Failure>>,
    told: mpsc::UnboundedReceiver<Progress>,
    pub(crate) cancel: CancellationToken,
}

impl Running {
    /// Waits until it tells something that holds this text.
    pub(crate) async fn tells(&mut self, text: &str) -> Progress {
        let told = async {
            let mut all = Vec::new();
            while let Some(progress) = self.told.recv().await {
                if progress.message.contains(text) {
                    return progress;
                }
                all.push(progress.message);
            }
            panic!("it ended without telling `{text}`: {all:#?}")
        };
        within(told).await
    }

    pub(crate) async fn ends(self) -> Result<Outcome, Failure> {
        self.work.await.unwrap()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.work.is_finished()
    }
}

async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work)
        .await
        .expect("it should have ended long ago")
}

/// A step with nothing but its verb, undone by its opposite.
pub(crate) fn step(id: &str, verb: Verb) -> Step {
    Step::of(id, verb)
}

/// A range of cluster addresses that no other test of this machine uses at the moment.
fn services() -> std::net::Ipv4Addr {
    let mut drawn = [0_u8; 2];
    getrandom::fill(&mut drawn).unwrap();
    std::net::Ipv4Addr::new(127, 100 + drawn[0] % 100, drawn[1], 0)
}
