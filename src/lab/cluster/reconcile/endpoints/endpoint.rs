//! One pod behind a Service, and the ports that are reached there.

use serde_json::{Value, json};

use super::super::pods;
use crate::lab::cluster::meta;

/// What a slice says of one pod.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Endpoint {
    pub(super) ip: String,
    pub(super) ready: bool,
    pub(super) serving: bool,
    pub(super) terminating: bool,
    pub(super) node: Value,
    pub(super) target: Value,
    /// Named, in the Service's order.
    pub(super) ports: Vec<Value>,
}

impl Endpoint {
    /// `None` for a pod without an address, and for one that has finished.
    pub(super) fn of(service: &Value, pod: &Value) -> Option<Self> {
        let ip = pod["status"]["podIP"].as_str()?.to_owned();
        if pods::is_finished(pod) {
            return None;
        }
        let unready_too = service["spec"]["publishNotReadyAddresses"] == true;
        let (serving, terminating) = (pods::is_ready(pod), meta::is_deleting(pod));
        Some(Self {
            ip,
            ready: unready_too || (serving && !terminating),
            serving,
            terminating,
            node: pod["spec"]["nodeName"].clone(),
            target: json!({"kind": "Pod", "namespace": meta::namespace(pod), "name": meta::name(pod), "uid": meta::uid(pod)}),
            ports: ports(service, pod),
        })
    }

    pub(super) fn in_slice(&self) -> Value {
        json!({
            "addresses": [self.ip],
            "conditions": {"ready": self.ready, "serving": self.serving, "terminating": self.terminating},
            "nodeName": self.node, "targetRef": self.target,
        })
    }

    pub(super) fn in_subset(&self) -> Value {
        json!({"ip": self.ip, "nodeName": self.node, "targetRef": self.target})
    }
}

/// The Service's ports as numbers of this pod; a name that no container has is left out, as the real controller does.
fn ports(service: &Value, pod: &Value) -> Vec<Value> {
    let list = service["spec"]["ports"].as_array().into_iter().flatten();
    let resolved = list.filter_map(|port| {
        let number = target(port, pod)?;
        let protocol = port["protocol"].as_str().unwrap_or("TCP");
        Some(json!({"name": port["name"].as_str().unwrap_or_default(), "port": number, "protocol": protocol}))
    });
    resolved.collect()
}

fn target(port: &Value, pod: &Value) -> Option<i64> {
    match &port["targetPort"] {
        Value::Null => port["port"].as_i64(),
        Value::String(name) => named(name, pod).or_else(|| name.parse().ok()),
        number => number.as_i64().filter(|number| *number > 0).or_else(|| port["port"].as_i64()),
    }
}

fn named(name: &str, pod: &Value) -> Option<i64> {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let mut ports = containers.filter_map(|container| container["ports"].as_array()).flatten();
    ports.find(|port| port["name"] == name)?["containerPort"].as_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_port_is_looked_up_in_the_pod() {
        let pod = json!({"spec": {"containers": [{"ports": [{"name": "postgres", "containerPort": 6432}]}]}});
        let port =
            |target: Value| super::target(&json!({"port": 5432, "targetPort": target}), &pod);
        assert_eq!(port(json!("postgres")), Some(6432));
        assert_eq!(port(json!("none")), None);
        assert_eq!(port(json!(5433)), Some(5433));
        assert_eq!(port(Value::Null), Some(5432));
    }

    #[test]
    fn a_terminating_pod_serves_but_is_not_ready() {
        let pod = json!({
            "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "spec": {},
            "status": {"podIP": "127.1.0.2", "conditions": [{"type": "Ready", "status": "True"}]},
        });
        let endpoint = Endpoint::of(&json!({"spec": {}}), &pod).unwrap();
        assert_eq!((endpoint.ready, endpoint.serving, endpoint.terminating), (false, true, true));
    }
}
