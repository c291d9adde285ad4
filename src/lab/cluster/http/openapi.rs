//! As much `OpenAPI` as clients need to learn that the server validates fields itself.
//!
//! The documents hold paths and parameters; schemas are not published.

use serde_json::{Value, json};

use super::super::error::ApiError;
use super::super::kind::{ALL, Kind};
use super::discovery::group_names;

/// `/openapi/v3`: where the document of each group version is.
pub(super) fn index() -> Value {
    let mut paths = json!({"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=1"}});
    for group in group_names() {
        let path = format!("apis/{group}/v1");
        paths[path.as_str()] = json!({"serverRelativeURL": format!("/openapi/v3/{path}?hash=1")});
    }
    json!({ "paths": paths })
}

/// `/openapi/v3/apis/apps/v1`, by its part after `v3/`.
///
/// # Errors
/// `404` for an unknown group version.
pub(super) fn document(path: &str) -> Result<Value, ApiError> {
    let group = match path.split('/').collect::<Vec<_>>().as_slice() {
        ["api", "v1"] => "",
        ["apis", group, "v1"] if group_names().contains(group) => *group,
        _ => return Err(ApiError::no_such_path()),
    };
    let mut paths = json!({});
    for kind in ALL.iter().filter(|kind| kind.group == group && kind.stored) {
        let within = if kind.namespaced { "/namespaces/{namespace}" } else { "" };
        let collection = format!("/{path}{within}/{}", kind.plural);
        paths[collection.as_str()] = json!({"post": operation(kind, "post")});
        let object = format!("{collection}/{{name}}");
        paths[object.as_str()] =
            json!({"put": operation(kind, "put"), "patch": operation(kind, "patch")});
    }
    let info = json!({"title": "Kubernetes", "version": "v1.32.0"});
    Ok(json!({"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": {}}}))
}

fn operation(kind: &Kind, method: &str) -> Value {
    let parameter = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}});
    json!({
        "operationId": format!("{method}{}", kind.kind),
        "x-kubernetes-action": method,
        "x-kubernetes-group-version-kind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "parameters": [parameter("dryRun"), parameter("fieldManager"), parameter("fieldValidation")],
        "responses": {"200": {"description": "OK"}},
    })
}
