//! Content negotiation: which form of an object the client reads.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources>

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use serde_json::{Value, json};

use super::super::error::ApiError;
use super::super::kind::Kind;
use super::query::Query;
use super::table::Table;

/// The form that was agreed on. All of them are JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Object,
    /// Rows for people, with as much of each object as was asked for.
    Table(Include),
    /// `PartialObjectMetadata`.
    Metadata,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Include {
    None,
    Metadata,
    Object,
}

/// One entry of an `Accept` header: its type and its parameters.
pub(super) struct Range<'a> {
    pub(super) media_type: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl Range<'_> {
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }

    pub(super) fn is_json(&self) -> bool {
        matches!(self.media_type, "application/json" | "application/*" | "*/*")
    }
}

/// The entries in the client's order. No header is the same as `*/*`.
pub(super) fn accepted(headers: &HeaderMap) -> Vec<Range<'_>> {
    let texts = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<Range<'_>> = texts.flat_map(|text| text.split(',')).map(range).collect();
    if ranges.is_empty() { vec![range("*/*")] } else { ranges }
}

fn range(text: &str) -> Range<'_> {
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    Range { media_type, parameters: parts.filter_map(|part| part.split_once('=')).collect() }
}

/// Chooses the first form of the client's list that this server speaks.
///
/// # Errors
/// `406` when it speaks none.
pub(super) fn form(headers: &HeaderMap, query: &Query) -> Result<Form, ApiError> {
    for range in accepted(headers).iter().filter(|range| range.is_json()) {
        match range.parameter("as") {
            "" => return Ok(Form::Object),
            "Table" if range.parameter("v") == "v1" => return Ok(Form::Table(include(query)?)),
            "PartialObjectMetadata" | "PartialObjectMetadataList"
                if range.parameter("v") == "v1" =>
            {
                return Ok(Form::Metadata);
            }
            _ => {}
        }
    }
    Err(ApiError::not_acceptable("application/json"))
}

fn include(query: &Query) -> Result<Include, ApiError> {
    match query.get("includeObject") {
        "" | "Metadata" => Ok(Include::Metadata),
        "None" => Ok(Include::None),
        "Object" => Ok(Include::Object),
        other => {
            Err(ApiError::bad_request(format!("unrecognized includeObject value: \"{other}\"")))
        }
    }
}

impl Form {
    /// One object in this form.
    pub(super) fn object(self, kind: &Kind, object: Value) -> Value {
        match self {
            Self::Object => object,
            Self::Metadata => metadata(&object),
            Self::Table(include) => {
                let meta = json!({"resourceVersion": object["metadata"]["resourceVersion"]});
                Table::new(kind, include).render(&[object], &meta, true)
            }
        }
    }

    /// A list in this form.
    pub(super) fn list(self, kind: &Kind, items: &[Value], meta: &Value) -> Value {
        match self {
            Self::Object => {
                let items: Vec<Value> = items.iter().map(untyped).collect();
                json!({"kind": format!("{}List", kind.kind), "apiVersion": kind.api_version(), "metadata": meta, "items": items})
            }
            Self::Metadata => {
                let items: Vec<Value> = items.iter().map(metadata).collect();
                json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "items": items})
            }
            Self::Table(include) => Table::new(kind, include).render(items, meta, true),
        }
    }
}

/// Objects in a list do not repeat their kind.
fn untyped(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.shift_remove("apiVersion");
        map.shift_remove("kind");
    }
    object
}

pub(super) fn metadata(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Result<Form, u16> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        form(&headers, &Query::default()).map_err(|error| error.code)
    }

    #[test]
    fn the_first_form_that_is_spoken_is_chosen() {
        let kubectl = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        assert_eq!(chosen(kubectl), Ok(Form::Table(Include::Metadata)));
        assert_eq!(
            chosen("application/vnd.kubernetes.protobuf,application/json"),
            Ok(Form::Object)
        );
        assert_eq!(
            chosen("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"),
            Ok(Form::Metadata)
        );
        assert_eq!(chosen("*/*"), Ok(Form::Object));
        assert_eq!(chosen("application/vnd.kubernetes.protobuf"), Err(406));
    }
}
