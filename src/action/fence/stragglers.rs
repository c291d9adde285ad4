//! Whose session it is: client address → pod → workload.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use serde_json::json;

use crate::model::{FenceProof, Fix, Mend, ObjectRef};
use crate::world::World;

/// The owners of the sessions that break the proof, one line each, and how to stop the first of them.
pub(super) async fn fix(world: &World, proof: &FenceProof) -> Option<(Vec<String>, Fix)> {
    let stragglers = proof.stragglers();
    if stragglers.is_empty() {
        return None;
    }
    let pods: Vec<Pod> = world.cluster.list("").await.ok()?;
    let mut lines = Vec::new();
    let mut owners: BTreeMap<String, ObjectRef> = BTreeMap::new();
    for client in stragglers {
        let Some(pod) = pods.iter().find(|pod| is_at(pod, &client.address)) else { continue };
        let owner = owner(world, pod).await;
        let named = owner.as_ref().map_or_else(String::new, |owner| format!(" of {owner}"));
        lines.push(format!("{} is pod {}{named}", client.address, pod.name_any()));
        owners.extend(owner.map(|owner| (owner.to_string(), owner)));
    }
    let owner = owners.into_values().next()?;
    Some((lines, stop(world.cluster.namespace(), owner)))
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
        mend: scalable.then(|| Mend { object: owner, patch: json!({ "spec": { "replicas": 0 } }) }),
    }
}
