//! A cluster for one test, and how to wait for it.

use std::env;
use std::fs;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::lab::cluster::kind::{EVENTS, Kind};
use crate::lab::cluster::meta;
use crate::lab::cluster::node::{ImageSpec, Images};
use crate::lab::cluster::removal::{DeleteOptions, Propagation};
use crate::lab::cluster::{Cluster, ClusterConfig};
use crate::lab::process::{SupervisorConfig, janitor_for_tests};

pub(super) const PATIENCE: Duration = Duration::from_secs(30);
pub(super) const NS: &str = "default";
pub(super) const REGISTRY: &str = "reg.test:5000";

/// A cluster in a folder of its own; both go when it is dropped.
#[derive(Debug)]
pub(super) struct TestCluster {
    cluster: Cluster,
    base: TempDir,
}

impl Deref for TestCluster {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.cluster
    }
}

/// Servers of PostgreSQL 15 or whatever is there, for the tests that need one.
pub(super) fn bindir() -> Option<PathBuf> {
    let found =
        fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin"));
    let found = found.filter(|bin| bin.join("postgres").exists()).max();
    if found.is_none() {
        println!("SKIP: there is no PostgreSQL in /usr/lib/postgresql");
    }
    found
}

/// `sh` and the like run a shell, `postgres:17` a server, `echo` this test program as a server that says its name.
pub(super) fn images() -> Images {
    Images::new(|name| match name {
        "sh:1" => Some(ImageSpec::shell()),
        "reg.test:5000/sh:1" => Some(ImageSpec::shell().in_registry(REGISTRY)),
        "postgres:17" => bindir().map(|bin| ImageSpec::postgres(&bin)),
        "echo:1" => {
            let exe = env::current_exe().unwrap().display().to_string();
            let test = "lab::cluster::tests::services::serves_when_it_is_told_to";
            Some(ImageSpec::program([exe.as_str(), "--exact", test].map(str::to_owned).to_vec()))
        }
        _ => None,
    })
}

pub(super) fn config(base: &Path) -> ClusterConfig {
    let supervisor =
        SupervisorConfig { base: base.to_owned(), keep: false, janitor: janitor_for_tests() };
    let mut config = ClusterConfig::new("test", supervisor, images());
    config.job_backoff = Duration::from_millis(50);
    config.pace.backoff = Duration::from_millis(100);
    config
}

/// A folder that the unprivileged account may enter.
pub(super) fn open_folder() -> TempDir {
    let base = tempfile::Builder::new().prefix("pgc-").tempdir().unwrap();
    fs::set_permissions(base.path(), fs::Permissions::from_mode(0o755)).unwrap();
    base
}

pub(super) fn cluster() -> TestCluster {
    let base = open_folder();
    TestCluster { cluster: Cluster::start(&config(base.path())).unwrap(), base }
}

impl TestCluster {
    pub(super) fn create(&self, kind: &'static Kind, object: Value) -> Value {
        self.store().create(kind, object).unwrap()
    }

    pub(super) fn get(&self, kind: &Kind, name: &str) -> Option<Value> {
        self.store().get(kind, NS, name)
    }

    pub(super) fn list(&self, kind: &Kind) -> Vec<Value> {
        self.store().list(kind, Some(NS)).0
    }

    pub(super) fn patch(&self, kind: &'static Kind, name: &str, change: impl Fn(&mut Value)) {
        self.store().modify(kind, NS, name, change).unwrap();
    }

    pub(super) fn delete(&self, kind: &'static Kind, name: &str, propagation: Propagation) {
        let options = DeleteOptions { propagation: Some(propagation), ..DeleteOptions::default() };
        self.store().delete(kind, NS, name, &options).unwrap();
    }

    /// Waits for a condition on one object.
    pub(super) async fn until(
        &self,
        kind: &Kind,
        name: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let object = self.get(kind, name);
            if let Some(object) = object.as_ref().filter(|object| holds(object)) {
                return object.clone();
            }
            assert!(
                Instant::now() < deadline,
                "{} {name} is still {object:#?}\n{}",
                kind.kind,
                self.events()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits for a condition on all objects of a kind.
    pub(super) async fn until_all(
        &self,
        kind: &Kind,
        holds: impl Fn(&[Value]) -> bool,
    ) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let all = self.list(kind);
            if holds(&all) {
                return all;
            }
            assert!(
                Instant::now() < deadline,
                "{} are still {all:#?}\n{}",
                kind.plural,
                self.events()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(super) fn events(&self) -> String {
        let events = self.list(EVENTS_KIND);
        let line = |event: &Value| {
            let of = |pointer: &str| meta::text(event, pointer).to_owned();
            format!(
                "{} {}/{} {}: {}\n",
                of("/type"),
                of("/involvedObject/kind"),
                of("/involvedObject/name"),
                of("/reason"),
                of("/message")
            )
        };
        events.iter().map(line).collect()
    }

    pub(super) fn base(&self) -> &Path {
        self.base.path()
    }
}

static EVENTS_KIND: &Kind = &EVENTS;

/// A pod that runs a script.
pub(super) fn pod(name: &str, script: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": NS, "labels": {"app": name}}, "spec": pod_spec(script)})
}

pub(super) fn pod_spec(script: &str) -> Value {
    json!({
        "terminationGracePeriodSeconds": 2,
        "containers": [{"name": "c", "image": "sh:1", "command": ["sh", "-c", script]}],
    })
}

/// A container that is ready once it has set its trap for `SIGTERM`.
pub(super) fn trapping(trap: &str) -> Value {
    let mut spec =
        pod_spec(&format!("trap '{trap}' TERM; touch /tmp/up; while :; do sleep 0.05; done"));
    spec["containers"][0]["readinessProbe"] =
        json!({"exec": {"command": ["test", "-e", "/tmp/up"]}, "periodSeconds": 1});
    spec
}

pub(super) fn deployment(name: &str, replicas: u32, spec: &Value) -> Value {
    json!({
        "metadata": {"name": name, "namespace": NS},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": spec},
        },
    })
}

pub(super) fn job(name: &str, script: &str, extra: &Value) -> Value {
    let mut spec = pod_spec(script);
    spec["restartPolicy"] = "Never".into();
    let mut job =
        json!({"metadata": {"name": name, "namespace": NS}, "spec": {"template": {"spec": spec}}});
    for (key, value) in extra.as_object().cloned().unwrap_or_default() {
        job["spec"][key] = value;
    }
    job
}

pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|one| one["type"] == kind)
}

pub(super) fn is(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|one| one["status"] == "True")
}

pub(super) fn is_ready(pod: &Value) -> bool {
    is(pod, "Ready") && !meta::is_deleting(pod)
}

pub(super) fn waiting(pod: &Value) -> &str {
    meta::text(pod, "/status/containerStatuses/0/state/waiting/reason")
}
