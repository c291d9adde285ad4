//! The switch, with a kube-proxy that the test plays: the Service's cluster address is a listener that forwards to either
//! server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::{Patch, PatchParams};
use pgcutover::action::Tools;
use pgcutover::engine::Probed;
use pgcutover::model::{FailureKind, Side, Traffic, Undo, Verb};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Server, installations, runbook, store, uri};

use super::bench::{Bench, NAMESPACE, step};
use super::objects::pod;

const SERVICE: &str = "chronicle-db";

struct Switchable {
    bench: Bench,
    blue: Server,
    green: Server,
    proxy: Arc<AtomicU16>,
}

fn selector(side: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("app".to_owned(), side.to_owned())])
}

impl Switchable {
    async fn start() -> Option<Self> {
        let pair = installations()?;
        let (blue, green) = (Server::start(&pair.blue), Server::start(&pair.green));
        let mut plan = runbook(store(&uri(&blue)), store(&uri(&green)));
        NAMESPACE.clone_into(&mut plan.cluster.namespace);
        plan.traffic = Some(Traffic {
            service: SERVICE.into(),
            blue: selector("blue"),
            green: selector("green"),
            writers: Vec::new(),
        });
        let bench = Bench::start_with(plan, Tools::default()).await;
        let service: Service = bench
            .create(json!({
                "metadata": { "name": SERVICE },
                "spec": { "selector": selector("blue"), "ports": [{ "name": "postgres", "port": 5432 }] },
            }))
            .await;
        for side in ["blue", "green"] {
            ready_pod(&bench, side).await;
        }
        let _: EndpointSlice = bench.create(slice(&bench, "blue").await).await;
        let proxy = Arc::new(AtomicU16::new(blue.port));
        let address = service.spec.unwrap().cluster_ip.unwrap();
        forward(&address, Arc::clone(&proxy)).await;
        Some(Self { bench, blue, green, proxy })
    }

    /// What the endpoints controller does after a while.
    async fn endpoints_follow(&self, side: &str) {
        let body = slice(&self.bench, side).await;
        let patch = Patch::Merge(json!({ "endpoints": body["endpoints"] }));
        let api = self.bench.api::<EndpointSlice>();
        api.patch("chronicle-db-x", &PatchParams::default(), &patch).await.unwrap();
    }

    /// What kube-proxy does after another while.
    fn proxy_follows(&self, server: &Server) {
        self.proxy.store(server.port, Ordering::SeqCst);
    }

    async fn selector(&self) -> BTreeMap<String, String> {
        self.bench.api::<Service>().get(SERVICE).await.unwrap().spec.unwrap().selector.unwrap()
    }
}

async fn ready_pod(bench: &Bench, side: &str) {
    pod(bench, &format!("{side}-0"), json!({ "app": side }), json!([])).await;
    let conditions = json!([{ "type": "Ready", "status": "True" }]);
    bench
        .status::<Pod>(
            &format!("{side}-0"),
            json!({ "phase": "Running", "conditions": conditions }),
        )
        .await;
}

async fn slice(bench: &Bench, side: &str) -> Value {
    let uid = bench.api::<Pod>().get(&format!("{side}-0")).await.unwrap().metadata.uid;
    json!({
        "metadata": { "name": "chronicle-db-x", "labels": { "kubernetes.io/service-name": SERVICE } },
        "addressType": "IPv4",
        "ports": [{ "name": "postgres", "port": 5432 }],
        "endpoints": [{
            "addresses": ["10.0.0.7"], "conditions": { "ready": true },
            "targetRef": { "kind": "Pod", "name": format!("{side}-0"), "namespace": NAMESPACE, "uid": uid },
        }],
    })
}

async fn forward(address: &str, target: Arc<AtomicU16>) {
    let listener = TcpListener::bind((address, 5432)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let port = target.load(Ordering::SeqCst);
            tokio::spawn(async move {
                let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
}

fn switch() -> Verb {
    Verb::SwitchService { service: SERVICE.into(), to: Side::Green }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_switch_is_done_when_the_new_server_answers_and_not_before() {
    let Some(world) = Switchable::start().await else { return };
    let attempt = world.bench.begin(step("switch", switch())).await;
    let before = attempt.context.before.clone();
    let mut running = attempt.spawn();
    running.tells("endpoints of service/chronicle-db: pod/blue-0; ready pods: pod/green-0").await;
    assert_eq!(world.selector().await, selector("green"));
    world.endpoints_follow("green").await;
    running.tells("cannot connect to green").await;
    assert!(!running.has_ended());
    world.proxy_follows(&world.green);
    let outcome = running.ends().await.unwrap();
    assert_eq!(outcome.summary, "service/chronicle-db leads to green, and green answers");
    assert!(outcome.evidence[1].summary.contains("5 times in a row by green"), "{outcome:#?}");

    // A console that comes back moves nothing and proves it again.
    let again = world.bench.attempt(step("switch", switch()), before, 1);
    assert_eq!(again.probe().await, Probed::Again);
    assert!(again.perform().await.unwrap().summary.contains("led already"));

    let (undone, ()) = tokio::join!(again.undo(), async {
        world.endpoints_follow("blue").await;
        world.proxy_follows(&world.blue);
    });
    assert_eq!(undone.unwrap().summary, "service/chronicle-db leads back to app=blue");
    assert_eq!(again.undo().await.unwrap().summary, "service/chronicle-db still leads to app=blue");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selector_that_somebody_else_changed_is_left_alone() {
    let Some(world) = Switchable::start().await else { return };
    let attempt = world.bench.begin(step("switch", switch())).await;
    let patch = Patch::Merge(json!({ "spec": { "selector": { "app": "maintenance" } } }));
    world.bench.api::<Service>().patch(SERVICE, &PatchParams::default(), &patch).await.unwrap();
    let failure = attempt.perform().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert_eq!(world.selector().await["app"], "maintenance");
    assert_eq!(attempt.undo().await.unwrap_err().kind, FailureKind::Conflict);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_switch_that_undoes_another_step_goes_from_where_the_service_leads() {
    let Some(world) = Switchable::start().await else { return };
    let patch = Patch::Merge(json!({ "spec": { "selector": { "app": "green" } } }));
    world.bench.api::<Service>().patch(SERVICE, &PatchParams::default(), &patch).await.unwrap();
    let mut check = step("certify", Verb::Check);
    check.undo =
        Undo::Verb(Box::new(Verb::SwitchService { service: SERVICE.into(), to: Side::Blue }));
    let attempt = world.bench.begin(check).await;
    let outcome = attempt.undo().await.unwrap();
    assert_eq!(outcome.summary, "service/chronicle-db leads to blue, and blue answers");
    assert_eq!(world.selector().await, selector("blue"));
}
