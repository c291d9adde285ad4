//! From nothing to a namespace as an operator finds it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio_postgres::Config;

use super::apply;
use super::config::{LabConfig, Versions};
use super::error::LabError;
use super::images::Ground;
use super::lab::{Lab, Parts};
use super::setting::{self, Setting};
use super::wait;
use crate::lab::cluster::kind::SERVICES;
use crate::lab::cluster::meta;
use crate::lab::cluster::{ApiServer, Cluster, ClusterConfig, ServerOptions};
use crate::lab::faults::{Faults, Hands};
use crate::lab::postgres::{Installations, Search};
use crate::lab::process::{SupervisorConfig, clean_leftovers};
use crate::lab::progress::Progress;
use crate::lab::seed;
use crate::lab::workload::Traffic;

impl Lab {
    /// Starts a world: blue serves and holds its data, the application writes, its users call it.
    ///
    /// # Errors
    /// When PostgreSQL, an address, a process or anything else cannot be had. What was started is ended then.
    pub async fn start(config: LabConfig) -> Result<Self, LabError> {
        let setting = setting::of(&config.profile).ok_or_else(|| LabError::NoWorld {
            profile: config.profile.clone(),
            known: setting::profiles().collect::<Vec<_>>().join(", "),
        })?;
        let installations = locate(&config).await?;
        let parts = cluster(&config, setting, &installations).await?;
        let mut lab = Self::of(setting, &config, versions(&installations), parts)?;
        lab.furnish(&config).await?;
        Ok(lab)
    }

    /// Puts blue and the application into the cluster, then lets users and faults loose.
    async fn furnish(&mut self, config: &LabConfig) -> Result<(), LabError> {
        let (setting, scenario) = (self.setting, &config.scenario);
        let client = self.client().await?;
        let tell = |stage| (config.tell)(Progress::Stage(stage));
        tell("starting blue");
        let password = self.password.clone();
        let fill_in = move |object: &mut Value| fill_password(object, setting, &password);
        for manifest in setting.blue {
            apply::create_all(&client, (manifest.0, manifest.1), &fill_in).await?;
            if manifest.0.ends_with("namespace.yml") {
                let registry = registry_secret(setting)?;
                apply::create(&client, registry)
                    .await
                    .map_err(|error| LabError::Api(error.to_string()))?;
            }
        }
        wait::ready(self.store(), setting.namespace, setting.blue_deployment).await?;
        tell("loading blue's data");
        seed::load(&self.serving()?, setting.data, scenario.data.scale * config.scale).await?;
        tell("starting the application");
        for manifest in setting.app {
            apply::create_all(&client, (manifest.0, manifest.1), &|_| ()).await?;
        }
        for (path, text) in scenario.added_manifests()? {
            apply::create_all(&client, (&path, &text), &|_| ()).await?;
        }
        wait::ready(self.store(), setting.namespace, setting.app_deployment).await?;
        let written = || has_entries(&self.ledger);
        wait::until("the application's first write", written, || "its ledger is empty".to_owned())
            .await?;
        self.let_loose(config)
    }

    fn let_loose(&mut self, config: &LabConfig) -> Result<(), LabError> {
        let (service, port, path) = self.setting.api;
        let address = self.service_address(service)?;
        self.traffic = Some(Traffic::start(format!("{address}:{port}"), path.to_owned()));
        let hands = Hands {
            store: self.store().clone(),
            namespace: self.setting.namespace,
            folder: self.folder().to_owned(),
            database: self.credentials(),
        };
        self.faults = Some(Faults::start(&config.scenario.faults, &Arc::new(hands)));
        Ok(())
    }

    /// How the application's role connects; the address is to be added.
    fn credentials(&self) -> Config {
        let mut config = Config::new();
        config
            .user(self.setting.user)
            .password(&self.password)
            .dbname(self.setting.database)
            .application_name("lab")
            .connect_timeout(Duration::from_secs(3));
        config
    }

