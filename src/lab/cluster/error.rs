//! Refusals, worded as the API server words them: consumers show these texts to people.

use serde_json::{Value, json};

use super::kind::Kind;

/// An error answer of the API, which renders as a `Status` object.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    /// The HTTP status.
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) details: Option<Value>,
}

impl ApiError {
    pub(crate) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: None }
    }

    fn about(mut self, kind: &Kind, name: &str) -> Self {
        self.details = Some(details(kind.group, kind.plural, name));
        self
    }

    pub(crate) fn not_found(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", kind.group_resource());
        Self::new(404, "NotFound", message).about(kind, name)
    }

    /// The path leads nowhere: an unknown group, resource or subresource.
    pub(crate) fn no_such_path() -> Self {
        let mut error =
            Self::new(404, "NotFound", "the server could not find the requested resource");
        error.details = Some(json!({}));
        error
    }

    pub(crate) fn already_exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", kind.group_resource());
        Self::new(409, "AlreadyExists", message).about(kind, name)
    }

    pub(crate) fn conflict(kind: &Kind, name: &str, why: &str) -> Self {
        let message =
            format!("Operation cannot be fulfilled on {} \"{name}\": {why}", kind.group_resource());
        Self::new(409, "Conflict", message).about(kind, name)
    }

    pub(crate) fn stale(kind: &Kind, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(kind, name, why)
    }

    /// `422`: each cause is a field, a reason of `metav1.CauseType`, and a text.
    pub(crate) fn invalid(kind: &Kind, name: &str, causes: &[Cause]) -> Self {
        let texts: Vec<String> =
            causes.iter().map(|c| format!("{}: {}", c.field, c.message)).collect();
        let list = match texts.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let message = format!("{} \"{name}\" is invalid: {list}", kind.group_kind());
        let mut error = Self::new(422, "Invalid", message);
        let causes: Vec<Value> = causes
            .iter()
            .map(|c| json!({"reason": c.reason, "message": c.message, "field": c.field}))
            .collect();
        let mut details = details(kind.group, kind.kind, name);
        details["causes"] = causes.into();
        error.details = Some(details);
        error
    }

    pub(crate) fn forbidden(kind: &Kind, name: &str, why: &str) -> Self {
        let message = match name {
            "" => format!("{} is forbidden: {why}", kind.group_resource()),
            name => format!("{} \"{name}\" is forbidden: {why}", kind.group_resource()),
        };
        Self::new(403, "Forbidden", message).about(kind, name)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// `410`: the history no longer reaches back to the revision that was asked for.
    pub(crate) fn expired(asked: u64, oldest: u64) -> Self {
        Self::new(410, "Expired", format!("too old resource version: {asked} ({oldest})"))
    }

    pub(crate) fn method_not_allowed() -> Self {
        let mut error = Self::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        );
        error.details = Some(json!({}));
        error
    }

    pub(crate) fn not_acceptable(accepted: &str) -> Self {
        let message = format!("only the following media types are accepted: {accepted}");
        Self::new(406, "NotAcceptable", message)
    }

    pub(crate) fn unsupported_media_type(accepted: &str) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted}"
        );
        Self::new(415, "UnsupportedMediaType", message)
    }

    pub(crate) fn internal(why: &str) -> Self {
        let mut error = Self::new(500, "InternalError", format!("Internal error occurred: {why}"));
        error.details = Some(json!({"causes": [{"message": why}]}));
        error
    }

    /// The `Status` object that goes over the wire.
    pub(crate) fn status(&self) -> Value {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason,
        });
        if let Some(details) = &self.details {
            status["details"] = details.clone();
        }
        status["code"] = self.code.into();
        status
    }
}

/// One field that an `Invalid` error complains about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cause {
    pub(crate) reason: &'static str,
    pub(crate) field: String,
    pub(crate) message: String,
}

impl Cause {
    pub(crate) fn required(field: &str, text: &str) -> Self {
        let message = if text.is_empty() {
            "Required value".to_owned()
        } else {
            format!("Required value: {text}")
        };
        Self { reason: "FieldValueRequired", field: field.to_owned(), message }
    }

    pub(crate) fn invalid(field: &str, value: &Value, text: &str) -> Self {
        Self {
            reason: "FieldValueInvalid",
            field: field.to_owned(),
            message: format!("Invalid value: {value}: {text}"),
        }
    }

    pub(crate) fn forbidden(field: &str, text: &str) -> Self {
        Self {
            reason: "FieldValueForbidden",
            field: field.to_owned(),
            message: format!("Forbidden: {text}"),
        }
    }

    pub(crate) fn unsupported(field: &str, value: &Value, supported: &[&str]) -> Self {
        let list: Vec<String> = supported.iter().map(|s| format!("\"{s}\"")).collect();
        Self {
            reason: "FieldValueNotSupported",
            field: field.to_owned(),
            message: format!("Unsupported value: {value}: supported values: {}", list.join(", ")),
        }
    }
}

fn details(group: &str, kind: &str, name: &str) -> Value {
    let mut details = json!({});
    for (key, value) in [("name", name), ("group", group), ("kind", kind)] {
        if !value.is_empty() {
            details[key] = value.into();
        }
    }
    details
}

#[cfg(test)]
mod tests {
    use super::super::kind;
    use super::*;

    #[test]
    fn texts_are_those_of_the_api_server() {
        assert_eq!(
            ApiError::not_found(&kind::DEPLOYMENTS, "web").message,
            "deployments.apps \"web\" not found"
        );
        let causes = [Cause::invalid("spec.template", &json!({"a": 1}), "field is immutable")];
        assert_eq!(
            ApiError::invalid(&kind::JOBS, "backup", &causes).message,
            "Job.batch \"backup\" is invalid: spec.template: Invalid value: {\"a\":1}: field is immutable"
        );
        let status = ApiError::not_found(&kind::PODS, "a").status();
        assert_eq!(status["details"], json!({"name": "a", "kind": "pods"}));
        assert_eq!(status["code"], 404);
    }
}
