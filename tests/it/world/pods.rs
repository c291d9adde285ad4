//! Which pod of a side is connected to, by what the API server says of each.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Namespace, Pod, Secret};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use pgcutover::lab::cluster::{ApiServer, ServerOptions};
use pgcutover::model::{Connection, RunId, SecretRef, Store, StoreKind};
use pgcutover::world::{Access, SessionKind, Target, World};
use serde_json::{Value, json};

use crate::support::{Server, installations, runbook, store};

const NAMESPACE: &str = "default";

struct Stand {
    world: World,
    _server: ApiServer,
    _folder: tempfile::TempDir,
}

impl Stand {
    /// A cluster in which blue's pods listen where the server does, and are reached at their addresses.
    async fn start(database: &Server, password: &str) -> Self {
        let server = ApiServer::start(ServerOptions::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = folder.path().join("kubeconfig");
        std::fs::write(&kubeconfig, server.admin_kubeconfig(NAMESPACE)).unwrap();
        let secret = SecretRef {
            name: "db".into(),
            user_key: "user".into(),
            password_key: "password".into(),
        };
        let connection = Connection::Pod {
            labels: BTreeMap::from([("app".to_owned(), "db".to_owned())]),
            port: database.port,
            database: "postgres".into(),
            secret: Some(secret),
            direct: true,
        };
        let blue =
            Store { kind: StoreKind::Postgres, workload: None, connection, extensions: Vec::new() };
        let plan = runbook(blue, store("host=127.0.0.1 port=1 user=nobody"));
        let target = Target { kubeconfig: Some(kubeconfig), ..Target::default() };
        let world = World::connect(plan.into(), RunId::new("run"), target, Access::ReadWrite)
            .await
            .unwrap();
        let client = world.cluster.client();
        let known: Api<Namespace> = Api::all(client);
        let namespace =
            serde_json::from_value(json!({ "metadata": { "name": NAMESPACE } })).unwrap();
        let _ = known.create(&PostParams::default(), &namespace).await;
        let secret = json!({ "metadata": { "name": "db" }, "stringData": { "user": "app", "password": password } });
        let secret: Secret = serde_json::from_value(secret).unwrap();
        world.cluster.api::<Secret>().create(&PostParams::default(), &secret).await.unwrap();
        Self { world, _server: server, _folder: folder }
    }

    async fn pod(&self, name: &str, status: Value) {
        let pod = json!({ "metadata": { "name": name, "labels": { "app": "db" } },
            "spec": { "containers": [{ "name": "c", "image": "postgres:17" }] } });
        let api = self.world.cluster.api::<Pod>();
        api.create(&PostParams::default(), &serde_json::from_value(pod).unwrap()).await.unwrap();
        let patch = Patch::Merge(json!({ "status": status }));
        api.patch_status(name, &PatchParams::default(), &patch).await.unwrap();
    }

    async fn error(&self) -> (String, Option<String>) {
        let error = self.world.blue.session("look", SessionKind::Observer).await.unwrap_err();
        (error.to_string(), error.hint())
    }
}

fn ready(ip: Ipv4Addr) -> Value {
    json!({ "phase": "Running", "podIP": ip, "conditions": [{ "type": "Ready", "status": "True" }] })
}

#[tokio::test]
async fn a_pod_that_is_not_ready_is_not_connected_to_and_its_state_is_told() {
    let Some(pair) = installations() else { return };
    let database = Server::start(&pair.blue);
    let stand = Stand::start(&database, &database.password).await;
    assert_eq!(stand.error().await.0, "blue has no ready pod with the labels `app=db`");
    let waiting = json!({ "reason": "ImagePullBackOff", "message": "401 Unauthorized" });
    let container = json!({ "name": "c", "image": "x", "imageID": "", "ready": false, "restartCount": 0,
        "state": { "waiting": waiting } });
    stand.pod("db-0", json!({ "phase": "Pending", "containerStatuses": [container] })).await;
    assert_eq!(
        stand.error().await.0,
        "blue has no ready pod with the labels `app=db`: pod/db-0 is Pending: ImagePullBackOff: 401 Unauthorized"
    );
    stand.pod("db-1", ready(Ipv4Addr::LOCALHOST)).await;
    let session = stand.world.blue.session("look", SessionKind::Observer).await.unwrap();
    assert_eq!(session.peer().pod.as_ref().unwrap().name, "db-1");
    assert_eq!(session.peer().pod.as_ref().unwrap().image.as_deref(), Some("postgres:17"));
}

#[tokio::test]
async fn two_pods_that_take_writes_are_named_and_none_of_them_is_chosen() {
    let Some(pair) = installations() else { return };
    let database = Server::start(&pair.blue);
    let stand = Stand::start(&database, &database.password).await;
    stand.pod("db-0", ready(Ipv4Addr::LOCALHOST)).await;
    stand.pod("db-1", ready(Ipv4Addr::LOCALHOST)).await;
    let (error, hint) = stand.error().await;
    assert!(
        error.contains("2 ready pods") && error.contains("pod/db-0") && error.contains("pod/db-1"),
        "{error}"
    );
    assert_eq!(hint.as_deref(), Some("name labels in the profile that only the primary carries"));
}

#[tokio::test]
async fn a_wrong_password_names_the_secret_and_the_key_and_a_missing_key_those_that_are_there() {
    let Some(pair) = installations() else { return };
    let database = Server::start(&pair.blue);
    let stand = Stand::start(&database, "not-the-password").await;
    stand.pod("db-0", ready(Ipv4Addr::LOCALHOST)).await;
    let (error, hint) = stand.error().await;
    assert!(error.contains("password authentication failed"), "{error}");
    assert!(
        hint.as_ref().unwrap().starts_with("the password is `password` of secret `db`"),
        "{hint:?}"
    );
    assert!(!error.contains("not-the-password") && !hint.unwrap().contains("not-the-password"));
    let api = stand.world.cluster.api::<Secret>();
    let patch = Patch::Merge(json!({ "data": { "password": null } }));
    api.patch("db", &PatchParams::default(), &patch).await.unwrap();
    assert_eq!(stand.error().await.0, "secret `db` has no key `password`; it has `user`");
    api.delete("db", &kube::api::DeleteParams::default()).await.unwrap();
    assert_eq!(stand.error().await.0, "secret `db` does not exist in namespace `default`");
}
