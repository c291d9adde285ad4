//! `PUT` and `PATCH`.

use serde_json::Value;

use super::super::apply::{self, Manager, track};
use super::super::error::ApiError;
use super::super::meta;
use super::super::patch;
use super::super::rules::{decode, set_defaults};
use super::super::store::Part;
use super::answer::{Answer, json, warn};
use super::body;
use super::handle::Call;
use super::locate::Place;
use super::negotiate::form;
use super::server::Api;

const PATCHES: &str = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml, application/strategic-merge-patch+json";

/// How often a change is tried again when somebody else was faster and the client named no revision.
const ATTEMPTS: usize = 5;

pub(super) fn put(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    let form = form(call.headers(), &call.query)?;
    let (object, warnings) = body::object(place, call, body::json(call)?)?;
    let stored = again(|| {
        let live = live(api, place)?;
        change(api, place, call, &live, object.clone())
    })?;
    Ok(warn(json(200, &form.object(place.kind, stored)), &warnings))
}

pub(super) fn patch(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    let form = form(call.headers(), &call.query)?;
    let kind = body::content_type(call.headers());
    if kind == "application/apply-patch+yaml" {
        return apply(api, place, call);
    }
    let patch = patch_body(kind, call)?;
    let mut warnings = Vec::new();
    let stored = again(|| {
        let live = live(api, place)?;
        let patched = patched(kind, &live, &patch)?;
        let (patched, told) = body::object(place, call, patched)?;
        warnings = told;
        change(api, place, call, &live, patched)
    })?;
    Ok(warn(json(200, &form.object(place.kind, stored)), &warnings))
}

/// The body of a patch that is not an apply.
pub(super) fn patch_body(kind: &str, call: &Call) -> Result<Value, ApiError> {
    let known = [
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
    ];
    if !known.contains(&kind) {
        return Err(ApiError::unsupported_media_type(PATCHES));
    }
    serde_json::from_slice(&call.body)
        .map_err(|why| ApiError::bad_request(format!("error decoding patch: {why}")))
}

/// An object with a patch applied to it.
pub(super) fn patched(kind: &str, live: &Value, patch: &Value) -> Result<Value, ApiError> {
    let mut object = live.clone();
    match kind {
        "application/json-patch+json" => patch::json_patch(&mut object, patch.clone())?,
        "application/strategic-merge-patch+json" => patch::strategic_merge(&mut object, patch)?,
        _ => patch::merge_patch(&mut object, patch),
    }
    Ok(object)
}

pub(super) fn live(api: &Api, place: &Place) -> Result<Value, ApiError> {
    let found = api.store.get(place.kind, &place.namespace, &place.name);
    found.ok_or_else(|| ApiError::not_found(place.kind, &place.name))
}

/// Tries again while somebody else is faster. A client that named a revision meets its conflict at the first try,
/// since what was read then no longer has it.
pub(super) fn again(
    mut attempt: impl FnMut() -> Result<Value, ApiError>,
) -> Result<Value, ApiError> {
    for _ in 1..ATTEMPTS {
        match attempt() {
            Err(error) if error.reason == "Conflict" => {}
            done => return done,
        }
    }
    attempt()
}

/// Stores `object` as the next state of `live`, with its fields booked.
fn change(
    api: &Api,
    place: &Place,
    call: &Call,
    live: &Value,
    mut object: Value,
) -> Result<Value, ApiError> {
    let (asked, own) = (meta::revision(&object), meta::revision(live));
    if asked != 0 && asked != own {
        return Err(ApiError::stale(place.kind, &place.name));
    }
    meta::meta_mut(&mut object).insert("resourceVersion".to_owned(), own.to_string().into());
    let (part, subresource) = match place.subresource.as_str() {
        "status" => (Part::Status, "status"),
        _ => (Part::Main, ""),
    };
    let kept = match part {
        Part::Status => ["spec", "metadata"].as_slice(),
        Part::Main if place.kind.has("status") => ["status"].as_slice(),
        Part::Main => [].as_slice(),
    };
    for key in kept {
        keep(live, &mut object, key);
    }
    set_defaults(place.kind, &mut object);
    let manager = Manager::updating(&call.manager(), subresource, &place.kind.api_version());
    track(place.kind, live, &mut object, &manager);
    store(api, place, call, object, part)
}

