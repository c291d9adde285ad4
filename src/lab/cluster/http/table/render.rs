//! `meta.k8s.io/v1` `Table` documents.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::super::kind::Kind;
use super::super::super::meta;
use super::super::negotiate::{Include, metadata};
use super::age::since;
use super::columns::columns;
use super::{network, objects, pod, storage, workload};

/// Prints objects of one kind.
#[derive(Debug)]
pub(in super::super) struct Table {
    kind: &'static str,
    definitions: Value,
    include: Include,
    /// Whether a watch has sent the column definitions already.
    pub(in super::super) begun: bool,
}

impl Table {
    pub(in super::super) fn new(kind: &Kind, include: Include) -> Self {
        let definitions: Vec<Value> = columns(kind)
            .into_iter()
            .map(|(name, wide)| {
                let format = if name == "Name" { "name" } else { "" };
                json!({"name": name, "type": "string", "format": format, "description": "", "priority": i32::from(wide)})
            })
            .collect();
        let kind = super::super::super::kind::ALL
            .iter()
            .find(|known| known.id() == kind.id())
            .map_or("", |known| known.kind);
        Self { kind, definitions: definitions.into(), include, begun: false }
    }

    /// The document. Only the first of a watch has the column definitions.
    pub(in super::super) fn render(&self, objects: &[Value], meta: &Value, first: bool) -> Value {
        let now = Timestamp::now();
        let rows: Vec<Value> = objects.iter().map(|object| self.row(object, now)).collect();
        let definitions = if first { self.definitions.clone() } else { Value::Null };
        json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "columnDefinitions": definitions, "rows": rows})
    }

    fn row(&self, object: &Value, now: Timestamp) -> Value {
        let cells = cells(self.kind, object, now);
        let mut row = json!({ "cells": cells });
        match self.include {
            Include::None => {}
            Include::Metadata => row["object"] = metadata(object),
            Include::Object => row["object"] = object.clone(),
        }
        row
    }
}

fn cells(kind: &str, object: &Value, now: Timestamp) -> Vec<String> {
    match kind {
        "Pod" => pod::cells(object, now),
        "Deployment" => workload::deployment(object, now),
        "ReplicaSet" => workload::replica_set(object, now),
        "StatefulSet" => workload::stateful_set(object, now),
        "Job" => workload::job(object, now),
        "CronJob" => workload::cron_job(object, now),
        "Service" => network::service(object, now),
        "Endpoints" => network::endpoints(object, now),
        "EndpointSlice" => network::endpoint_slice(object, now),
        "PersistentVolumeClaim" => storage::claim(object, now),
        "PersistentVolume" => storage::volume(object, now),
        "StorageClass" => storage::class(object, now),
        "Secret" => objects::secret(object, now),
        "ConfigMap" => objects::config_map(object, now),
        "Event" => objects::event(object, now),
        "Namespace" => vec![name(object), text(object, "/status/phase"), age(object, now)],
        "Node" => objects::node(object, now),
        "ServiceAccount" => vec![name(object), count(&object["secrets"]), age(object, now)],
        "Lease" => vec![name(object), text(object, "/spec/holderIdentity"), age(object, now)],
        "Role" | "ClusterRole" => vec![name(object), text(object, "/metadata/creationTimestamp")],
        "RoleBinding" | "ClusterRoleBinding" => objects::binding(object, now),
        "ControllerRevision" => objects::revision(object, now),
        _ => vec![name(object), age(object, now)],
    }
}

pub(super) fn name(object: &Value) -> String {
    meta::name(object).to_owned()
}

pub(super) fn age(object: &Value, now: Timestamp) -> String {
    since(&object["metadata"]["creationTimestamp"], now)
}

pub(super) fn text(object: &Value, pointer: &str) -> String {
    meta::text(object, pointer).to_owned()
}

/// The text at a pointer, or `other` if there is none.
pub(super) fn text_or(object: &Value, pointer: &str, other: &str) -> String {
    match meta::text(object, pointer) {
        "" => other.to_owned(),
        text => text.to_owned(),
    }
}

pub(super) fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

/// How many entries a list or map has.
pub(super) fn count(value: &Value) -> String {
    let length =
        value.as_array().map(Vec::len).or_else(|| value.as_object().map(serde_json::Map::len));
    length.unwrap_or(0).to_string()
}

/// The objects of a list.
pub(super) fn each<'a>(
    object: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = &'a Value> + use<'a> {
    object.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The label map as a selector text, or `<none>`.
pub(super) fn labels(map: &Value) -> String {
    let labels = map.as_object().into_iter().flatten();
    let mut pairs: Vec<String> = labels
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    pairs.sort();
    if pairs.is_empty() { "<none>".to_owned() } else { pairs.join(",") }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::kind::ALL;
    use super::*;

    #[test]
    fn every_row_has_a_cell_for_each_column() {
        for kind in ALL.iter().filter(|kind| kind.stored) {
            let object =
                json!({"metadata": {"name": "a", "creationTimestamp": "2026-01-01T00:00:00Z"}});
            let cells = cells(kind.kind, &object, Timestamp::now());
            assert_eq!(cells.len(), columns(kind).len(), "{}", kind.kind);
        }
    }
}
