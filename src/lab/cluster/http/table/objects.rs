//! Rows of the other kinds.

use jiff::Timestamp;
use serde_json::Value;

use super::age::since;
use super::render::{age, count, each, name, number, text, text_or};

pub(super) fn secret(object: &Value, now: Timestamp) -> Vec<String> {
    vec![name(object), text(object, "/type"), count(&object["data"]), age(object, now)]
}

pub(super) fn config_map(object: &Value, now: Timestamp) -> Vec<String> {
    let entries = |key: &str| object[key].as_object().map_or(0, serde_json::Map::len);
    vec![name(object), (entries("data") + entries("binaryData")).to_string(), age(object, now)]
}

pub(super) fn event(object: &Value, now: Timestamp) -> Vec<String> {
    let seen = |key: &str| match &object[key] {
        Value::Null => since(&object["eventTime"], now),
        time => since(time, now),
    };
    let about = &object["involvedObject"];
    let component = text_or(object, "/source/component", &text(object, "/reportingComponent"));
    let host = text(object, "/source/host");
    vec![
        seen("lastTimestamp"),
        text(object, "/type"),
        text(object, "/reason"),
        format!("{}/{}", text(about, "/kind").to_lowercase(), text(about, "/name")),
        text(object, "/message").trim().to_owned(),
        text(about, "/fieldPath"),
        if host.is_empty() { component } else { format!("{component}, {host}") },
        seen("firstTimestamp"),
        number(object, "/count").max(1).to_string(),
        name(object),
    ]
}

pub(super) fn node(object: &Value, now: Timestamp) -> Vec<String> {
    let ready = each(object, "/status/conditions").find(|condition| condition["type"] == "Ready");
    let status = match ready.map(|condition| text(condition, "/status")).as_deref() {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    let labels = object["metadata"]["labels"].as_object().into_iter().flatten();
    let mut roles: Vec<&str> =
        labels.filter_map(|(key, _)| key.strip_prefix("node-role.kubernetes.io/")).collect();
    roles.sort_unstable();
    let address = |kind: &str| {
        let found = each(object, "/status/addresses").find(|address| address["type"] == kind);
        found.map_or_else(|| "<none>".to_owned(), |address| text(address, "/address"))
    };
    let info = |key: &str| text_or(object, &format!("/status/nodeInfo/{key}"), "<unknown>");
    vec![
        name(object),
        status.to_owned(),
        if roles.is_empty() { "<none>".to_owned() } else { roles.join(",") },
        age(object, now),
        text(object, "/status/nodeInfo/kubeletVersion"),
        address("InternalIP"),
        address("ExternalIP"),
        info("osImage"),
        info("kernelVersion"),
        info("containerRuntimeVersion"),
    ]
}

pub(super) fn binding(object: &Value, now: Timestamp) -> Vec<String> {
    let role = format!("{}/{}", text(object, "/roleRef/kind"), text(object, "/roleRef/name"));
    let subjects = |kind: &str| {
        let own = each(object, "/subjects").filter(|subject| subject["kind"] == kind);
        let names = own.map(|subject| match text(subject, "/namespace") {
            namespace if namespace.is_empty() => text(subject, "/name"),
            namespace => format!("{namespace}/{}", text(subject, "/name")),
        });
        names.collect::<Vec<_>>().join(", ")
    };
    vec![
        name(object),
        role,
        age(object, now),
        subjects("User"),
        subjects("Group"),
        subjects("ServiceAccount"),
    ]
}

pub(super) fn revision(object: &Value, now: Timestamp) -> Vec<String> {
    let owner = each(object, "/metadata/ownerReferences").find(|owner| owner["controller"] == true);
    let controller = owner.map_or_else(
        || "<none>".to_owned(),
        |owner| format!("{}/{}", text(owner, "/kind").to_lowercase(), text(owner, "/name")),
    );
    vec![name(object), controller, number(object, "/revision").to_string(), age(object, now)]
}
