//! The documents of manifests, each with its place in the cluster and our marks.

use serde_json::Value;

use crate::action::act::refused;
use crate::action::mark::{Mark, map_at};
use crate::model::{Failure, FailureKind, Manifest, ObjectRef};
use crate::world::World;

/// One object as it is applied.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) object: ObjectRef,
    pub(super) body: Value,
    /// The file that it stands in.
    pub(super) path: String,
}

/// All documents in their order; a `List` is the objects in it.
pub(super) fn documents(
    world: &World,
    manifests: &[Manifest],
    mark: &Mark,
) -> Result<Vec<Document>, Failure> {
    let mut all = Vec::new();
    for manifest in manifests {
        for document in manifest.documents.iter().flat_map(flat) {
            all.push(read(world, manifest, document, mark)?);
        }
    }
    Ok(all)
}

fn flat(document: &Value) -> Vec<&Value> {
    match document.get("items").and_then(Value::as_array) {
        Some(items) if document["kind"].as_str().is_some_and(|kind| kind.ends_with("List")) => {
            items.iter().flat_map(flat).collect()
        }
        _ => vec![document],
    }
}

fn read(
    world: &World,
    manifest: &Manifest,
    document: &Value,
    mark: &Mark,
) -> Result<Document, Failure> {
    let broken = |why: &str| refused(FailureKind::Refused, format!("`{}`: {why}", manifest.path));
    let text =
        |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind, name) = (text("/apiVersion"), text("/kind"), text("/metadata/name"));
    if api_version.is_empty() || kind.is_empty() || name.is_empty() {
        return Err(broken("a document lacks its `apiVersion`, `kind` or `metadata.name`"));
    }
    let object =
        ObjectRef { api_version: api_version.into(), kind: kind.into(), name: name.into() };
    let (written, planned) =
        (text("/metadata/namespace"), world.runbook.cluster.namespace.as_str());
    let namespace = world.cluster.namespace();
    if !written.is_empty() && written != planned && written != namespace {
        return Err(broken(&format!(
            "{object} is of namespace `{written}`, and this run of `{namespace}`"
        )));
    }
    let mut body = document.clone();
    let annotations = map_at(&mut body, &["metadata", "annotations"]);
    annotations
        .ok_or_else(|| broken("a document has no metadata"))?
        .extend(mark.annotations(false));
    if !written.is_empty()
        && let Some(metadata) = map_at(&mut body, &["metadata"])
    {
        metadata.insert("namespace".into(), Value::String(namespace.to_owned()));
    }
    Ok(Document { object, body, path: manifest.path.clone() })
}
