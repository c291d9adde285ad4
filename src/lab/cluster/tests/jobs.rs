use std::time::Duration;

use serde_json::{Value, json};

use super::support::{NS, cluster, condition, is, is_ready, job, trapping};
use crate::lab::cluster::kind::{CRON_JOBS, JOBS, PODS};
use crate::lab::cluster::meta;
use crate::lab::cluster::removal::Propagation;

#[tokio::test]
async fn a_job_completes_and_keeps_its_pod() {
    let cluster = cluster();
    cluster.create(&JOBS, job("backup", "echo dumped", &json!({})));
    let done = cluster.until(&JOBS, "backup", |job| is(job, "Complete")).await;
    let status = &done["status"];
    assert_eq!((&status["succeeded"], &status["active"]), (&json!(1), &Value::Null));
    assert_eq!(condition(&done, "SuccessCriteriaMet").unwrap()["reason"], "CompletionsReached");
    assert!(status["startTime"].is_string() && status["completionTime"].is_string());
    let pods = cluster.list(&PODS);
    assert_eq!(pods[0]["metadata"]["labels"]["batch.kubernetes.io/job-name"], "backup");
    assert_eq!(pods[0]["metadata"]["labels"]["job-name"], "backup");
    assert_eq!(pods[0]["status"]["phase"], "Succeeded");
    assert!(meta::finalizers(&pods[0]).is_empty());
    assert!(
        cluster.events().contains("Normal Job/backup Completed: Job completed"),
        "{}",
        cluster.events()
    );
}

#[tokio::test]
async fn a_failing_job_ends_at_its_backoff_limit() {
    let cluster = cluster();
    cluster.create(&JOBS, job("backup", "echo no >&2; exit 3", &json!({"backoffLimit": 1})));
    let failed = cluster.until(&JOBS, "backup", |job| is(job, "Failed")).await;
    let why = condition(&failed, "Failed").unwrap();
    assert_eq!(
        (&why["reason"], &why["message"]),
        (&json!("BackoffLimitExceeded"), &json!("Job has reached the specified backoff limit"))
    );
    assert!(is(&failed, "FailureTarget") && !is(&failed, "Complete"));
    assert_eq!(failed["status"]["failed"], 2);
    let pods = cluster.list(&PODS);
    assert_eq!(pods.len(), 2);
    let ended = &pods[0]["status"]["containerStatuses"][0]["state"]["terminated"];
    assert_eq!((&ended["exitCode"], &ended["reason"]), (&json!(3), &json!("Error")));
    assert!(
        cluster.events().contains("Warning Job/backup BackoffLimitExceeded"),
        "{}",
        cluster.events()
    );
}

#[tokio::test]
async fn a_job_past_its_deadline_fails_and_its_pod_is_gone() {
    let cluster = cluster();
    cluster.create(&JOBS, job("slow", "exec sleep 600", &json!({"activeDeadlineSeconds": 1})));
    let failed = cluster.until(&JOBS, "slow", |job| is(job, "Failed")).await;
    assert_eq!(condition(&failed, "Failed").unwrap()["reason"], "DeadlineExceeded");
    cluster.until_all(&PODS, <[_]>::is_empty).await;
    assert_eq!(cluster.get(&JOBS, "slow").unwrap()["status"]["failed"], 1);
}

#[tokio::test]
async fn containers_that_restart_themselves_count_towards_the_limit() {
    let cluster = cluster();
    let mut flaky = job("flaky", "exit 1", &json!({"backoffLimit": 2}));
    flaky["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure".into();
    cluster.create(&JOBS, flaky);
    let failed = cluster.until(&JOBS, "flaky", |job| is(job, "Failed")).await;
    assert_eq!(condition(&failed, "Failed").unwrap()["reason"], "BackoffLimitExceeded");
    cluster.until_all(&PODS, <[_]>::is_empty).await;
}

#[tokio::test]
async fn a_foreground_deletion_waits_for_the_pods() {
    let cluster = cluster();
    let mut slow = job("backup", "", &json!({}));
    slow["spec"]["template"]["spec"] = trapping("sleep 0.3; exit 0");
    slow["spec"]["template"]["spec"]["restartPolicy"] = "Never".into();
    cluster.create(&JOBS, slow);
    cluster.until_all(&PODS, |pods| pods.iter().any(is_ready)).await;
    cluster.delete(&JOBS, "backup", Propagation::Foreground);
    let mut seen_both_ending = false;
    while let Some(job) = cluster.get(&JOBS, "backup") {
        assert_eq!(meta::finalizers(&job), ["foregroundDeletion"]);
        seen_both_ending |= cluster.list(&PODS).iter().any(meta::is_deleting);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(seen_both_ending);
    assert!(cluster.list(&PODS).is_empty());
    // The name is free again at once.
    cluster.create(&JOBS, job("backup", "true", &json!({})));
    cluster.until(&JOBS, "backup", |job| is(job, "Complete")).await;
}

#[tokio::test]
async fn an_orphaned_pod_stays_and_can_be_deleted() {
    let cluster = cluster();
    cluster.create(&JOBS, job("backup", "exec sleep 600", &json!({})));
    let pods = cluster.until_all(&PODS, |pods| pods.iter().any(is_ready)).await;
    cluster.delete(&JOBS, "backup", Propagation::Orphan);
    let free = |pods: &[Value]| {
        pods.iter().all(|pod| meta::controller(pod).is_none() && meta::finalizers(pod).is_empty())
    };
    cluster.until_all(&PODS, free).await;
    cluster.delete(&PODS, meta::name(&pods[0]), Propagation::Background);
    cluster.until_all(&PODS, <[_]>::is_empty).await;
}

#[tokio::test]
async fn a_suspended_job_waits_and_goes_on() {
    let cluster = cluster();
    cluster.create(&JOBS, job("later", "true", &json!({"suspend": true})));
    cluster.until(&JOBS, "later", |job| is(job, "Suspended")).await;
    assert!(cluster.list(&PODS).is_empty());
    cluster.patch(&JOBS, "later", |job| job["spec"]["suspend"] = false.into());
    cluster.until(&JOBS, "later", |job| is(job, "Complete")).await;
}

#[tokio::test]
async fn a_finished_job_goes_when_its_time_to_live_is_over() {
    let cluster = cluster();
    cluster.create(&JOBS, job("brief", "true", &json!({"ttlSecondsAfterFinished": 0})));
    cluster.until_all(&PODS, |pods| !pods.is_empty()).await;
    cluster.until_all(&JOBS, <[_]>::is_empty).await;
    cluster.until_all(&PODS, <[_]>::is_empty).await;
}

#[tokio::test]
async fn a_cron_job_starts_jobs_until_it_is_suspended() {
    let cluster = cluster();
    let template = job("unused", "true", &json!({}))["spec"].clone();
    let cron = json!({"metadata": {"name": "often", "namespace": NS}, "spec": {"schedule": "@every 1s", "jobTemplate": {"spec": template}}});
    cluster.create(&CRON_JOBS, cron);
    let jobs = cluster.until_all(&JOBS, |jobs| jobs.iter().any(|job| is(job, "Complete"))).await;
    assert_eq!(meta::controller(&jobs[0]).unwrap()["kind"], "CronJob");
    cluster.patch(&CRON_JOBS, "often", |cron| cron["spec"]["suspend"] = true.into());
    cluster
        .until(&CRON_JOBS, "often", |cron| {
            cron["status"]["lastScheduleTime"].is_string()
                && cron["status"]["lastSuccessfulTime"].is_string()
        })
        .await;
}
