//! The `scale` subresource: `autoscaling/v1` `Scale` in front of a workload's replicas.

use serde_json::{Value, json};

use super::super::apply::{Manager, track};
use super::super::error::{ApiError, Cause};
use super::super::meta;
use super::answer::{Answer, json};
use super::body;
use super::handle::Call;
use super::locate::Place;
use super::server::Api;
use super::update::{again, live, patch_body, patched};

pub(super) fn answer(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    if place.verb == "get" {
        return Ok(json(200, &scale_of(&live(api, place)?)));
    }
    let kind = body::content_type(call.headers());
    let edit = match place.verb {
        "update" => body::json(call)?,
        _ => patch_body(kind, call)?,
    };
    let stored = again(|| {
        let live = live(api, place)?;
        let scale = match place.verb {
            "update" => edit.clone(),
            _ => patched(kind, &scale_of(&live), &edit)?,
        };
        change(api, place, call, &live, &scale)
    })?;
    Ok(json(200, &scale_of(&stored)))
}

fn change(
    api: &Api,
    place: &Place,
    call: &Call,
    live: &Value,
    scale: &Value,
) -> Result<Value, ApiError> {
    let (asked, own) = (meta::revision(scale), meta::revision(live));
    if asked != 0 && asked != own {
        return Err(ApiError::stale(place.kind, &place.name));
    }
    let replicas = match &scale["spec"]["replicas"] {
        Value::Null => json!(0),
        replicas => replicas.clone(),
    };
    if replicas.as_i64().is_none_or(|number| number < 0) {
        let cause =
            Cause::invalid("spec.replicas", &replicas, "must be greater than or equal to 0");
        return Err(ApiError::invalid(place.kind, &place.name, &[cause]));
    }
    let mut object = live.clone();
    object["spec"]["replicas"] = replicas;
    let manager = Manager::updating(&call.manager(), "scale", &place.kind.api_version());
    track(place.kind, live, &mut object, &manager);
    if call.query.dry_run()? {
        return api.store.update_dry(place.kind, object, super::super::store::Part::Main);
    }
    api.store.update(place.kind, object)
}

fn scale_of(object: &Value) -> Value {
    let meta = &object["metadata"];
    let replicas = |pointer: &str| object.pointer(pointer).cloned().unwrap_or_else(|| json!(0));
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"],
            "resourceVersion": meta["resourceVersion"], "creationTimestamp": meta["creationTimestamp"],
        },
        "spec": {"replicas": replicas("/spec/replicas")},
        "status": {"replicas": replicas("/status/replicas"), "selector": selector_text(&object["spec"]["selector"])},
    })
}

/// A `LabelSelector` in its query form: `app=db,tier in (blue,green)`.
pub(super) fn selector_text(selector: &Value) -> String {
    let labels = selector["matchLabels"].as_object().into_iter().flatten();
    let mut parts: Vec<String> = labels
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    parts.sort();
    for wanted in selector["matchExpressions"].as_array().into_iter().flatten() {
        let values: Vec<&str> =
            wanted["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let (key, values) = (meta::text(wanted, "/key"), values.join(","));
        parts.push(match meta::text(wanted, "/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        });
    }
    parts.join(",")
}
