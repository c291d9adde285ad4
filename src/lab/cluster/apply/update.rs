//! Applying a configuration, and keeping the books when somebody updates without applying.
//!
//! Follows `merge.Updater` of `sigs.k8s.io/structured-merge-diff`.

use serde_json::{Value, json};

use super::super::error::ApiError;
use super::super::kind::Kind;
use super::super::meta;
use super::conflict::Conflicts;
use super::fields::FieldSet;
use super::managed::{Managed, Manager};
use super::walk;

/// Where `kubectl apply` without `--server-side` keeps what it applied last.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Books an update: `new` as it is about to be stored gets its `managedFields`. `live` is null for a creation.
pub(crate) fn track(kind: &Kind, live: &Value, new: &mut Value, manager: &Manager) {
    let mut books = match manager.subresource.as_str() {
        "" => Managed::of_update(live, new),
        _ => Managed::of(live),
    };
    let skeleton =
        json!({"metadata": {}, "spec": {"template": {"metadata": {}, "spec": {}}}, "status": {}});
    let before = if live.is_null() { &skeleton } else { live };
    let differences = walk::compare(kind, before, new);
    let touched = differences.added.union(&differences.modified);
    for (other, owned) in books.0.clone() {
        if other != *manager {
            books.set(&other, owned.fields.difference(&touched).difference(&differences.removed));
        }
    }
    let own = books.fields(manager).union(&touched).difference(&differences.removed);
    books.set(manager, narrow(kind, own.without_system_fields(), manager));
    books.write(&kind.api_version(), new);
}

/// The main resource does not own the status, and the status nothing else.
fn narrow(kind: &Kind, fields: FieldSet, manager: &Manager) -> FieldSet {
    match manager.subresource.as_str() {
        "status" => fields.without("spec").without("metadata"),
        "" if kind.has("status") => fields.without("status"),
        _ => fields,
    }
}

/// `live` (null if there is none) with `config` applied, its `managedFields` brought up to date.
///
/// # Errors
/// `409` that names the other managers and their fields; a configuration that does not fit the schema.
pub(crate) fn apply(
    kind: &Kind,
    live: &Value,
    config: &Value,
    manager: &Manager,
    force: bool,
) -> Result<Value, ApiError> {
    walk::check_keys(kind, config).map_err(|why| untyped(kind, config, &why))?;
    match attempt(kind, live, config, manager, force) {
        Ok(applied) => Ok(applied),
        // The first server-side apply of kubectl may take over what its client-side apply has set.
        Err(conflicts) if manager.name == "kubectl" => {
            let beyond = conflicts.beyond(&last_applied(kind, live));
            if !beyond.is_empty() {
                return Err(beyond.error());
            }
            attempt(kind, live, config, manager, true).map_err(|conflicts| conflicts.error())
        }
        Err(conflicts) => Err(conflicts.error()),
    }
}

/// The refusal of a configuration that cannot be read along the schema.
pub(crate) fn untyped(kind: &Kind, config: &Value, why: &str) -> ApiError {
    let (ns, name) = (meta::namespace(config), meta::name(config));
    let id = format!("{ns}/{name}; {}, Kind={}", kind.api_version(), kind.kind);
    ApiError::new(500, "", format!("failed to create typed patch object ({id}): {why}"))
}

fn last_applied(kind: &Kind, live: &Value) -> FieldSet {
    let text = live["metadata"]["annotations"][LAST_APPLIED].as_str().unwrap_or_default();
    let Ok(config) = serde_json::from_str(text) else { return FieldSet::default() };
    let mut fields = walk::fields_of(kind, &config);
    let annotation =
        ["f:metadata", "f:annotations", &format!("f:{LAST_APPLIED}")].map(str::to_owned);
    fields.insert(&annotation);
    fields
}

