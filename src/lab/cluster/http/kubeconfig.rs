//! The file with which any client finds and enters the cluster.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Who enters, with what, and where they are at first.
pub(super) struct Access<'a> {
    pub(super) user: &'a str,
    pub(super) token: &'a str,
    pub(super) namespace: &'a str,
}

/// A kubeconfig, in JSON, which is YAML. It holds a token: write it where only its owner can read it.
///
/// <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>
pub(super) fn kubeconfig(
    address: SocketAddr,
    authority: &str,
    name: &str,
    access: &Access<'_>,
) -> String {
    let cluster = serde_json::json!({
        "server": format!("https://{address}"),
        "certificate-authority-data": STANDARD.encode(authority),
    });
    let user = access.user;
    let config = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": user, "user": {"token": access.token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user, "namespace": access.namespace}}],
    });
    format!("{config:#}\n")
}
