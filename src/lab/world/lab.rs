//! A running world, and its end.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

use super::apply;
use super::config::{Environment, LabConfig, Versions};
use super::error::LabError;
use super::setting::Setting;
use super::start::random_word;
use crate::lab::cluster::store::Store;
use crate::lab::cluster::{ApiServer, Cluster};
use crate::lab::faults::Faults;
use crate::lab::workload::{Audit, Felt, Traffic, audit};

/// What a cluster is made of.
pub(super) struct Parts {
    pub(super) server: ApiServer,
    pub(super) cluster: Cluster,
    pub(super) ledger: PathBuf,
}

/// A running world. It ends when it is dropped; [`Lab::shutdown`] ends it in good order and waits.
#[derive(Debug)]
pub struct Lab {
    pub(super) setting: &'static Setting,
    pub(super) faults: Option<Faults>,
    pub(super) traffic: Option<Traffic>,
    pub(super) ledger: PathBuf,
    pub(super) password: String,
    server: ApiServer,
    environment: Environment,
    // Last, so that what is left ends when everything else has been dropped.
    cluster: Cluster,
}

impl Lab {
    pub(super) fn of(
        setting: &'static Setting,
        config: &LabConfig,
        versions: Versions,
        parts: Parts,
    ) -> Result<Self, LabError> {
        let Parts { server, cluster, ledger } = parts;
        let folder = cluster.folder().path().to_owned();
        let environment = Environment {
            profile: setting.profile.to_owned(),
            scenario: config.scenario.name.clone(),
            kubeconfig: folder.join("kubeconfig"),
            namespace: setting.namespace.to_owned(),
            server: server.address().to_string(),
            folder,
            versions,
        };
        write_private(&environment.kubeconfig, &server.admin_kubeconfig(setting.namespace))?;
        let password = random_word()?;
        let (faults, traffic) = (None, None);
        Ok(Self { setting, faults, traffic, ledger, password, server, environment, cluster })
    }

    /// How to find it.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The kubeconfig of somebody who may do everything.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.environment.kubeconfig
    }

    /// The API server, for its faults, its log and its restarts.
    #[must_use]
    pub fn server(&self) -> &ApiServer {
        &self.server
    }

    /// The lab's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.cluster.folder().path()
    }

    pub(super) fn store(&self) -> &Store {
        self.cluster.store()
    }

    /// The kubeconfig of a user who may do in the namespace what `rules` (those of a Role) allow, and nothing else.
    ///
    /// # Errors
    /// When the API refuses, or the file cannot be written.
    pub async fn kubeconfig_for(&self, user: &str, rules: &Value) -> Result<PathBuf, LabError> {
        let client = self.client().await?;
        let metadata = json!({ "name": user, "namespace": self.setting.namespace });
        let rbac = "rbac.authorization.k8s.io";
        let role = json!({ "apiVersion": format!("{rbac}/v1"), "kind": "Role", "metadata": metadata, "rules": rules });
        let binding = json!({
            "apiVersion": format!("{rbac}/v1"), "kind": "RoleBinding", "metadata": metadata,
            "roleRef": { "apiGroup": rbac, "kind": "Role", "name": user },
            "subjects": [{ "apiGroup": rbac, "kind": "User", "name": user }],
        });
        for object in [role, binding] {
            apply::create(&client, object)
                .await
                .map_err(|error| LabError::Api(error.to_string()))?;
        }
        let path = self.folder().join(format!("kubeconfig-{user}"));
        write_private(&path, &self.server.kubeconfig(user, None, self.setting.namespace))?;
        Ok(path)
    }

    /// What users have felt until now.
    #[must_use]
    pub fn felt(&self) -> Felt {
        self.traffic.as_ref().map(Traffic::felt).unwrap_or_default()
    }

    /// Whether every acknowledged write is on the side that serves, once.
    ///
    /// # Errors
    /// When it cannot be asked; then nothing is known.
    pub async fn audit(&self) -> Result<Audit, LabError> {
        let felt = self.felt();
        Ok(audit(&self.ledger, &self.serving()?, self.setting.app_deployment, felt).await?)
    }

    /// Ends the world, and waits until nothing of it is left.
    pub async fn shutdown(mut self) {
        if let Some(faults) = self.faults.take() {
            faults.stop().await;
        }
        if let Some(traffic) = self.traffic.take() {
            traffic.stop().await;
        }
        self.server.stop();
        self.cluster.shutdown().await;
    }

    /// A client with all rights.
    pub(super) async fn client(&self) -> Result<kube::Client, LabError> {
        let failed = |error: &dyn std::fmt::Display| LabError::Api(error.to_string());
        let file = Kubeconfig::read_from(self.kubeconfig()).map_err(|error| failed(&error))?;
        let options = KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(file, &options)
            .await
            .map_err(|error| failed(&error))?;
        kube::Client::try_from(config).map_err(|error| failed(&error))
    }
}

fn write_private(path: &Path, text: &str) -> Result<(), LabError> {
    let file = File::options().create(true).write(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| LabError::Write { path: path.to_owned(), source })
}
