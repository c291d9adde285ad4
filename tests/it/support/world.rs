//! A world for a test: two servers by their connection strings, and a cluster that nobody answers for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pgcutover::model::{Cluster, Connection, RunId, Runbook, Store, StoreKind, Watch, Window};
use pgcutover::world::{Access, Target, World};

use super::Server;

/// A kubeconfig whose API server is at that address.
pub(crate) fn kubeconfig(folder: &Path, server: &str) -> std::path::PathBuf {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
         clusters: [{{name: c, cluster: {{server: '{server}'}}}}]\n\
         users: [{{name: u, user: {{token: t}}}}]\n\
         contexts: [{{name: test, context: {{cluster: c, user: u}}}}]\n"
    );
    let path = folder.join("kubeconfig");
    std::fs::write(&path, text).unwrap();
    path
}

/// A store that a connection string leads to.
pub(crate) fn store(uri: &str) -> Store {
    let connection = Connection::Uri { uri: uri.to_owned() };
    Store { kind: StoreKind::Postgres, workload: None, connection, extensions: Vec::new() }
}

/// A runbook without phases over two stores.
pub(crate) fn runbook(blue: Store, green: Store) -> Runbook {
    Runbook {
        name: "test".into(),
        title: "Test".into(),
        cluster: Cluster { namespace: "default".into() },
        blue,
        green,
        traffic: None,
        watch: Watch {
            tables: Vec::new(),
            exclude: BTreeMap::new(),
            refresh: Duration::from_millis(200),
        },
        window: Window { budget: Duration::from_secs(600), opens: None, closes: None },
        phases: Vec::new(),
    }
}

/// A world over two connection strings.
pub(crate) async fn world(blue: &str, green: &str, access: Access) -> World {
    world_of(runbook(store(blue), store(green)), access).await
}

/// A world over a runbook.
pub(crate) async fn world_of(runbook: Runbook, access: Access) -> World {
    let folder = tempfile::tempdir().unwrap();
    let target = Target {
        kubeconfig: Some(kubeconfig(folder.path(), "http://127.0.0.1:1")),
        ..Target::default()
    };
    World::connect(Arc::new(runbook), RunId::new("run"), target, access).await.unwrap()
}

/// How to reach a test's server, password included.
pub(crate) fn uri(server: &Server) -> String {
    let Server { user, password, port, .. } = server;
    format!("postgresql://{user}:{password}@127.0.0.1:{port}/postgres")
}
