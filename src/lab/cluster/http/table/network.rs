//! Rows of Services and what answers for them.

use jiff::Timestamp;
use serde_json::Value;

use super::render::{age, each, labels, name, number, text, text_or};

pub(super) fn service(object: &Value, now: Timestamp) -> Vec<String> {
    let kind = text(object, "/spec/type");
    let external = match kind.as_str() {
        "ExternalName" => text(object, "/spec/externalName"),
        "LoadBalancer" => "<pending>".to_owned(),
        _ => "<none>".to_owned(),
    };
    vec![
        name(object),
        kind,
        text_or(object, "/spec/clusterIP", "<none>"),
        external,
        service_ports(object),
        age(object, now),
        labels(&object["spec"]["selector"]),
    ]
}

fn service_ports(object: &Value) -> String {
    let ports = each(object, "/spec/ports").map(|port| {
        let node_port = match number(port, "/nodePort") {
            0 => String::new(),
            number => format!(":{number}"),
        };
        format!("{}{node_port}/{}", number(port, "/port"), text(port, "/protocol"))
    });
    or_none(ports.collect::<Vec<_>>().join(","))
}

fn or_none(text: String) -> String {
    if text.is_empty() { "<none>".to_owned() } else { text }
}

/// At most three, then how many more there are.
fn shortened(all: &[String]) -> String {
    if all.len() <= 3 {
        return or_none(all.join(","));
    }
    format!("{} + {} more...", all[..3].join(","), all.len() - 3)
}

pub(super) fn endpoints(object: &Value, now: Timestamp) -> Vec<String> {
    let mut all = Vec::new();
    for subset in each(object, "/subsets") {
        for address in each(subset, "/addresses") {
            let ip = text(address, "/ip");
            let ports: Vec<i64> =
                each(subset, "/ports").map(|port| number(port, "/port")).collect();
            if ports.is_empty() {
                all.push(ip.clone());
            }
            all.extend(ports.into_iter().map(|port| format!("{ip}:{port}")));
        }
    }
    vec![name(object), shortened(&all), age(object, now)]
}

pub(super) fn endpoint_slice(object: &Value, now: Timestamp) -> Vec<String> {
    let ports: Vec<String> =
        each(object, "/ports").map(|port| number(port, "/port").to_string()).collect();
    let addresses = each(object, "/endpoints").flat_map(|endpoint| each(endpoint, "/addresses"));
    let addresses: Vec<String> = addresses.filter_map(Value::as_str).map(str::to_owned).collect();
    let unset = |text: String| if text == "<none>" { "<unset>".to_owned() } else { text };
    vec![
        name(object),
        text(object, "/addressType"),
        unset(shortened(&ports)),
        unset(shortened(&addresses)),
        age(object, now),
    ]
}
