//! Logs and port-forward.

use futures::{AsyncBufReadExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{LogParams, PostParams};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::super::super::kind::PODS;
use super::super::ApiServer;
use super::setting::{CLOSED, admin, refusal, server};

async fn pod(server: &ApiServer, containers: &[&str]) -> Api<Pod> {
    let api: Api<Pod> = Api::namespaced(admin(server).await, "default");
    let containers: Vec<Value> =
        containers.iter().map(|name| json!({"name": name, "image": "postgres:17"})).collect();
    let pod = json!({"metadata": {"name": "db"}, "spec": {"containers": containers}});
    api.create(&PostParams::default(), &serde_json::from_value(pod).unwrap()).await.unwrap();
    api
}

fn run(server: &ApiServer) {
    let run = |pod: &mut Value| {
        pod["status"]["phase"] = "Running".into();
        pod["status"]["containerStatuses"] =
            json!([{"name": "main", "ready": true, "state": {"running": {}}}]);
    };
    server.store().modify_status(&PODS, "default", "db", run).unwrap();
}

#[tokio::test]
async fn a_log_is_cut_stamped_and_followed() {
    let server = server().await;
    let api = pod(&server, &["main"]).await;
    let waiting = refusal(api.logs("db", &LogParams::default()).await);
    assert_eq!(waiting.2, "container \"main\" in pod \"db\" is not available");
    run(&server);
    let tail = LogParams { tail_lines: Some(1), timestamps: true, ..LogParams::default() };
    assert_eq!(api.logs("db", &tail).await.unwrap(), "2023-11-14T22:13:23.000000000Z three\n");
    let since = LogParams {
        since_time: Some("2023-11-14T22:13:22Z".parse().unwrap()),
        ..LogParams::default()
    };
    assert_eq!(api.logs("db", &since).await.unwrap(), "two\nthree\n");
    let limit = LogParams { limit_bytes: Some(5), ..LogParams::default() };
    assert_eq!(api.logs("db", &limit).await.unwrap(), "one\nt");
    let follow = LogParams { follow: true, ..LogParams::default() };
    let lines: Vec<String> =
        api.log_stream("db", &follow).await.unwrap().lines().try_collect().await.unwrap();
    assert_eq!(lines, ["one", "two", "three", "four", "five"]);
    let previous = LogParams { previous: true, ..LogParams::default() };
    assert_eq!(
        refusal(api.logs("db", &previous).await).2,
        "previous terminated container \"main\" in pod \"db\" not found"
    );
}

#[tokio::test]
async fn the_container_has_to_be_named_when_there_are_several() {
    let server = server().await;
    let api = pod(&server, &["main", "side"]).await;
    run(&server);
    assert_eq!(
        refusal(api.logs("db", &LogParams::default()).await).2,
        "a container name must be specified for pod db, choose one of: [main side]"
    );
    let main = LogParams { container: Some("main".to_owned()), ..LogParams::default() };
    assert!(api.logs("db", &main).await.is_ok());
    let none = LogParams { container: Some("x".to_owned()), ..LogParams::default() };
    assert_eq!(refusal(api.logs("db", &none).await).2, "container x is not valid for pod db");
}

#[tokio::test]
async fn a_forwarded_port_carries_bytes_both_ways_at_once() {
    let server = server().await;
    let api = pod(&server, &["main"]).await;
    run(&server);
    let mut forward = api.portforward("db", &[5432, 5433]).await.unwrap();
    let (mut first, mut second) =
        (forward.take_stream(5432).unwrap(), forward.take_stream(5433).unwrap());
    second.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    second.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"hello");
    // More than every buffer on the way holds.
    let sent: Vec<u8> = (0..4_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let (mut reader, mut writer) = tokio::io::split(&mut first);
    let write = async {
        writer.write_all(&sent).await.unwrap();
    };
    let mut got = vec![0; sent.len()];
    let read = async {
        reader.read_exact(&mut got).await.unwrap();
    };
    tokio::join!(write, read);
    assert_eq!(got, sent);
}

#[tokio::test]
async fn a_port_where_nobody_listens_says_so() {
    let server = server().await;
    let api = pod(&server, &["main"]).await;
    assert!(api.portforward("db", &[5432]).await.is_err());
    run(&server);
    let mut forward = api.portforward("db", &[CLOSED]).await.unwrap();
    let told = forward.take_error(CLOSED).unwrap().await.unwrap();
    assert_eq!(told, "error forwarding port 9 to pod: connection refused");
}
