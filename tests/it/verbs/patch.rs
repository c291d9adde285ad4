use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use pgcutover::engine::{Executor, Probed};
use pgcutover::model::{ObjectRef, PatchKind, Verb};
use serde_json::json;

use super::bench::{Bench, step};

fn object(kind: &str) -> ObjectRef {
    ObjectRef { api_version: "v1".into(), kind: kind.into(), name: "x".into() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patch_is_taken_back_where_it_went_and_nowhere_else() {
    let bench = Bench::start().await;
    let _: ConfigMap =
        bench.create(json!({ "metadata": { "name": "x" }, "data": { "a": "1", "b": "1" } })).await;
    let patch = json!([{ "op": "replace", "path": "/data/a", "value": "2" }, { "op": "add", "path": "/data/c", "value": "3" }]);
    let verb = Verb::Patch { object: object("ConfigMap"), kind: PatchKind::Json, patch };
    let attempt = bench.begin(step("set", verb)).await;
    assert_eq!(attempt.probe().await, Probed::Again);
    attempt.perform().await.unwrap();
    assert!(matches!(attempt.probe().await, Probed::Done(_)));
    let other = kube::api::Patch::Merge(json!({ "data": { "b": "others" } }));
    bench.api::<ConfigMap>().patch("x", &kube::api::PatchParams::default(), &other).await.unwrap();
    attempt.undo().await.unwrap();
    let found = bench.api::<ConfigMap>().get("x").await.unwrap();
    assert_eq!(json!(found.data), json!({ "a": "1", "b": "others" }));
    assert_eq!(attempt.undo().await.unwrap().summary, "configmap/x is as it was");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_could_not_be_restored_is_not_patched() {
    let bench = Bench::start().await;
    let _: Secret =
        bench.create(json!({ "metadata": { "name": "x" }, "stringData": { "a": "1" } })).await;
    let verb = Verb::Patch {
        object: object("Secret"),
        kind: PatchKind::Merge,
        patch: json!({ "stringData": { "a": "2" } }),
    };
    let failure = bench.actions.prepare(&step("set", verb)).await.unwrap_err();
    assert!(failure.message.contains("could not be restored"), "{failure}");
}
