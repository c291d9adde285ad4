//! Rows of volumes and their claims.

use jiff::Timestamp;
use serde_json::Value;

use super::render::{age, each, name, text, text_or};

const UNSET: &str = "<unset>";

/// `RWO,ROX`
fn access_modes(object: &Value, pointer: &str) -> String {
    let short = each(object, pointer).map(|mode| match mode.as_str() {
        Some("ReadWriteOnce") => "RWO",
        Some("ReadOnlyMany") => "ROX",
        Some("ReadWriteMany") => "RWX",
        Some("ReadWriteOncePod") => "RWOP",
        _ => "",
    });
    short.collect::<Vec<_>>().join(",")
}

pub(super) fn claim(object: &Value, now: Timestamp) -> Vec<String> {
    let phase = if object["metadata"]["deletionTimestamp"].is_null() {
        text(object, "/status/phase")
    } else {
        "Terminating".to_owned()
    };
    vec![
        name(object),
        phase,
        text(object, "/spec/volumeName"),
        text(object, "/status/capacity/storage"),
        access_modes(object, "/status/accessModes"),
        text(object, "/spec/storageClassName"),
        UNSET.to_owned(),
        age(object, now),
        text(object, "/spec/volumeMode"),
    ]
}

pub(super) fn volume(object: &Value, now: Timestamp) -> Vec<String> {
    let claim = match text(object, "/spec/claimRef/name") {
        name if name.is_empty() => name,
        name => format!("{}/{name}", text(object, "/spec/claimRef/namespace")),
    };
    vec![
        name(object),
        text(object, "/spec/capacity/storage"),
        access_modes(object, "/spec/accessModes"),
        text(object, "/spec/persistentVolumeReclaimPolicy"),
        text(object, "/status/phase"),
        claim,
        text(object, "/spec/storageClassName"),
        UNSET.to_owned(),
        text(object, "/status/reason"),
        age(object, now),
        text(object, "/spec/volumeMode"),
    ]
}

pub(super) fn class(object: &Value, now: Timestamp) -> Vec<String> {
    let default =
        object.pointer("/metadata/annotations/storageclass.kubernetes.io~1is-default-class");
    let mark = if default.is_some_and(|value| value == "true") { " (default)" } else { "" };
    vec![
        format!("{}{mark}", name(object)),
        text(object, "/provisioner"),
        text_or(object, "/reclaimPolicy", "Delete"),
        text_or(object, "/volumeBindingMode", "Immediate"),
        (object["allowVolumeExpansion"] == true).to_string(),
        age(object, now),
    ]
}