fn attempt(
    kind: &Kind,
    live: &Value,
    config: &Value,
    manager: &Manager,
    force: bool,
) -> Result<Value, Conflicts> {
    let mut books = managed_before(kind, live);
    let last = books.fields(manager);
    let set = narrow(kind, walk::fields_of(kind, config).without_system_fields(), manager);
    books.set(manager, set);
    let merged = walk::merge(kind, live, config);
    let mut new = prune(kind, &merged, &books, &last);
    let differences = walk::compare(kind, live, &new);
    let touched = differences.added.union(&differences.modified);
    let mut conflicts = Conflicts::default();
    for (other, owned) in books.0.clone() {
        if other == *manager {
            continue;
        }
        let contested = owned.fields.intersection(&touched);
        if !force {
            conflicts.add(&other, &contested);
        }
        books.set(&other, owned.fields.difference(&contested).difference(&differences.removed));
    }
    if !conflicts.is_empty() {
        return Err(conflicts);
    }
    books.write(&kind.api_version(), &mut new);
    if !live.is_null() && differences.is_empty() && books == Managed::of(live) {
        return Ok(live.clone());
    }
    Ok(new)
}

/// An object that nobody manages belonged to somebody before the first apply.
fn managed_before(kind: &Kind, live: &Value) -> Managed {
    let mut books = Managed::of(live);
    if books.0.is_empty() && !live.is_null() {
        let before = Manager::updating("before-first-apply", "", &kind.api_version());
        let fields = walk::fields_of(kind, live).without_system_fields();
        books.set(&before, narrow(kind, fields, &before));
    }
    books
}

