//! Which pull secrets of a namespace hold a registry.

use k8s_openapi::ByteString;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{PodSpec, Secret};
use kube::api::ListParams;
use serde_json::Value;

use crate::model::{PatchKind, Verb};
use crate::world::{Cluster, World, WorldError};

use super::diagnose::{PullSecret, PullSecrets, docker_config_registries, known_secrets};

/// What is known of pull secrets for a registry, and of those that a pod names.
pub(super) async fn pull_secrets(world: &World, registry: &str, named: &[String]) -> PullSecrets {
    let mut secrets = PullSecrets { known: known(world, registry).await, ..PullSecrets::default() };
    for name in named {
        // The printed Role does not allow it; who may look is told more.
        match world.cluster.get::<Secret>(name).await {
            Ok(None) => secrets.missing.push(name.clone()),
            Ok(Some(secret)) if !holds(&secret, registry) => secrets.lacking.push(name.clone()),
            Ok(Some(_)) | Err(_) => {}
        }
    }
    secrets
}

/// The Secrets that others use for a registry: workloads of the namespace, then the runbook's own manifests; and only when
/// these name none, Secrets of the type `kubernetes.io/dockerconfigjson`, where the operator happens to be allowed to list
/// Secrets. The printed Role does not ask for that.
async fn known(world: &World, registry: &str) -> Vec<PullSecret> {
    let cluster = &world.cluster;
    let deployments: Vec<Deployment> = cluster.list("").await.unwrap_or_default();
    let sets: Vec<StatefulSet> = cluster.list("").await.unwrap_or_default();
    let named = |kind: &str, name: &Option<String>| {
        format!("used by {kind}/{}", name.as_deref().unwrap_or_default())
    };
    let mut templates: Vec<(String, PodSpec)> = Vec::new();
    for one in deployments {
        let spec = one.spec.and_then(|spec| spec.template.spec);
        templates.extend(spec.map(|spec| (named("deployment", &one.metadata.name), spec)));
    }
    for one in sets {
        let spec = one.spec.and_then(|spec| spec.template.spec);
        templates.extend(spec.map(|spec| (named("statefulset", &one.metadata.name), spec)));
    }
    templates.extend(of_runbook(world));
    let known = known_secrets(registry, templates.iter().map(|(by, spec)| (by.clone(), spec)));
    if known.is_empty() { listed(cluster, registry).await.unwrap_or_default() } else { known }
}

/// The pod templates in the runbook's manifests.
fn of_runbook(world: &World) -> Vec<(String, PodSpec)> {
    let documents = world.runbook.steps().flat_map(|(_, step)| match &step.verb {
        Verb::Apply { manifests, .. } => manifests.iter().flat_map(|one| &one.documents).collect(),
        Verb::Job { manifest } => manifest.documents.iter().collect(),
        Verb::Patch { kind: PatchKind::Strategic, patch, .. } => vec![patch],
        _ => Vec::new(),
    });
    let template = |document: &Value| {
        let spec = document.pointer("/spec/template/spec")?;
        let name = document.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        Some((
            format!("named in the manifest of `{name}`"),
            serde_json::from_value(spec.clone()).ok()?,
        ))
    };
    documents.filter_map(template).collect()
}

async fn listed(cluster: &Cluster, registry: &str) -> Result<Vec<PullSecret>, WorldError> {
    let params = ListParams::default().fields("type=kubernetes.io/dockerconfigjson");
    let secrets: Vec<Secret> = cluster.list_with(&params).await?;
    let found = secrets.into_iter().filter(|secret| holds(secret, registry));
    Ok(found
        .map(|secret| PullSecret {
            name: secret.metadata.name.unwrap_or_default(),
            used_by: "a pull secret of the namespace".to_owned(),
        })
        .collect())
}

fn holds(secret: &Secret, registry: &str) -> bool {
    let config = secret.data.as_ref().and_then(|data| data.get(".dockerconfigjson"));
    config.is_some_and(|ByteString(config)| {
        docker_config_registries(config).iter().any(|host| host == registry)
    })
}
