//! Validation of new objects: the refusals that a client is likely to meet.

use serde_json::{Value, json};

use super::super::error::{ApiError, Cause};
use super::super::kind::Kind;
use super::super::meta;
use super::super::selector::Selector;

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

/// Refuses a new object that the API server would refuse.
pub(in super::super) fn check_new(kind: &Kind, object: &Value) -> Result<(), ApiError> {
    let mut causes = Vec::new();
    check_name(kind, meta::name(object), &mut causes);
    check_spec(kind, object, &mut causes);
    refuse_if_any(kind, object, &causes)
}

pub(super) fn refuse_if_any(kind: &Kind, object: &Value, causes: &[Cause]) -> Result<(), ApiError> {
    if causes.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(kind, meta::name(object), causes))
    }
}

/// What holds for new and changed objects alike.
pub(super) fn check_spec(kind: &Kind, object: &Value, causes: &mut Vec<Cause>) {
    let spec = &object["spec"];
    match kind.kind {
        "Pod" => check_pod_spec(spec, "spec", causes),
        "Deployment" | "ReplicaSet" | "StatefulSet" => check_workload(spec, causes),
        "Job" => check_job(spec, causes),
        "Service" => check_service(spec, causes),
        "PersistentVolumeClaim" => check_claim(spec, causes),
        _ => {}
    }
}

fn check_name(kind: &Kind, name: &str, causes: &mut Vec<Cause>) {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_label = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| lower(c) || c == '-')
            && part.starts_with(lower)
            && part.ends_with(lower)
    };
    let (fits, rule, limit) = match kind.kind {
        "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => {
            (!name.contains(['/', '%']), "may not contain '/' or '%'", 253)
        }
        "Namespace" => (is_label(name), LABEL, 63),
        "Service" => {
            (is_label(name) && !name.starts_with(|c: char| c.is_ascii_digit()), LABEL_1035, 63)
        }
        _ => (name.split('.').all(is_label), SUBDOMAIN, 253),
    };
    if !fits {
        causes.push(Cause::invalid("metadata.name", &name.into(), rule));
    } else if name.len() > limit {
        let rule = format!("must be no more than {limit} characters");
        causes.push(Cause::invalid("metadata.name", &name.into(), &rule));
    }
}

fn check_workload(spec: &Value, causes: &mut Vec<Cause>) {
    check_not_negative(spec, "replicas", causes);
    let labels = &spec["template"]["metadata"]["labels"];
    let selector = Selector::of_workload(&spec["selector"]);
    match selector {
        None => causes.push(Cause::required("spec.selector", "")),
        Some(selector) if selector.is_empty() => {
            causes.push(Cause::required("spec.selector", ""));
        }
        Some(selector) if !selector.matches_labels(labels) => {
            let shown = go_map(labels);
            causes.push(Cause {
                reason: "FieldValueInvalid",
                field: "spec.template.metadata.labels".to_owned(),
                message: format!(
                    "Invalid value: {shown}: `selector` does not match template `labels`"
                ),
            });
        }
        Some(_) => {}
    }
    let policy = &spec["template"]["spec"]["restartPolicy"];
    if policy != "Always" {
        causes.push(Cause::unsupported("spec.template.spec.restartPolicy", policy, &["Always"]));
    }
    // A StatefulSet's pods get a volume for each of its claim templates.
    let mut pod = spec["template"]["spec"].clone();
    let claims = spec["volumeClaimTemplates"].as_array().into_iter().flatten();
    let claims: Vec<Value> = claims.map(|claim| json!({"name": meta::name(claim)})).collect();
    if !claims.is_empty() {
        let own = pod["volumes"].as_array().cloned().unwrap_or_default();
        pod["volumes"] = [own, claims].concat().into();
    }
    check_pod_spec(&pod, "spec.template.spec", causes);
}

fn check_job(spec: &Value, causes: &mut Vec<Cause>) {
    for key in [
        "parallelism",
        "completions",
        "backoffLimit",
        "activeDeadlineSeconds",
        "ttlSecondsAfterFinished",
    ] {
        check_not_negative(spec, key, causes);
    }
    let policy = &spec["template"]["spec"]["restartPolicy"];
    if policy == "Always" {
        let text = "valid values: \"OnFailure\", \"Never\"";
        causes.push(Cause::required("spec.template.spec.restartPolicy", text));
    }
    check_pod_spec(&spec["template"]["spec"], "spec.template.spec", causes);
}

fn check_not_negative(spec: &Value, key: &str, causes: &mut Vec<Cause>) {
    if spec[key].as_i64().is_some_and(|number| number < 0) {
        let text = "must be greater than or equal to 0";
        causes.push(Cause::invalid(&format!("spec.{key}"), &spec[key], text));
    }
}