fn keep(live: &Value, object: &mut Value, key: &str) {
    let Some(fields) = object.as_object_mut() else { return };
    match live.get(key) {
        Some(value) => drop(fields.insert(key.to_owned(), value.clone())),
        None => drop(fields.shift_remove(key)),
    }
}

fn store(
    api: &Api,
    place: &Place,
    call: &Call,
    object: Value,
    part: Part,
) -> Result<Value, ApiError> {
    if call.query.dry_run()? {
        return api.store.update_dry(place.kind, object, part);
    }
    match part {
        Part::Main => api.store.update(place.kind, object),
        Part::Status => api.store.update_status(place.kind, object),
    }
}

/// Server-side apply, which creates what is not there.
fn apply(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    if call.query.get("fieldManager").is_empty() {
        let text = "fieldManager: Required value: is required for apply patch";
        return Err(ApiError::new(
            422,
            "Invalid",
            format!("PatchOptions.meta.k8s.io \"\" is invalid: {text}"),
        ));
    }
    let form = form(call.headers(), &call.query)?;
    let config = configuration(place, call)?;
    let mut created = false;
    let stored = again(|| {
        let live = api.store.get(place.kind, &place.namespace, &place.name);
        created = live.is_none();
        match live {
            Some(live) => apply_to(api, place, call, &live, &config),
            None => apply_new(api, place, call, &config),
        }
    })?;
    Ok(json(if created { 201 } else { 200 }, &form.object(place.kind, stored)))
}

/// The applied object: YAML, of which JSON is a part. Unknown fields are refused, since nobody could own them.
fn configuration(place: &Place, call: &Call) -> Result<Value, ApiError> {
    let config: Value = serde_json::from_slice(&call.body)
        .or_else(|_| serde_saphyr::from_slice(&call.body))
        .map_err(|why| ApiError::bad_request(format!("error decoding YAML: {why}")))?;
    for key in ["apiVersion", "kind"] {
        if meta::text(&config, &format!("/{key}")).is_empty() {
            let text =
                format!("invalid object type: /, Kind=: `{key}` is required for apply patch");
            return Err(ApiError::bad_request(text));
        }
    }
    if config["metadata"].get("managedFields").is_some_and(|list| !list.is_null()) {
        return Err(ApiError::bad_request("metadata.managedFields must be nil"));
    }
    let unknown = decode(place.kind, config.clone())?.unknown;
    if let Some(field) = unknown.first() {
        let why = format!(".{field}: field not declared in schema");
        return Err(apply::untyped(place.kind, &config, &why));
    }
    body::object(place, call, config).map(|(config, _)| config)
}

fn apply_new(api: &Api, place: &Place, call: &Call, config: &Value) -> Result<Value, ApiError> {
    if !place.subresource.is_empty() {
        return Err(ApiError::not_found(place.kind, &place.name));
    }
    if !meta::uid(config).is_empty() {
        let (name, uid) = (&place.name, meta::uid(config));
        let why = format!(
            "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        );
        return Err(ApiError::conflict(place.kind, name, &why));
    }
    let manager = Manager::applying(call.query.get("fieldManager"), "");
    let object = apply::apply(place.kind, &Value::Null, config, &manager, false)?;
    if call.query.dry_run()? {
        return api.store.create_dry(place.kind, object);
    }
    api.store.create(place.kind, object)
}

fn apply_to(
    api: &Api,
    place: &Place,
    call: &Call,
    live: &Value,
    config: &Value,
) -> Result<Value, ApiError> {
    let asked = meta::revision(config);
    if asked != 0 && asked != meta::revision(live) {
        return Err(ApiError::stale(place.kind, &place.name));
    }
    let (part, subresource) = match place.subresource.as_str() {
        "status" => (Part::Status, "status"),
        _ => (Part::Main, ""),
    };
    let mut config = config.clone();
    if let (Part::Main, Some(fields)) = (part, config.as_object_mut())
        && place.kind.has("status")
    {
        fields.shift_remove("status");
    }
    let manager = Manager::applying(call.query.get("fieldManager"), subresource);
    let force = call.query.flag("force");
    let mut object = apply::apply(place.kind, live, &config, &manager, force)?;
    let revision = live["metadata"]["resourceVersion"].clone();
    meta::meta_mut(&mut object).insert("resourceVersion".to_owned(), revision);
    store(api, place, call, object, part)
}
