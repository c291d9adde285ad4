//! Moving a Service's selector, from one that is known to another.

use std::collections::BTreeMap;
use std::time::Duration;

use json_patch::Patch as JsonPatch;
use k8s_openapi::api::core::v1::Service;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::action::act::Act;
use crate::action::mark::MANAGER;
use crate::model::{Failure, FailureKind, Fix};
use crate::world::{Call, WorldError};

use super::text;

pub(super) type Selector = BTreeMap<String, String>;

/// Moves the selector, when it is what it is thought to be. False when it was moved already.
pub(super) async fn turn(
    act: Act<'_>,
    service: &str,
    from: &Selector,
    to: &Selector,
) -> Result<bool, Failure> {
    let mut moved = false;
    let mut failed_tests = 0;
    loop {
        let found: Service = act.cluster().require(service).await?;
        let now = found.spec.and_then(|spec| spec.selector).unwrap_or_default();
        if now == *to {
            return Ok(moved);
        }
        if now != *from {
            return Err(elsewhere(act, service, &now, from, to));
        }
        act.tell(format!("service/{service}: {} → {}", text(from), text(to)));
        moved = true;
        match patch(act, service, from, to).await {
            Ok(()) => return Ok(true),
            // Somebody was faster, or no answer came: the next look tells which.
            Err(error) if may_pass(&error, failed_tests) => {
                failed_tests += u32::from(is_failed_test(&error));
                act.pause(Duration::from_millis(300), &format!("service/{service} to be switched"))
                    .await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn patch(
    act: Act<'_>,
    service: &str,
    from: &Selector,
    to: &Selector,
) -> Result<(), WorldError> {
    let operations = json!([
        { "op": "test", "path": "/spec/selector", "value": from },
        { "op": "replace", "path": "/spec/selector", "value": to },
    ]);
    let call = Call::new("patch", "services").named(service);
    let operations: JsonPatch = serde_json::from_value(operations)
        .map_err(|error| act.explain(call.clone(), kube::Error::SerdeError(error)))?;
    let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
    act.cluster()
        .api::<Service>()
        .patch(service, &params, &Patch::<()>::Json(operations))
        .await
        .map(|_| ())
        .map_err(|error| act.explain(call, error))
}

/// A `test` that fails again and again, though the selector reads as it says, fails for another reason.
fn may_pass(error: &WorldError, failed_tests: u32) -> bool {
    error.is_conflict() || error.is_transient() || (is_failed_test(error) && failed_tests < 3)
}

/// An API server answers 422 to a JSON patch whose `test` does not hold.
fn is_failed_test(error: &WorldError) -> bool {
    matches!(error, WorldError::Api(error) if error.code == 422)
}

fn elsewhere(
    act: Act<'_>,
    service: &str,
    now: &Selector,
    from: &Selector,
    to: &Selector,
) -> Failure {
    let namespace = act.cluster().namespace();
    let patch = json!([{ "op": "replace", "path": "/spec/selector", "value": to }]);
    Failure::new(
        FailureKind::Conflict,
        format!(
            "service/{service} leads to `{}`, neither to `{}` as recorded nor to `{}`: somebody else has changed it",
            text(now),
            text(from),
            text(to)
        ),
    )
    .mended_by(Fix {
        title: "find out who changed it; when it is to be moved all the same, do it by hand and retry".to_owned(),
        command: Some(format!("kubectl patch service {service} -n {namespace} --type json --patch '{patch}'")),
        mend: None,
    })
}
