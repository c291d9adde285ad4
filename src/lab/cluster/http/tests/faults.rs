//! Faults on purpose.

use std::time::{Duration, Instant};

use kube::api::{ListParams, Patch, PatchParams, PostParams};
use serde_json::json;

use super::super::{Effect, Fault};
use super::setting::{admin, config_maps, refusal, server};

fn on(verb: &str, resource: &str, effect: Effect) -> Fault {
    Fault { verbs: vec![verb.to_owned()], resource: resource.to_owned(), ..Fault::of(effect) }
}

#[tokio::test]
async fn a_fault_strikes_as_often_as_it_says() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    let fault = Fault { times: Some(2), ..on("list", "configmaps", Effect::Answer(500)) };
    server.faults().add(fault);
    for _ in 0..2 {
        let (code, reason, _) = refusal(api.list(&ListParams::default()).await);
        assert_eq!((code, reason.as_str()), (500, "InternalError"));
    }
    assert!(api.list(&ListParams::default()).await.is_ok());
    server.faults().add(on("patch", "configmaps", Effect::Answer(409)));
    let patch = Patch::Merge(json!({"data": {}}));
    assert_eq!(refusal(api.patch("a", &PatchParams::default(), &patch).await).0, 409);
}

#[tokio::test]
async fn a_webhook_can_deny() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    let effect = Effect::Deny {
        webhook: "freeze.example.org".to_owned(),
        code: 403,
        message: "change freeze".to_owned(),
    };
    let fault = server.faults().add(on("create", "configmaps", effect));
    let object = serde_json::from_value(json!({"metadata": {"name": "a"}})).unwrap();
    let (code, _, message) = refusal(api.create(&PostParams::default(), &object).await);
    assert_eq!(code, 403);
    assert_eq!(
        message,
        "admission webhook \"freeze.example.org\" denied the request: change freeze"
    );
    server.faults().remove(fault);
    assert!(api.create(&PostParams::default(), &object).await.is_ok());
}

#[tokio::test]
async fn a_hanging_request_is_answered_when_the_fault_ends() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    let lasting = Some(Duration::from_millis(200));
    server.faults().add(Fault { lasting, ..Fault::of(Effect::Hang) });
    let begun = Instant::now();
    assert!(api.list(&ListParams::default()).await.is_ok());
    assert!(begun.elapsed() >= Duration::from_millis(150));
    server.faults().add(Fault::of(Effect::Hang));
    let hanging =
        tokio::time::timeout(Duration::from_millis(200), api.list(&ListParams::default())).await;
    assert!(hanging.is_err());
    server.faults().clear();
    assert!(api.list(&ListParams::default()).await.is_ok());
}

#[tokio::test]
async fn a_server_that_is_down_refuses_and_comes_back_on_its_port() {
    let server = server().await;
    let api = config_maps(&admin(&server).await);
    assert!(api.list(&ListParams::default()).await.is_ok());
    server.stop();
    // The listener closes with its task, which ends at the next turn of the runtime.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(tokio::net::TcpStream::connect(server.address()).await.is_err());
    server.resume().await.unwrap();
    assert!(api.list(&ListParams::default()).await.is_ok());
}
