use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::DeleteParams;
use pgcutover::engine::Probed;
use pgcutover::model::{Effects, FailureKind, Manifest, Verb};
use serde_json::{Value, json};

use super::bench::{Bench, step};
use super::objects::{owner, pod};

fn manifest() -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "backup-job", "namespace": "dsm" },
        "spec": { "backoffLimit": 1, "template": { "spec": {
            "restartPolicy": "Never", "containers": [{ "name": "main", "image": "postgres:17" }] } } },
    })
}

fn verb() -> Verb {
    Verb::Job { manifest: Manifest { path: "backup-job.yml".into(), documents: vec![manifest()] } }
}

async fn made(bench: &Bench) -> Job {
    loop {
        if let Some(job) = bench.api::<Job>().get_opt("backup-job").await.unwrap()
            && job.metadata.annotations.is_some()
        {
            return job;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn complete() -> Value {
    json!({
        "succeeded": 1, "startTime": "2026-11-21T00:10:00Z", "completionTime": "2026-11-21T00:10:07Z",
        "conditions": [{ "type": "SuccessCriteriaMet", "status": "True" }, { "type": "Complete", "status": "True" }],
    })
}

fn failed(reason: &str, message: &str) -> Value {
    json!({ "failed": 2, "conditions": [{ "type": "Failed", "status": "True", "reason": reason, "message": message }] })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_followed_to_its_end_and_known_again_after_a_crash() {
    let bench = Bench::start().await;
    let attempt = bench.begin(step("backup", verb())).await;
    assert_eq!(attempt.probe().await, Probed::Again);
    let running = attempt.spawn();
    let job = made(&bench).await;
    let annotations = job.metadata.annotations.unwrap();
    assert_eq!(annotations["pgcutover.io/attempt"], "1");
    // A console that comes back while it runs follows on; the Job is not made anew.
    let again = bench.attempt(step("backup", verb()), Value::Null, 1);
    assert_eq!(again.probe().await, Probed::Again);
    let mut second = again.spawn();
    second.tells("is there already").await;
    bench.status::<Job>("backup-job", complete()).await;
    assert_eq!(running.ends().await.unwrap().summary, "job/backup-job completed after 7 s");
    second.ends().await.unwrap();
    let uid = bench.api::<Job>().get("backup-job").await.unwrap().metadata.uid;
    assert_eq!(uid, job.metadata.uid);
    let Probed::Done(outcome) = bench.attempt(step("backup", verb()), Value::Null, 1).probe().await
    else {
        panic!()
    };
    assert_eq!(outcome.data["uid"], json!(uid));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_job_is_told_with_its_reason_and_a_retry_makes_another() {
    let bench = Bench::start().await;
    let running = bench.begin(step("backup", verb())).await.spawn();
    let first = made(&bench).await;
    bench
        .status::<Job>(
            "backup-job",
            failed("BackoffLimitExceeded", "Job has reached the specified backoff limit"),
        )
        .await;
    let failure = running.ends().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BackoffLimit);
    assert_eq!(failure.causes[0], "Job has reached the specified backoff limit");

    let mut retry = bench.attempt(step("backup", verb()), Value::Null, 2).spawn();
    retry.tells("deleting the old").await;
    retry.tells("is being deleted").await;
    release(&bench).await;
    let second = loop {
        let job = made(&bench).await;
        if job.metadata.uid != first.metadata.uid {
            break job;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(second.metadata.annotations.unwrap()["pgcutover.io/attempt"], "2");
    bench.status::<Job>("backup-job", complete()).await;
    retry.ends().await.unwrap();
}

/// The garbage collector's part in a deletion in the foreground.
async fn release(bench: &Bench) {
    let patch = kube::api::Patch::Merge(json!({ "metadata": { "finalizers": null } }));
    bench
        .api::<Job>()
        .patch("backup-job", &kube::api::PatchParams::default(), &patch)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pods_of_an_old_job_are_waited_for_before_the_new_one_is_made() {
    let bench = Bench::start().await;
    let mut old = manifest();
    old["metadata"]["annotations"] = json!({ "other": "1" });
    let old: Job = bench.create(old).await;
    bench.status::<Job>("backup-job", complete()).await;
    let labels = json!({ "job-name": "backup-job", "batch.kubernetes.io/job-name": "backup-job" });
    pod(&bench, "backup-job-aaaaa", labels, owner("Job", "batch/v1", &old.metadata)).await;
    let mut running = bench.begin(step("backup", verb())).await.spawn();
    running.tells("1 pods are left").await;
    release(&bench).await;
    running.tells("1 pods of the old job/backup-job are left").await;
    bench
        .api::<Pod>()
        .delete("backup-job-aaaaa", &DeleteParams::default().grace_period(0))
        .await
        .unwrap();
    running.tells("creating").await;
    made(&bench).await;
    bench.status::<Job>("backup-job", complete()).await;
    running.ends().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_in_its_pods_is_told_with_its_exit_code() {
    let bench = Bench::start().await;
    let running = bench.begin(step("backup", verb())).await.spawn();
    let job = made(&bench).await;
    let labels = json!({ "job-name": "backup-job", "batch.kubernetes.io/job-name": "backup-job" });
    pod(&bench, "backup-job-aaaaa", labels, owner("Job", "batch/v1", &job.metadata)).await;
    let state = |state: Value| {
        json!({ "containerStatuses": [{
            "name": "main", "image": "app:1", "imageID": "", "ready": false, "restartCount": 0, "state": state,
        }] })
    };
    bench.status::<Pod>("backup-job-aaaaa", state(json!({ "running": {} }))).await;
    told(&bench, "pod app:1: running").await;
    let ended = json!({ "running": null, "terminated": { "exitCode": 3, "reason": "Error" } });
    bench.status::<Pod>("backup-job-aaaaa", state(ended)).await;
    told(&bench, "pod app:1: exit 3").await;
    bench.status::<Job>("backup-job", complete()).await;
    running.ends().await.unwrap();
}

async fn told(bench: &Bench, program: &str) {
    while bench.programs() != [program] {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_elses_job_that_is_at_work_is_left_alone() {
    let bench = Bench::start().await;
    let old: Job = bench.create(manifest()).await;
    let failure = bench.begin(step("backup", verb())).await.perform().await.unwrap_err();
    assert_eq!((failure.kind, failure.effects), (FailureKind::Conflict, Effects::None));
    assert!(failure.message.contains("this run has not made it"), "{failure}");
    let found = bench.api::<Job>().get("backup-job").await.unwrap();
    assert_eq!(found.metadata.uid, old.metadata.uid);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_deleted_meanwhile_is_a_conflict_and_undo_deletes_only_ours() {
    let bench = Bench::start().await;
    let mut running = bench.begin(step("backup", verb())).await.spawn();
    made(&bench).await;
    running.tells("no pod yet").await;
    let attempt = bench.attempt(step("backup", verb()), Value::Null, 1);
    let (undone, ()) = tokio::join!(attempt.undo(), async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        release(&bench).await;
    });
    assert_eq!(undone.unwrap().summary, "job/backup-job deleted");
    let failure = running.ends().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    let _: Job = bench.create(manifest()).await;
    let outcome = attempt.undo().await.unwrap();
    assert_eq!(outcome.summary, "job/backup-job is not of this step, left alone");
}
