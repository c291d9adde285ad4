//! The pod and the claims of one ordinal.

use serde_json::{Value, json};

use super::super::pods;
use crate::lab::cluster::meta;

pub(super) const REVISION: &str = "controller-revision-hash";

pub(super) fn name(set: &Value, ordinal: i64) -> String {
    format!("{}-{ordinal}", meta::name(set))
}

/// The number at the end of a pod's name.
pub(super) fn ordinal(set: &Value, pod: &Value) -> Option<i64> {
    meta::name(pod).strip_prefix(meta::name(set))?.strip_prefix('-')?.parse().ok()
}

pub(super) fn build(set: &Value, template: &Value, ordinal: i64, revision: &str) -> Value {
    let name = name(set, ordinal);
    let mut pod = pods::from_template(template, set);
    pod["metadata"]["name"] = name.clone().into();
    pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = name.clone().into();
    pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"] = ordinal.to_string().into();
    pod["metadata"]["labels"][REVISION] = revision.into();
    pod["spec"]["hostname"] = name.into();
    if let Some(service) = set["spec"]["serviceName"].as_str().filter(|service| !service.is_empty())
    {
        pod["spec"]["subdomain"] = service.into();
    }
    mount_claims(set, ordinal, &mut pod);
    pod
}

fn mount_claims(set: &Value, ordinal: i64, pod: &mut Value) {
    let own: Vec<Value> = templates(set)
        .map(|template| {
            let volume = meta::name(template);
            json!({"name": volume, "persistentVolumeClaim": {"claimName": claim_name(set, template, ordinal)}})
        })
        .collect();
    if own.is_empty() {
        return;
    }
    let given = pod["spec"]["volumes"].as_array().cloned().unwrap_or_default();
    let other =
        given.into_iter().filter(|volume| own.iter().all(|one| one["name"] != volume["name"]));
    let all: Vec<Value> = other.chain(own.iter().cloned()).collect();
    pod["spec"]["volumes"] = all.into();
}

fn templates(set: &Value) -> impl Iterator<Item = &Value> {
    set["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten()
}

fn claim_name(set: &Value, template: &Value, ordinal: i64) -> String {
    format!("{}-{}-{ordinal}", meta::name(template), meta::name(set))
}

/// The claims that an ordinal's pod needs. They belong to nobody: a StatefulSet that goes leaves its data.
pub(super) fn claims(set: &Value, ordinal: i64) -> Vec<Value> {
    let make = |template: &Value| {
        let mut claim = json!({
            "metadata": {"name": claim_name(set, template, ordinal), "namespace": meta::namespace(set)},
            "spec": template["spec"], "status": {"phase": "Pending"},
        });
        claim["metadata"]["labels"] = set["spec"]["selector"]["matchLabels"].clone();
        if let Some(annotations) = template["metadata"].get("annotations") {
            claim["metadata"]["annotations"] = annotations.clone();
        }
        if claim["spec"].get("volumeMode").is_none() {
            claim["spec"]["volumeMode"] = "Filesystem".into();
        }
        claim
    };
    templates(set).map(make).collect()
}

pub(super) fn revision(pod: &Value) -> &str {
    pod["metadata"]["labels"][REVISION].as_str().unwrap_or_default()
}
