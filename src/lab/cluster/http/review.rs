//! Reviews: questions that are answered and not stored.

use serde_json::{Value, json};

use super::super::auth::{Attributes, allowed_rules, decide};
use super::super::error::{ApiError, Cause};
use super::super::kind::Kind;
use super::super::meta::text;
use super::answer::{Answer, json};
use super::body;
use super::handle::Call;
use super::locate::Place;
use super::server::Api;

pub(super) fn answer(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    if place.verb != "create" || !place.name.is_empty() {
        return Err(ApiError::method_not_allowed());
    }
    let (mut review, _) = body::object(place, call, body::sent(place.kind, call)?)?;
    review["status"] = match place.kind.kind {
        "SelfSubjectAccessReview" => access(api, place.kind, call, &review["spec"])?,
        "SelfSubjectRulesReview" => rules(api, call, text(&review, "/spec/namespace")),
        _ => json!({"userInfo": {"username": call.user.name, "groups": call.user.groups}}),
    };
    Ok(json(201, &review))
}

/// <https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/>
fn access(api: &Api, kind: &Kind, call: &Call, spec: &Value) -> Result<Value, ApiError> {
    let (resource, path) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    let asked = match (resource.is_object(), path.is_object()) {
        (true, false) => Attributes {
            verb: text(resource, "/verb").to_owned(),
            namespace: text(resource, "/namespace").to_owned(),
            group: text(resource, "/group").to_owned(),
            resource: text(resource, "/resource").to_owned(),
            subresource: text(resource, "/subresource").to_owned(),
            name: text(resource, "/name").to_owned(),
            path: None,
        },
        (false, true) => Attributes {
            verb: text(path, "/verb").to_owned(),
            path: Some(text(path, "/path").to_owned()),
            ..Attributes::default()
        },
        _ => {
            let message =
                "exactly one of nonResourceAttributes or resourceAttributes must be specified";
            let cause = Cause::invalid("spec.resourceAttributes", resource, message);
            return Err(ApiError::invalid(kind, "", &[cause]));
        }
    };
    let decision = decide(&api.store, &call.user, &asked);
    let mut status = json!({"allowed": decision.allowed});
    if !decision.reason.is_empty() {
        status["reason"] = decision.reason.into();
    }
    Ok(status)
}

fn rules(api: &Api, call: &Call, namespace: &str) -> Value {
    let all = allowed_rules(&api.store, &call.user, namespace);
    let (paths, resources): (Vec<Value>, Vec<Value>) =
        all.into_iter().partition(|rule| rule["nonResourceURLs"].is_array());
    json!({"resourceRules": resources, "nonResourceRules": paths, "incomplete": false})
}
