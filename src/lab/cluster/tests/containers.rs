use futures::StreamExt;
use serde_json::{Value, json};

use super::support::{NS, TestCluster, cluster, condition, is_ready, pod, trapping, waiting};
use crate::lab::cluster::kind::{CONFIG_MAPS, PODS, SECRETS};
use crate::lab::cluster::kubelet::LogOf;
use crate::lab::cluster::meta;
use crate::lab::cluster::node::PodPattern;
use crate::lab::cluster::removal::{DeleteOptions, Propagation};

fn log_of(pod: &Value, previous: bool, follow: bool) -> LogOf {
    let text = |of: &str| of.to_owned();
    LogOf {
        namespace: text(NS),
        pod: text(meta::name(pod)),
        uid: text(meta::uid(pod)),
        container: text("c"),
        previous,
        follow,
    }
}

async fn log(cluster: &TestCluster, pod: &Value, previous: bool) -> Vec<String> {
    let log = cluster.kubelet().log(&log_of(pod, previous, false)).await.unwrap();
    log.past.into_iter().map(|line| line.text).collect()
}

#[tokio::test]
async fn a_crashing_container_backs_off_and_its_last_words_are_kept() {
    let cluster = cluster();
    cluster.create(&PODS, pod("a", "echo out; echo err >&2; exit 7"));
    let crashed = |pod: &Value| {
        waiting(pod) == "CrashLoopBackOff"
            && pod["status"]["containerStatuses"][0]["restartCount"].as_i64() >= Some(1)
    };
    let pod = cluster.until(&PODS, "a", crashed).await;
    let status = &pod["status"]["containerStatuses"][0];
    assert_eq!(status["lastState"]["terminated"]["exitCode"], 7);
    assert_eq!(pod["status"]["phase"], "Running");
    assert!(
        meta::text(status, "/state/waiting/message")
            .contains("restarting failed container=c pod=a_default(")
    );
    let mut lines = log(&cluster, &pod, true).await;
    lines.sort();
    assert_eq!(lines, ["err", "out"]);
    assert!(
        cluster
            .events()
            .contains("BackOff: Back-off restarting failed container c in pod a_default("),
        "{}",
        cluster.events()
    );
}

#[tokio::test]
async fn a_log_is_followed_to_its_end() {
    let cluster = cluster();
    let mut one = pod("a", "for i in 1 2 3; do echo $i; sleep 0.05; done");
    one["spec"]["restartPolicy"] = "Never".into();
    cluster.create(&PODS, one);
    let pod = cluster
        .until(&PODS, "a", |pod| {
            !meta::text(pod, "/status/containerStatuses/0/containerID").is_empty()
        })
        .await;
    let log = cluster.kubelet().log(&log_of(&pod, false, true)).await.unwrap();
    let live: Vec<_> = log.live.unwrap().collect().await;
    let lines: Vec<String> = log.past.into_iter().chain(live).map(|line| line.text).collect();
    assert_eq!(lines, ["1", "2", "3"]);
}

#[tokio::test]
async fn init_containers_run_first_and_one_after_the_other() {
    let cluster = cluster();
    let mut one = pod("a", "cat /work/order; exec sleep 600");
    let step = |name: &str| {
        json!({
            "name": name, "image": "sh:1", "command": ["sh", "-c", format!("sleep 0.1; echo {name} >> /work/order")],
            "volumeMounts": [{"name": "work", "mountPath": "/work"}],
        })
    };
    one["spec"]["initContainers"] = json!([step("first"), step("second")]);
    one["spec"]["volumes"] = json!([{"name": "work", "emptyDir": {}}]);
    one["spec"]["containers"][0]["volumeMounts"] = json!([{"name": "work", "mountPath": "/work"}]);
    cluster.create(&PODS, one);
    let waits = cluster.until(&PODS, "a", |pod| waiting(pod) == "PodInitializing").await;
    assert_eq!(condition(&waits, "Initialized").unwrap()["reason"], "ContainersNotInitialized");
    let pod = cluster.until(&PODS, "a", is_ready).await;
    while log(&cluster, &pod, false).await != ["first", "second"] {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn secrets_and_config_maps_reach_a_container_as_variables_and_files() {
    let cluster = cluster();
    let config = json!({"metadata": {"name": "conf", "namespace": NS}, "data": {"COLOUR": "blue", "run.sh": "#!/bin/sh\ncat /etc/secret/key; echo; echo $COLOUR > /scratch/out; cat /scratch/out"}});
    cluster.create(&CONFIG_MAPS, config);
    let mut one = pod("a", "");
    one["spec"]["restartPolicy"] = "Never".into();
    one["spec"]["volumes"] = json!([
        {"name": "conf", "configMap": {"name": "conf"}}, {"name": "secret", "secret": {"secretName": "hush"}}, {"name": "scratch", "emptyDir": {}},
    ]);
    let container = &mut one["spec"]["containers"][0];
    container["command"] = json!(["sh", "/conf/run.sh"]);
    container["env"] = json!([{"name": "COLOUR", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "COLOUR"}}}]);
    container["volumeMounts"] = json!([
        {"name": "conf", "mountPath": "/conf"}, {"name": "secret", "mountPath": "/etc/secret"}, {"name": "scratch", "mountPath": "/scratch"},
    ]);
    cluster.create(&PODS, one);
    while !cluster.events().contains(
        "FailedMount: MountVolume.SetUp failed for volume \"secret\" : secret \"hush\" not found",
    ) {
        tokio::task::yield_now().await;
    }
    cluster.create(
        &SECRETS,
        json!({"metadata": {"name": "hush", "namespace": NS}, "data": {"key": "cGVhcmw="}}),
    );
    let pod = cluster.until(&PODS, "a", |pod| pod["status"]["phase"] == "Succeeded").await;
    assert_eq!(log(&cluster, &pod, false).await, ["pearl", "blue"]);
}

