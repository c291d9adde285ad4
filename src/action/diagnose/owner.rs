//! Workloads and Jobs whose pods may not be made.

use k8s_openapi::api::core::v1::Event;

use super::events::{about, newest, reason, text};
use super::finding::{Finding, Trouble};

/// Refusals to make pods for an object of this uid: quota, admission webhook, missing `ServiceAccount` (`FailedCreate`).
///
/// A refusal that was followed by a pod is over.
#[must_use]
pub fn refusals(object: &str, uid: &str, events: &[Event]) -> Option<Finding> {
    let events = about(events, uid);
    let event = newest(&events, &["FailedCreate", "SuccessfulCreate"])?;
    (reason(event) == "FailedCreate").then(|| Finding {
        trouble: Trouble::Refused,
        message: format!("FailedCreate: no pod may be made for {object}"),
        object: object.to_owned(),
        container: None,
        causes: vec![text(event)],
    })
}
