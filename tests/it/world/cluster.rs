//! The cluster's client against the lab's API server: pages, restarts, refusals, expiry, waits.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use pgcutover::lab::cluster::{ApiServer, Effect, Fault, ServerOptions};
use pgcutover::model::Workload;
use pgcutover::world::{Access, ApiErrorKind, Call, Cluster, Target, Wait, WorldError};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const NAMESPACE: &str = "dsm";

struct Stand {
    server: ApiServer,
    kubeconfig: PathBuf,
    cluster: Cluster,
    _folder: tempfile::TempDir,
}

impl Stand {
    async fn start() -> Self {
        let server = ApiServer::start(ServerOptions::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = folder.path().join("kubeconfig");
        std::fs::write(&kubeconfig, server.admin_kubeconfig(NAMESPACE)).unwrap();
        let cluster = connect(&kubeconfig, Access::ReadWrite).await;
        let namespace = json!({ "metadata": { "name": NAMESPACE } });
        let all: Api<Namespace> = Api::all(cluster.client());
        all.create(&PostParams::default(), &serde_json::from_value(namespace).unwrap())
            .await
            .unwrap();
        Self { server, kubeconfig, cluster, _folder: folder }
    }

    async fn create<K>(&self, object: Value) -> K
    where
        K: pgcutover::world::Namespaced + serde::Serialize + DeserializeOwned,
    {
        let object = serde_json::from_value(object).unwrap();
        self.cluster.api::<K>().create(&PostParams::default(), &object).await.unwrap()
    }

    async fn map(&self, name: &str) -> ConfigMap {
        self.create(json!({ "metadata": { "name": name } })).await
    }
}

async fn connect(kubeconfig: &std::path::Path, access: Access) -> Cluster {
    let target = Target {
        kubeconfig: Some(kubeconfig.to_owned()),
        request_timeout: Duration::from_secs(2),
        ..Target::default()
    };
    Cluster::connect(&target, NAMESPACE, access).await.unwrap()
}

fn fault(verb: &str, effect: Effect, times: u32) -> Fault {
    let resource = "configmaps".to_owned();
    Fault { verbs: vec![verb.to_owned()], resource, times: Some(times), ..Fault::of(effect) }
}

fn wait(what: &str, limit: Duration) -> Wait {
    Wait { what: what.to_owned(), limit, cancel: CancellationToken::new() }
}

#[tokio::test]
async fn a_list_is_read_whole_over_its_pages() {
    let stand = Stand::start().await;
    for number in 0..510 {
        stand.map(&format!("map-{number:04}")).await;
    }
    let before = stand.server.requests().entries().len();
    let all: Vec<ConfigMap> = stand.cluster.list("").await.unwrap();
    assert_eq!(all.len(), 510);
    assert_eq!(stand.server.requests().entries().len() - before, 2, "one request a page");
}

#[tokio::test]
async fn a_world_that_only_looks_sends_no_write() {
    let stand = Stand::start().await;
    stand.map("known").await;
    let looking = connect(&stand.kubeconfig, Access::ReadOnly).await;
    assert!(looking.get::<ConfigMap>("known").await.unwrap().is_some());
    let before = stand.server.requests().writes().len();
    let api = looking.api::<ConfigMap>();
    let refused = api.delete("known", &kube::api::DeleteParams::default()).await.unwrap_err();
    let told = looking.explain(Call::new("delete", "configmaps").named("known"), refused);
    assert_eq!(
        told.to_string(),
        "`DELETE /api/v1/namespaces/dsm/configmaps/known` would change something, and this session is read-only"
    );
    let asked = looking.can_i(&Call::new("get", "pods")).await.unwrap_err();
    assert!(matches!(asked, WorldError::ReadOnly { .. }), "{asked}");
    assert_eq!(stand.server.requests().writes().len(), before);
}

#[tokio::test]
async fn reads_outlast_a_restart_and_a_write_is_not_sent_twice() {
    let stand = Stand::start().await;
    stand.map("known").await;
    stand.server.faults().add(fault("get", Effect::Answer(503), 2));
    assert!(stand.cluster.get::<ConfigMap>("known").await.unwrap().is_some());
    stand.server.faults().add(fault("create", Effect::Answer(503), 1));
    let before = stand.server.requests().entries().len();
    let map = serde_json::from_value(json!({ "metadata": { "name": "new" } })).unwrap();
    let error =
        stand.cluster.api::<ConfigMap>().create(&PostParams::default(), &map).await.unwrap_err();
    let error = stand.cluster.explain(Call::new("create", "configmaps").named("new"), error);
    assert_eq!(error.api_kind(), Some(ApiErrorKind::Unavailable), "{error}");
    assert_eq!(stand.server.requests().entries().len() - before, 1);
    stand.server.stop();
    let back = async {
        tokio::time::sleep(Duration::from_millis(600)).await;
        stand.server.resume().await.unwrap();
    };
    let (read, ()) = tokio::join!(stand.cluster.get::<ConfigMap>("known"), back);
    assert!(read.unwrap().is_some());
}

#[tokio::test]
async fn a_server_that_is_gone_or_silent_is_told_apart_from_one_that_refuses() {
    let stand = Stand::start().await;
    stand.server.faults().add(fault("get", Effect::Hang, 1));
    let begun = Instant::now();
    let late = stand.cluster.get::<ConfigMap>("x").await.unwrap_err();
    assert_eq!(late.api_kind(), Some(ApiErrorKind::TimedOut));
    assert!(
        late.to_string().ends_with("gave no answer within 2 s") && late.is_transient(),
        "{late}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    stand.server.stop();
    let gone = stand.cluster.get::<ConfigMap>("x").await.unwrap_err();
    assert_eq!(gone.api_kind(), Some(ApiErrorKind::Unreachable));
    assert!(gone.to_string().contains("cannot be reached") && gone.is_transient(), "{gone}");
    assert!(gone.hint().unwrap().contains("context `pgcutover-lab`"), "{:?}", gone.hint());
}

#[tokio::test]
async fn an_expired_token_is_told_and_a_new_one_is_read_from_the_file() {
    let stand = Stand::start().await;
    stand.map("known").await;
    let short = stand.server.kubeconfig("system:admin", Some(Duration::from_millis(1)), NAMESPACE);
    std::fs::write(&stand.kubeconfig, short).unwrap();
    let cluster = connect(&stand.kubeconfig, Access::ReadWrite).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    let error = cluster.get::<ConfigMap>("known").await.unwrap_err();
    assert_eq!(error.api_kind(), Some(ApiErrorKind::Unauthorized), "{error}");
    assert!(error.hint().unwrap().contains("have expired or are not valid: log in again"));
    std::fs::write(&stand.kubeconfig, stand.server.admin_kubeconfig(NAMESPACE)).unwrap();
    assert!(cluster.get::<ConfigMap>("known").await.unwrap().is_some());
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let stand = Stand::start().await;
    std::fs::write(&stand.kubeconfig, stand.server.kubeconfig("nobody", None, NAMESPACE)).unwrap();
    let cluster = connect(&stand.kubeconfig, Access::ReadWrite).await;
    let error = cluster.get::<Deployment>("api").await.unwrap_err();
    assert_eq!(error.api_kind(), Some(ApiErrorKind::Forbidden));
    let text = error.to_string();
    assert!(
        text.starts_with("not permitted to get `deployments.apps` `api` in namespace `dsm`: "),
        "{text}"
    );
    assert!(text.contains("cannot get resource \"deployments\" in API group \"apps\""), "{text}");
    assert!(
        error.hint().unwrap().starts_with("grant `get` on `deployments.apps` in namespace `dsm`")
    );
    let answer =
        cluster.can_i(&Call::new("patch", "deployments.apps/scale").named("api")).await.unwrap();
    assert!(!answer.yes);
    assert!(stand.cluster.can_i(&Call::new("patch", "deployments.apps/scale")).await.unwrap().yes);
}

#[tokio::test]
async fn a_wait_outlasts_watches_that_end_and_a_server_that_restarts() {
    let stand = Stand::start().await;
    stand.map("flag").await;
    let cluster = stand.cluster.clone();
    let waiting = tokio::spawn(async move {
        let ready = wait("the flag", Duration::from_secs(30));
        let value = |map: Option<&ConfigMap>| map?.data.as_ref()?.get("on").cloned();
        cluster
            .wait_for::<ConfigMap, String>("flag", &ready, |map| match value(map) {
                Some(on) => ControlFlow::Break(on),
                None => ControlFlow::Continue("it is off".to_owned()),
            })
            .await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    stand.server.faults().end_watches();
    stand.server.faults().add(fault("watch", Effect::Answer(410), 2));
    tokio::time::sleep(Duration::from_millis(300)).await;
    stand.server.restart(Duration::from_millis(300)).await.unwrap();
    let patch = Patch::Merge(json!({ "data": { "on": "yes" } }));
    let api = stand.cluster.api::<ConfigMap>();
    api.patch("flag", &PatchParams::default(), &patch).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), "yes");
}

#[tokio::test]
async fn a_wait_ends_with_its_deadline_a_cancel_or_a_refusal() {
    let stand = Stand::start().await;
    stand.map("flag").await;
    let never = |_: Option<&ConfigMap>| ControlFlow::<(), _>::Continue("it is off".to_owned());
    let late = stand
        .cluster
        .wait_for("flag", &wait("the flag", Duration::from_secs(1)), never)
        .await
        .unwrap_err();
    assert_eq!(late.to_string(), "the flag did not happen within 1 s: it is off");
    let cancelled = wait("the flag", Duration::from_secs(60));
    cancelled.cancel.cancel();
    let error = stand.cluster.wait_for("flag", &cancelled, never).await.unwrap_err();
    assert_eq!(error.to_string(), "cancelled while waiting for the flag");
    std::fs::write(&stand.kubeconfig, stand.server.kubeconfig("nobody", None, NAMESPACE)).unwrap();
    let nobody = connect(&stand.kubeconfig, Access::ReadOnly).await;
    let begun = Instant::now();
    let refused = nobody
        .wait_for("flag", &wait("the flag", Duration::from_secs(60)), never)
        .await
        .unwrap_err();
    assert_eq!(refused.api_kind(), Some(ApiErrorKind::Forbidden));
    assert!(begun.elapsed() < Duration::from_secs(10), "more waiting mends no permission");
}

#[tokio::test]
async fn pods_are_found_by_their_owners_and_not_by_labels_alone() {
    let stand = Stand::start().await;
    let labels = json!({ "app": "api" });
    let template = json!({ "metadata": { "labels": labels },
        "spec": { "containers": [{ "name": "c", "image": "x" }] } });
    let spec = json!({ "selector": { "matchLabels": labels }, "template": template });
    let owner = |api: &str, kind: &str, name: &str, uid: &str| json!([{ "apiVersion": api, "kind": kind, "name": name, "uid": uid, "controller": true }]);
    let deployment: Deployment =
        stand.create(json!({ "metadata": { "name": "api" }, "spec": spec })).await;
    let uid = deployment.metadata.uid.unwrap();
    for (set, owners) in [
        ("api-1", owner("apps/v1", "Deployment", "api", &uid)),
        ("other-1", owner("apps/v1", "Deployment", "other", "another-uid")),
    ] {
        let set: ReplicaSet = stand
            .create(json!({ "metadata": { "name": set, "labels": labels, "ownerReferences": owners }, "spec": spec }))
            .await;
        let (name, uid) = (set.metadata.name.unwrap(), set.metadata.uid.unwrap());
        let owners = owner("apps/v1", "ReplicaSet", &name, &uid);
        let metadata =
            json!({ "name": format!("{name}-pod"), "labels": labels, "ownerReferences": owners });
        stand.create::<Pod>(json!({ "metadata": metadata, "spec": template["spec"] })).await;
    }
    let pods = stand.cluster.pods_of(&Workload::Deployment("api".into())).await.unwrap();
    let names: Vec<_> = pods.into_iter().filter_map(|pod| pod.metadata.name).collect();
    assert_eq!(names, ["api-1-pod"]);
    assert!(stand.cluster.pods_of(&Workload::Deployment("gone".into())).await.unwrap().is_empty());
}