/// Takes out what this manager applied before, does not apply any more, and nobody else owns.
fn prune(kind: &Kind, merged: &Value, books: &Managed, last: &FieldSet) -> Value {
    let owned = books.0.values().fold(FieldSet::default(), |all, one| all.union(&one.fields));
    let gone: FieldSet =
        FieldSet(last.0.iter().filter(|path| !owned.has_within(path)).cloned().collect());
    walk::remove(kind, merged, &gone, &owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::btree_map;
    use proptest::prelude::*;

    use super::super::super::kind::{CONFIG_MAPS, DEPLOYMENTS};
    use super::*;

    fn deployment(replicas: i64, image: &str) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "web", "image": image}]}}}})
    }

    fn config(data: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data})
    }

    fn managers(object: &Value) -> Vec<&str> {
        let entries = object["metadata"]["managedFields"].as_array().unwrap();
        entries.iter().map(|entry| entry["manager"].as_str().unwrap()).collect()
    }

    #[test]
    fn another_managers_field_is_a_conflict_that_names_it() {
        let me = Manager::applying("pgcutover", "");
        let live = apply(&DEPLOYMENTS, &Value::Null, &deployment(1, "a"), &me, false).unwrap();
        let mut scaled = live.clone();
        scaled["spec"]["replicas"] = 3.into();
        track(&DEPLOYMENTS, &live, &mut scaled, &Manager::updating("kubectl", "scale", "apps/v1"));
        let error = apply(&DEPLOYMENTS, &scaled, &deployment(1, "a"), &me, false).unwrap_err();
        assert_eq!(
            error.message,
            "Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\" using apps/v1: \
             .spec.replicas"
        );
        let forced = apply(&DEPLOYMENTS, &scaled, &deployment(1, "a"), &me, true).unwrap();
        assert_eq!(managers(&forced), ["pgcutover"]);
        let other = Manager::applying("other", "");
        let error = apply(&DEPLOYMENTS, &forced, &deployment(2, "b"), &other, false).unwrap_err();
        assert_eq!(
            error.message,
            "Apply failed with 2 conflicts: conflicts with \"pgcutover\":\n- .spec.replicas\n\
             - .spec.template.spec.containers[name=\"web\"].image"
        );
    }

    #[test]
    fn what_is_no_longer_applied_is_removed_unless_somebody_else_owns_it() {
        let (me, other) = (Manager::applying("me", ""), Manager::applying("other", ""));
        let live =
            apply(&CONFIG_MAPS, &Value::Null, &config(&json!({"a": "1", "b": "1"})), &me, false)
                .unwrap();
        let live = apply(&CONFIG_MAPS, &live, &config(&json!({"b": "1"})), &other, false).unwrap();
        let live = apply(&CONFIG_MAPS, &live, &config(&json!({"c": "1"})), &me, false).unwrap();
        assert_eq!(live["data"], json!({"b": "1", "c": "1"}));
        let live = apply(&CONFIG_MAPS, &live, &config(&json!({})), &other, false).unwrap();
        assert_eq!(live["data"], json!({"c": "1"}));
    }

    #[test]
    fn applying_the_same_again_changes_nothing() {
        let me = Manager::applying("me", "");
        let live = apply(&DEPLOYMENTS, &Value::Null, &deployment(1, "a"), &me, false).unwrap();
        assert_eq!(apply(&DEPLOYMENTS, &live, &deployment(1, "a"), &me, false).unwrap(), live);
    }

    #[test]
    fn kubectl_takes_over_from_its_client_side_apply() {
        let mut live = deployment(1, "a");
        live["metadata"]["annotations"] = json!({ LAST_APPLIED: deployment(1, "a").to_string() });
        let before = Manager::updating("kubectl-client-side-apply", "", "apps/v1");
        track(&DEPLOYMENTS, &Value::Null, &mut live, &before);
        let kubectl = Manager::applying("kubectl", "");
        let applied = apply(&DEPLOYMENTS, &live, &deployment(2, "a"), &kubectl, false).unwrap();
        assert_eq!(applied["spec"]["replicas"], 2);
        let stranger = Manager::applying("stranger", "");
        assert_eq!(
            apply(&DEPLOYMENTS, &live, &deployment(2, "a"), &stranger, false).unwrap_err().code,
            409
        );
    }

    #[test]
    fn an_unmanaged_object_belonged_to_somebody_before() {
        let live = deployment(1, "a");
        let me = Manager::applying("me", "");
        let error = apply(&DEPLOYMENTS, &live, &deployment(2, "a"), &me, false).unwrap_err();
        assert!(
            error
                .message
                .contains("conflict with \"before-first-apply\" using apps/v1: .spec.replicas")
        );
    }

    #[test]
    fn a_list_item_needs_its_key() {
        let me = Manager::applying("me", "");
        let mut nameless = deployment(1, "a");
        nameless["spec"]["template"]["spec"]["containers"] = json!([{"image": "a"}]);
        let error = apply(&DEPLOYMENTS, &Value::Null, &nameless, &me, false).unwrap_err();
        assert!(error.message.contains("omits key field \"name\""), "{}", error.message);
    }

    fn entries() -> impl Strategy<Value = BTreeMap<String, String>> {
        btree_map("[a-d]", "[xy]", 0..4)
    }

    /// Two managers, each with data and variables of its own, laid out as a Deployment's and a map's fields are.
    fn configuration() -> impl Strategy<Value = Value> {
        (entries(), entries()).prop_map(|(labels, variables)| {
            let env: Vec<Value> = variables
                .iter()
                .map(|(name, value)| json!({"name": name, "value": value}))
                .collect();
            let mut config = deployment(1, "a");
            config["metadata"]["labels"] = json!(labels);
            config["spec"]["template"]["spec"]["containers"][0]["env"] = env.into();
            config
        })
    }

    /// Whether everything in `config` is in `live`; items of `env` are found by name.
    fn holds(live: &Value, config: &Value) -> bool {
        match (live, config) {
            (Value::Object(live), Value::Object(config)) => config
                .iter()
                .all(|(key, value)| holds(live.get(key).unwrap_or(&Value::Null), value)),
            (Value::Array(live), Value::Array(config)) => config.iter().all(|item| {
                live.iter().any(|other| other["name"] == item["name"] && holds(other, item))
            }),
            (live, config) => {
                live == config || (live.is_null() && (config == &json!({}) || config == &json!([])))
            }
        }
    }

    proptest! {
        #[test]
        fn an_apply_holds_repeats_and_leaves_others_alone(
            first in configuration(), second in configuration(), third in configuration()
        ) {
            let (one, two) = (Manager::applying("one", ""), Manager::applying("two", ""));
            let live = apply(&DEPLOYMENTS, &Value::Null, &first, &one, false).unwrap();
            prop_assert!(holds(&live, &first));
            let live = apply(&DEPLOYMENTS, &live, &second, &two, true).unwrap();
            prop_assert!(holds(&live, &second), "{live}");
            prop_assert_eq!(&apply(&DEPLOYMENTS, &live, &second, &two, false).unwrap(), &live);
            let last = apply(&DEPLOYMENTS, &live, &third, &one, true).unwrap();
            prop_assert!(holds(&last, &third), "{last}");
            for (name, value) in second["metadata"]["labels"].as_object().unwrap() {
                let now = &last["metadata"]["labels"][name];
                let taken = third["metadata"]["labels"].get(name).is_some_and(|wanted| wanted == now);
                prop_assert!(now == value || taken, "label {} was lost", name);
            }
        }
    }
}
