//! `DELETE` of one object and of collections.

use serde_json::{Value, json};

use super::super::error::ApiError;
use super::super::kind::Kind;
use super::super::meta;
use super::super::removal::{DeleteOptions, Propagation, Removal};
use super::answer::{Answer, json, warn};
use super::body;
use super::handle::Call;
use super::locate::Place;
use super::negotiate::form;
use super::server::Api;

pub(super) fn one(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    let form = form(call.headers(), &call.query)?;
    let options = options(call)?;
    let warnings = warnings(place.kind, &options);
    let removal = api.store.delete(place.kind, &place.namespace, &place.name, &options)?;
    let document = match removal {
        Removal::Gone(object) => gone(place.kind, &object),
        Removal::Pending(object) => form.object(place.kind, object),
    };
    Ok(warn(json(200, &document), &warnings))
}

/// Deletes what a list with the same selectors would show.
pub(super) fn collection(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    if place.kind.namespaced && place.namespace.is_empty() {
        return Err(ApiError::method_not_allowed());
    }
    let form = form(call.headers(), &call.query)?;
    let selector = call.query.selector(place.kind)?;
    let options = options(call)?;
    let (objects, revision) = api.store.list(place.kind, place.within());
    let mut deleted = Vec::new();
    for object in objects.iter().filter(|object| selector.matches(object)) {
        match api.store.delete(place.kind, meta::namespace(object), meta::name(object), &options) {
            Ok(Removal::Gone(object) | Removal::Pending(object)) => deleted.push(object),
            Err(error) if error.code == 404 => {}
            Err(error) => return Err(error),
        }
    }
    let meta = json!({"resourceVersion": revision.to_string()});
    Ok(warn(json(200, &form.list(place.kind, &deleted, &meta)), &warnings(place.kind, &options)))
}

fn gone(kind: &Kind, object: &Value) -> Value {
    let mut details = json!({"name": meta::name(object)});
    if !kind.group.is_empty() {
        details["group"] = kind.group.into();
    }
    details["kind"] = kind.plural.into();
    details["uid"] = meta::uid(object).into();
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
}

fn warnings(kind: &Kind, options: &DeleteOptions) -> Vec<String> {
    if kind.kind != "Job" || options.propagation.is_some() {
        return Vec::new();
    }
    vec!["child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning".to_owned()]
}

/// `DeleteOptions` from the body, or else from the query.
fn options(call: &Call) -> Result<DeleteOptions, ApiError> {
    let given = if call.body.is_empty() { Value::Null } else { body::json(call)? };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let query = |name: &str| Some(call.query.get(name)).filter(|value| !value.is_empty());
    let dry_run =
        given["dryRun"].as_array().is_some_and(|list| list.iter().any(|entry| entry == "All"));
    let policy =
        text(&given["propagationPolicy"]).or_else(|| query("propagationPolicy").map(str::to_owned));
    let orphan = given["orphanDependents"].as_bool();
    Ok(DeleteOptions {
        propagation: propagation(policy.as_deref(), orphan)?,
        grace: given["gracePeriodSeconds"]
            .as_i64()
            .or_else(|| query("gracePeriodSeconds")?.parse().ok()),
        uid: text(&given["preconditions"]["uid"]),
        revision: text(&given["preconditions"]["resourceVersion"]),
        dry_run: dry_run || call.query.dry_run()?,
    })
}

fn propagation(
    policy: Option<&str>,
    orphan: Option<bool>,
) -> Result<Option<Propagation>, ApiError> {
    match (policy, orphan) {
        (Some(_), Some(_)) => {
            let text = "orphanDependents and deletionPropagation cannot be both set";
            Err(ApiError::new(
                422,
                "Invalid",
                format!(
                    "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Invalid value: {text}"
                ),
            ))
        }
        (Some("Foreground"), None) => Ok(Some(Propagation::Foreground)),
        (Some("Background"), None) | (None, Some(false)) => Ok(Some(Propagation::Background)),
        (Some("Orphan"), None) | (None, Some(true)) => Ok(Some(Propagation::Orphan)),
        (None, None) => Ok(None),
        (Some(other), None) => Err(ApiError::new(
            422,
            "Invalid",
            format!(
                "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"{other}\": supported values: \"Background\", \"Foreground\", \"Orphan\""
            ),
        )),
    }
}
