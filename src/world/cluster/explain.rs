//! kube's errors, told with what was asked, what the server said, and what to do.

use kube::core::Status;

use crate::world::{ApiError, ApiErrorKind, WorldError};

use super::call::Call;
use super::courier::{Late, Refused};
use super::handle::Cluster;
use super::kinds;

pub(super) fn explain(cluster: &Cluster, mut call: Call, error: &kube::Error) -> WorldError {
    if let Some(Refused(what)) = cause(error) {
        return WorldError::ReadOnly { what: what.clone() };
    }
    let namespaced = !call.resource.starts_with('/') && !kinds::is_clusterwide(&call.resource);
    if call.namespace.is_none() && namespaced {
        call.namespace = Some(cluster.namespace().to_owned());
    }
    let (kind, code, message) = match error {
        kube::Error::Api(status) => (kind_of(status), status.code, said(status)),
        other => silent(other, cluster.server()),
    };
    let hint = hint(cluster, kind, &call);
    ApiError { kind, call, code, message, hint }.into()
}

fn kind_of(status: &Status) -> ApiErrorKind {
    match status.code {
        404 => ApiErrorKind::NotFound,
        403 => ApiErrorKind::Forbidden,
        401 => ApiErrorKind::Unauthorized,
        409 if status.reason == "AlreadyExists" => ApiErrorKind::AlreadyExists,
        409 => ApiErrorKind::Conflict,
        400 | 405 | 406 | 413 | 415 | 422 => ApiErrorKind::Invalid,
        410 => ApiErrorKind::Gone,
        408 | 504 => ApiErrorKind::TimedOut,
        429 | 500..=599 => ApiErrorKind::Unavailable,
        _ => ApiErrorKind::Other,
    }
}

/// `Status.message`, with the causes that admission and validation list beside it where the message lacks them.
fn said(status: &Status) -> String {
    let mut text = shorten(&status.message);
    let causes = status.details.iter().flat_map(|details| &details.causes);
    for cause in
        causes.filter(|cause| !cause.message.is_empty() && !status.message.contains(&cause.message))
    {
        text = format!("{text}; {}: {}", cause.field, cause.message);
    }
    if text.is_empty() {
        format!("{} {}", status.code, status.reason).trim().to_owned()
    } else {
        text
    }
}

/// A proxy's HTML page is an answer too, but not one to print whole.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 600;
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn silent(error: &kube::Error, server: &str) -> (ApiErrorKind, u16, String) {
    if let Some(late) = cause::<Late>(error) {
        return (ApiErrorKind::TimedOut, 0, format!("`{server}` gave {late}"));
    }
    let kind = match error {
        kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) | kube::Error::Discovery(_) => {
            ApiErrorKind::Other
        }
        kube::Error::BuildRequest(_) => ApiErrorKind::Invalid,
        kube::Error::Auth(_) => ApiErrorKind::Unauthorized,
        _ => ApiErrorKind::Unreachable,
    };
    let text = chain(error);
    match kind {
        ApiErrorKind::Unreachable => (kind, 0, format!("`{server}` cannot be reached: {text}")),
        _ => (kind, 0, text),
    }
}

fn hint(cluster: &Cluster, kind: ApiErrorKind, call: &Call) -> Option<String> {
    match kind {
        ApiErrorKind::Forbidden => {
            let place = call.namespace.as_ref().map_or_else(
                || "in the cluster".to_owned(),
                |namespace| format!("in namespace `{namespace}`"),
            );
            Some(format!(
                "grant `{}` on `{}` {place}; `pgcutover plan PROFILE -o rbac` prints the whole Role",
                call.verb, call.resource
            ))
        }
        ApiErrorKind::Unauthorized => Some(format!(
            "the credentials of {} have expired or are not valid: log in again; they are read anew at the next request",
            cluster.origin()
        )),
        ApiErrorKind::Unreachable | ApiErrorKind::TimedOut => Some(format!(
            "check that the cluster of {} is up and can be reached from here",
            cluster.origin()
        )),
        _ => None,
    }
}

fn cause<'e, E: std::error::Error + 'static>(
    error: &'e (dyn std::error::Error + 'static),
) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The innermost causes without the repetition that wrapping layers add.
fn chain(error: &dyn std::error::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if let Some(last) = parts.last_mut()
            && last.contains(&text)
        {
            let shorter = last.replace(&text, "");
            shorter.trim_end_matches([':', ' ']).clone_into(last);
        }
        parts.push(text);
        next = error.source();
    }
    parts.retain(|part| !part.is_empty() && part != "ServiceError");
    shorten(&parts.join(": "))
}
