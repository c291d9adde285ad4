//! Which ways lead to a side's servers, and as whom to log in.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Pod, Secret as SecretObject};

use crate::model::{Connection, SecretRef, Side};
use crate::world::cluster::selector_text;
use crate::world::{Cluster, WorldError};

use super::handle::Inner;
use super::libpq::{Environment, Host, HostAddress, Secret, Settings, for_pod, for_uri};
use super::peer::{PodPeer, Way};
use super::wire::Route;

/// A server that may answer.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) route: Route,
    pub(super) way: Way,
    pub(super) pod: Option<PodPeer>,
    /// As a person reads it.
    pub(super) address: String,
    /// The names under which a certificate may know it.
    pub(super) names: Vec<String>,
}

/// The settings of a side's store, and the servers to try.
pub(super) async fn reach(inner: &Inner) -> Result<(Settings, Vec<Candidate>), WorldError> {
    let settings = settings(inner).await?;
    let candidates = match &inner.store.connection {
        Connection::Pod { labels, port, .. } => pods(inner, labels, *port).await?,
        Connection::Uri { .. } => settings.hosts.iter().map(of_host).collect(),
    };
    Ok((settings, candidates))
}

/// The settings alone, with the Secret read anew: passwords are changed while a console runs.
pub(super) async fn settings(inner: &Inner) -> Result<Settings, WorldError> {
    let environment = Environment::of_process();
    let (side, connection) = (inner.side, &inner.store.connection);
    let settings = match connection {
        Connection::Pod { database, port, secret, .. } => {
            let secret = match secret {
                Some(secret) => Some(credentials(&inner.cluster, secret).await?),
                None => None,
            };
            let name = inner.names.first().map_or("localhost", String::as_str);
            for_pod(database, name, *port, secret, side, &environment)
        }
        Connection::Uri { uri } => for_uri(uri, side, &environment),
    };
    settings.map_err(|why| WorldError::Settings {
        what: format!("{side}'s connection settings cannot be used"),
        why,
    })
}

async fn credentials(
    cluster: &Cluster,
    wanted: &SecretRef,
) -> Result<(String, Secret), WorldError> {
    let lacks = |why: String, hint: &str| WorldError::Secret {
        name: wanted.name.clone(),
        why,
        hint: hint.to_owned(),
    };
    let secret: SecretObject = cluster.get(&wanted.name).await?.ok_or_else(|| {
        let why = format!("does not exist in namespace `{}`", cluster.namespace());
        lacks(why, "create it, or name another `secret` in the profile's connection")
    })?;
    let data = secret.data.unwrap_or_default();
    let value = |key: &str| {
        let keys = data.keys().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        let bytes = data.get(key).ok_or_else(|| {
            lacks(
                format!("has no key `{key}`; it has {keys}"),
                "name them as `user-key` and `password-key` beside the `secret` in the profile",
            )
        })?;
        let text = String::from_utf8(bytes.0.clone()).map_err(|_| {
            lacks(format!("holds something else than text under `{key}`"), "write it anew as text")
        })?;
        if text.is_empty() {
            Err(lacks(format!("is empty under `{key}`"), "write what the server knows into it"))
        } else {
            Ok(text)
        }
    };
    Ok((value(&wanted.user_key)?, Secret::new(value(&wanted.password_key)?)))
}

fn of_host(host: &Host) -> Candidate {
    let Host { address, port, name } = host;
    let (route, address) = match address {
        HostAddress::Name(host) => {
            (Route::Name { name: host.clone(), port: *port }, format!("{host}:{port}"))
        }
        HostAddress::Ip(ip) => {
            (Route::Ip { ip: *ip, port: *port }, std::net::SocketAddr::new(*ip, *port).to_string())
        }
        HostAddress::Socket(folder) => {
            let path = folder.join(format!(".s.PGSQL.{port}"));
            (Route::Socket { path: path.clone() }, path.display().to_string())
        }
    };
    Candidate { route, way: Way::Uri, pod: None, address, names: vec![name.clone()] }
}

async fn pods(
    inner: &Inner,
    labels: &BTreeMap<String, String>,
    port: u16,
) -> Result<Vec<Candidate>, WorldError> {
    let all = inner.cluster.pods_labelled(labels).await?;
    let ready: Vec<&Pod> = all.iter().filter(|pod| is_ready(pod)).collect();
    if ready.is_empty() {
        let seen = all.iter().map(describe).collect();
        return Err(WorldError::NoPod { side: inner.side, labels: selector_text(labels), seen });
    }
    ready.into_iter().map(|pod| of_pod(inner, pod_peer(pod), port)).collect()
}

/// A pod as a candidate: through the API server, or at its address where that leads somewhere.
pub(super) fn of_pod(inner: &Inner, pod: PodPeer, port: u16) -> Result<Candidate, WorldError> {
    let (route, way, address) = if inner.is_direct() {
        let ip = pod
            .ip
            .as_deref()
            .and_then(|ip| ip.parse().ok())
            .ok_or_else(|| no_address(inner.side, &pod))?;
        let address = std::net::SocketAddr::new(ip, port);
        (Route::Ip { ip, port }, Way::PodAddress, format!("pod/{} ({address})", pod.name))
    } else {
        let route = Route::Pod { cluster: inner.cluster.clone(), pod: pod.name.clone(), port };
        (route, Way::PortForward, format!("pod/{}:{port}", pod.name))
    };
    Ok(Candidate { route, way, pod: Some(pod), address, names: inner.names.clone() })
}

fn no_address(side: Side, pod: &PodPeer) -> WorldError {
    WorldError::NoPod {
        side,
        labels: String::new(),
        seen: vec![format!("pod/{} has no address", pod.name)],
    }
}

pub(super) fn pod_peer(pod: &Pod) -> PodPeer {
    let status = pod.status.as_ref();
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    PodPeer {
        name: pod.metadata.name.clone().unwrap_or_default(),
        uid: pod.metadata.uid.clone().unwrap_or_default(),
        ip: status.and_then(|status| status.pod_ip.clone()),
        image: containers.into_iter().next().and_then(|container| container.image.clone()),
    }
}

/// Ready, and not on its way out: a pod in `Terminating` may still be ready for its grace period.
fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let mut ready = conditions.filter(|condition| condition.type_ == "Ready");
    pod.metadata.deletion_timestamp.is_none() && ready.any(|condition| condition.status == "True")
}

/// A pod's state in a few words: its phase, and what its container waits for.
fn describe(pod: &Pod) -> String {
    let name = pod.metadata.name.as_deref().unwrap_or("?");
    let Some(status) = &pod.status else { return format!("pod/{name} has no status yet") };
    if pod.metadata.deletion_timestamp.is_some() {
        return format!("pod/{name} is terminating");
    }
    let statuses = status
        .init_container_statuses
        .iter()
        .flatten()
        .chain(status.container_statuses.iter().flatten());
    let waiting = statuses
        .filter_map(|container| container.state.as_ref()?.waiting.as_ref())
        .find_map(|waiting| waiting.reason.clone().map(|reason| (reason, waiting.message.clone())));
    let phase = status.phase.as_deref().unwrap_or("Unknown");
    match waiting {
        Some((reason, Some(message))) => format!("pod/{name} is {phase}: {reason}: {message}"),
        Some((reason, None)) => format!("pod/{name} is {phase}: {reason}"),
        None => format!("pod/{name} is {phase} and not ready"),
    }
}