fn check_pod_spec(spec: &Value, at: &str, causes: &mut Vec<Cause>) {
    let containers = spec["containers"].as_array().map(Vec::as_slice).unwrap_or_default();
    if containers.is_empty() {
        causes.push(Cause::required(&format!("{at}.containers"), ""));
    }
    let volumes: Vec<&str> = names(&spec["volumes"]);
    for (index, container) in containers.iter().enumerate() {
        check_container(container, &volumes, &format!("{at}.containers[{index}]"), causes);
    }
    let mut seen = Vec::new();
    for (index, name) in names(&spec["containers"]).into_iter().enumerate() {
        if seen.contains(&name) {
            let field = format!("{at}.containers[{index}].name");
            let message = format!("Duplicate value: {}", json!(name));
            causes.push(Cause { reason: "FieldValueDuplicate", field, message });
        }
        seen.push(name);
    }
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().map(|item| meta::text(item, "/name")).collect()
}

fn check_container(container: &Value, volumes: &[&str], at: &str, causes: &mut Vec<Cause>) {
    for key in ["name", "image"] {
        if meta::text(container, &format!("/{key}")).is_empty() {
            causes.push(Cause::required(&format!("{at}.{key}"), ""));
        }
    }
    for (index, name) in names(&container["volumeMounts"]).into_iter().enumerate() {
        if !volumes.contains(&name) {
            let field = format!("{at}.volumeMounts[{index}].name");
            let message = format!("Not found: {}", json!(name));
            causes.push(Cause { reason: "FieldValueNotFound", field, message });
        }
    }
}

fn check_service(spec: &Value, causes: &mut Vec<Cause>) {
    let kinds = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    if !kinds.iter().any(|kind| spec["type"] == *kind) {
        causes.push(Cause::unsupported("spec.type", &spec["type"], &kinds));
    }
    let ports = spec["ports"].as_array().map(Vec::as_slice).unwrap_or_default();
    if ports.is_empty() && spec["type"] != "ExternalName" && spec["clusterIP"] != "None" {
        causes.push(Cause::required("spec.ports", ""));
    }
    for (index, port) in ports.iter().enumerate() {
        if !port["port"].as_i64().is_some_and(|number| (1..=65_535).contains(&number)) {
            let text = "must be between 1 and 65535, inclusive";
            causes.push(Cause::invalid(&format!("spec.ports[{index}].port"), &port["port"], text));
        }
        if ports.len() > 1 && meta::text(port, "/name").is_empty() {
            causes.push(Cause::required(&format!("spec.ports[{index}].name"), ""));
        }
    }
}

fn check_claim(spec: &Value, causes: &mut Vec<Cause>) {
    if spec["accessModes"].as_array().is_none_or(Vec::is_empty) {
        causes.push(Cause::required("spec.accessModes", "at least 1 access mode is required"));
    }
    if spec["resources"]["requests"]["storage"].is_null() {
        causes.push(Cause::required("spec.resources[storage]", ""));
    }
}

/// A map of strings as Go prints it with `%#v`.
pub(super) fn go_map(map: &Value) -> String {
    let Some(map) = map.as_object() else { return "map[string]string(nil)".to_owned() };
    let mut pairs: Vec<String> =
        map.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    pairs.sort();
    format!("map[string]string{{{}}}", pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::super::kind::{DEPLOYMENTS, JOBS, PODS, SERVICES};
    use super::super::set_defaults;
    use super::*;

    fn refusal(kind: &Kind, mut object: Value) -> String {
        set_defaults(kind, &mut object);
        check_new(kind, &object).unwrap_err().message
    }

    #[test]
    fn a_selector_must_match_its_template() {
        let object = json!({"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": {
            "metadata": {"labels": {"app": "b"}}, "spec": {"containers": [{"name": "a", "image": "a"}]}}}});
        assert_eq!(
            refusal(&DEPLOYMENTS, object),
            "Deployment.apps \"web\" is invalid: spec.template.metadata.labels: Invalid value: \
             map[string]string{\"app\":\"b\"}: `selector` does not match template `labels`"
        );
    }

    #[test]
    fn several_causes_are_listed() {
        let text = refusal(&PODS, json!({"metadata": {"name": "a"}, "spec": {"containers": [{}]}}));
        assert_eq!(
            text,
            "Pod \"a\" is invalid: [spec.containers[0].name: Required value, spec.containers[0].image: Required value]"
        );
        let job = json!({"metadata": {"name": "a"}, "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "a"}]}}}});
        assert!(
            refusal(&JOBS, job).ends_with("Required value: valid values: \"OnFailure\", \"Never\"")
        );
        assert!(refusal(&SERVICES, json!({"metadata": {"name": "1a"}})).contains("DNS-1035"));
    }
}