#[tokio::test]
async fn a_missing_reference_is_a_configuration_error() {
    let cluster = cluster();
    let mut one = pod("a", "exec sleep 600");
    one["spec"]["containers"][0]["envFrom"] = json!([{"secretRef": {"name": "hush"}}]);
    cluster.create(&PODS, one);
    let pod = cluster.until(&PODS, "a", |pod| waiting(pod) == "CreateContainerConfigError").await;
    assert_eq!(
        pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"],
        "secret \"hush\" not found"
    );
    cluster.create(&SECRETS, json!({"metadata": {"name": "hush", "namespace": NS}}));
    cluster.until(&PODS, "a", is_ready).await;
}

#[tokio::test]
async fn a_liveness_probe_restarts_and_a_readiness_probe_does_not() {
    let cluster = cluster();
    let mut one = pod("a", "exec sleep 600");
    one["spec"]["containers"][0]["livenessProbe"] = json!({"exec": {"command": ["sh", "-c", "echo gone; exit 1"]}, "periodSeconds": 1, "failureThreshold": 1});
    cluster.create(&PODS, one);
    cluster
        .until(&PODS, "a", |pod| {
            pod["status"]["containerStatuses"][0]["restartCount"].as_i64() >= Some(1)
        })
        .await;
    let events = cluster.events();
    assert!(events.contains("Unhealthy: Liveness probe failed: gone\n"), "{events}");
    assert!(
        events.contains("Killing: Container c failed liveness probe, will be restarted"),
        "{events}"
    );
}

#[tokio::test]
async fn a_pod_stays_terminating_until_its_process_is_gone() {
    let cluster = cluster();
    let mut one = pod("a", "");
    one["spec"] = trapping("sleep 0.5; exit 0");
    cluster.create(&PODS, one);
    cluster.until(&PODS, "a", is_ready).await;
    cluster.delete(&PODS, "a", Propagation::Background);
    let ending = cluster.get(&PODS, "a").unwrap();
    assert!(meta::is_deleting(&ending));
    assert_eq!(ending["metadata"]["deletionGracePeriodSeconds"], 2);
    let begun = std::time::Instant::now();
    cluster.until_all(&PODS, <[_]>::is_empty).await;
    assert!(begun.elapsed().as_millis() >= 400);
}

#[tokio::test]
async fn a_process_that_does_not_listen_is_killed_when_its_grace_is_over() {
    let cluster = cluster();
    let mut one = pod("a", "");
    one["spec"] = trapping("");
    cluster.create(&PODS, one);
    let pod = cluster.until(&PODS, "a", is_ready).await;
    let options = DeleteOptions { grace: Some(1), ..DeleteOptions::default() };
    let begun = std::time::Instant::now();
    cluster.store().delete(&PODS, NS, meta::name(&pod), &options).unwrap();
    cluster.until_all(&PODS, <[_]>::is_empty).await;
    assert!((900..5000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn scenarios_hold_pods_unready_and_let_them_linger() {
    let cluster = cluster();
    let pattern = PodPattern::new(NS, "a");
    cluster.hooks().hold_unready(pattern.clone());
    cluster.create(&PODS, pod("a", "exec sleep 600"));
    let running = |pod: &Value| pod["status"]["phase"] == "Running";
    assert!(!is_ready(&cluster.until(&PODS, "a", running).await));
    cluster.hooks().let_ready(&pattern);
    cluster.until(&PODS, "a", is_ready).await;
    cluster.hooks().linger(pattern, std::time::Duration::from_millis(400));
    let begun = std::time::Instant::now();
    cluster.delete(&PODS, "a", Propagation::Background);
    cluster.until_all(&PODS, <[_]>::is_empty).await;
    assert!(begun.elapsed().as_millis() >= 400);
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_told_by_name() {
    let cluster = cluster();
    let mut one = pod("a", "");
    one["spec"]["restartPolicy"] = "Never".into();
    one["spec"]["containers"][0]["command"] = json!(["no-such-program"]);
    cluster.create(&PODS, one);
    let pod = cluster.until(&PODS, "a", |pod| pod["status"]["phase"] == "Failed").await;
    let ended = &pod["status"]["containerStatuses"][0]["state"]["terminated"];
    assert_eq!((&ended["exitCode"], &ended["reason"]), (&json!(128), &json!("StartError")));
    assert!(
        meta::text(ended, "/message")
            .contains("exec: \"no-such-program\": executable file not found in $PATH")
    );
}
