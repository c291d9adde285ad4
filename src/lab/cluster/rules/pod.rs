//! Defaults of pods and pod templates, and a pod's quality of service.

use serde_json::{Map, Value, json};

use super::default::{child, default, objects, protocols};

/// The defaults of a pod: those of a template, and what admission adds.
pub(super) fn set_pod_defaults(spec: &mut Map<String, Value>) {
    set_spec_defaults(spec);
    default(spec, "enableServiceLinks", true);
    default(spec, "serviceAccountName", "default");
    let account = spec["serviceAccountName"].clone();
    default(spec, "serviceAccount", account);
    default(spec, "priority", 0);
    default(spec, "preemptionPolicy", "PreemptLowerPriority");
    for container in containers(spec) {
        request_limits(child(container, "resources"));
    }
}

/// The defaults of a pod spec, in a pod or in a template.
pub(super) fn set_spec_defaults(spec: &mut Map<String, Value>) {
    default(spec, "restartPolicy", "Always");
    default(spec, "terminationGracePeriodSeconds", 30);
    default(spec, "dnsPolicy", "ClusterFirst");
    default(spec, "securityContext", json!({}));
    default(spec, "schedulerName", "default-scheduler");
    if let Some(account) = spec.get("serviceAccountName").filter(|name| !name.is_null()).cloned() {
        default(spec, "serviceAccount", account);
    }
    containers(spec).for_each(container);
    objects(spec.get_mut("volumes")).for_each(volume);
}

fn containers(spec: &mut Map<String, Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let lists =
        spec.iter_mut().filter(|(key, _)| matches!(key.as_str(), "containers" | "initContainers"));
    lists.flat_map(|(_, list)| objects(Some(list)))
}

fn container(container: &mut Map<String, Value>) {
    let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
    let policy = if is_moving(image) { "Always" } else { "IfNotPresent" };
    default(container, "imagePullPolicy", policy);
    default(container, "terminationMessagePath", "/dev/termination-log");
    default(container, "terminationMessagePolicy", "File");
    default(container, "resources", json!({}));
    protocols(container.get_mut("ports"));
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(fields) = container.get_mut(probe).and_then(Value::as_object_mut) {
            set_probe_defaults(fields);
        }
    }
    for variable in objects(container.get_mut("env")) {
        let source = variable.get_mut("valueFrom").and_then(|from| from.get_mut("fieldRef"));
        if let Some(field) = source.and_then(Value::as_object_mut) {
            default(field, "apiVersion", "v1");
        }
    }
}

/// An image without a tag, or tagged `latest`, and without a digest.
fn is_moving(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or_default();
    !image.contains('@') && last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn set_probe_defaults(probe: &mut Map<String, Value>) {
    for (key, value) in [
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ] {
        default(probe, key, value);
    }
    if let Some(get) = probe.get_mut("httpGet").and_then(Value::as_object_mut) {
        default(get, "path", "/");
        default(get, "scheme", "HTTP");
    }
}

fn volume(volume: &mut Map<String, Value>) {
    if volume.len() == 1 && volume.contains_key("name") {
        volume.insert("emptyDir".to_owned(), json!({}));
    }
    for source in ["secret", "configMap", "projected", "downwardAPI"] {
        if let Some(fields) = volume.get_mut(source).and_then(Value::as_object_mut) {
            default(fields, "defaultMode", 0o644);
        }
    }
    if let Some(path) = volume.get_mut("hostPath").and_then(Value::as_object_mut) {
        default(path, "type", "");
    }
}

/// A limit without a request is the request.
fn request_limits(resources: &mut Map<String, Value>) {
    let Some(limits) = resources.get("limits").and_then(Value::as_object).cloned() else { return };
    let requests = child(resources, "requests");
    for (key, limit) in limits {
        default(requests, &key, limit);
    }
}

/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/>
pub(super) fn quality_of_service(spec: &Value) -> &'static str {
    let all = ["containers", "initContainers"]
        .into_iter()
        .filter_map(|key| spec[key].as_array())
        .flatten();
    let resources: Vec<&Value> = all.map(|container| &container["resources"]).collect();
    let of = |resources: &Value, list: &str, key: &str| resources[list][key].clone();
    let named =
        |r: &Value, list: &str| ["cpu", "memory"].iter().any(|key| !of(r, list, key).is_null());
    if !resources.iter().any(|r| named(r, "limits") || named(r, "requests")) {
        return "BestEffort";
    }
    let guaranteed = |r: &&Value| {
        ["cpu", "memory"].iter().all(|key| {
            let limit = of(r, "limits", key);
            !limit.is_null() && limit == of(r, "requests", key)
        })
    };
    if resources.iter().all(guaranteed) { "Guaranteed" } else { "Burstable" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_a_fixed_tag_is_always_pulled() {
        assert!(is_moving("myreg:5000/db") && is_moving("db:latest"));
        assert!(!is_moving("myreg:5000/db:17.1") && !is_moving("db@sha256:0"));
    }

    #[test]
    fn quality_of_service_follows_requests_and_limits() {
        let pod = |resources: Value| json!({"containers": [{ "resources": resources }]});
        assert_eq!(quality_of_service(&pod(json!({}))), "BestEffort");
        assert_eq!(quality_of_service(&pod(json!({"requests": {"cpu": "1"}}))), "Burstable");
        let full = json!({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}});
        assert_eq!(quality_of_service(&pod(full)), "Guaranteed");
    }
}
