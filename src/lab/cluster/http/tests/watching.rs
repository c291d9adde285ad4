//! Watches, and how they go on after an interruption.

use std::time::Duration;

use futures::{Stream, StreamExt as _};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, ResourceExt as _};
use serde_json::json;

use super::setting::{admin, config_maps, server};

async fn make(api: &Api<ConfigMap>, name: &str, side: &str) {
    let object = json!({"metadata": {"name": name, "labels": {"side": side}}});
    api.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.unwrap();
}

/// Reads on until an event tells of an object by this name; errors are what a watcher gets over.
async fn until(
    events: &mut (impl Stream<Item = watcher::Result<Event<ConfigMap>>> + Unpin),
    name: &str,
) -> &'static str {
    let look = async {
        loop {
            let (what, object) = match events.next().await.unwrap() {
                Ok(Event::Apply(object)) => ("apply", object),
                Ok(Event::InitApply(object)) => ("init", object),
                Ok(Event::Delete(object)) => ("delete", object),
                Ok(_) | Err(_) => continue,
            };
            if object.name_any() == name {
                return what;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look).await.unwrap()
}

#[tokio::test]
async fn a_watcher_goes_on_after_a_silent_end_a_compaction_and_a_restart() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    make(&api, "before", "x").await;
    let mut events = watcher(api.clone(), watcher::Config::default()).boxed();
    assert_eq!(until(&mut events, "before").await, "init");
    make(&api, "live", "x").await;
    assert_eq!(until(&mut events, "live").await, "apply");
    server.faults().end_watches();
    make(&api, "ended", "x").await;
    assert_eq!(until(&mut events, "ended").await, "apply");
    server.faults().end_watches();
    make(&api, "compacted", "x").await;
    server.compact();
    assert_eq!(until(&mut events, "compacted").await, "init");
    server.restart(Duration::from_millis(50)).await.unwrap();
    make(&api, "restarted", "x").await;
    assert!(matches!(until(&mut events, "restarted").await, "apply" | "init"));
    api.delete("live", &DeleteParams::default()).await.unwrap();
    assert_eq!(until(&mut events, "live").await, "delete");
}

#[tokio::test]
async fn a_watcher_can_ask_for_its_first_list_as_a_stream() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    make(&api, "before", "x").await;
    let mut events = watcher(api.clone(), watcher::Config::default().streaming_lists()).boxed();
    assert_eq!(until(&mut events, "before").await, "init");
    make(&api, "live", "x").await;
    assert_eq!(until(&mut events, "live").await, "apply");
}

#[tokio::test]
async fn an_object_enters_and_leaves_a_selection() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    make(&api, "a", "blue").await;
    let params = WatchParams::default().labels("side=green").timeout(1);
    let events = api.watch(&params, "0").await.unwrap();
    for side in ["green", "green", "blue"] {
        let patch =
            Patch::Merge(json!({"metadata": {"labels": {"side": side}}, "data": {"n": side}}));
        api.patch("a", &PatchParams::default(), &patch).await.unwrap();
    }
    api.delete("a", &DeleteParams::default()).await.unwrap();
    let kinds: Vec<&str> = events
        .filter_map(async |event| match event.unwrap() {
            WatchEvent::Added(_) => Some("added"),
            WatchEvent::Modified(_) => Some("modified"),
            WatchEvent::Deleted(_) => Some("deleted"),
            WatchEvent::Bookmark(_) => Some("bookmark"),
            WatchEvent::Error(_) => Some("error"),
        })
        .collect()
        .await;
    // Writing the same again is no change; the watch tells where it is before it ends in time.
    assert_eq!(kinds, ["added", "deleted", "bookmark"]);
}

#[tokio::test]
async fn a_watch_from_a_forgotten_revision_is_gone() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    make(&api, "a", "x").await;
    server.compact();
    let mut events = api.watch(&WatchParams::default(), "1").await.unwrap().boxed();
    match events.next().await.unwrap().unwrap() {
        WatchEvent::Error(status) => {
            assert_eq!((status.code, status.reason.as_str()), (410, "Expired"));
        }
        other => panic!("{other:?}"),
    }
}
