//! From a kind to its resource, without asking where the answer is fixed by Kubernetes.

use kube::api::{ApiResource, GroupVersionKind};

/// A resource and whether its objects live in a namespace.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    /// Group, version, kind and plural.
    pub(super) resource: ApiResource,
    /// False for what belongs to the cluster, such as a Namespace.
    pub(super) namespaced: bool,
}

const KNOWN: &[(&str, &str, &str, bool)] = &[
    ("v1", "ConfigMap", "configmaps", true),
    ("v1", "Endpoints", "endpoints", true),
    ("v1", "Event", "events", true),
    ("v1", "Namespace", "namespaces", false),
    ("v1", "Node", "nodes", false),
    ("v1", "PersistentVolume", "persistentvolumes", false),
    ("v1", "PersistentVolumeClaim", "persistentvolumeclaims", true),
    ("v1", "Pod", "pods", true),
    ("v1", "Secret", "secrets", true),
    ("v1", "Service", "services", true),
    ("v1", "ServiceAccount", "serviceaccounts", true),
    ("apps/v1", "Deployment", "deployments", true),
    ("apps/v1", "ReplicaSet", "replicasets", true),
    ("apps/v1", "StatefulSet", "statefulsets", true),
    ("batch/v1", "CronJob", "cronjobs", true),
    ("batch/v1", "Job", "jobs", true),
    ("coordination.k8s.io/v1", "Lease", "leases", true),
    ("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", true),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false),
    ("rbac.authorization.k8s.io/v1", "Role", "roles", true),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true),
    ("storage.k8s.io/v1", "StorageClass", "storageclasses", false),
];

/// The kind where it is one of Kubernetes' own; others must be asked for.
pub(super) fn known(api_version: &str, kind: &str) -> Option<Kind> {
    KNOWN.iter().find(|row| row.0 == api_version && row.1 == kind).map(|row| Kind {
        resource: ApiResource::from_gvk_with_plural(&gvk(api_version, kind), row.2),
        namespaced: row.3,
    })
}

/// Whether a resource, as RBAC writes it, belongs to the cluster and not to a namespace.
pub(super) fn is_clusterwide(resource: &str) -> bool {
    let plural = resource.split(['.', '/']).next().unwrap_or_default();
    plural.starts_with("selfsubject") || KNOWN.iter().any(|row| row.2 == plural && !row.3)
}

/// Group, version and kind from an object's `apiVersion` and `kind`.
pub(super) fn gvk(api_version: &str, kind: &str) -> GroupVersionKind {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    GroupVersionKind::gvk(group, version, kind)
}

/// The resource as RBAC writes it: `deployments.apps`, `pods`.
pub(super) fn rbac_name(resource: &ApiResource) -> String {
    if resource.group.is_empty() {
        resource.plural.clone()
    } else {
        format!("{}.{}", resource.plural, resource.group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_kind_has_its_plural_and_scope() {
        let claim = known("v1", "PersistentVolumeClaim").unwrap();
        assert_eq!(
            (claim.resource.plural.as_str(), claim.namespaced),
            ("persistentvolumeclaims", true)
        );
        let namespace = known("v1", "Namespace").unwrap();
        assert!(!namespace.namespaced);
        assert!(known("example.org/v1", "Widget").is_none());
    }

    #[test]
    fn a_resource_is_named_as_rbac_names_it() {
        let name = |version, kind| rbac_name(&known(version, kind).unwrap().resource);
        assert_eq!(name("apps/v1", "Deployment"), "deployments.apps");
        assert_eq!(name("v1", "Pod"), "pods");
    }
}
