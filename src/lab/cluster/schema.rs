//! How lists and maps of the built-in kinds merge: the `x-kubernetes-list-type`, `-map-type` and `patch-merge-key`
//! markers of the API's schema, as far as these kinds have any.
//!
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>

use serde_json::Value;

use super::kind::Kind;

/// How server-side apply sees a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListType {
    /// Replaced as one.
    Atomic,
    /// Scalars, each once.
    Set,
    /// Objects, told apart by these keys.
    Map(&'static [&'static str]),
}

/// How a strategic merge patch sees a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MergeList {
    Replace,
    /// Scalars are joined.
    Join,
    /// Objects are merged where this key is equal.
    ByKey(&'static str),
}

/// One row: the end of a field's path, what apply makes of it, what a strategic merge makes of it.
struct Row(&'static [&'static str], ListType, MergeList);

const NAME: &[&str] = &["name"];
const PORTS: &[&str] = &["containerPort", "protocol"];
const SERVICE_PORTS: &[&str] = &["port", "protocol"];
const SPREAD: &[&str] = &["topologyKey", "whenUnsatisfiable"];

/// The first row whose path ends a field's path wins. Whatever is not here is atomic and replaced.
static LISTS: &[Row] = &[
    Row(&["containers", "ports"], ListType::Map(PORTS), MergeList::ByKey("containerPort")),
    Row(&["initContainers", "ports"], ListType::Map(PORTS), MergeList::ByKey("containerPort")),
    Row(&["ephemeralContainers", "ports"], ListType::Map(PORTS), MergeList::ByKey("containerPort")),
    Row(&["spec", "ports"], ListType::Map(SERVICE_PORTS), MergeList::ByKey("port")),
    Row(&["env"], ListType::Map(NAME), MergeList::ByKey("name")),
    Row(&["volumeMounts"], ListType::Map(&["mountPath"]), MergeList::ByKey("mountPath")),
    Row(&["volumeDevices"], ListType::Map(&["devicePath"]), MergeList::ByKey("devicePath")),
    Row(&["resources", "claims"], ListType::Map(NAME), MergeList::Replace),
    Row(&["spec", "containers"], ListType::Map(NAME), MergeList::ByKey("name")),
    Row(&["spec", "initContainers"], ListType::Map(NAME), MergeList::ByKey("name")),
    Row(&["spec", "ephemeralContainers"], ListType::Map(NAME), MergeList::ByKey("name")),
    Row(&["spec", "imagePullSecrets"], ListType::Map(NAME), MergeList::ByKey("name")),
    Row(&["spec", "volumes"], ListType::Map(NAME), MergeList::ByKey("name")),
    Row(&["spec", "schedulingGates"], ListType::Map(NAME), MergeList::ByKey("name")),
    Row(&["spec", "resourceClaims"], ListType::Map(NAME), MergeList::ByKey("name")),
    Row(&["spec", "hostAliases"], ListType::Map(&["ip"]), MergeList::ByKey("ip")),
    Row(&["topologySpreadConstraints"], ListType::Map(SPREAD), MergeList::ByKey("topologyKey")),
    Row(&["metadata", "ownerReferences"], ListType::Map(&["uid"]), MergeList::ByKey("uid")),
    Row(&["metadata", "finalizers"], ListType::Set, MergeList::Join),
    Row(&["status", "conditions"], ListType::Map(&["type"]), MergeList::ByKey("type")),
    Row(&["status", "podIPs"], ListType::Map(&["ip"]), MergeList::ByKey("ip")),
    Row(&["status", "hostIPs"], ListType::Atomic, MergeList::ByKey("ip")),
    Row(&["status", "addresses"], ListType::Map(&["type"]), MergeList::ByKey("type")),
    Row(&["spec", "podCIDRs"], ListType::Set, MergeList::Join),
    Row(&["secrets"], ListType::Map(NAME), MergeList::ByKey("name")),
];

/// Maps that are replaced as one: selectors and references. Those of objects are found by the end of their path.
static ATOMIC_MAPS: &[&[&str]] = &[
    &["selector"],
    &["labelSelector"],
    &["namespaceSelector"],
    &["podSelector"],
    &["nodeSelector"],
    &["nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"],
    &["imagePullSecrets"],
    &["secretKeyRef"],
    &["configMapKeyRef"],
    &["fieldRef"],
    &["resourceFieldRef"],
    &["secretRef"],
    &["dataSource"],
    &["claimRef"],
    &["involvedObject"],
    &["related"],
    &["targetRef"],
    &["roleRef"],
    &["ownerReferences"],
    &["scopeSelector"],
    &["status", "active"],
];

/// How server-side apply treats the list at `path`, a path of field names that skips list items.
pub(crate) fn list_type(kind: &Kind, path: &[&str]) -> ListType {
    // A Job's conditions are atomic, whatever they are elsewhere.
    if kind.kind == "Job" && path == ["status", "conditions"] {
        return ListType::Atomic;
    }
    row(path).map_or(ListType::Atomic, |row| row.1)
}

/// How a strategic merge patch treats the list at `path`.
pub(crate) fn merge_list(path: &[&str]) -> MergeList {
    row(path).map_or(MergeList::Replace, |row| row.2)
}

/// Whether server-side apply replaces the map at `path` as one.
pub(crate) fn is_atomic_map(path: &[&str]) -> bool {
    ATOMIC_MAPS.iter().any(|end| path.ends_with(end))
}

/// What a key of a list item counts as when the item does not say: only protocols have a default.
pub(crate) fn key_default(key: &str) -> Option<Value> {
    (key == "protocol").then(|| "TCP".into())
}

fn row(path: &[&str]) -> Option<&'static Row> {
    LISTS.iter().find(|row| path.ends_with(row.0))
}
