//! The requests with which a verb changes the cluster. Reads are not listed; the permissions name them.

use serde_json::{Value, json};

use crate::model::{KINDS, Manifest, ObjectRef, PatchKind, Runbook, Verb, Workload};

/// The requests, in order.
pub(super) fn calls(runbook: &Runbook, verb: &Verb) -> Vec<String> {
    let namespace = runbook.cluster.namespace.as_str();
    let at = |object: &ObjectRef| path(namespace, object);
    match verb {
        Verb::Apply { manifests, force } => {
            let how = if *force {
                "fields of others are taken over"
            } else {
                "fields of others are respected"
            };
            objects(manifests)
                .map(|object| {
                    format!("PATCH {}  (server-side apply, first as a dry run; {how})", at(&object))
                })
                .collect()
        }
        Verb::Delete { objects } => {
            objects.iter().map(|object| format!("DELETE {}", at(object))).collect()
        }
        Verb::Job { manifest } => objects(std::slice::from_ref(manifest))
            .flat_map(|object| {
                let old = format!(
                    "DELETE {}  (an old run, in the foreground, until it is gone)",
                    at(&object)
                );
                let new = format!("POST {}", collection(namespace, &object));
                [old, new]
            })
            .collect(),
        Verb::Scale { workload, replicas } => vec![scaled(&at(&workload.object()), *replicas)],
        Verb::SwitchService { service, to } => {
            let object = ObjectRef {
                api_version: "v1".into(),
                kind: "Service".into(),
                name: service.clone(),
            };
            let patch = runbook.traffic.as_ref().map_or(Value::Null, |traffic| {
                json!([
                    { "op": "test", "path": "/spec/selector", "value": traffic.selector(to.other()) },
                    { "op": "replace", "path": "/spec/selector", "value": traffic.selector(*to) },
                ])
            });
            vec![format!("PATCH {}  {patch}", at(&object))]
        }
        Verb::Patch { object, kind, patch } => {
            vec![format!("PATCH {}  ({}) {patch}", at(object), media(*kind))]
        }
        Verb::Restart { workload } => {
            vec![format!("PATCH {}  (an annotation of the pod template)", at(&workload.object()))]
        }
        Verb::Check
        | Verb::Manual { .. }
        | Verb::Exec { .. }
        | Verb::Sql { .. }
        | Verb::Fence { .. }
        | Verb::Unfence { .. }
        | Verb::Backup { .. }
        | Verb::Verify { .. }
        | Verb::Soak { .. } => Vec::new(),
    }
}

/// The requests that undo a verb from what was recorded before it.
pub(super) fn undoing(runbook: &Runbook, verb: &Verb) -> Vec<String> {
    let namespace = runbook.cluster.namespace.as_str();
    match verb {
        Verb::Apply { manifests, .. } => {
            let mut objects: Vec<ObjectRef> = objects(manifests).collect();
            objects.reverse();
            let line = |object: &ObjectRef| {
                format!("DELETE {0} when the step made it, else PATCH {0}", path(namespace, object))
            };
            objects.iter().map(line).collect()
        }
        Verb::Scale { workload, .. } => {
            let path = path(namespace, &workload.object());
            vec![format!("PATCH {path}/scale  (the former number of pods)")]
        }
        Verb::SwitchService { service, to } => {
            calls(runbook, &Verb::SwitchService { service: service.clone(), to: to.other() })
        }
        Verb::Patch { object, .. } => {
            vec![format!("PATCH {}  (the former values)", path(namespace, object))]
        }
        _ => Vec::new(),
    }
}

/// What a verb does, in words.
pub(super) fn words(verb: &Verb) -> String {
    let rest = match verb {
        Verb::Check => "its gates, and nothing else".to_owned(),
        Verb::Manual { instruction } => instruction.clone(),
        Verb::Exec { argv, .. } => argv.join(" "),
        Verb::Apply { manifests, .. } => paths(manifests),
        Verb::Delete { objects } => {
            objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        Verb::Job { manifest } => manifest.path.clone(),
        Verb::Scale { workload, replicas } => format!("{workload} to {replicas}"),
        Verb::SwitchService { service, to } => format!("{service} to {to}"),
        Verb::Patch { object, .. } => object.to_string(),
        Verb::Restart { workload } => workload.to_string(),
        Verb::Sql { side, transaction, .. } => {
            format!(
                "on {side}, {}",
                if *transaction { "in one transaction" } else { "without a transaction of ours" }
            )
        }
        Verb::Fence { side } | Verb::Unfence { side } => side.to_string(),
        Verb::Backup { side, path } => format!("{side} to {path}"),
        Verb::Verify { scopes } => {
            let scopes: Vec<String> =
                scopes.iter().map(|scope| format!("{scope:?}").to_lowercase()).collect();
            scopes.join(", ")
        }
        Verb::Soak { hold, .. } => crate::model::spelled(*hold),
    };
    format!("{}: {rest}", verb.word())
}

fn paths(manifests: &[Manifest]) -> String {
    manifests.iter().map(|manifest| manifest.path.as_str()).collect::<Vec<_>>().join(", ")
}

fn scaled(path: &str, replicas: u32) -> String {
    format!("PATCH {path}/scale  {}", json!({ "spec": { "replicas": replicas } }))
}

const fn media(kind: PatchKind) -> &'static str {
    match kind {
        PatchKind::Json => "JSON patch",
        PatchKind::Merge => "merge patch",
        PatchKind::Strategic => "strategic merge patch",
    }
}

fn objects(manifests: &[Manifest]) -> impl Iterator<Item = ObjectRef> {
    let text = |document: &Value, pointer: &str| {
        document.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    manifests.iter().flat_map(|manifest| &manifest.documents).map(move |document| ObjectRef {
        api_version: text(document, "/apiVersion"),
        kind: text(document, "/kind"),
        name: text(document, "/metadata/name"),
    })
}

fn path(namespace: &str, object: &ObjectRef) -> String {
    format!("{}/{}", collection(namespace, object), object.name)
}

fn collection(namespace: &str, object: &ObjectRef) -> String {
    let root = if object.group().is_empty() { "api" } else { "apis" };
    let global = KINDS.iter().any(|known| {
        known.kind == object.kind && known.api_version == object.api_version && !known.namespaced
    });
    let scope = if global { String::new() } else { format!("namespaces/{namespace}/") };
    format!("/{root}/{}/{scope}{}", object.api_version, object.resource())
}

/// The workload of a side, for headings.
pub(super) fn place(workload: Option<&Workload>) -> String {
    workload.map_or_else(|| "not in the cluster".to_owned(), ToString::to_string)
}
