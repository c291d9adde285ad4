//! Whose session it is: client address → pod → workload.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use serde_json::json;

use crate::model::{ClientSession, FenceProof, Fix, Mend, ObjectRef};
use crate::world::World;

/// The owners of the sessions that break the proof, one line each, and how to stop the first of them.
pub(super) async fn fix(world: &World, proof: &FenceProof) -> Option<(Vec<String>, Fix)> {
    let stragglers: Vec<ClientSession> = proof.stragglers().into_iter().cloned().collect();
    let named = name(world, &stragglers).await;
    let owner = named.iter().find_map(|(_, owner)| owner.clone())?;
    let lines = named.into_iter().map(|(line, _)| line).collect();
    Some((lines, stop(world.cluster.namespace(), owner)))
}

/// Whose sessions they are, one line for each address. An address that no pod has is told as it is.
pub(super) async fn name(
    world: &World,
    clients: &[ClientSession],
) -> Vec<(String, Option<ObjectRef>)> {
    if clients.is_empty() {
        return Vec::new();
    }
    let pods: Vec<Pod> = world.cluster.list("").await.unwrap_or_default();
    let by_address: BTreeMap<&str, &ClientSession> =
        clients.iter().map(|client| (client.address.as_str(), client)).collect();
    let mut lines = Vec::new();
    for (address, client) in by_address {
        let Some(pod) = pods.iter().find(|pod| is_at(pod, address)) else {
            lines.push((client.describe(), None));
            continue;
        };
        let owner = owner(world, pod).await;
        let of = owner.as_ref().map_or_else(String::new, |owner| format!(" of {owner}"));
        lines.push((format!("{} is pod {}{of}", client.describe(), pod.name_any()), owner));
    }
    lines
}

fn is_at(pod: &Pod, address: &str) -> bool {
    let addresses = pod.status.iter().flat_map(|status| {
        let all = status.pod_ips.iter().flatten().map(|ip| ip.ip.as_str());
        all.chain(status.pod_ip.as_deref())
    });
    addresses.into_iter().any(|known| known == address)
}

async fn owner(world: &World, pod: &Pod) -> Option<ObjectRef> {
    let owner = pod.owner_references().iter().find(|owner| owner.controller == Some(true))?;
    let (mut api_version, mut kind, mut name) =
        (owner.api_version.clone(), owner.kind.clone(), owner.name.clone());
    if kind == "ReplicaSet" {
        let set: Option<ReplicaSet> = world.cluster.get(&name).await.ok()?;
        let above = set.and_then(|set| set.owner_references().first().cloned());
        if let Some(above) = above {
            (api_version, kind, name) = (above.api_version, above.kind, above.name);
        }
    }
    Some(ObjectRef { api_version, kind, name })
}

fn stop(namespace: &str, owner: ObjectRef) -> Fix {
    let scalable = matches!(owner.kind.as_str(), "Deployment" | "StatefulSet" | "ReplicaSet");
    let kind = owner.kind.to_lowercase();
    let verb = if scalable { "scale" } else { "delete" };
    let tail = if scalable { " --replicas=0" } else { "" };
    Fix {
        title: format!("stop {owner}, which still uses this database"),
        command: Some(format!("kubectl {verb} {kind} {} -n {namespace}{tail}", owner.name)),
        mend: scalable
            .then(|| Mend { object: owner, patch: json!({ "spec": { "replicas": 0 } }).into() }),
    }
}
