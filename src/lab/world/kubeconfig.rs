//! The way in for clients: a kubeconfig file.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde_json::{Value, json};

use super::error::LabError;

/// What a client needs to know of the cluster.
#[derive(Clone)]
pub(super) struct Way<'a> {
    /// The API server's address.
    pub(super) server: &'a str,
    /// Its certificate authority in base64, where it speaks TLS.
    pub(super) authority: Option<&'a str>,
    pub(super) namespace: &'a str,
    pub(super) context: &'a str,
    pub(super) user: &'a str,
    pub(super) token: &'a str,
}

/// Writes the file for its owner's eyes. It is JSON, which is YAML too.
///
/// <https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/>
pub(super) fn write(path: &Path, way: &Way<'_>) -> Result<(), LabError> {
    let failed = |source| LabError::Write { path: path.to_owned(), source };
    let text = serde_json::to_vec_pretty(&document(way)).map_err(|error| failed(error.into()))?;
    let file = File::options().create(true).write(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(&text)).map_err(failed)
}

fn document(way: &Way<'_>) -> Value {
    let mut cluster = json!({ "server": way.server });
    if let Some(authority) = way.authority {
        cluster["certificate-authority-data"] = authority.into();
    }
    let context = json!({ "cluster": "lab", "user": way.user, "namespace": way.namespace });
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "lab", "cluster": cluster }],
        "users": [{ "name": way.user, "user": { "token": way.token } }],
        "contexts": [{ "name": way.context, "context": context }],
        "current-context": way.context,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_client_reads_it_and_nobody_else_may() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kubeconfig");
        let way = Way {
            server: "https://127.9.9.1:6443",
            authority: Some("Y2E="),
            namespace: "dsm",
            context: "lab",
            user: "operator",
            token: "t0ken",
        };
        write(&path, &way).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let read = kube::config::Kubeconfig::read_from(&path).unwrap();
        assert_eq!(read.current_context.as_deref(), Some("lab"));
        assert_eq!(read.clusters[0].cluster.as_ref().unwrap().server.as_deref(), Some(way.server));
    }
}
