//! Request bodies: reading, checking, decoding.

use axum::body::{Body, to_bytes};
use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::Value;

use super::super::error::ApiError;
use super::super::kind::Kind;
use super::super::meta;
use super::super::rules::{Decoded, decode};
use super::handle::{Call, header};
use super::locate::Place;
use super::protobuf;

/// The API server's own limit for a request.
const LIMIT: usize = 3 * 1024 * 1024;

pub(super) async fn read(body: Body) -> Result<Bytes, ApiError> {
    to_bytes(body, LIMIT).await.map_err(|_| {
        let text = format!("Request entity too large: limit is {LIMIT}");
        ApiError::new(413, "RequestEntityTooLarge", text)
    })
}

pub(super) fn content_type(headers: &HeaderMap) -> &str {
    header(headers, "content-type").split(';').next().unwrap_or_default().trim()
}

/// The object in a body: JSON, or for a few kinds protobuf.
pub(super) fn sent(kind: &Kind, call: &Call) -> Result<Value, ApiError> {
    if content_type(call.headers()) != "application/vnd.kubernetes.protobuf" {
        return json(call);
    }
    protobuf::decode(kind, &call.body)
        .ok_or_else(|| ApiError::unsupported_media_type("application/json"))
}

/// A body that must be JSON by its content type; none at all is JSON, too.
pub(super) fn json(call: &Call) -> Result<Value, ApiError> {
    if !matches!(content_type(call.headers()), "" | "application/json" | "*/*") {
        return Err(ApiError::unsupported_media_type("application/json"));
    }
    parse(&call.body)
}

pub(super) fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(bytes).map_err(|why| {
        let text = format!("the object provided is unrecognized (must be of type Object): couldn't get version/kind; json parse error: {why}");
        ApiError::bad_request(text)
    })
}

/// An object that is meant for `place`: of its kind, in its namespace, by its name; and the warnings about it.
pub(super) fn object(
    place: &Place,
    call: &Call,
    mut object: Value,
) -> Result<(Value, Vec<String>), ApiError> {
    check_kind(place.kind, &object)?;
    if !object.is_object() {
        return Err(ApiError::bad_request("the object provided is unrecognized"));
    }
    if place.kind.namespaced {
        let given = meta::namespace(&object).to_owned();
        if !given.is_empty() && given != place.namespace {
            let text = format!(
                "the namespace of the provided object does not match the namespace sent on the request ({given} != {})",
                place.namespace
            );
            return Err(ApiError::bad_request(text));
        }
        meta::meta_mut(&mut object).insert("namespace".to_owned(), place.namespace.clone().into());
    }
    if !place.name.is_empty() {
        let given = meta::name(&object);
        if given.is_empty() {
            meta::meta_mut(&mut object).insert("name".to_owned(), place.name.clone().into());
        } else if given != place.name {
            let text = format!(
                "the name of the object ({given}) does not match the name on the URL ({})",
                place.name
            );
            return Err(ApiError::bad_request(text));
        }
    }
    validated(place.kind, call, object)
}

fn check_kind(kind: &Kind, object: &Value) -> Result<(), ApiError> {
    let (version, name) = (meta::text(object, "/apiVersion"), meta::text(object, "/kind"));
    if !version.is_empty() && version != kind.api_version() {
        let wanted = kind.api_version();
        let text = format!(
            "the API version in the data ({version}) does not match the expected API version ({wanted})"
        );
        return Err(ApiError::bad_request(text));
    }
    if !name.is_empty() && name != kind.kind {
        let text = format!(
            "{name} in version \"{}\" cannot be handled as a {}: converting ({name}) to ({}): unknown conversion",
            kind.version, kind.kind, kind.kind
        );
        return Err(ApiError::bad_request(text));
    }
    Ok(())
}

/// Unknown fields are refused, warned of or dropped, as `fieldValidation` says.
pub(super) fn validated(
    kind: &Kind,
    call: &Call,
    object: Value,
) -> Result<(Value, Vec<String>), ApiError> {
    let Decoded { object, unknown } = decode(kind, object)?;
    let told: Vec<String> =
        unknown.iter().map(|field| format!("unknown field \"{field}\"")).collect();
    match call.query.get("fieldValidation") {
        "Ignore" => Ok((object, Vec::new())),
        "" | "Warn" => Ok((object, told)),
        "Strict" if told.is_empty() => Ok((object, told)),
        "Strict" => Err(ApiError::bad_request(format!(
            "{name} in version \"{version}\" cannot be handled as a {name}: strict decoding error: {list}",
            name = kind.kind,
            version = kind.version,
            list = told.join(", ")
        ))),
        other => Err(ApiError::new(
            422,
            "Invalid",
            format!(
                "fieldValidation: Unsupported value: \"{other}\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""
            ),
        )),
    }
}
