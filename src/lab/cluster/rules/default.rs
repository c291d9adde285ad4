//! The defaults that the API server writes into what clients leave out.
//!
//! Follows `SetDefaults_*` of each API group; only fields that a client may rely on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::kind::Kind;
use super::super::meta::child_mut;
use super::pod;

/// Writes the defaults of the kind. Doing it twice changes nothing more.
pub(crate) fn set_defaults(kind: &Kind, object: &mut Value) {
    match kind.kind {
        "Pod" => pod::set_pod_defaults(child_mut(object, "spec")),
        "Deployment" => deployment(child_mut(object, "spec")),
        "ReplicaSet" => replica_set(child_mut(object, "spec")),
        "StatefulSet" => stateful_set(child_mut(object, "spec")),
        "Job" => job(object),
        "CronJob" => cron_job(child_mut(object, "spec")),
        "Service" => service(child_mut(object, "spec")),
        "Secret" => secret(object),
        "Endpoints" => endpoints(object),
        "EndpointSlice" => protocols(object.get_mut("ports")),
        "PersistentVolumeClaim" => claim(child_mut(object, "spec")),
        "PersistentVolume" => volume(child_mut(object, "spec")),
        "Namespace" => namespace(object),
        "RoleBinding" | "ClusterRoleBinding" => binding(object),
        _ => {}
    }
}

/// Sets a field that is absent or null.
pub(super) fn default(map: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    if map.get(key).is_none_or(Value::is_null) {
        map.insert(key.to_owned(), value.into());
    }
}

/// The map under `key`, made if it is absent.
pub(super) fn child<'a>(map: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    if !map.get(key).is_some_and(Value::is_object) {
        map.insert(key.to_owned(), json!({}));
    }
    map.get_mut(key).and_then(Value::as_object_mut).expect("it was made an object above")
}

/// The objects of a list.
pub(super) fn objects(list: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    list.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
}

pub(super) fn protocols(ports: Option<&mut Value>) {
    objects(ports).for_each(|port| default(port, "protocol", "TCP"));
}

fn template(spec: &mut Map<String, Value>) {
    pod::set_spec_defaults(child(child(spec, "template"), "spec"));
}

fn deployment(spec: &mut Map<String, Value>) {
    template(spec);
    default(spec, "replicas", 1);
    let strategy = child(spec, "strategy");
    default(strategy, "type", "RollingUpdate");
    if strategy["type"] == "RollingUpdate" {
        let rolling = child(strategy, "rollingUpdate");
        default(rolling, "maxUnavailable", "25%");
        default(rolling, "maxSurge", "25%");
    }
    default(spec, "revisionHistoryLimit", 10);
    default(spec, "progressDeadlineSeconds", 600);
}

fn replica_set(spec: &mut Map<String, Value>) {
    template(spec);
    default(spec, "replicas", 1);
}

fn stateful_set(spec: &mut Map<String, Value>) {
    template(spec);
    default(spec, "replicas", 1);
    default(spec, "podManagementPolicy", "OrderedReady");
    default(spec, "revisionHistoryLimit", 10);
    let strategy = child(spec, "updateStrategy");
    default(strategy, "type", "RollingUpdate");
    if strategy["type"] == "RollingUpdate" {
        default(child(strategy, "rollingUpdate"), "partition", 0);
    }
    let retention = child(spec, "persistentVolumeClaimRetentionPolicy");
    default(retention, "whenDeleted", "Retain");
    default(retention, "whenScaled", "Retain");
    for template in objects(spec.get_mut("volumeClaimTemplates")) {
        default(template, "apiVersion", "v1");
        default(template, "kind", "PersistentVolumeClaim");
        default(child(template, "spec"), "volumeMode", "Filesystem");
        default(child(template, "status"), "phase", "Pending");
    }
}

fn job(object: &mut Value) {
    let labels = object
        .pointer("/spec/template/metadata/labels")
        .filter(|labels| !is_empty(labels))
        .cloned();
    if let Some(labels) = labels.filter(|_| is_empty(&object["metadata"]["labels"])) {
        object["metadata"]["labels"] = labels;
    }
    job_spec(child_mut(object, "spec"));
}

fn is_empty(map: &Value) -> bool {
    map.as_object().is_none_or(Map::is_empty)
}

