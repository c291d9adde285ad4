//! The kinds that this API server knows: one static table, read by discovery, routing, storage and `RBAC`.

/// One resource of the API, as `APIResourceList` describes it.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/>
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "the API calls it `kind`")]
pub(crate) struct Kind {
    /// The API group; empty for the core group.
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) short: &'static [&'static str],
    pub(crate) categories: &'static [&'static str],
    pub(crate) namespaced: bool,
    pub(crate) subresources: &'static [&'static str],
    /// Whether the server counts `metadata.generation` for this kind.
    pub(crate) generation: bool,
    /// Reviews are answered, never stored.
    pub(crate) stored: bool,
}

impl Kind {
    /// `apps/v1`, or `v1` for the core group.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `deployments.apps`, or `pods`: the name by which error texts call the resource.
    pub(crate) fn group_resource(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// `Deployment.apps`, or `Pod`: the name by which `Invalid` errors call the kind.
    pub(crate) fn group_kind(&self) -> String {
        if self.group.is_empty() {
            self.kind.to_owned()
        } else {
            format!("{}.{}", self.kind, self.group)
        }
    }

    /// The key under which the store keeps the kind.
    pub(crate) fn id(&self) -> (&'static str, &'static str) {
        (self.group, self.plural)
    }

    pub(crate) fn has(&self, subresource: &str) -> bool {
        self.subresources.contains(&subresource)
    }

    /// Finds a resource by its place in the URL.
    pub(crate) fn by_path(group: &str, version: &str, plural: &str) -> Option<&'static Self> {
        ALL.iter()
            .copied()
            .find(|kind| kind.group == group && kind.version == version && kind.plural == plural)
    }

    /// Finds a resource by an object's `apiVersion` and `kind`.
    pub(crate) fn by_object(api_version: &str, name: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|kind| kind.kind == name && kind.api_version() == api_version)
    }
}

const BASE: Kind = Kind {
    group: "",
    version: "v1",
    plural: "",
    singular: "",
    kind: "",
    short: &[],
    categories: &[],
    namespaced: true,
    subresources: &[],
    generation: false,
    stored: true,
};

macro_rules! kinds {
    ($($name:ident: $group:literal $plural:literal $singular:literal $kind:literal { $($field:ident: $value:expr),* };)*) => {
        $(pub(crate) static $name: Kind = Kind {
            group: $group, plural: $plural, singular: $singular, kind: $kind, $($field: $value,)* ..BASE
        };)*
        /// Every kind, in the order in which discovery lists them.
        pub(crate) static ALL: &[&Kind] = &[$(&$name),*];
    };
}

kinds! {
    CONFIG_MAPS: "" "configmaps" "configmap" "ConfigMap" { short: &["cm"] };
    ENDPOINTS: "" "endpoints" "endpoints" "Endpoints" { short: &["ep"] };
    EVENTS: "" "events" "event" "Event" { short: &["ev"] };
    NAMESPACES: "" "namespaces" "namespace" "Namespace" { short: &["ns"], namespaced: false, subresources: &["status"] };
    NODES: "" "nodes" "node" "Node" { short: &["no"], namespaced: false, subresources: &["status"] };
    CLAIMS: "" "persistentvolumeclaims" "persistentvolumeclaim" "PersistentVolumeClaim" {
        short: &["pvc"], subresources: &["status"] };
    VOLUMES: "" "persistentvolumes" "persistentvolume" "PersistentVolume" {
        short: &["pv"], namespaced: false, subresources: &["status"] };
    PODS: "" "pods" "pod" "Pod" {
        short: &["po"], categories: &["all"], subresources: &["log", "portforward", "status"], generation: true };
    SECRETS: "" "secrets" "secret" "Secret" {};
    SERVICE_ACCOUNTS: "" "serviceaccounts" "serviceaccount" "ServiceAccount" { short: &["sa"] };
    SERVICES: "" "services" "service" "Service" { short: &["svc"], categories: &["all"], subresources: &["status"] };
    DEPLOYMENTS: "apps" "deployments" "deployment" "Deployment" {
        short: &["deploy"], categories: &["all"], subresources: &["scale", "status"], generation: true };
    REPLICA_SETS: "apps" "replicasets" "replicaset" "ReplicaSet" {
        short: &["rs"], categories: &["all"], subresources: &["scale", "status"], generation: true };
    STATEFUL_SETS: "apps" "statefulsets" "statefulset" "StatefulSet" {
        short: &["sts"], categories: &["all"], subresources: &["scale", "status"], generation: true };
    CONTROLLER_REVISIONS: "apps" "controllerrevisions" "controllerrevision" "ControllerRevision" {};
    JOBS: "batch" "jobs" "job" "Job" { categories: &["all"], subresources: &["status"], generation: true };
    CRON_JOBS: "batch" "cronjobs" "cronjob" "CronJob" {
        short: &["cj"], categories: &["all"], subresources: &["status"], generation: true };
    LEASES: "coordination.k8s.io" "leases" "lease" "Lease" {};
    ENDPOINT_SLICES: "discovery.k8s.io" "endpointslices" "endpointslice" "EndpointSlice" { generation: true };
    ROLES: "rbac.authorization.k8s.io" "roles" "role" "Role" {};
    ROLE_BINDINGS: "rbac.authorization.k8s.io" "rolebindings" "rolebinding" "RoleBinding" {};
    CLUSTER_ROLES: "rbac.authorization.k8s.io" "clusterroles" "clusterrole" "ClusterRole" { namespaced: false };
    CLUSTER_ROLE_BINDINGS: "rbac.authorization.k8s.io" "clusterrolebindings" "clusterrolebinding" "ClusterRoleBinding" {
        namespaced: false };
    STORAGE_CLASSES: "storage.k8s.io" "storageclasses" "storageclass" "StorageClass" { short: &["sc"], namespaced: false };
    SELF_ACCESS_REVIEWS: "authorization.k8s.io" "selfsubjectaccessreviews" "selfsubjectaccessreview" "SelfSubjectAccessReview" {
        namespaced: false, stored: false };
    SELF_RULES_REVIEWS: "authorization.k8s.io" "selfsubjectrulesreviews" "selfsubjectrulesreview" "SelfSubjectRulesReview" {
        namespaced: false, stored: false };
    SELF_REVIEWS: "authentication.k8s.io" "selfsubjectreviews" "selfsubjectreview" "SelfSubjectReview" {
        namespaced: false, stored: false };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_path_and_by_object() {
        let deployments = Kind::by_path("apps", "v1", "deployments").unwrap();
        assert_eq!(deployments.group_resource(), "deployments.apps");
        assert_eq!(Kind::by_object("v1", "Pod").unwrap().group_resource(), "pods");
        assert!(Kind::by_path("apps", "v1beta1", "deployments").is_none());
    }
}
