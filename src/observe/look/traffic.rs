//! Looks at who answers: behind a Service, at an address.

use k8s_openapi::api::core::v1::Service;

use crate::model::{Answerer, EndpointsFact, Fact, HttpFact, HttpTarget, ServingFact, Side};
use crate::world::{Way, World, WorldError};

use super::cluster::ready_names;
use super::gate::Seen;

/// How often a Service is connected to before it is believed. The switch itself asks more often, and over a longer time.
const TIMES: usize = 3;

/// How much of an answer's body is told, in characters.
const EXCERPT: usize = 200;

pub(super) async fn endpoints(world: &World, service: &str, side: Side) -> Seen {
    let traffic = world.runbook.traffic.as_ref().filter(|traffic| traffic.service == service);
    let wanted = traffic.map(|traffic| traffic.selector(side).clone()).ok_or_else(|| {
        WorldError::Settings {
            what: format!("nothing says which pods of service `{service}` are {side}'s"),
            why: "the profile's [traffic] names another Service".to_owned(),
        }
    })?;
    let object: Service = world.cluster.require(service).await?;
    let selector = object.spec.and_then(|spec| spec.selector).unwrap_or_default();
    let pods = world.cluster.pods_labelled(&wanted).await?;
    let slices = world.cluster.endpoint_slices(service).await?;
    let ready = slices.iter().flat_map(|slice| &slice.endpoints).filter(|endpoint| {
        endpoint.conditions.as_ref().and_then(|conditions| conditions.ready).unwrap_or(true)
    });
    let endpoints = ready
        .map(|endpoint| {
            let target = endpoint.target_ref.as_ref().and_then(|target| target.name.clone());
            target.unwrap_or_else(|| endpoint.addresses.join(", "))
        })
        .collect();
    Ok(Fact::Endpoints(EndpointsFact {
        selector,
        wanted,
        endpoints,
        pods: ready_names(&pods).collect(),
    }))
}

pub(super) async fn serving(world: &World, service: &str, side: Side) -> Seen {
    let store = world.store(side);
    let observer = store.observer().await?;
    let wanted = observer.peer().system_identifier.clone();
    observer.give_back();
    // At once: kube-proxy chooses anew for each connection, and goes from the old endpoints to the new ones but never back.
    let asked = (0..TIMES).map(|_| store.through_service(service, "serving"));
    let proofs = futures::future::try_join_all(asked).await?;
    let through_proxy = proofs.iter().all(|proof| proof.way == Way::ClusterAddress);
    let peers = proofs.into_iter().flat_map(|proof| proof.peers);
    let answers = peers
        .map(|peer| Answerer { address: peer.address, system: peer.system_identifier })
        .collect();
    Ok(Fact::Serving(ServingFact { wanted, answers, through_proxy }))
}

pub(super) async fn http(world: &World, target: &HttpTarget, contains: Option<&str>) -> Seen {
    let direct = world.blue.is_direct() || world.green.is_direct();
    let answer = world.cluster.http_get(target, direct).await?;
    let body: String = answer.body.chars().filter(|c| !c.is_control()).take(EXCERPT).collect();
    Ok(Fact::Http(HttpFact {
        url: answer.url,
        status: answer.status,
        contains: contains.is_some_and(|text| answer.body.contains(text)),
        body,
        took: answer.took,
    }))
}
