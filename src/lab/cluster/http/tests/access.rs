//! Who may enter, and who may do what.

use std::time::Duration;

use k8s_openapi::api::authorization::v1::SelfSubjectAccessReview;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{ListParams, PostParams};
use kube::core::DynamicObject;
use kube::core::discovery::ApiResource;
use kube::{Api, Client};
use serde_json::json;

use super::super::ApiServer;
use super::setting::{admin, client, config_maps, refusal, server};

const USER: &str = "system:serviceaccount:default:monitor";

async fn bound(server: &ApiServer) -> Client {
    let admin = admin(server).await;
    let role = json!({"metadata": {"name": "monitor"}, "rules": [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}]});
    let roles: Api<Role> = Api::namespaced(admin.clone(), "default");
    roles.create(&PostParams::default(), &serde_json::from_value(role).unwrap()).await.unwrap();
    let binding = json!({"metadata": {"name": "monitor"}, "subjects": [{"kind": "ServiceAccount", "name": "monitor"}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "monitor"}});
    let bindings: Api<RoleBinding> = Api::namespaced(admin, "default");
    bindings
        .create(&PostParams::default(), &serde_json::from_value(binding).unwrap())
        .await
        .unwrap();
    client(&server.kubeconfig(USER, None, "default")).await
}

#[tokio::test]
async fn a_role_is_enforced_and_a_refusal_names_what_is_missing() {
    let server = server().await;
    let client = bound(&server).await;
    assert_eq!(config_maps(&client).list(&ListParams::default()).await.unwrap().items.len(), 0);
    let secrets: Api<Secret> = Api::namespaced(client.clone(), "default");
    let (code, reason, message) = refusal(secrets.get("s").await);
    assert_eq!((code, reason.as_str()), (403, "Forbidden"));
    assert_eq!(
        message,
        format!(
            "secrets \"s\" is forbidden: User \"{USER}\" cannot get resource \"secrets\" in API group \"\" in the namespace \"default\""
        )
    );
    let everywhere: Api<Secret> = Api::all(client);
    assert!(
        refusal(everywhere.list(&ListParams::default()).await).2.ends_with("at the cluster scope")
    );
}

#[tokio::test]
async fn everybody_may_ask_what_they_may_do() {
    let server = server().await;
    let reviews: Api<SelfSubjectAccessReview> = Api::all(bound(&server).await);
    for (verb, allowed) in [("list", true), ("delete", false)] {
        let review = json!({"metadata": {}, "spec": {"resourceAttributes": {
            "namespace": "default", "verb": verb, "group": "", "resource": "configmaps"}}});
        let review = serde_json::from_value(review).unwrap();
        let status = reviews.create(&PostParams::default(), &review).await.unwrap().status.unwrap();
        assert_eq!(status.allowed, allowed, "{verb}: {:?}", status.reason);
    }
    assert_eq!(server.requests().writes().iter().filter(|entry| entry.user == USER).count(), 0);
}

#[tokio::test]
async fn an_expired_token_is_unauthorized() {
    let server = server().await;
    let client = client(&server.kubeconfig("somebody", Some(Duration::ZERO), "default")).await;
    let (code, reason, message) = refusal(config_maps(&client).list(&ListParams::default()).await);
    assert_eq!((code, reason.as_str(), message.as_str()), (401, "Unauthorized", "Unauthorized"));
}

#[tokio::test]
async fn what_is_not_known_is_refused() {
    let server = server().await;
    let client = admin(&server).await;
    let resource = ApiResource {
        group: "apps".to_owned(),
        version: "v1".to_owned(),
        api_version: "apps/v1".to_owned(),
        kind: "DaemonSet".to_owned(),
        plural: "daemonsets".to_owned(),
    };
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), "default", &resource);
    let (code, reason, message) = refusal(api.list(&ListParams::default()).await);
    assert_eq!((code, reason.as_str()), (404, "NotFound"));
    assert_eq!(message, "the server could not find the requested resource");
    let request = |method: &str, path: &str, header: (&str, &str)| {
        http::Request::builder()
            .method(method)
            .uri(path)
            .header(header.0, header.1)
            .body(b"{}".to_vec())
            .unwrap()
    };
    let pods = "/api/v1/namespaces/default/pods";
    for (method, path, header, wanted) in [
        ("PUT", pods, ("accept", "*/*"), 405),
        ("GET", pods, ("accept", "application/yaml"), 406),
        ("POST", pods, ("content-type", "text/plain"), 415),
        ("PATCH", "/api/v1/namespaces/default/pods/a", ("content-type", "application/json"), 415),
        ("POST", "/api/v1/namespaces/default/pods/a/exec", ("accept", "*/*"), 501),
    ] {
        let answer = client.request::<serde_json::Value>(request(method, path, header)).await;
        assert_eq!(refusal(answer).0, wanted, "{method} {path}");
    }
}
