//! `switch-service`: the Service's selector, then the endpoints, then a server that answers.
//!
//! A JSON patch with a `test` on the selector that was recorded moves nothing when somebody else has moved it. The endpoints
//! follow after a moment and kube-proxy after another, so that the switch is proven by connecting through the Service,
//! several times in a row.
//!
//! Calls: `get`, `patch` `services`; `list`, `watch` `endpointslices.discovery.k8s.io` and `pods`; and what
//! [`Postgres::through_service`](crate::world::Postgres::through_service) needs (`get`, `create` `pods/portforward` from outside).

mod endpoints;
mod proof;
mod selector;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::{Failure, FailureKind, Outcome, Runbook, Side, Traffic};
use crate::world::World;

use super::act::{Act, outcome, refused, untouched};
use selector::{Selector, turn};

#[derive(Debug, Serialize, Deserialize)]
struct Before {
    selector: Selector,
    uid: String,
}

/// Records the selector.
pub(super) async fn prepare(world: &World, service: &str) -> Result<Value, Failure> {
    let found: Service = world.cluster.require(service).await.map_err(untouched)?;
    let uid = found.metadata.uid.clone().unwrap_or_default();
    let spec = found.spec.unwrap_or_default();
    let selector = spec.selector.unwrap_or_default();
    if selector.is_empty() || spec.type_.as_deref() == Some("ExternalName") {
        return Err(refused(
            FailureKind::Refused,
            format!("service/{service} has no selector: somebody else decides where it leads"),
        ));
    }
    serde_json::to_value(Before { selector, uid }).map_err(|error| {
        refused(FailureKind::Other, "the selector cannot be recorded").because(error.to_string())
    })
}

/// Points the Service at a side, and proves that this side answers.
pub(super) async fn perform(act: Act<'_>, service: &str, to: Side) -> Result<Outcome, Failure> {
    let before: Before = act.before()?;
    let traffic = traffic(&act.world.runbook)?;
    let wanted = traffic.selector(to);
    let moved = turn(act, service, &before.selector, wanted).await?;
    let endpoints = endpoints::settled(act, service, wanted).await?;
    let proof = proof::answered_by(act, service, to).await?;
    let leads = if moved { "leads" } else { "led already" };
    let summary = format!("service/{service} {leads} to {to}, and {to} answers");
    let data = json!({ "service": service, "to": to, "from": text(&before.selector), "selector": text(wanted) });
    Ok(outcome(summary, vec![endpoints, proof], data))
}

/// Points the Service back to where it led.
pub(super) async fn undo(act: Act<'_>, service: &str, to: Side) -> Result<Outcome, Failure> {
    let before: Before = act.before()?;
    let traffic = traffic(&act.world.runbook)?;
    let moved = turn(act, service, traffic.selector(to), &before.selector).await?;
    let side = Side::BOTH.into_iter().find(|side| *traffic.selector(*side) == before.selector);
    let mut evidence = Vec::new();
    // A side that is down cannot be proven; its selector is back all the same, and clients wait for it.
    if !endpoints::ready_pods(act, &before.selector).await?.is_empty() {
        evidence.push(endpoints::settled(act, service, &before.selector).await?);
        if let Some(side) = side {
            evidence.push(proof::answered_by(act, service, side).await?);
        }
    }
    let how = if moved { "leads back to" } else { "still leads to" };
    let unproven = if evidence.is_empty() { "; no ready pod answers there" } else { "" };
    Ok(outcome(
        format!("service/{service} {how} {}{unproven}", text(&before.selector)),
        evidence,
        Value::Null,
    ))
}

fn traffic(runbook: &Runbook) -> Result<&Traffic, Failure> {
    runbook
        .traffic
        .as_ref()
        .ok_or_else(|| refused(FailureKind::Refused, "the profile names no `[traffic]` selectors"))
}

fn text(selector: &BTreeMap<String, String>) -> String {
    selector.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}
