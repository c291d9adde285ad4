//! The kinds of the cluster that a runbook names, and the resources behind them.

use super::verb::ObjectRef;

/// A kind that the Kubernetes API documentation lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The kind, such as `PersistentVolumeClaim`.
    pub kind: &'static str,
    /// The API version, such as `apps/v1`.
    pub api_version: &'static str,
    /// The resource in paths and roles, such as `persistentvolumeclaims`.
    pub plural: &'static str,
    /// Short names that kubectl takes.
    pub short: &'static [&'static str],
    /// Objects lie in a namespace.
    pub namespaced: bool,
}

const fn kind(
    kind: &'static str,
    api_version: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
) -> Kind {
    Kind { kind, api_version, plural, short, namespaced: true }
}

const fn global(kind: &'static str, api_version: &'static str, plural: &'static str) -> Kind {
    Kind { kind, api_version, plural, short: &[], namespaced: false }
}

/// The built-in kinds of Kubernetes 1.33 that a cutover may meet.
pub const KINDS: &[Kind] = &[
    kind("Deployment", "apps/v1", "deployments", &["deploy"]),
    kind("StatefulSet", "apps/v1", "statefulsets", &["sts"]),
    kind("DaemonSet", "apps/v1", "daemonsets", &["ds"]),
    kind("ReplicaSet", "apps/v1", "replicasets", &["rs"]),
    kind("Pod", "v1", "pods", &["po"]),
    kind("Service", "v1", "services", &["svc"]),
    kind("ConfigMap", "v1", "configmaps", &["cm"]),
    kind("Secret", "v1", "secrets", &[]),
    kind("PersistentVolumeClaim", "v1", "persistentvolumeclaims", &["pvc"]),
    kind("ServiceAccount", "v1", "serviceaccounts", &["sa"]),
    kind("Job", "batch/v1", "jobs", &[]),
    kind("CronJob", "batch/v1", "cronjobs", &["cj"]),
    kind("Ingress", "networking.k8s.io/v1", "ingresses", &["ing"]),
    kind("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies", &["netpol"]),
    kind("PodDisruptionBudget", "policy/v1", "poddisruptionbudgets", &["pdb"]),
    kind("HorizontalPodAutoscaler", "autoscaling/v2", "horizontalpodautoscalers", &["hpa"]),
    kind("Role", "rbac.authorization.k8s.io/v1", "roles", &[]),
    kind("RoleBinding", "rbac.authorization.k8s.io/v1", "rolebindings", &[]),
    kind("Lease", "coordination.k8s.io/v1", "leases", &[]),
    global("Namespace", "v1", "namespaces"),
    global("PersistentVolume", "v1", "persistentvolumes"),
    global("StorageClass", "storage.k8s.io/v1", "storageclasses"),
    global("ClusterRole", "rbac.authorization.k8s.io/v1", "clusterroles"),
    global("ClusterRoleBinding", "rbac.authorization.k8s.io/v1", "clusterrolebindings"),
    global("CustomResourceDefinition", "apiextensions.k8s.io/v1", "customresourcedefinitions"),
    global("PriorityClass", "scheduling.k8s.io/v1", "priorityclasses"),
];

impl Kind {
    /// The kind that a word means: `deployment`, `deployments`, `deploy` or `Deployment`.
    #[must_use]
    pub fn named(word: &str) -> Option<&'static Self> {
        let word = word.to_lowercase();
        KINDS.iter().find(|known| {
            known.kind.to_lowercase() == word
                || known.plural == word
                || known.short.contains(&word.as_str())
        })
    }
}

impl ObjectRef {
    /// The API group; empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The resource in paths and roles. For a kind that is not built in it is guessed as the API machinery's documentation
    /// names it by default: lower case, in the plural.
    #[must_use]
    pub fn resource(&self) -> String {
        let known = KINDS.iter().find(|known| {
            known.kind == self.kind
                && known.api_version.split_once('/').map_or("", |(group, _)| group) == self.group()
        });
        known.map_or_else(|| plural(&self.kind.to_lowercase()), |known| known.plural.to_owned())
    }
}

fn plural(word: &str) -> String {
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if word.ends_with(['s', 'x', 'z']) || word.ends_with("ch") || word.ends_with("sh") => {
            format!("{word}es")
        }
        _ => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_means_its_kind() {
        assert_eq!(Kind::named("pvc").unwrap().kind, "PersistentVolumeClaim");
        assert_eq!(Kind::named("deployments").unwrap().api_version, "apps/v1");
        assert!(Kind::named("widget").is_none());
    }

    #[test]
    fn a_custom_kind_gets_its_default_plural() {
        let object = |kind: &str| ObjectRef {
            api_version: "x.io/v1".into(),
            kind: kind.into(),
            name: "n".into(),
        };
        assert_eq!(object("Policy").resource(), "policies");
        assert_eq!(object("Proxy").resource(), "proxies");
        assert_eq!(object("Gateway").resource(), "gateways");
    }
}