    /// How clients reach whoever serves now.
    pub(super) fn serving(&self) -> Result<Config, LabError> {
        let (service, port) = self.setting.serving;
        let mut config = self.credentials();
        config.host(self.service_address(service)?).port(port);
        Ok(config)
    }

    fn service_address(&self, service: &str) -> Result<String, LabError> {
        let found = self.store().get(&SERVICES, self.setting.namespace, service);
        let address = found.as_ref().map(|found| meta::text(found, "/spec/clusterIP").to_owned());
        address.ok_or_else(|| LabError::Api(format!("there is no service `{service}`")))
    }
}

async fn locate(config: &LabConfig) -> Result<Installations, LabError> {
    let (search, tell) = (Search::from_env(config.bindirs.clone()), Arc::clone(&config.tell));
    let locating = tokio::task::spawn_blocking(move || Installations::locate(&search, &*tell));
    let installations = locating.await.map_err(|error| LabError::Api(error.to_string()))??;
    let versions = versions(&installations);
    (config.tell)(Progress::Versions { blue: versions.blue, green: versions.green });
    Ok(installations)
}

fn versions(installations: &Installations) -> Versions {
    Versions {
        blue: installations.blue.version.to_string(),
        green: installations.green.version.to_string(),
        vector: installations.green.vector.clone().unwrap_or_default(),
    }
}

/// The processes' keeper, the API server, the controllers and the node.
async fn cluster(
    config: &LabConfig,
    setting: &'static Setting,
    installations: &Installations,
) -> Result<Parts, LabError> {
    let base = config.base.clone().unwrap_or_else(std::env::temp_dir);
    let program_error =
        |source| LabError::Write { path: PathBuf::from("the running program"), source };
    let janitor = config.janitor().map_err(program_error)?;
    let program = config.program().map_err(program_error)?;
    let _ = clean_leftovers(&base);
    let ledger = Arc::new(OnceLock::new());
    let application = &config.scenario.application;
    let ground = Ground { setting, installations, program: &program, ledger: &ledger, application };
    let supervisor = SupervisorConfig { base, keep: config.keep, janitor };
    let cluster =
        Cluster::start(&ClusterConfig::new(setting.profile, supervisor, ground.images()))?;
    let folder = cluster.folder().make("ledger", None)?;
    // Nothing has been pulled yet, so nobody has asked for it.
    let _ = ledger.set(folder.clone());
    let options = ServerOptions {
        name: format!("pgcutover-lab-{}", setting.profile),
        log: Some(cluster.folder().path().join("requests.jsonl")),
        ..ServerOptions::default()
    };
    let serving = ApiServer::over(cluster.store().clone(), options).await;
    let server = serving.map_err(|error| LabError::Api(error.to_string()))?;
    server.set_kubelet(cluster.kubelet());
    Ok(Parts { server, cluster, ledger: folder })
}

fn fill_password(object: &mut Value, setting: &Setting, password: &str) {
    if object["kind"] == "Secret" && meta::name(object) == setting.secret {
        object["stringData"]["POSTGRES_PASSWORD"] = password.into();
    }
}

/// <https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets>
fn registry_secret(setting: &Setting) -> Result<Value, LabError> {
    let auth = STANDARD.encode(format!("puller:{}", random_word()?));
    let config = json!({ "auths": { setting.registry: { "auth": auth } } }).to_string();
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/dockerconfigjson",
        "metadata": { "name": setting.registry_secret, "namespace": setting.namespace },
        "data": { ".dockerconfigjson": STANDARD.encode(config) },
    }))
}

/// A word that nobody guesses.
pub(super) fn random_word() -> Result<String, LabError> {
    let mut bytes = [0_u8; 18];
    getrandom::fill(&mut bytes).map_err(|error| LabError::Api(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn has_entries(folder: &Path) -> bool {
    let Ok(files) = folder.read_dir() else { return false };
    files.filter_map(Result::ok).any(|file| file.metadata().is_ok_and(|meta| meta.len() > 0))
}
