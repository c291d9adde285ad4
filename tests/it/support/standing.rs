//! A world that stands for as long as any test uses it: starting one takes seconds, and what only looks can share it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use http::Request;
use pgcutover::lab::Lab;
use pgcutover::lab::cluster::LoggedRequest;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::{lab_config, start_lab};

/// The world that is shared now.
static SHARED: Mutex<Weak<Standing>> = Mutex::new(Weak::new());

/// The lab's world of chronicle, in which nothing goes wrong by itself.
pub(crate) struct Standing {
    lab: Option<Lab>,
    runtime: Runtime,
}

impl Standing {
    /// A world of its own for one test, or a word why the test is skipped.
    pub(crate) fn start() -> Option<Self> {
        let runtime = Runtime::new().unwrap();
        let lab = runtime.block_on(start_lab(lab_config("plain")))?;
        Some(Self { lab: Some(lab), runtime })
    }

    /// The world that tests share which change nothing that another one sees.
    pub(crate) fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(standing) = shared.upgrade() {
            return Some(standing);
        }
        let standing = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&standing);
        Some(standing)
    }

    /// The lab itself.
    pub(crate) fn lab(&self) -> &Lab {
        self.lab.as_ref().unwrap()
    }

    /// The kubeconfig of somebody who may do everything.
    pub(crate) fn kubeconfig(&self) -> &str {
        self.lab().kubeconfig().to_str().unwrap()
    }

    /// Writes the kubeconfig of a `ServiceAccount` of the namespace into a folder.
    pub(crate) fn service_account(&self, name: &str, folder: &Path) -> String {
        let user = format!("system:serviceaccount:{}:{name}", self.namespace());
        let path = folder.join(name);
        let text = self.lab().server().kubeconfig(&user, None, self.namespace());
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The namespace.
    pub(crate) fn namespace(&self) -> &str {
        &self.lab().environment().namespace
    }

    /// Sends a request to the API server as somebody who may do everything; `path` begins behind the namespace.
    pub(crate) fn send(&self, method: &str, group: &str, path: &str, body: &Value) -> Value {
        let namespace = self.namespace();
        let kind = if method == "PATCH" { "merge-patch+json" } else { "json" };
        let request = Request::builder()
            .method(method)
            .uri(format!("/{group}/namespaces/{namespace}/{path}"))
            .header("content-type", format!("application/{kind}"))
            .body(serde_json::to_vec(body).unwrap())
            .unwrap();
        self.runtime.block_on(async { self.client().await.request(request).await.unwrap() })
    }

    /// Creates what `plan -o rbac` prints, as it was printed.
    pub(crate) fn create(&self, roles: &str) {
        const RBAC: &str = "apis/rbac.authorization.k8s.io/v1";
        for object in serde_saphyr::from_multiple::<Value>(roles).unwrap() {
            let (group, kind) = match object["kind"].as_str().unwrap() {
                "ServiceAccount" => ("api/v1", "serviceaccounts"),
                "Role" => (RBAC, "roles"),
                "RoleBinding" => (RBAC, "rolebindings"),
                other => panic!("{other} is printed"),
            };
            self.send("POST", group, kind, &object);
        }
    }

    /// Sets a server's settings as its superuser, over a session whose application is named `it`.
    pub(crate) fn configure(
        &self,
        pod: &Value,
        settings: &[&str],
    ) -> Result<(), tokio_postgres::Error> {
        let secret = self.send("GET", "api/v1", "secrets/chronicle-db-secret", &Value::Null);
        let read = |key: &str| {
            use base64::Engine as _;
            let text = secret["data"][key].as_str().unwrap();
            let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        let mut config = tokio_postgres::Config::new();
        config.host(pod["status"]["podIP"].as_str().unwrap_or_default()).dbname("chronicle_db");
        config.user(read("POSTGRES_USER")).password(read("POSTGRES_PASSWORD"));
        config.application_name("it");
        self.block_on(async {
            let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            for setting in settings {
                client.execute(&format!("ALTER SYSTEM SET {setting}"), &[]).await?;
            }
            client.execute("SELECT pg_reload_conf()", &[]).await.map(drop)
        })
    }

    /// What stands at a path of the namespace that is not JSON, such as a pod's log.
    pub(crate) fn text(&self, path: &str) -> String {
        let uri = format!("/api/v1/namespaces/{}/{path}", self.namespace());
        let request = Request::get(uri).body(Vec::new()).unwrap();
        self.runtime.block_on(async { self.client().await.request_text(request).await.unwrap() })
    }

    /// A pod's log, while there is one.
    pub(crate) fn log(&self, pod: &str) -> Option<String> {
        let uri = format!("/api/v1/namespaces/{}/pods/{pod}/log", self.namespace());
        let request = Request::get(uri).body(Vec::new()).unwrap();
        self.runtime.block_on(async { self.client().await.request_text(request).await.ok() })
    }

    async fn client(&self) -> kube::Client {
        let file = kube::config::Kubeconfig::read_from(self.lab().kubeconfig()).unwrap();
        let options = kube::config::KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(file, &options).await.unwrap();
        kube::Client::try_from(config).unwrap()
    }

    /// What the API server was asked by somebody, in order.
    pub(crate) fn requests_of(&self, user: &str) -> Vec<LoggedRequest> {
        let mut entries = self.lab().server().requests().entries();
        entries.retain(|entry| entry.user.ends_with(user));
        entries
    }

    /// What somebody asked to be changed, but for the record of who drives, which is kept in the cluster as well.
    pub(crate) fn changes_of(&self, user: &str) -> Vec<String> {
        let changes = self.requests_of(user).into_iter().filter(LoggedRequest::is_write);
        let calls = changes.map(|request| format!("{} {}", request.verb, request.uri));
        calls.filter(|call| !call.contains("/leases") && !call.contains("/configmaps")).collect()
    }

    /// Runs something that needs the lab's runtime.
    pub(crate) fn block_on<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        if let Some(lab) = self.lab.take() {
            self.runtime.block_on(lab.shutdown());
        }
    }
}
