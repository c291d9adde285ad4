use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use super::support::{NS, bindir, cluster, deployment, is, is_ready, job};
use crate::lab::cluster::kind::{CLAIMS, DEPLOYMENTS, JOBS, PODS, SERVICES, VOLUMES};
use crate::lab::cluster::meta;

pub(super) fn server() -> Value {
    let address =
        json!({"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}});
    let ask = "exec pg_isready --quiet --host \"$POD_IP\" --username \"$POSTGRES_USER\"";
    let probe = |period: u32| json!({"exec": {"command": ["sh", "-c", ask]}, "periodSeconds": period, "timeoutSeconds": 5, "failureThreshold": 60});
    let env = json!([
        {"name": "POSTGRES_USER", "value": "chronicle"}, {"name": "POSTGRES_PASSWORD", "value": "it's secret"}, {"name": "POSTGRES_DB", "value": "db"},
        {"name": "PGDATA", "value": "/var/lib/postgresql/data/pgdata"}, address,
    ]);
    json!({
        "containers": [{
            "name": "postgres", "image": "postgres:17", "env": env, "args": ["-c", "wal_level=logical"],
            "ports": [{"name": "postgres", "containerPort": 5432}], "startupProbe": probe(1), "readinessProbe": probe(1),
            "volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql/data"}],
        }],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
    })
}

pub(super) fn claim() -> Value {
    let spec =
        json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    json!({"metadata": {"name": "data", "namespace": NS}, "spec": spec})
}

fn psql(bindir: &Path, host: &str, sql: &str) -> Result<String, String> {
    let out = Command::new(bindir.join("psql"))
        .args(["-XAtq", "-h", host, "-U", "chronicle", "-d", "db", "-c", sql])
        .env("PGPASSWORD", "it's secret")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    if out.status.success() { Ok(text(out.stdout)) } else { Err(text(out.stderr)) }
}

fn data_folder(cluster: &super::support::TestCluster) -> PathBuf {
    let (volumes, _) = cluster.store().list(&VOLUMES, None);
    PathBuf::from(meta::text(&volumes[0], "/spec/hostPath/path")).join("pgdata")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_image_is_honoured_and_its_data_survives_a_restart_and_a_kill() {
    let Some(bindir) = bindir() else { return };
    let cluster = cluster();
    cluster.create(&CLAIMS, claim());
    let mut db = deployment("db", 1, &server());
    db["spec"]["strategy"] = json!({"type": "Recreate"});
    cluster.create(&DEPLOYMENTS, db);
    let service = json!({"metadata": {"name": "db", "namespace": NS}, "spec": {"selector": {"app": "db"}, "ports": [{"port": 5432, "targetPort": "postgres"}]}});
    cluster.create(&SERVICES, service);
    let pods = cluster.until_all(&PODS, |pods| pods.iter().any(is_ready)).await;
    let host = meta::text(&pods[0], "/status/podIP").to_owned();
    assert_eq!(psql(&bindir, &host, "SHOW wal_level").unwrap(), "logical");
    assert_eq!(psql(&bindir, &host, "SHOW fsync").unwrap(), "on");
    psql(&bindir, &host, "CREATE TABLE t AS SELECT 1 AS a").unwrap();

    // A Job reaches it through the Service, by its name.
    let mut backup = job(
        "backup",
        "set -eu; pg_dump --file=/tmp/dump; grep -q 'CREATE TABLE public.t' /tmp/dump",
        &json!({"backoffLimit": 0}),
    );
    backup["spec"]["template"]["spec"]["containers"][0]["image"] = "postgres:17".into();
    backup["spec"]["template"]["spec"]["containers"][0]["env"] = json!([
        {"name": "PGHOST", "value": "db"}, {"name": "PGUSER", "value": "chronicle"}, {"name": "PGDATABASE", "value": "db"}, {"name": "PGPASSWORD", "value": "it's secret"},
    ]);
    cluster.create(&JOBS, backup);
    let done = cluster.until(&JOBS, "backup", |job| is(job, "Complete") || is(job, "Failed")).await;
    assert!(is(&done, "Complete"), "{done:#?}\n{}", cluster.events());

    // The pod's process is the server itself.
    let postmaster = || {
        let text = std::fs::read_to_string(data_folder(&cluster).join("postmaster.pid")).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap())
    };
    kill(postmaster(), Signal::SIGKILL).unwrap();
    let is_db = |pod: &&Value| pod["metadata"]["labels"]["app"] == "db";
    let restarted = |pod: &Value| {
        is_db(&pod) && pod["status"]["containerStatuses"][0]["restartCount"] == 1 && is_ready(pod)
    };
    let pods = cluster.until_all(&PODS, |pods| pods.iter().any(restarted)).await;
    let pod = pods.iter().find(is_db).unwrap();
    let before = &pod["status"]["containerStatuses"][0]["lastState"]["terminated"];
    assert_eq!(before["exitCode"], 137);
    assert_eq!(psql(&bindir, &host, "SELECT a FROM t").unwrap(), "1");

    let old = meta::uid(pod).to_owned();
    cluster.patch(&DEPLOYMENTS, "db", |db| {
        db["spec"]["template"]["metadata"]["annotations"] = json!({"restarted": "yes"});
    });
    let pods = cluster
        .until_all(&PODS, |pods| {
            pods.iter().any(|pod| is_db(&pod) && is_ready(pod) && meta::uid(pod) != old)
        })
        .await;
    let host = meta::text(pods.iter().find(is_db).unwrap(), "/status/podIP").to_owned();
    assert_eq!(psql(&bindir, &host, "SELECT a FROM t").unwrap(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_password_is_refused_with_the_images_words() {
    if bindir().is_none() {
        return;
    }
    let cluster = cluster();
    let mut one = super::support::pod("db", "");
    one["spec"]["restartPolicy"] = "Never".into();
    one["spec"]["containers"] = json!([{"name": "c", "image": "postgres:17", "terminationMessagePolicy": "FallbackToLogsOnError"}]);
    cluster.create(&PODS, one);
    let pod = cluster.until(&PODS, "db", |pod| pod["status"]["phase"] == "Failed").await;
    let message = meta::text(&pod, "/status/containerStatuses/0/state/terminated/message");
    assert!(message.contains("superuser password is not specified"), "{message}");
}