fn job_spec(spec: &mut Map<String, Value>) {
    template(spec);
    let absent = |key: &str| spec.get(key).is_none_or(Value::is_null);
    if absent("completions") && absent("parallelism") {
        default(spec, "completions", 1);
    }
    default(spec, "parallelism", 1);
    default(spec, "backoffLimit", 6);
    default(spec, "completionMode", "NonIndexed");
    default(spec, "suspend", false);
    default(spec, "manualSelector", false);
    let replacement =
        if spec.contains_key("podFailurePolicy") { "Failed" } else { "TerminatingOrFailed" };
    default(spec, "podReplacementPolicy", replacement);
}

fn cron_job(spec: &mut Map<String, Value>) {
    default(spec, "concurrencyPolicy", "Allow");
    default(spec, "suspend", false);
    default(spec, "successfulJobsHistoryLimit", 3);
    default(spec, "failedJobsHistoryLimit", 1);
    template(child(child(spec, "jobTemplate"), "spec"));
}

fn service(spec: &mut Map<String, Value>) {
    default(spec, "type", "ClusterIP");
    default(spec, "sessionAffinity", "None");
    protocols(spec.get_mut("ports"));
    for port in objects(spec.get_mut("ports")) {
        let number = port.get("port").cloned().unwrap_or_default();
        default(port, "targetPort", number);
    }
    if spec["type"] == "ExternalName" {
        return;
    }
    default(spec, "internalTrafficPolicy", "Cluster");
    default(spec, "ipFamilies", json!(["IPv4"]));
    default(spec, "ipFamilyPolicy", "SingleStack");
    if spec["type"] == "NodePort" || spec["type"] == "LoadBalancer" {
        default(spec, "externalTrafficPolicy", "Cluster");
    }
}

/// `stringData` is written into `data`, never stored.
fn secret(object: &mut Value) {
    let Some(secret) = object.as_object_mut() else { return };
    default(secret, "type", "Opaque");
    let Some(Value::Object(texts)) = secret.shift_remove("stringData") else { return };
    let data = child(secret, "data");
    for (key, value) in texts {
        let encoded = STANDARD.encode(value.as_str().unwrap_or_default());
        data.insert(key, encoded.into());
    }
}

fn endpoints(object: &mut Value) {
    for subset in objects(object.get_mut("subsets")) {
        protocols(subset.get_mut("ports"));
    }
}

fn claim(spec: &mut Map<String, Value>) {
    default(spec, "volumeMode", "Filesystem");
}

fn volume(spec: &mut Map<String, Value>) {
    default(spec, "volumeMode", "Filesystem");
    default(spec, "persistentVolumeReclaimPolicy", "Retain");
}

fn namespace(object: &mut Value) {
    let name = object["metadata"]["name"].clone();
    let meta = child_mut(object, "metadata");
    child(meta, "labels").insert("kubernetes.io/metadata.name".to_owned(), name);
}

fn binding(object: &mut Value) {
    let group = "rbac.authorization.k8s.io";
    default(child_mut(object, "roleRef"), "apiGroup", group);
    for subject in objects(object.get_mut("subjects")) {
        let own = if subject.get("kind").is_some_and(|kind| kind == "ServiceAccount") {
            ""
        } else {
            group
        };
        if !own.is_empty() {
            default(subject, "apiGroup", own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::kind::{DEPLOYMENTS, SECRETS, SERVICES};
    use super::*;

    #[test]
    fn what_a_client_leaves_out_is_filled_in_once() {
        let mut object = json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "postgres:17"}]}}}});
        set_defaults(&DEPLOYMENTS, &mut object);
        assert_eq!(object["spec"]["replicas"], 1);
        assert_eq!(object["spec"]["strategy"]["rollingUpdate"]["maxSurge"], "25%");
        let pod = &object["spec"]["template"]["spec"];
        assert_eq!(pod["terminationGracePeriodSeconds"], 30);
        assert_eq!(pod["containers"][0]["imagePullPolicy"], "IfNotPresent");
        let once = object.clone();
        set_defaults(&DEPLOYMENTS, &mut object);
        assert_eq!(object, once);
    }

    #[test]
    fn string_data_becomes_data() {
        let mut secret = json!({"stringData": {"user": "x"}, "data": {"a": "Yg=="}});
        set_defaults(&SECRETS, &mut secret);
        assert_eq!(secret, json!({"data": {"a": "Yg==", "user": "eA=="}, "type": "Opaque"}));
    }

    #[test]
    fn a_service_port_targets_itself() {
        let mut service = json!({"spec": {"ports": [{"port": 5432}]}});
        set_defaults(&SERVICES, &mut service);
        assert_eq!(
            service["spec"]["ports"],
            json!([{"port": 5432, "protocol": "TCP", "targetPort": 5432}])
        );
    }
}
