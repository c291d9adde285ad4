use std::env;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use super::support::{NS, TestCluster, cluster, deployment, is_ready};
use crate::lab::cluster::kind::{DEPLOYMENTS, ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES};
use crate::lab::cluster::meta;

/// Not a test by itself: a server that tells its name and the client's address, then echoes.
#[test]
fn serves_when_it_is_told_to() {
    let (Ok(address), Ok(name)) = (env::var("ECHO_ADDRESS"), env::var("ECHO_NAME")) else { return };
    for stream in TcpListener::bind(address).unwrap().incoming() {
        let (mut stream, name) = (stream.unwrap(), name.clone());
        std::thread::spawn(move || {
            let peer = stream.peer_addr().unwrap().ip();
            let _ = stream.write_all(format!("{name} {peer}\n").as_bytes());
            let mut copy = stream.try_clone().unwrap();
            let _ = std::io::copy(&mut copy, &mut stream);
        });
    }
}

fn server(name: &str) -> Value {
    let env = json!([
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "ECHO_ADDRESS", "value": "$(IP):7000"}, {"name": "ECHO_NAME", "value": name},
    ]);
    json!({
        "terminationGracePeriodSeconds": 2,
        "containers": [{
            "name": "c", "image": "echo:1", "env": env, "ports": [{"name": "echo", "containerPort": 7000}],
            "readinessProbe": {"tcpSocket": {"port": "echo"}, "periodSeconds": 1},
        }],
    })
}

fn service(name: &str, app: &str) -> Value {
    let spec = json!({"selector": {"app": app}, "ports": [{"name": "echo", "port": 9000, "targetPort": "echo"}]});
    json!({"metadata": {"name": name, "namespace": NS}, "spec": spec})
}

fn address(cluster: &TestCluster, name: &str) -> String {
    format!("{}:9000", meta::text(&cluster.get(&SERVICES, name).unwrap(), "/spec/clusterIP"))
}

fn greeting(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut bytes = Vec::new();
    let mut byte = [0];
    while bytes.last() != Some(&b'\n') {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "the connection ended early");
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap().trim().to_owned()
}

async fn connect_until(address: &str, wanted: &str) -> TcpStream {
    let (address, wanted) = (address.to_owned(), wanted.to_owned());
    let look = move || {
        for _ in 0..2000 {
            if let Ok(mut stream) = TcpStream::connect(&address)
                && greeting(&mut stream).starts_with(&wanted)
            {
                return stream;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("{wanted} never answered at {address}");
    };
    tokio::task::spawn_blocking(look).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selector_change_moves_new_connections_and_leaves_open_ones() {
    let cluster = cluster();
    for name in ["blue", "green"] {
        cluster.create(&DEPLOYMENTS, deployment(name, 1, &server(name)));
    }
    cluster.create(&SERVICES, service("db", "blue"));
    cluster.until_all(&PODS, |pods| pods.len() == 2 && pods.iter().all(is_ready)).await;
    let address = address(&cluster, "db");
    let mut open = connect_until(&address, "blue").await;
    cluster.patch(&SERVICES, "db", |service| service["spec"]["selector"] = json!({"app": "green"}));
    connect_until(&address, "green").await;
    open.write_all(b"still here\n").unwrap();
    assert_eq!(greeting(&mut open), "still here");
    let slice = |slices: &[Value]| {
        slices.len() == 1
            && slices[0]["endpoints"][0]["targetRef"]["name"]
                .as_str()
                .is_some_and(|name| name.starts_with("green-"))
    };
    cluster.until_all(&ENDPOINT_SLICES, slice).await;
    let endpoints = cluster.get(&ENDPOINTS, "db").unwrap();
    assert_eq!(endpoints["subsets"][0]["ports"][0]["port"], 7000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_a_ready_pod_refuses() {
    let cluster = cluster();
    cluster.create(&SERVICES, service("db", "blue"));
    let refused = |address: &str| TcpStream::connect(address).unwrap_err().kind();
    cluster.until(&ENDPOINTS, "db", |_| true).await;
    let address = address(&cluster, "db");
    assert_eq!(refused(&address), std::io::ErrorKind::ConnectionRefused);
    cluster.create(&DEPLOYMENTS, deployment("blue", 1, &server("blue")));
    connect_until(&address, "blue").await;
    cluster.patch(&DEPLOYMENTS, "blue", |blue| blue["spec"]["replicas"] = 0.into());
    cluster.until_all(&PODS, <[_]>::is_empty).await;
    for _ in 0..200 {
        if TcpStream::connect(&address).is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(refused(&address), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_endpoints_keep_the_old_side_for_a_while() {
    let cluster = cluster();
    for name in ["blue", "green"] {
        cluster.create(&DEPLOYMENTS, deployment(name, 1, &server(name)));
    }
    cluster.create(&SERVICES, service("db", "blue"));
    cluster.until_all(&PODS, |pods| pods.len() == 2 && pods.iter().all(is_ready)).await;
    let address = address(&cluster, "db");
    connect_until(&address, "blue").await;
    cluster.delays().set("endpointslice", Duration::from_millis(600));
    cluster.patch(&SERVICES, "db", |service| service["spec"]["selector"] = json!({"app": "green"}));
    let begun = std::time::Instant::now();
    connect_until(&address, "green").await;
    assert!(begun.elapsed() >= Duration::from_millis(550), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_through_a_service_comes_from_its_pods_address() {
    let cluster = cluster();
    cluster.create(&DEPLOYMENTS, deployment("blue", 1, &server("blue")));
    cluster.create(&SERVICES, service("db", "blue"));
    connect_until(&address(&cluster, "db"), "blue 127.0.0.1").await;
    let script = "exec 3<>/dev/tcp/db/9000; read -r name peer <&3; test \"$peer\" = \"$POD_IP\"";
    let mut client = super::support::pod("client", script);
    client["spec"]["restartPolicy"] = "Never".into();
    // Only bash can connect by itself; the host stands behind /dev/tcp/, where no name is expected, so it comes as a variable.
    let script = script.replace("/db/", "/$DB_HOST/");
    client["spec"]["containers"][0]["command"] = json!(["bash", "-c", script]);
    client["spec"]["containers"][0]["env"] = json!([
        {"name": "DB_HOST", "value": "db"}, {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
    ]);
    cluster.create(&PODS, client);
    let done = |pod: &Value| matches!(meta::text(pod, "/status/phase"), "Succeeded" | "Failed");
    let pod = cluster.until(&PODS, "client", done).await;
    assert_eq!(pod["status"]["phase"], "Succeeded", "{pod:#?}");
}
