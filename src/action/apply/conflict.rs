//! Fields that another field manager owns.

use kube::core::Status;

use crate::action::act::Act;
use crate::action::mark::MANAGER;
use crate::model::{Failure, FailureKind, Fix};

use super::document::Document;

/// Managers whose fields a first apply takes over: `kubectl apply` without `--server-side`, which is how objects come to be
/// before a tool like this one manages them, and this tool's own other verbs.
const TAKEN_OVER: [&str; 3] = ["kubectl-client-side-apply", "before-first-apply", MANAGER];

/// A field that is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owned {
    pub(super) field: String,
    pub(super) manager: String,
}

/// The fields that stand against an apply; empty when the refusal has another reason.
pub(super) fn fields(status: &Status) -> Vec<Owned> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let conflicts = causes.filter(|cause| cause.reason == "FieldManagerConflict");
    conflicts
        .map(|cause| Owned { field: cause.field.clone(), manager: manager(&cause.message) })
        .collect()
}

/// `conflict with "kubectl" with subresource "scale" using apps/v1`
fn manager(message: &str) -> String {
    let mut quoted = message.split('"').skip(1).step_by(2);
    match (quoted.next(), quoted.next()) {
        (Some(manager), Some(subresource)) if message.contains("with subresource") => {
            format!("{manager} ({subresource})")
        }
        (Some(manager), _) => manager.to_owned(),
        (None, _) => message.to_owned(),
    }
}

/// Whether all of them may be taken over without being asked for.
pub(super) fn may_be_taken(owned: &[Owned]) -> bool {
    let plain = |owned: &Owned| owned.manager.split(" (").next().unwrap_or_default().to_owned();
    !owned.is_empty() && owned.iter().all(|owned| TAKEN_OVER.contains(&plain(owned).as_str()))
}

pub(super) fn failure(act: Act<'_>, document: &Document, owned: &[Owned]) -> Failure {
    let mut failure = Failure::new(
        FailureKind::Conflict,
        format!(
            "{} has fields that other field managers have set to other values",
            document.object
        ),
    );
    failure.causes = owned
        .iter()
        .map(|owned| format!("`{}` belongs to `{}`", owned.field, owned.manager))
        .collect();
    failure.mended_by(Fix {
        title: "take these fields out of the manifest, or let the step say `force = true` to take them over".to_owned(),
        command: Some(format!(
            "kubectl apply --server-side --force-conflicts --field-manager={MANAGER} -n {} -f {}",
            act.cluster().namespace(),
            document.path
        )),
        mend: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn status(causes: &serde_json::Value) -> Status {
        serde_json::from_value(json!({
            "status": "Failure", "reason": "Conflict", "code": 409,
            "message": "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using apps/v1: .spec.replicas",
            "details": { "causes": causes },
        }))
        .unwrap()
    }

    #[test]
    fn what_kubectl_applied_before_is_taken_over() {
        let owned = fields(&status(&json!([
            { "reason": "FieldManagerConflict", "message": "conflict with \"kubectl-client-side-apply\" using apps/v1", "field": ".spec.replicas" },
            { "reason": "FieldManagerConflict", "message": "conflict with \"pgcutover\" with subresource \"scale\" using apps/v1", "field": ".spec.replicas" },
        ])));
        assert_eq!(
            owned[1],
            Owned { field: ".spec.replicas".into(), manager: "pgcutover (scale)".into() }
        );
        assert!(may_be_taken(&owned));
    }

    #[test]
    fn what_an_operator_edited_is_not() {
        let owned = fields(&status(&json!([
            { "reason": "FieldManagerConflict", "message": "conflict with \"kubectl-client-side-apply\" using apps/v1", "field": ".spec.x" },
            { "reason": "FieldManagerConflict", "message": "conflict with \"kubectl-edit\" using apps/v1", "field": ".spec.replicas" },
        ])));
        assert!(!may_be_taken(&owned));
        assert!(!may_be_taken(&fields(&status(&json!([])))));
    }
}
