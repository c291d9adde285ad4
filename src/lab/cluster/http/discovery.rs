//! Discovery: which groups, versions and resources there are; health and version.
//!
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api>

use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::super::error::ApiError;
use super::super::kind::{ALL, Kind};
use super::answer::{Answer, json, text, typed};
use super::handle::is_read;
use super::negotiate::accepted;
use super::openapi;

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// The version that the server claims: that of the API whose behaviour it follows.
const VERSION: (&str, &str, &str) = ("1", "32", "v1.32.0+pgcutover");

const VERBS: &[&str] =
    &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

pub(super) fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Result<Answer, ApiError> {
    if !is_read(method) {
        return Err(ApiError::method_not_allowed());
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["healthz" | "livez" | "readyz", ..] => Ok(text(200, "ok")),
        ["version"] => Ok(json(200, &version())),
        ["api"] if wants_aggregated(headers) => Ok(typed(200, AGGREGATED, &aggregated(true))),
        ["apis"] if wants_aggregated(headers) => Ok(typed(200, AGGREGATED, &aggregated(false))),
        ["api"] => Ok(json(200, &json!({"kind": "APIVersions", "versions": ["v1"]}))),
        ["apis"] => Ok(json(200, &groups())),
        ["api", "v1"] => Ok(json(200, &resources("", "v1"))),
        ["apis", group] => known(group).map(|()| json(200, &group_document(group))),
        ["apis", group, "v1"] => known(group).map(|()| json(200, &resources(group, "v1"))),
        ["openapi", "v3"] => Ok(json(200, &openapi::index())),
        ["openapi", "v3", rest @ ..] => {
            openapi::document(&rest.join("/")).map(|document| json(200, &document))
        }
        _ => Err(ApiError::no_such_path()),
    }
}

fn version() -> Value {
    let (major, minor, full) = VERSION;
    json!({
        "major": major, "minor": minor, "gitVersion": full, "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "rustc",
        "platform": format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
    })
}

fn wants_aggregated(headers: &HeaderMap) -> bool {
    let first = accepted(headers)
        .into_iter()
        .find(|range| range.is_json() && matches!(range.parameter("v"), "" | "v2"));
    first.is_some_and(|range| {
        range.parameter("as") == "APIGroupDiscoveryList" && range.parameter("v") == "v2"
    })
}

/// The named groups, in the order of the table.
pub(super) fn group_names() -> Vec<&'static str> {
    let mut names: Vec<&str> =
        ALL.iter().map(|kind| kind.group).filter(|group| !group.is_empty()).collect();
    names.dedup();
    names
}

fn known(group: &str) -> Result<(), ApiError> {
    if group_names().contains(&group) { Ok(()) } else { Err(ApiError::no_such_path()) }
}

fn group_entry(group: &str) -> Value {
    let version = json!({"groupVersion": format!("{group}/v1"), "version": "v1"});
    json!({"name": group, "versions": [version], "preferredVersion": version})
}

fn groups() -> Value {
    let groups: Vec<Value> = group_names().into_iter().map(group_entry).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

fn group_document(group: &str) -> Value {
    let mut document = group_entry(group);
    document["kind"] = "APIGroup".into();
    document["apiVersion"] = "v1".into();
    document
}

fn verbs(kind: &Kind) -> Vec<&'static str> {
    if kind.stored { VERBS.to_vec() } else { vec!["create"] }
}

/// What a subresource speaks: its group, version, kind and verbs.
fn subresource(
    kind: &Kind,
    name: &str,
) -> (&'static str, &'static str, &'static str, &'static [&'static str]) {
    match name {
        "scale" => ("autoscaling", "v1", "Scale", &["get", "patch", "update"]),
        "log" => ("", "v1", kind.kind, &["get"]),
        "portforward" => ("", "v1", "PodPortForwardOptions", &["create", "get"]),
        _ => ("", "", kind.kind, &["get", "patch", "update"]),
    }
}

/// The `APIResourceList` of one group version.
fn resources(group: &str, version: &str) -> Value {
    let mut list = Vec::new();
    let kinds = ALL.iter().filter(|kind| kind.group == group && kind.version == version);
    for kind in kinds {
        let mut entry = json!({
            "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced,
            "kind": kind.kind, "verbs": verbs(kind),
        });
        for (key, names) in [("shortNames", kind.short), ("categories", kind.categories)] {
            if !names.is_empty() {
                entry[key] = json!(names);
            }
        }
        list.push(entry);
        for name in kind.subresources {
            let (group, version, spoken, verbs) = subresource(kind, name);
            let mut entry = json!({
                "name": format!("{}/{name}", kind.plural), "singularName": "", "namespaced": kind.namespaced,
                "kind": spoken, "verbs": verbs,
            });
            if !group.is_empty() {
                entry["group"] = group.into();
                entry["version"] = version.into();
            }
            list.push(entry);
        }
    }
    let group_version =
        if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": list})
}

/// Everything in one document, for the core group or for the others.
fn aggregated(core: bool) -> Value {
    let groups = if core { vec![""] } else { group_names() };
    let items: Vec<Value> = groups
        .into_iter()
        .map(|group| {
            let kinds = ALL.iter().filter(|kind| kind.group == group);
            let resources: Vec<Value> = kinds.map(|kind| aggregated_resource(kind)).collect();
            let version = json!({"version": "v1", "resources": resources, "freshness": "Current"});
            let metadata = if group.is_empty() { json!({}) } else { json!({"name": group}) };
            json!({"metadata": metadata, "versions": [version]})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items})
}

fn aggregated_resource(kind: &Kind) -> Value {
    let response = |group: &str, version: &str, name: &str| json!({"group": group, "version": version, "kind": name});
    let subresources: Vec<Value> = kind
        .subresources
        .iter()
        .map(|name| {
            let (group, version, spoken, verbs) = subresource(kind, name);
            json!({"subresource": name, "responseKind": response(group, version, spoken), "verbs": verbs})
        })
        .collect();
    json!({
        "resource": kind.plural, "responseKind": response("", "", kind.kind),
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" }, "singularResource": kind.singular,
        "verbs": verbs(kind), "shortNames": kind.short, "categories": kind.categories, "subresources": subresources,
    })
}
