use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service};
use kube::api::{Patch, PatchParams};
use pgcutover::engine::Executor;
use pgcutover::lab::cluster::{Effect, Fault};
use pgcutover::model::{Effects, FailureKind, Manifest, Verb};
use serde_json::{Value, json};

use super::bench::{Bench, step};
use super::objects::{deployment, event, owner, pod, replica_set, rolled_out, waiting};

fn apply(documents: Vec<Value>) -> Verb {
    Verb::Apply { manifests: vec![Manifest { path: "green.yml".into(), documents }], force: false }
}

fn config(value: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "settings", "namespace": "dsm" }, "data": { "POSTGRES_DB": value } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_created_is_deleted_and_what_was_changed_is_restored() {
    let bench = Bench::start().await;
    let mut former = config("old");
    former["data"]["kept"] = json!("1");
    let _: ConfigMap = bench.create(former.clone()).await;
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "green" }, "spec": { "selector": { "app": "g" }, "ports": [{ "port": 5432 }] } });
    let verb = Verb::Apply {
        manifests: vec![Manifest {
            path: "green.yml".into(),
            documents: vec![config("new"), service],
        }],
        force: true,
    };
    let attempt = bench.begin(step("apply-green", verb)).await;
    let outcome = attempt.perform().await.unwrap();
    assert_eq!(outcome.summary, "applied configmap/settings, service/green");
    let changed = bench.api::<ConfigMap>().get("settings").await.unwrap();
    assert_eq!(changed.data.unwrap()["POSTGRES_DB"], "new");
    assert_eq!(changed.metadata.annotations.unwrap()["pgcutover.io/step"], "apply-green");
    // Applying again changes nothing and ends alike.
    attempt.perform().await.unwrap();
    attempt.undo().await.unwrap();
    let restored = bench.api::<ConfigMap>().get("settings").await.unwrap();
    assert_eq!(json!(restored.data), former["data"]);
    assert_eq!(restored.metadata.annotations, None);
    assert!(bench.api::<Service>().get_opt("green").await.unwrap().is_none());
    attempt.undo().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_kubectl_applied_is_taken_over_and_what_somebody_edited_is_not() {
    let bench = Bench::start().await;
    let create = |manager: &str| kube::api::PostParams {
        field_manager: Some(manager.into()),
        ..Default::default()
    };
    let object: ConfigMap = serde_json::from_value(config("old")).unwrap();
    bench.api::<ConfigMap>().create(&create("kubectl-client-side-apply"), &object).await.unwrap();
    let attempt = bench.begin(step("apply-green", apply(vec![config("new")]))).await;
    let outcome = attempt.perform().await.unwrap();
    assert!(outcome.evidence[0].details[0].contains("kubectl-client-side-apply"), "{outcome:#?}");

    let edit = PatchParams { field_manager: Some("kubectl-edit".into()), ..PatchParams::default() };
    let patch = Patch::Merge(json!({ "data": { "POSTGRES_DB": "edited" } }));
    bench.api::<ConfigMap>().patch("settings", &edit, &patch).await.unwrap();
    let attempt = bench.begin(step("apply-again", apply(vec![config("newer")]))).await;
    let failure = attempt.perform().await.unwrap_err();
    assert_eq!((failure.kind, failure.effects), (FailureKind::Conflict, Effects::None));
    assert_eq!(failure.causes, ["`.data.POSTGRES_DB` belongs to `kubectl-edit`"]);
    let command = failure.fix.unwrap().command.unwrap();
    assert_eq!(
        command,
        "kubectl apply --server-side --force-conflicts --field-manager=pgcutover -n dsm -f green.yml"
    );
    let found = bench.api::<ConfigMap>().get("settings").await.unwrap();
    assert_eq!(found.data.unwrap()["POSTGRES_DB"], "edited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_refuses_is_told_before_anything_changes() {
    let bench = Bench::start().await;
    let effect = Effect::Deny {
        webhook: "policy.example.org".into(),
        code: 403,
        message: "no settings on Fridays".into(),
    };
    bench.server.faults().add(Fault {
        resource: "configmaps".into(),
        verbs: vec!["patch".into()],
        ..Fault::of(effect)
    });
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "green" }, "spec": { "ports": [{ "port": 5432 }] } });
    let attempt = bench.begin(step("apply-green", apply(vec![service, config("new")]))).await;
    let failure = attempt.perform().await.unwrap_err();
    assert_eq!(failure.effects, Effects::None);
    assert!(failure.message.contains("no settings on Fridays"), "{failure}");
    assert!(bench.api::<Service>().get_opt("green").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_never_recorded() {
    let bench = Bench::start().await;
    let secret = |password: &str| json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s" }, "stringData": { "password": password } });
    let _: Secret = bench.create(secret("swordfish")).await;
    let same = bench.begin(step("apply-green", apply(vec![secret("swordfish")]))).await;
    assert!(!same.context.before.to_string().contains("swordfish"), "{}", same.context.before);
    same.perform().await.unwrap();
    let other = step("apply-other", apply(vec![secret("herring-red")]));
    let failure = bench.actions.prepare(&other).await.unwrap_err();
    assert_eq!((failure.kind, failure.effects), (FailureKind::Conflict, Effects::None));
    assert!(!failure.to_string().contains("herring-red"));
}

/// The seed's impediment, from the refusal to the mend and the retry that keeps it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_image_holds_the_step_names_the_secret_and_goes_on_once_mended() {
    let bench = Bench::start().await;
    let mut other = deployment("chronicle-service", 1);
    other["spec"]["template"]["spec"]["imagePullSecrets"] =
        json!([{ "name": "agile-corp-reg-secret" }]);
    let _: Deployment = bench.create(other).await;
    let verb = apply(vec![deployment("green", 1)]);
    let attempt = bench.begin(step("apply-green", verb.clone())).await;
    let before = attempt.context.before.clone();
    let mut running = attempt.spawn();
    running.tells("deployment/green").await;
    let made = loop {
        if let Some(made) = bench.api::<Deployment>().get_opt("green").await.unwrap() {
            break made;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let set = replica_set(&bench, &made).await;
    let pod = pod(
        &bench,
        "green-7d9f-aaaaa",
        json!({ "app": "green" }),
        owner("ReplicaSet", "apps/v1", &set.metadata),
    )
    .await;
    let text = "Failed to pull image \"myreg.agile-corp.org:5000/app:1\": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials";
    event(&bench, &pod, "Failed", text).await;
    bench
        .status::<k8s_openapi::api::core::v1::Pod>(
            "green-7d9f-aaaaa",
            waiting("ErrImagePull", "no basic auth credentials"),
        )
        .await;
    let generation = bench.api::<Deployment>().get("green").await.unwrap().metadata.generation;
    bench.status::<Deployment>("green", json!({ "observedGeneration": generation, "replicas": 1, "updatedReplicas": 1, "unavailableReplicas": 1 })).await;

    let held = running.tells("ErrImagePull").await;
    let fix = held.fix.expect("a way to mend it");
    let expected = "kubectl patch deployment green -n dsm --patch '{\"spec\":{\"template\":{\"spec\":{\"imagePullSecrets\":[{\"name\":\"agile-corp-reg-secret\"}]}}}}'";
    assert_eq!(fix.command.as_deref(), Some(expected));
    let failure = running.ends().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ImagePull);
    assert_eq!(failure.causes[0], text);

    let mend = failure.fix.unwrap().mend.unwrap();
    bench.actions.mend(&mend).await.unwrap();
    let retry = bench.attempt(step("apply-green", verb), before, 2).spawn();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    rolled_out(&bench, "green").await;
    retry.ends().await.unwrap();
    let found = bench.api::<Deployment>().get("green").await.unwrap();
    let secrets = found.spec.unwrap().template.spec.unwrap().image_pull_secrets.unwrap();
    assert_eq!(secrets[0].name, "agile-corp-reg-secret");
}
