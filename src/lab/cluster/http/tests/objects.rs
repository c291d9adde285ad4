//! Objects: reading, writing, patching, applying.

use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions};
use kube::{Api, Client};
use serde_json::{Value, json};

use super::setting::{admin, config_maps, refusal, server};

fn deployment(image: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
        "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": image}]}}}})
}

fn config_map(name: &str) -> ConfigMap {
    serde_json::from_value(
        json!({"metadata": {"name": name, "labels": {"n": name}}, "data": {"k": "v"}}),
    )
    .unwrap()
}

fn deployments(client: &Client) -> Api<Deployment> {
    Api::namespaced(client.clone(), "default")
}

#[tokio::test]
async fn an_apply_creates_then_names_who_owns_what_it_would_change() {
    let server = server().await;
    let api = deployments(&admin(&server).await);
    let ours = PatchParams::apply("pgcutover");
    let made = api.patch("web", &ours, &Patch::Apply(deployment("a"))).await.unwrap();
    assert_eq!(made.spec.as_ref().unwrap().replicas, Some(1));
    let scaled = api
        .patch_scale(
            "web",
            &PatchParams::default(),
            &Patch::Merge(json!({"spec": {"replicas": 3}})),
        )
        .await;
    assert_eq!(scaled.unwrap().spec.unwrap().replicas, Some(3));
    let mut two = deployment("b");
    two["spec"]["replicas"] = 1.into();
    let theirs = PatchParams::apply("other");
    let (code, reason, message) = refusal(api.patch("web", &theirs, &Patch::Apply(&two)).await);
    assert_eq!((code, reason.as_str()), (409, "Conflict"));
    assert_eq!(
        message,
        "Apply failed with 2 conflicts: conflicts with \"pgcutover\":\n\
         - .spec.template.spec.containers[name=\"web\"].image\n\
         conflicts with \"unknown\" with subresource \"scale\" using apps/v1:\n- .spec.replicas"
    );
    let forced = api.patch("web", &theirs.force(), &Patch::Apply(&two)).await.unwrap();
    assert_eq!(forced.spec.unwrap().replicas, Some(1));
    assert_eq!(forced.metadata.generation, Some(3));
}

#[tokio::test]
async fn a_json_patch_is_applied_whole_or_not_at_all() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    api.create(&PostParams::default(), &config_map("a")).await.unwrap();
    let patch = |tested: &str| -> json_patch::Patch {
        let steps = json!([{"op": "replace", "path": "/data/k", "value": "new"},
            {"op": "test", "path": "/metadata/labels/n", "value": tested}]);
        serde_json::from_value(steps).unwrap()
    };
    let other = api.patch("a", &PatchParams::default(), &Patch::Json::<()>(patch("z"))).await;
    let (code, reason, _) = refusal(other);
    assert_eq!((code, reason.as_str()), (422, "Invalid"));
    assert_eq!(api.get("a").await.unwrap().data.unwrap()["k"], "v");
    let same =
        api.patch("a", &PatchParams::default(), &Patch::Json::<()>(patch("a"))).await.unwrap();
    assert_eq!(same.data.unwrap()["k"], "new");
}

#[tokio::test]
async fn a_stale_replace_is_refused() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    let read = api.create(&PostParams::default(), &config_map("a")).await.unwrap();
    api.patch("a", &PatchParams::default(), &Patch::Strategic(json!({"data": {"x": "y"}})))
        .await
        .unwrap();
    let (code, _, message) = refusal(api.replace("a", &PostParams::default(), &read).await);
    assert_eq!(code, 409);
    assert_eq!(
        message,
        "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; \
         please apply your changes to the latest version and try again"
    );
    let unconditional = config_map("a");
    let replaced = api.replace("a", &PostParams::default(), &unconditional).await.unwrap();
    assert!(!replaced.data.unwrap().contains_key("x"));
}

#[tokio::test]
async fn a_long_list_comes_in_pages_of_one_moment() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    for name in ["a", "b", "c", "d", "e"] {
        api.create(&PostParams::default(), &config_map(name)).await.unwrap();
    }
    let params = ListParams::default().limit(2);
    let first = api.list(&params).await.unwrap();
    assert_eq!(first.metadata.remaining_item_count, Some(3));
    api.delete("c", &DeleteParams::default()).await.unwrap();
    let token = first.metadata.continue_.unwrap();
    let second = api.list(&params.clone().continue_token(&token)).await.unwrap();
    let names: Vec<String> = second.items.iter().map(kube::ResourceExt::name_any).collect();
    assert_eq!(names, ["c", "d"]);
    server.compact();
    let (code, reason, _) = refusal(api.list(&params.continue_token(&token)).await);
    assert_eq!((code, reason.as_str()), (410, "Expired"));
    let some = api
        .list(&ListParams::default().labels("n in (a,e)").fields("metadata.name!=a"))
        .await
        .unwrap();
    assert_eq!(some.items.len(), 1);
    assert_eq!(refusal(api.list(&ListParams::default().fields("data.k=v")).await).0, 400);
}

