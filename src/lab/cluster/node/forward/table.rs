//! From Services and their slices to listeners and what is behind them: reading alone.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};

use serde_json::Value;

use crate::lab::cluster::meta;

/// Where to listen, and where connections go from there.
pub(super) type Table = BTreeMap<SocketAddrV4, Vec<SocketAddrV4>>;

const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// The whole table. `NodePorts` are served on 127.0.0.1, the only address that a cluster's users have here.
pub(super) fn build(services: &[Value], slices: &[Value]) -> Table {
    let mut table = Table::new();
    for service in services {
        let Ok(address) = meta::text(service, "/spec/clusterIP").parse::<Ipv4Addr>() else {
            continue;
        };
        for port in service["spec"]["ports"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|port| port["protocol"] != "UDP")
        {
            let behind = backends(service, port, slices);
            if let Some(node_port) = number(&port["nodePort"]) {
                table.insert(SocketAddrV4::new(Ipv4Addr::LOCALHOST, node_port), behind.clone());
            }
            if let Some(number) = number(&port["port"]) {
                table.insert(SocketAddrV4::new(address, number), behind);
            }
        }
    }
    table
}

fn number(value: &Value) -> Option<u16> {
    value.as_u64().and_then(|number| u16::try_from(number).ok()).filter(|number| *number > 0)
}

/// The ready endpoints; if there are none, those that still serve while they terminate.
fn backends(service: &Value, port: &Value, slices: &[Value]) -> Vec<SocketAddrV4> {
    let of_service = |slice: &&Value| {
        meta::namespace(slice) == meta::namespace(service)
            && slice["metadata"]["labels"][SERVICE_NAME] == meta::name(service)
    };
    let name = port["name"].as_str().unwrap_or_default();
    let (mut ready, mut terminating) = (Vec::new(), Vec::new());
    for slice in slices.iter().filter(of_service) {
        let ports = slice["ports"].as_array().into_iter().flatten();
        let target = ports
            .filter(|one| one["name"].as_str().unwrap_or_default() == name)
            .find_map(|one| number(&one["port"]));
        let Some(target) = target else { continue };
        for endpoint in slice["endpoints"].as_array().into_iter().flatten() {
            let Ok(address) = meta::text(endpoint, "/addresses/0").parse() else { continue };
            let conditions = &endpoint["conditions"];
            if conditions["ready"] != false {
                ready.push(SocketAddrV4::new(address, target));
            } else if conditions["serving"] == true && conditions["terminating"] == true {
                terminating.push(SocketAddrV4::new(address, target));
            }
        }
    }
    if ready.is_empty() { terminating } else { ready }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn slice(endpoints: &Value) -> Value {
        json!({
            "metadata": {"namespace": "dsm", "labels": {SERVICE_NAME: "db"}},
            "ports": [{"name": "postgres", "port": 6432}], "endpoints": endpoints,
        })
    }

    fn endpoint(address: &str, ready: bool, serving: bool, terminating: bool) -> Value {
        json!({"addresses": [address], "conditions": {"ready": ready, "serving": serving, "terminating": terminating}})
    }

    fn behind(endpoints: &Value) -> Vec<String> {
        let service = json!({
            "metadata": {"namespace": "dsm", "name": "db"},
            "spec": {"clusterIP": "127.9.15.1", "ports": [{"name": "postgres", "port": 5432, "nodePort": 32432}]},
        });
        let table = build(&[service], &[slice(endpoints)]);
        assert_eq!(
            table.keys().map(ToString::to_string).collect::<Vec<_>>(),
            ["127.0.0.1:32432", "127.9.15.1:5432"]
        );
        table[&"127.9.15.1:5432".parse().unwrap()].iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ready_pods_are_behind_it_or_else_those_that_still_serve() {
        let (ready, ending) =
            (endpoint("127.9.1.1", true, true, false), endpoint("127.9.1.2", false, true, true));
        let broken = endpoint("127.9.1.3", false, false, false);
        assert_eq!(behind(&json!([ready, ending, broken])), ["127.9.1.1:6432"]);
        assert_eq!(behind(&json!([ending, broken])), ["127.9.1.2:6432"]);
        assert!(behind(&json!([broken])).is_empty());
    }
}
