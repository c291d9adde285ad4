//! Which server answers behind a Service.

use std::net::IpAddr;

use k8s_openapi::api::core::v1::{Pod, Service, ServicePort};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::model::Connection;
use crate::world::{ApiError, ApiErrorKind, Call, WorldError};

use super::connect::{Wanted, connect};
use super::handle::{Inner, SessionKind};
use super::peer::{Peer, Way};
use super::reach::{self, Candidate};
use super::wire::Route;

/// Who answered a connection through a Service, and how strong that proof is.
#[derive(Debug, Clone)]
pub struct ServiceProof {
    /// The servers that answered: one for a connection through the cluster address, one for each ready endpoint else.
    pub peers: Vec<Peer>,
    /// [`Way::ClusterAddress`] for the whole proof; [`Way::PortForward`] when only the endpoints behind it were asked.
    pub way: Way,
}

pub(super) async fn prove(
    inner: &Inner,
    service: &str,
    purpose: &str,
) -> Result<ServiceProof, WorldError> {
    let wanted = Wanted { purpose, kind: SessionKind::Observer, database: None };
    let settings = reach::settings(inner).await?;
    let object: Service = inner.cluster.require(service).await?;
    let (candidates, way) = match cluster_address(&object, &inner.store.connection) {
        Some((ip, port)) if inner.is_direct() => {
            (vec![at_cluster_address(inner, service, ip, port)], Way::ClusterAddress)
        }
        _ => (endpoints(inner, service).await?, Way::PortForward),
    };
    let mut peers = Vec::new();
    for candidate in &candidates {
        peers.push(connect(inner, &settings, candidate, wanted).await?.peer().clone());
    }
    let way = peers.first().map_or(way, |peer| peer.way);
    Ok(ServiceProof { peers, way })
}

fn at_cluster_address(inner: &Inner, service: &str, ip: IpAddr, port: u16) -> Candidate {
    Candidate {
        route: Route::Ip { ip, port },
        way: Way::ClusterAddress,
        pod: None,
        address: format!("service/{service} ({})", std::net::SocketAddr::new(ip, port)),
        names: inner.names.clone(),
    }
}

/// The Service's own address and the port that leads to the database. A headless Service has none: its name is its pods.
fn cluster_address(service: &Service, connection: &Connection) -> Option<(IpAddr, u16)> {
    let spec = service.spec.as_ref()?;
    let ip = spec.cluster_ip.as_ref()?.parse().ok()?;
    let ports = spec.ports.as_deref().unwrap_or_default();
    let port = match ports {
        [only] => only,
        several => several.iter().find(|port| leads_to(port, connection))?,
    };
    Some((ip, u16::try_from(port.port).ok()?))
}

fn leads_to(port: &ServicePort, connection: &Connection) -> bool {
    let wanted = match connection {
        Connection::Pod { port, .. } => i32::from(*port),
        Connection::Uri { .. } => 5432,
    };
    let target = match &port.target_port {
        Some(IntOrString::Int(number)) => *number,
        _ => port.port,
    };
    target == wanted || matches!(port.name.as_deref(), Some("postgres" | "postgresql" | "pg"))
}

async fn endpoints(inner: &Inner, service: &str) -> Result<Vec<Candidate>, WorldError> {
    let slices = inner.cluster.endpoint_slices(service).await?;
    let mut candidates = Vec::new();
    for (pod, port) in slices.iter().flat_map(ready_pods) {
        let pod: Pod = inner.cluster.require(&pod).await?;
        candidates.push(reach::of_pod(inner, reach::pod_peer(&pod), port)?);
    }
    if candidates.is_empty() {
        return Err(ApiError {
            kind: ApiErrorKind::NotFound,
            call: Call::new("list", "endpointslices.discovery.k8s.io")
                .within(inner.cluster.namespace()),
            code: 0,
            message: format!("service `{service}` has no ready endpoint"),
            hint: None,
        }
        .into());
    }
    Ok(candidates)
}

/// Names and ports of the pods that take connections now. An absent condition means ready, as the API says.
fn ready_pods(slice: &EndpointSlice) -> Vec<(String, u16)> {
    let port = slice.ports.iter().flatten().find_map(|port| u16::try_from(port.port?).ok());
    let ready = slice.endpoints.iter().filter(|endpoint| {
        endpoint.conditions.as_ref().and_then(|conditions| conditions.ready).unwrap_or(true)
    });
    ready
        .filter_map(|endpoint| {
            let target = endpoint
                .target_ref
                .as_ref()
                .filter(|target| target.kind.as_deref() == Some("Pod"))?;
            Some((target.name.clone()?, port?))
        })
        .collect()
}
