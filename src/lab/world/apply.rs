//! Puts objects into the cluster over the wire, as an operator did with kubectl before the story begins.

use kube::api::{Api, DynamicObject, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::Value;

use super::error::LabError;
use crate::lab::cluster::kind::Kind;
use crate::lab::cluster::meta;

/// The field manager under which `kubectl apply` writes.
const MANAGER: &str = "kubectl-client-side-apply";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Creates every object of a manifest, after `edit` has had a look at it.
pub(super) async fn create_all(
    client: &kube::Client,
    (path, text): (&str, &str),
    edit: &(dyn Fn(&mut Value) + Sync),
) -> Result<(), LabError> {
    let bad = |why: String| LabError::Manifest { path: path.to_owned(), why };
    let objects: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|error| bad(error.to_string()))?;
    for mut object in objects {
        edit(&mut object);
        create(client, object).await.map_err(|error| bad(error.to_string()))?;
    }
    Ok(())
}

/// Creates one object.
pub(super) async fn create(client: &kube::Client, mut object: Value) -> Result<(), kube::Error> {
    let version = meta::text(&object, "/apiVersion").to_owned();
    let name = meta::text(&object, "/kind").to_owned();
    remember(&mut object);
    let object: DynamicObject = serde_json::from_value(object).map_err(kube::Error::SerdeError)?;
    let plural = Kind::by_object(&version, &name)
        .map_or_else(|| format!("{}s", name.to_lowercase()), |kind| kind.plural.to_owned());
    let (group, version) = version.split_once('/').unwrap_or(("", &version));
    let resource =
        ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, &name), &plural);
    let api: Api<DynamicObject> = match &object.metadata.namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let params = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
    api.create(&params, &object).await.map(drop)
}

/// As `kubectl apply` does, but for Secrets, whose content does not belong into an annotation.
fn remember(object: &mut Value) {
    if object["kind"] == "Secret" {
        return;
    }
    let text = format!("{object}\n");
    let meta = meta::meta_mut(object);
    let annotations =
        meta.entry("annotations").or_insert_with(|| Value::Object(serde_json::Map::new()));
    annotations[LAST_APPLIED] = text.into();
}
