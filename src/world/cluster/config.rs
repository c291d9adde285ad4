//! Which cluster, as whom, and where that was found.

use std::fmt;

use kube::config::{Config, KubeConfigOptions, Kubeconfig};

use crate::world::{Target, WorldError};

use super::proxy::{ProxyVariables, proxy_for};

/// Where the configuration of the cluster's client was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A kubeconfig: its files as `KUBECONFIG` lists them, and the context that was used.
    Kubeconfig {
        /// The files, and which flag or variable named them.
        files: String,
        /// The context.
        context: String,
    },
    /// The service account of the pod that we run in.
    InCluster,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kubeconfig { files, context } => write!(f, "context `{context}` of {files}"),
            Self::InCluster => f.write_str("the service account of this pod"),
        }
    }
}

/// A configuration and where it was found.
pub(super) struct Found {
    pub(super) config: Config,
    pub(super) origin: Origin,
    /// `proxy-url` of the cluster.
    proxy: Option<String>,
}

/// Reads the configuration anew, as it must be after a token has expired.
pub(super) async fn find(target: &Target) -> Result<Found, WorldError> {
    let mut found = match kubeconfig(target)? {
        Some((kubeconfig, files)) => from_file(target, kubeconfig, files).await?,
        None => in_cluster()?,
    };
    let variables = ProxyVariables::of_process();
    found.config.proxy_url =
        proxy_for(&found.config.cluster_url, found.proxy.as_deref(), &variables)
            .map_err(|cause| WorldError::Config { cause, hint: None })?;
    if target.impersonate.is_some() {
        found.config.auth_info.impersonate.clone_from(&target.impersonate);
    }
    if !target.impersonate_groups.is_empty() {
        found.config.auth_info.impersonate_groups = Some(target.impersonate_groups.clone());
    }
    // Our own layer bounds the whole request: a limit of the connector's own would end a try as a failed connection, and a
    // read is tried again after that.
    found.config.connect_timeout = None;
    // Our own layer retries, and reads only: a write that timed out may have been done.
    found.config.default_retry = false;
    Ok(found)
}

fn kubeconfig(target: &Target) -> Result<Option<(Kubeconfig, String)>, WorldError> {
    if let Some(path) = &target.kubeconfig {
        let read = Kubeconfig::read_from(path).map_err(|error| unusable(&error, None))?;
        return Ok(Some((read, format!("`{}` (--kubeconfig)", path.display()))));
    }
    if let Some(value) = std::env::var_os("KUBECONFIG").filter(|value| !value.is_empty()) {
        let read = Kubeconfig::from_env().map_err(|error| unusable(&error, None))?;
        let files = format!("`{}` (KUBECONFIG)", value.to_string_lossy());
        return Ok(read.map(|read| (read, files)));
    }
    let Some(path) = std::env::home_dir().map(|home| home.join(".kube/config")) else {
        return Ok(None);
    };
    if !path.exists() {
        return Ok(None);
    }
    let read = Kubeconfig::read_from(&path).map_err(|error| unusable(&error, None))?;
    Ok(Some((read, format!("`{}`", path.display()))))
}

async fn from_file(
    target: &Target,
    kubeconfig: Kubeconfig,
    files: String,
) -> Result<Found, WorldError> {
    let names = kubeconfig.contexts.iter().map(|context| context.name.clone()).collect::<Vec<_>>();
    let context = target.context.clone().or_else(|| kubeconfig.current_context.clone());
    let hint = || match names.as_slice() {
        [] => format!("{files} has no context"),
        names => {
            format!("{files} has the contexts {}; choose one with --context", names.join(", "))
        }
    };
    let context = context.filter(|context| !context.is_empty()).ok_or_else(|| {
        WorldError::Config { cause: "no context is set".to_owned(), hint: Some(hint()) }
    })?;
    let proxy = configured_proxy(&kubeconfig, &context, target.cluster.as_deref());
    let options = KubeConfigOptions {
        context: Some(context.clone()),
        cluster: target.cluster.clone(),
        user: target.user.clone(),
    };
    let config = Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .map_err(|error| unusable(&error, Some(hint())))?;
    Ok(Found { config, origin: Origin::Kubeconfig { files, context }, proxy })
}

fn configured_proxy(
    kubeconfig: &Kubeconfig,
    context: &str,
    cluster: Option<&str>,
) -> Option<String> {
    let named = kubeconfig.contexts.iter().find(|one| one.name == context)?.context.as_ref()?;
    let cluster = cluster.unwrap_or(&named.cluster);
    kubeconfig.clusters.iter().find(|one| one.name == cluster)?.cluster.as_ref()?.proxy_url.clone()
}

fn in_cluster() -> Result<Found, WorldError> {
    let config = Config::incluster().map_err(|error| WorldError::Config {
        cause: format!("there is no kubeconfig, and no service account either: {error}"),
        hint: Some("set KUBECONFIG or say --kubeconfig FILE".to_owned()),
    })?;
    Ok(Found { config, origin: Origin::InCluster, proxy: None })
}

fn unusable(error: &dyn std::error::Error, hint: Option<String>) -> WorldError {
    WorldError::Config { cause: error.to_string(), hint }
}

/// Whether this process runs in a pod of the cluster at that address.
///
/// The kubelet gives every pod the API server's address in its environment; a kubeconfig in a pod may mean another cluster.
pub(super) fn runs_in(server: &str) -> bool {
    std::env::var("KUBERNETES_SERVICE_HOST").is_ok_and(|host| {
        let port = std::env::var("KUBERNETES_SERVICE_PORT").unwrap_or_else(|_| "443".to_owned());
        server == format!("https://{host}:{port}")
            || server.starts_with("https://kubernetes.default")
    })
}
