//! Whether a Service's endpoints are exactly the ready pods of a selector.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::action::act::{Act, seen};
use crate::action::trouble::is_ready;
use crate::action::wait::{Halt, Seen, Wakes, Watched, until};
use crate::model::{Evidence, Failure};
use crate::world::{WorldError, selector_text};

use super::selector::Selector;

/// Waits until the endpoints are exactly the selector's ready pods, and at least one.
pub(super) async fn settled(
    act: Act<'_>,
    service: &str,
    selector: &Selector,
) -> Result<Evidence, Failure> {
    let wakes = Wakes::new()
        .on::<EndpointSlice>(act.cluster(), &slices_of(service))
        .on::<Pod>(act.cluster(), &selector_text(selector));
    until(act, wakes, Settling { act, service, selector }).await
}

/// The ready pods that a selector picks, by UID.
pub(super) async fn ready_pods(act: Act<'_>, selector: &Selector) -> Result<Vec<Pod>, WorldError> {
    let pods = act.cluster().pods_labelled(selector).await?;
    Ok(pods
        .into_iter()
        .filter(|pod| is_ready(pod) && pod.metadata.deletion_timestamp.is_none())
        .collect())
}

fn slices_of(service: &str) -> String {
    format!("kubernetes.io/service-name={service}")
}

struct Settling<'a> {
    act: Act<'a>,
    service: &'a str,
    selector: &'a Selector,
}

impl Watched for Settling<'_> {
    type Out = Evidence;

    fn what(&self) -> String {
        format!("the endpoints of service/{} to follow its selector", self.service)
    }

    async fn look(&mut self) -> Result<Seen<Evidence>, Halt> {
        let slices = self.act.cluster().endpoint_slices(self.service).await?;
        let pods = ready_pods(self.act, self.selector).await?;
        let (have, want) = (in_use(&slices), wanted(&pods));
        if want.is_empty() {
            return Ok(Seen::waiting(format!("no ready pod for service/{}", self.service)));
        }
        if have == want {
            let summary = format!(
                "service/{} has exactly the ready pods of its selector as endpoints",
                self.service
            );
            let source = format!("LIST endpointslices -l {}", slices_of(self.service));
            return Ok(Seen::Ready(seen(
                summary,
                source,
                have.into_iter().map(|one| one.1).collect(),
            )));
        }
        let names = |set: &BTreeSet<(String, String)>| {
            set.iter().map(|one| one.1.as_str()).collect::<Vec<_>>().join(", ")
        };
        Ok(Seen::waiting(format!(
            "endpoints of service/{}: {}; ready pods: {}",
            self.service,
            if have.is_empty() { "none".to_owned() } else { names(&have) },
            names(&want)
        )))
    }
}

/// The endpoints that get connections: `ready` is true or not said. Both address families of a pod are one endpoint.
fn in_use(slices: &[EndpointSlice]) -> BTreeSet<(String, String)> {
    let endpoints = slices.iter().flat_map(|slice| slice.endpoints.iter());
    let ready = endpoints.filter(|one| {
        one.conditions.as_ref().and_then(|conditions| conditions.ready).unwrap_or(true)
    });
    ready
        .map(|one| {
            let target = one.target_ref.as_ref();
            let address = one.addresses.first().cloned().unwrap_or_default();
            let uid =
                target.and_then(|target| target.uid.clone()).unwrap_or_else(|| address.clone());
            let name = target.and_then(|target| target.name.clone()).unwrap_or(address);
            (uid, format!("pod/{name}"))
        })
        .collect()
}

fn wanted(pods: &[Pod]) -> BTreeSet<(String, String)> {
    pods.iter()
        .map(|pod| {
            let name = pod.metadata.name.as_deref().unwrap_or_default();
            (pod.metadata.uid.clone().unwrap_or_default(), format!("pod/{name}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn slice(family: &str, address: &str, uid: &str, ready: Option<bool>) -> EndpointSlice {
        serde_json::from_value(json!({
            "metadata": { "name": format!("chronicle-db-{family}") },
            "addressType": family,
            "endpoints": [{
                "addresses": [address],
                "conditions": { "ready": ready },
                "targetRef": { "kind": "Pod", "name": format!("pod-{uid}"), "uid": uid },
            }],
        }))
        .unwrap()
    }

    #[test]
    fn a_pod_of_two_address_families_is_one_endpoint() {
        let slices = [
            slice("IPv4", "10.0.0.7", "u1", Some(true)),
            slice("IPv6", "fd00::7", "u1", Some(true)),
        ];
        assert_eq!(in_use(&slices).len(), 1);
    }

    #[test]
    fn an_endpoint_that_is_not_ready_gets_no_connections_and_an_unsaid_one_does() {
        assert!(in_use(&[slice("IPv4", "10.0.0.7", "u1", Some(false))]).is_empty());
        assert_eq!(in_use(&[slice("IPv4", "10.0.0.7", "u1", None)]).len(), 1);
    }
}
