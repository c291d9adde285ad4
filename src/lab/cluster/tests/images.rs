use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::support::{NS, REGISTRY, cluster, deployment, is_ready, pod, pod_spec, waiting};
use crate::lab::cluster::kind::{DEPLOYMENTS, PODS, SECRETS};
use crate::lab::cluster::meta;

#[tokio::test]
async fn a_denied_image_is_mended_by_patching_the_deployment() {
    let cluster = cluster();
    let config = json!({"auths": {REGISTRY: {"auth": "dTpw"}}}).to_string();
    let secret = json!({
        "metadata": {"name": "reg", "namespace": NS}, "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": STANDARD.encode(config)},
    });
    cluster.create(&SECRETS, secret);
    let mut spec = pod_spec("exec sleep 600");
    spec["containers"][0]["image"] = format!("{REGISTRY}/sh:1").into();
    cluster.create(&DEPLOYMENTS, deployment("db", 1, &spec));
    let pods = cluster
        .until_all(&PODS, |pods| pods.iter().any(|pod| waiting(pod) == "ImagePullBackOff"))
        .await;
    assert_eq!(pods[0]["status"]["phase"], "Pending");
    let message = meta::text(&pods[0], "/status/containerStatuses/0/state/waiting/message");
    assert!(
        message.starts_with("Back-off pulling image \"reg.test:5000/sh:1\": ErrImagePull: "),
        "{message}"
    );
    assert!(message.ends_with("401 Unauthorized"), "{message}");
    let events = cluster.events();
    for text in [
        "Pulling: Pulling image \"reg.test:5000/sh:1\"",
        "Failed: Failed to pull image",
        "401 Unauthorized",
        "Failed: Error: ErrImagePull",
        "BackOff: Back-off pulling image",
    ] {
        assert!(events.contains(text), "{text} is not in\n{events}");
    }
    cluster.patch(&DEPLOYMENTS, "db", |db| {
        db["spec"]["template"]["spec"]["imagePullSecrets"] = json!([{"name": "reg"}]);
    });
    cluster.until_all(&PODS, |pods| pods.len() == 1 && is_ready(&pods[0])).await;
    assert!(cluster.events().contains("Pulled: Successfully pulled image"), "{}", cluster.events());
}

#[tokio::test]
async fn an_unknown_image_is_not_found() {
    let cluster = cluster();
    let mut unknown = pod("a", "true");
    unknown["spec"]["containers"][0]["image"] = "nobody/knows:3".into();
    cluster.create(&PODS, unknown);
    let pod = cluster.until(&PODS, "a", |pod| waiting(pod) == "ErrImagePull").await;
    let message = meta::text(&pod, "/status/containerStatuses/0/state/waiting/message");
    assert!(message.ends_with("docker.io/nobody/knows:3: not found"), "{message}");
}
