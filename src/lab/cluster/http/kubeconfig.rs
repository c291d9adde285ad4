//! The file with which any client finds and enters the cluster.

use std::net::SocketAddr;

/// A kubeconfig, in JSON, which is YAML. It holds a token: write it where only its owner can read it.
///
/// <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>
pub(super) fn kubeconfig(
    address: SocketAddr,
    name: &str,
    user: &str,
    token: &str,
    namespace: &str,
) -> String {
    let config = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user, "namespace": namespace}}],
    });
    format!("{config:#}\n")
}
