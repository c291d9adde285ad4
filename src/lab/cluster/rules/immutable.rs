//! Validation of changes: fields that stay as they were made.

use serde_json::{Value, json};

use super::super::error::{ApiError, Cause};
use super::super::kind::Kind;
use super::validate::{check_spec, go_map, refuse_if_any};

const IMMUTABLE: &str = "field is immutable";

/// Refuses a change that the API server would refuse.
pub(in super::super) fn check_update(
    kind: &Kind,
    old: &Value,
    new: &Value,
) -> Result<(), ApiError> {
    let mut causes = Vec::new();
    check_spec(kind, new, &mut causes);
    let check = match kind.kind {
        "Pod" => pod,
        "Deployment" | "ReplicaSet" => workload,
        "StatefulSet" => stateful_set,
        "Job" => job,
        "Service" => service,
        "PersistentVolumeClaim" => claim,
        "Secret" => secret,
        "ConfigMap" => config_map,
        "RoleBinding" | "ClusterRoleBinding" => binding,
        _ => |_: &Value, _: &Value, _: &mut Vec<Cause>| {},
    };
    check(old, new, &mut causes);
    refuse_if_any(kind, new, &causes)
}

fn workload(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    let (old, new) = (&old["spec"]["selector"], &new["spec"]["selector"]);
    if old != new {
        causes.push(Cause {
            reason: "FieldValueInvalid",
            field: "spec.selector".to_owned(),
            message: format!("Invalid value: {}: {IMMUTABLE}", go_selector(new)),
        });
    }
}

/// A `LabelSelector` as Go prints it with `%#v`.
fn go_selector(selector: &Value) -> String {
    let expressions = match selector["matchExpressions"].as_array() {
        None => "[]v1.LabelSelectorRequirement(nil)".to_owned(),
        Some(list) => format!("[]v1.LabelSelectorRequirement{}", json!(list)),
    };
    format!(
        "v1.LabelSelector{{MatchLabels:{}, MatchExpressions:{expressions}}}",
        go_map(&selector["matchLabels"])
    )
}

/// A copy of the spec without the fields that may change.
fn without(object: &Value, fields: &[&str]) -> Value {
    let mut spec = object["spec"].clone();
    if let Some(map) = spec.as_object_mut() {
        for field in fields {
            map.shift_remove(*field);
        }
    }
    spec
}

fn stateful_set(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    let free = [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];
    if without(old, &free) != without(new, &free) {
        let text = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
        causes.push(Cause::forbidden("spec", text));
    }
}

fn job(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    let suspended = old["spec"]["suspend"] == true;
    for field in [
        "selector",
        "completions",
        "completionMode",
        "podFailurePolicy",
        "successPolicy",
        "backoffLimitPerIndex",
        "template",
    ] {
        let (was, is) = (&old["spec"][field], &new["spec"][field]);
        // A suspended Job that never started may get another template.
        if was != is && !(field == "template" && suspended && old["status"]["startTime"].is_null())
        {
            causes.push(Cause::invalid(&format!("spec.{field}"), is, IMMUTABLE));
        }
    }
}

fn service(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    let (was, is) = (&old["spec"]["clusterIP"], &new["spec"]["clusterIP"]);
    let external = |service: &Value| service["spec"]["type"] == "ExternalName";
    if was != is && !was.is_null() && !external(old) && !external(new) {
        causes.push(Cause {
            reason: "FieldValueInvalid",
            field: "spec.clusterIPs[0]".to_owned(),
            message: format!("Invalid value: []string{{{is}}}: may not change once set"),
        });
    }
}

fn claim(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    // Binding writes the volume's name once; a bound claim may grow.
    let unbound = old["spec"]["volumeName"].is_null();
    let free: &[&str] = if unbound {
        &["volumeName", "storageClassName"]
    } else {
        &["resources", "volumeAttributesClassName"]
    };
    if without(old, free) != without(new, free) {
        let text = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        causes.push(Cause::forbidden("spec", text));
    }
}

fn pod(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    let rest = |pod: &Value| {
        let free = [
            "activeDeadlineSeconds",
            "terminationGracePeriodSeconds",
            "tolerations",
            "nodeName",
            "schedulingGates",
        ];
        let mut spec = without(pod, &free);
        for list in ["containers", "initContainers"] {
            for container in spec[list].as_array_mut().into_iter().flatten() {
                container["image"] = Value::Null;
            }
        }
        spec
    };
    if rest(old) != rest(new)
        || (!old["spec"]["nodeName"].is_null()
            && old["spec"]["nodeName"] != new["spec"]["nodeName"])
    {
        let text = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
        causes.push(Cause::forbidden("spec", text));
    }
}