#[tokio::test]
async fn a_dry_run_shows_and_stores_nothing() {
    let server = server().await;
    let api = deployments(&admin(&server).await);
    let before = server.store().revision();
    let dry = PatchParams::apply("pgcutover").dry_run();
    let shown = api.patch("web", &dry, &Patch::Apply(deployment("a"))).await.unwrap();
    assert!(shown.metadata.uid.is_some());
    assert!(api.get_opt("web").await.unwrap().is_none());
    assert_eq!(server.store().revision(), before);
    assert_eq!(server.requests().writes(), []);
}

#[tokio::test]
async fn a_deletion_meets_its_precondition() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    api.create(&PostParams::default(), &config_map("a")).await.unwrap();
    let other = Preconditions { uid: Some("other".to_owned()), resource_version: None };
    let (code, _, _) =
        refusal(api.delete("a", &DeleteParams::default().preconditions(other)).await);
    assert_eq!(code, 409);
    let gone = api.delete("a", &DeleteParams::default()).await.unwrap();
    assert!(gone.right().unwrap().is_success());
    assert_eq!(
        refusal(api.delete("a", &DeleteParams::default()).await).2,
        "configmaps \"a\" not found"
    );
}

#[tokio::test]
async fn a_job_waits_for_its_pods_when_deleted_in_the_foreground() {
    let server = server().await;
    let api: Api<Job> = Api::namespaced(admin(&server).await, "default");
    let job = json!({"metadata": {"name": "backup"}, "spec": {"template": {"spec": {"restartPolicy": "Never",
        "containers": [{"name": "dump", "image": "postgres:17"}]}}}});
    let made =
        api.create(&PostParams::default(), &serde_json::from_value(job).unwrap()).await.unwrap();
    assert_eq!(made.spec.unwrap().backoff_limit, Some(6));
    let pending = api.delete("backup", &DeleteParams::foreground()).await.unwrap().left().unwrap();
    assert_eq!(pending.metadata.finalizers.unwrap(), ["foregroundDeletion"]);
    assert!(pending.metadata.deletion_timestamp.is_some());
}

#[tokio::test]
async fn the_status_is_written_apart() {
    let server = server().await;
    let api = deployments(&admin(&server).await);
    api.patch("web", &PatchParams::apply("x"), &Patch::Apply(deployment("a"))).await.unwrap();
    let status = json!({"status": {"readyReplicas": 1}, "spec": {"replicas": 9}});
    let changed =
        api.patch_status("web", &PatchParams::default(), &Patch::Merge(&status)).await.unwrap();
    assert_eq!(changed.status.unwrap().ready_replicas, Some(1));
    assert_eq!(changed.spec.unwrap().replicas, Some(1));
    let status = json!({"status": {"readyReplicas": 5}});
    let unchanged =
        api.patch("web", &PatchParams::default(), &Patch::Merge(&status)).await.unwrap();
    assert_eq!(unchanged.status.unwrap().ready_replicas, Some(1));
    let meta = api.get_metadata("web").await.unwrap();
    assert_eq!(meta.metadata.generation, Some(1));
}

#[tokio::test]
async fn a_collection_is_deleted_by_its_labels() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    for name in ["a", "b"] {
        api.create(&PostParams::default(), &config_map(name)).await.unwrap();
    }
    let deleted = api
        .delete_collection(&DeleteParams::default(), &ListParams::default().labels("n=a"))
        .await
        .unwrap();
    assert_eq!(deleted.left().unwrap().items.len(), 1);
    assert!(api.get_opt("a").await.unwrap().is_none());
    assert!(api.get_opt("b").await.unwrap().is_some());
}

#[tokio::test]
async fn the_server_is_up_in_a_moment() {
    let begun = Instant::now();
    let server = server().await;
    let started = begun.elapsed();
    config_maps(&admin(&server).await).list(&ListParams::default()).await.unwrap();
    println!("served after {started:?}, answered after {:?}", begun.elapsed());
    assert!(started < Duration::from_millis(500), "{started:?}");
}
