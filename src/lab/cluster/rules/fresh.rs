//! What a new object gets once: its first status, a Job's selector, a Service's address.

use std::collections::HashSet;
use std::net::Ipv4Addr;

use serde_json::{Map, Value, json};

use super::super::error::{ApiError, Cause};
use super::super::kind::{Kind, SERVICES};
use super::super::meta::{self, child_mut};
use super::super::registry::Registry;
use super::default::child;
use super::pod;

/// Completes a new object that has its name and uid already.
pub(in super::super) fn complete(
    inner: &Registry,
    kind: &Kind,
    object: &mut Value,
) -> Result<(), ApiError> {
    if let Some(status) = first_status(kind, object) {
        object["status"] = status;
    }
    match kind.kind {
        "Job" => select_own_pods(object),
        "Namespace" => object["spec"] = json!({"finalizers": ["kubernetes"]}),
        "Service" => return give_addresses(inner, kind, object),
        _ => {}
    }
    Ok(())
}

/// A client cannot create an object with a status of its choice, a node's excepted.
fn first_status(kind: &Kind, object: &Value) -> Option<Value> {
    match kind.kind {
        "Pod" => {
            Some(json!({"phase": "Pending", "qosClass": pod::quality_of_service(&object["spec"])}))
        }
        "Namespace" => Some(json!({"phase": "Active"})),
        "PersistentVolumeClaim" | "PersistentVolume" => Some(json!({"phase": "Pending"})),
        "Service" => Some(json!({"loadBalancer": {}})),
        "ReplicaSet" | "StatefulSet" => Some(json!({"replicas": 0})),
        "Deployment" | "Job" | "CronJob" => Some(json!({})),
        _ => None,
    }
}

/// <https://kubernetes.io/docs/concepts/workloads/controllers/job/#specifying-your-own-pod-selector>
fn select_own_pods(job: &mut Value) {
    let (name, uid) = (meta::name(job).to_owned(), meta::uid(job).to_owned());
    let spec = child_mut(job, "spec");
    if spec.get("manualSelector").is_some_and(|manual| manual == true) {
        return;
    }
    let labels = child(child(child(spec, "template"), "metadata"), "labels");
    for (key, value) in [
        ("controller-uid", &uid),
        ("batch.kubernetes.io/controller-uid", &uid),
        ("job-name", &name),
        ("batch.kubernetes.io/job-name", &name),
    ] {
        labels.insert(key.to_owned(), value.as_str().into());
    }
    if !spec.contains_key("selector") {
        let selector = json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}});
        spec.insert("selector".to_owned(), selector);
    }
}

/// An update that does not name what was allocated keeps it.
pub(in super::super) fn keep_allocated(kind: &Kind, current: &Value, object: &mut Value) {
    if kind.kind != "Service" {
        return;
    }
    let spec = child_mut(object, "spec");
    for key in ["clusterIP", "clusterIPs"] {
        let absent = spec.get(key).is_none_or(|value| value.is_null() || value == "");
        if let Some(former) = current["spec"].get(key).filter(|_| absent) {
            spec.insert(key.to_owned(), former.clone());
        }
    }
    let former: Vec<&Value> = current["spec"]["ports"].as_array().into_iter().flatten().collect();
    for port in super::default::objects(spec.get_mut("ports")) {
        let same = former.iter().find(|f| {
            f.get("port") == port.get("port") && f.get("protocol") == port.get("protocol")
        });
        if let Some(node_port) = same.and_then(|former| former.get("nodePort"))
            && !port.contains_key("nodePort")
        {
            port.insert("nodePort".to_owned(), node_port.clone());
        }
    }
}

fn give_addresses(inner: &Registry, kind: &Kind, service: &mut Value) -> Result<(), ApiError> {
    let name = meta::name(service).to_owned();
    let spec = child_mut(service, "spec");
    if spec["type"] == "ExternalName" {
        return Ok(());
    }
    let asked = spec.get("clusterIP").and_then(Value::as_str).unwrap_or_default();
    let address = match asked {
        "None" => asked.to_owned(),
        _ => allocate(inner, kind, &name, asked)?,
    };
    spec.insert("clusterIP".to_owned(), address.clone().into());
    spec.insert("clusterIPs".to_owned(), json!([address]));
    if spec["type"] == "NodePort" || spec["type"] == "LoadBalancer" {
        give_node_ports(inner, spec);
    }
    Ok(())
}

fn allocate(inner: &Registry, kind: &Kind, name: &str, asked: &str) -> Result<String, ApiError> {
    let [a, b, c, _] = inner.stamps.services().octets();
    let used: HashSet<&str> =
        inner.all(&SERVICES).map(|service| meta::text(service, "/spec/clusterIP")).collect();
    let refuse = |text: &str| {
        let cause = Cause::invalid(
            "spec.clusterIPs",
            &json!([asked]),
            &format!("failed to allocate IP {asked}: {text}"),
        );
        ApiError::invalid(kind, name, &[cause])
    };
    if !asked.is_empty() {
        let address: Ipv4Addr = asked.parse().map_err(|_| refuse("not a valid IPv4 address"))?;
        if address.octets()[..3] != [a, b, c] {
            return Err(refuse(&format!(
                "the provided IP ({asked}) is not in the valid range. The range of valid IPs is {a}.{b}.{c}.0/24"
            )));
        }
        return if used.contains(asked) {
            Err(refuse("provided IP is already allocated"))
        } else {
            Ok(asked.to_owned())
        };
    }
    let mut free = (1..=254).map(|d| Ipv4Addr::new(a, b, c, d).to_string());
    free.find(|address| !used.contains(address.as_str())).ok_or_else(|| {
        ApiError::internal(&format!("failed to allocate a serviceIP: range is full ({name})"))
    })
}

fn give_node_ports(inner: &Registry, spec: &mut Map<String, Value>) {
    let services = inner.all(&SERVICES);
    let ports =
        services.flat_map(|service| service["spec"]["ports"].as_array().into_iter().flatten());
    let mut used: HashSet<i64> = ports.filter_map(|port| port["nodePort"].as_i64()).collect();
    for port in super::default::objects(spec.get_mut("ports")) {
        if port.get("nodePort").and_then(Value::as_i64).is_none_or(|port| port == 0) {
            let free = (30_000..=32_767).find(|port| !used.contains(port)).unwrap_or_default();
            used.insert(free);
            port.insert("nodePort".to_owned(), free.into());
        }
    }
}
