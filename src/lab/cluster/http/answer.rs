//! Responses.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Response, StatusCode};
use serde_json::Value;

use super::super::error::ApiError;

pub(super) type Answer = Response<Body>;

/// A JSON document with its status.
pub(super) fn json(code: u16, document: &Value) -> Answer {
    typed(code, "application/json", document)
}

/// A JSON document under another media type.
pub(super) fn typed(code: u16, media_type: &'static str, document: &Value) -> Answer {
    body(code, media_type, Body::from(format!("{document}\n")))
}

pub(super) fn text(code: u16, text: &str) -> Answer {
    body(code, "text/plain; charset=utf-8", Body::from(text.to_owned()))
}

pub(super) fn body(code: u16, media_type: &'static str, body: Body) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

/// A refusal as a `Status`.
pub(super) fn refuse(error: &ApiError) -> Answer {
    let mut answer = json(error.code, &error.status());
    let seconds = error.details.as_ref().and_then(|details| details["retryAfterSeconds"].as_u64());
    if let Some(seconds) = seconds {
        answer.headers_mut().insert("retry-after", HeaderValue::from(seconds));
    }
    answer
}

/// Adds `Warning` headers, which kubectl prints.
pub(super) fn warn(mut answer: Answer, warnings: &[String]) -> Answer {
    for warning in warnings {
        let quoted = warning.replace('\\', "\\\\").replace('"', "\\\"");
        if let Ok(value) = HeaderValue::from_str(&format!("299 - \"{quoted}\"")) {
            answer.headers_mut().append("warning", value);
        }
    }
    answer
}