fn secret(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    if old["type"] != new["type"] {
        causes.push(Cause::invalid("type", &new["type"], IMMUTABLE));
    }
    config_map(old, new, causes);
}

fn config_map(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    if old["immutable"] != true {
        return;
    }
    for field in ["data", "binaryData"] {
        if old[field] != new[field] {
            causes.push(Cause::forbidden(field, "field is immutable when `immutable` is set"));
        }
    }
    if new["immutable"] != true {
        causes.push(Cause::forbidden("immutable", "field is immutable when `immutable` is set"));
    }
}

fn binding(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    if old["roleRef"] != new["roleRef"] {
        causes.push(Cause::invalid("roleRef", &new["roleRef"], "cannot change roleRef"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::kind::{CLAIMS, DEPLOYMENTS, JOBS, SERVICES};
    use super::super::super::store::Store;
    use super::super::super::store::testing::store;
    use super::*;

    fn workload(kind: &'static Kind) -> (Store, Value) {
        let store = store();
        let object = json!({"metadata": {"name": "a", "namespace": "default"}, "spec": {
            "selector": {"matchLabels": {"app": "a"}}, "template": {"metadata": {"labels": {"app": "a"}},
            "spec": {"restartPolicy": if kind.kind == "Job" { "Never" } else { "Always" },
            "containers": [{"name": "a", "image": "a"}]}}}});
        let mut object = object;
        if kind.kind == "Job" {
            object["spec"].as_object_mut().unwrap().shift_remove("selector");
        }
        let made = store.create(kind, object).unwrap();
        (store, made)
    }

    #[test]
    fn a_deployments_selector_stays() {
        let (store, mut object) = workload(&DEPLOYMENTS);
        object["spec"]["selector"]["matchLabels"] = json!({"app": "b"});
        object["spec"]["template"]["metadata"]["labels"] = json!({"app": "b"});
        assert_eq!(
            store.update(&DEPLOYMENTS, object).unwrap_err().message,
            "Deployment.apps \"a\" is invalid: spec.selector: Invalid value: v1.LabelSelector{MatchLabels:\
             map[string]string{\"app\":\"b\"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable"
        );
    }

    #[test]
    fn a_jobs_template_stays_and_its_pods_are_selected_by_uid() {
        let (store, mut job) = workload(&JOBS);
        assert_eq!(
            job["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"],
            job["metadata"]["uid"]
        );
        assert_eq!(job["spec"]["template"]["metadata"]["labels"]["job-name"], "a");
        job["spec"]["template"]["spec"]["containers"][0]["image"] = "b".into();
        let error = store.update(&JOBS, job).unwrap_err();
        assert_eq!(error.code, 422);
        assert!(
            error.message.starts_with("Job.batch \"a\" is invalid: spec.template: Invalid value: ")
        );
        assert!(error.message.ends_with(": field is immutable"));
    }

    #[test]
    fn a_services_address_stays_and_need_not_be_repeated() {
        let store = store();
        let service = json!({"metadata": {"name": "db", "namespace": "default"}, "spec": {"ports": [{"port": 5432}]}});
        let made = store.create(&SERVICES, service.clone()).unwrap();
        assert_eq!(made["spec"]["clusterIP"], "127.7.7.1");
        assert_eq!(store.update(&SERVICES, service).unwrap()["spec"]["clusterIP"], "127.7.7.1");
        let mut moved = made;
        moved["spec"]["clusterIP"] = "127.7.7.9".into();
        assert!(store.update(&SERVICES, moved).unwrap_err().message.ends_with(
            "spec.clusterIPs[0]: Invalid value: []string{\"127.7.7.9\"}: may not change once set"
        ));
    }

    #[test]
    fn a_claims_spec_stays() {
        let store = store();
        let claim = json!({"metadata": {"name": "a", "namespace": "default"}, "spec": {
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
        let mut made = store.create(&CLAIMS, claim).unwrap();
        made["spec"]["resources"]["requests"]["storage"] = "2Gi".into();
        assert!(
            store
                .update(&CLAIMS, made)
                .unwrap_err()
                .message
                .contains("spec is immutable after creation")
        );
    }
}
