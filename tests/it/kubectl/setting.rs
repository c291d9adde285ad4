//! A cluster without controllers or nodes, and a kubectl that knows one cluster alone.

use std::ops::Deref;
use std::process::{Output, Stdio};
use std::time::Duration;

use pgcutover::lab::cluster::{ApiServer, ServerOptions};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

use crate::support::skip;

/// A kubectl that knows no other cluster than the one it was made for.
pub(super) struct Kubectl {
    home: TempDir,
}

/// An API server behind which nothing works.
pub(super) struct Cluster {
    pub(super) server: ApiServer,
    kubectl: Kubectl,
}

impl Deref for Cluster {
    type Target = Kubectl;

    fn deref(&self) -> &Kubectl {
        &self.kubectl
    }
}

/// A deployment and a Service, as an operator writes them.
pub(super) const MANIFEST: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: postgres:17
        ports: [{containerPort: 5432}]
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec:
  selector: {app: web}
  ports: [{port: 5432}]
";

/// A cluster, unless there is no kubectl.
pub(super) async fn cluster() -> Option<Cluster> {
    let server = ApiServer::start(ServerOptions::default()).await.unwrap();
    let kubectl = Kubectl::new(&server.admin_kubeconfig("default")).await?;
    Some(Cluster { server, kubectl })
}

impl Cluster {
    /// Makes a kubeconfig for a user, by whose name [`Kubectl::fails`] and others find it.
    pub(super) fn admit(&self, who: &str, user: &str, lifetime: Option<Duration>) {
        let kubeconfig = self.server.kubeconfig(user, lifetime, "default");
        std::fs::write(self.kubectl.home.path().join(who), kubeconfig).unwrap();
    }
}

impl Kubectl {
    /// A kubectl with this kubeconfig, or a word why the test is skipped.
    pub(super) async fn new(kubeconfig: &str) -> Option<Self> {
        if Command::new("kubectl").arg("version").arg("--client").output().await.is_err() {
            skip("kubectl is not installed");
            return None;
        }
        let home = TempDir::new().unwrap();
        std::fs::write(home.path().join("admin"), kubeconfig).unwrap();
        Some(Self { home })
    }

    fn command(&self, who: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("kubectl");
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("KUBECONFIG", self.home.path().join(who))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, who: &str, arguments: &[&str], input: &str) -> Output {
        let mut child = self.command(who, arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        tokio::time::timeout(Duration::from_secs(120), child.wait_with_output())
            .await
            .unwrap()
            .unwrap()
    }

    /// Runs kubectl as the administrator; it must succeed. Answers with what it printed.
    pub(super) async fn ok(&self, arguments: &[&str]) -> String {
        self.fed(arguments, "").await
    }

    /// The same with something on its standard input.
    pub(super) async fn fed(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run("admin", arguments, input).await;
        assert!(output.status.success(), "kubectl {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Runs kubectl as somebody; it must fail. Answers with its complaint.
    pub(super) async fn fails(&self, who: &str, arguments: &[&str], input: &str) -> String {
        let output = self.run(who, arguments, input).await;
        assert!(
            !output.status.success(),
            "kubectl {arguments:?} succeeded: {}",
            text(&output.stdout)
        );
        text(&output.stderr)
    }

    /// Runs kubectl as somebody, whatever comes of it. Answers with what it printed.
    pub(super) async fn says(&self, who: &str, arguments: &[&str]) -> String {
        text(&self.run(who, arguments, "").await.stdout)
    }

    /// Starts kubectl as the administrator and leaves it running until the child is dropped.
    pub(super) fn start(&self, arguments: &[&str]) -> Child {
        self.command("admin", arguments).spawn().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The words of a table's line.
pub(super) fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}
