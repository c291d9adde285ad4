//! Typed decoding: an object must fit the types of its kind, and fields that those do not have are noticed.

use k8s_openapi::api::{
    apps::v1 as apps, authentication::v1 as authentication, authorization::v1 as authorization,
    batch::v1 as batch, coordination::v1 as coordination, core::v1 as core,
    discovery::v1 as discovery, rbac::v1 as rbac, storage::v1 as storage,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::super::error::ApiError;
use super::super::kind::Kind;

/// An object that fits its kind.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// The object without its unknown fields.
    pub(crate) object: Value,
    /// Their paths, as `spec.foo[0].bar`.
    pub(crate) unknown: Vec<String>,
}

/// Checks an object against the types of its kind.
///
/// # Errors
/// `400` when a field is of another type.
pub(crate) fn decode(kind: &Kind, mut object: Value) -> Result<Decoded, ApiError> {
    spell_quantities(&mut object);
    if object["apiVersion"].is_null() {
        object["apiVersion"] = kind.api_version().into();
    }
    if object["kind"].is_null() {
        object["kind"] = kind.kind.into();
    }
    let known = round_trip(kind, &object).map_err(|why| {
        let (name, version) = (kind.kind, kind.version);
        ApiError::bad_request(format!(
            "{name} in version \"{version}\" cannot be handled as a {name}: {why}"
        ))
    })?;
    let mut unknown = Vec::new();
    prune(&mut object, &known, "", &mut unknown);
    drop_empty_meta(&mut object);
    Ok(Decoded { object, unknown })
}

fn through<T: DeserializeOwned + Serialize>(object: &Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_value::<T>(object.clone())?)
}

fn round_trip(kind: &Kind, object: &Value) -> Result<Value, serde_json::Error> {
    match kind.kind {
        "ConfigMap" => through::<core::ConfigMap>(object),
        "Endpoints" => through::<core::Endpoints>(object),
        "Event" => through::<core::Event>(object),
        "Namespace" => through::<core::Namespace>(object),
        "Node" => through::<core::Node>(object),
        "PersistentVolumeClaim" => through::<core::PersistentVolumeClaim>(object),
        "PersistentVolume" => through::<core::PersistentVolume>(object),
        "Pod" => through::<core::Pod>(object),
        "Secret" => through::<core::Secret>(object),
        "ServiceAccount" => through::<core::ServiceAccount>(object),
        "Service" => through::<core::Service>(object),
        "Deployment" => through::<apps::Deployment>(object),
        "ReplicaSet" => through::<apps::ReplicaSet>(object),
        "StatefulSet" => through::<apps::StatefulSet>(object),
        "ControllerRevision" => through::<apps::ControllerRevision>(object),
        "Job" => through::<batch::Job>(object),
        "CronJob" => through::<batch::CronJob>(object),
        "Lease" => through::<coordination::Lease>(object),
        "EndpointSlice" => through::<discovery::EndpointSlice>(object),
        "Role" => through::<rbac::Role>(object),
        "RoleBinding" => through::<rbac::RoleBinding>(object),
        "ClusterRole" => through::<rbac::ClusterRole>(object),
        "ClusterRoleBinding" => through::<rbac::ClusterRoleBinding>(object),
        "StorageClass" => through::<storage::StorageClass>(object),
        "SelfSubjectAccessReview" => through::<authorization::SelfSubjectAccessReview>(object),
        "SelfSubjectRulesReview" => through::<authorization::SelfSubjectRulesReview>(object),
        "SelfSubjectReview" => through::<authentication::SelfSubjectReview>(object),
        _ => Ok(object.clone()),
    }
}

/// Quantities may be given as numbers; they are kept as texts.
fn spell_quantities(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(spell_quantities),
        Value::Object(map) => {
            for (key, below) in map.iter_mut() {
                if matches!(
                    key.as_str(),
                    "limits" | "requests" | "capacity" | "allocatable" | "hard"
                ) {
                    spell_numbers(below);
                }
                spell_quantities(below);
            }
        }
        _ => {}
    }
}

fn spell_numbers(map: &mut Value) {
    for quantity in map.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if quantity.is_number() {
            *quantity = quantity.to_string().into();
        }
    }
}

/// Drops nulls and what `known`, the same object after a trip through its types, does not have.
fn prune(object: &mut Value, known: &Value, at: &str, unknown: &mut Vec<String>) {
    match (object, known) {
        (Value::Object(map), Value::Object(known)) => {
            map.retain(|_, value| !value.is_null());
            map.retain(|key, value| {
                let here = join(at, key);
                let Some(below) = known.get(key) else {
                    unknown.push(here);
                    return false;
                };
                prune(value, below, &here, unknown);
                true
            });
        }
        (Value::Array(items), Value::Array(known)) => {
            for (index, (item, known)) in items.iter_mut().zip(known).enumerate() {
                prune(item, known, &format!("{at}[{index}]"), unknown);
            }
        }
        _ => {}
    }
}

/// Empty maps and lists of `metadata` are the same as none, in objects and in templates.
fn drop_empty_meta(object: &mut Value) {
    let Some(map) = object.as_object_mut() else { return };
    for (key, below) in map.iter_mut() {
        match (key.as_str(), below.as_object_mut()) {
            ("metadata", Some(meta)) => meta.retain(|_, value| {
                value.as_object().is_none_or(|map| !map.is_empty())
                    && value.as_array().is_none_or(|list| !list.is_empty())
            }),
            ("spec" | "template" | "jobTemplate", Some(_)) => drop_empty_meta(below),
            _ => {}
        }
    }
}

fn join(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::kind::{DEPLOYMENTS, PODS};
    use super::*;

    #[test]
    fn an_unknown_field_is_noticed_and_dropped() {
        let object = json!({"metadata": {"name": "a", "creationTimestamp": null}, "spec": {"replica": 2,
            "template": {"spec": {"containers": [{"name": "a", "imagePolicy": "x"}]}}}});
        let decoded = decode(&DEPLOYMENTS, object).unwrap();
        assert_eq!(
            decoded.unknown,
            ["spec.replica", "spec.template.spec.containers[0].imagePolicy"]
        );
        assert!(decoded.object["spec"].get("replica").is_none());
    }

    #[test]
    fn a_field_of_another_type_is_refused() {
        let error = decode(&DEPLOYMENTS, json!({"spec": {"replicas": "two"}})).unwrap_err();
        assert_eq!(error.code, 400);
        assert!(
            error
                .message
                .starts_with("Deployment in version \"v1\" cannot be handled as a Deployment: ")
        );
    }

    #[test]
    fn empty_annotations_are_none() {
        let object = json!({"metadata": {"name": "a", "annotations": {}}, "spec": {"template": {"metadata": {"labels": {}}}}});
        let decoded = decode(&DEPLOYMENTS, object).unwrap().object;
        assert_eq!(decoded["metadata"], json!({"name": "a"}));
        assert_eq!(decoded["spec"]["template"]["metadata"], json!({}));
    }

    #[test]
    fn a_quantity_may_be_a_number() {
        let pod =
            json!({"spec": {"containers": [{"name": "a", "resources": {"limits": {"cpu": 1}}}]}});
        let decoded = decode(&PODS, pod).unwrap();
        assert_eq!(decoded.object["spec"]["containers"][0]["resources"]["limits"]["cpu"], "1");
    }
}
