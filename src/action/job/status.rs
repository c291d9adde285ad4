//! How a Job ended, by its conditions. `FailureTarget` and `SuccessCriteriaMet` come before the end and are none.

use k8s_openapi::api::batch::v1::Job;

use crate::model::FailureKind;

/// Where a Job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Running,
    Suspended,
    Complete,
    Failed { kind: FailureKind, reason: String, message: String },
}

pub(super) fn end(job: &Job) -> End {
    let status = job.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_ref());
    let is_true = |kind: &str| {
        let mut all = conditions.into_iter().flatten();
        all.find(|condition| condition.type_ == kind && condition.status == "True")
    };
    if is_true("Complete").is_some() {
        return End::Complete;
    }
    if let Some(failed) = is_true("Failed") {
        let reason = failed.reason.clone().unwrap_or_default();
        let message = failed.message.clone().unwrap_or_default();
        return End::Failed { kind: kind_of(&reason), reason, message };
    }
    if is_true("Suspended").is_some() { End::Suspended } else { End::Running }
}

fn kind_of(reason: &str) -> FailureKind {
    match reason {
        "BackoffLimitExceeded" => FailureKind::BackoffLimit,
        "DeadlineExceeded" => FailureKind::DeadlineExceeded,
        _ => FailureKind::Refused,
    }
}

/// One line: pods that run, have succeeded, have failed.
pub(super) fn describe(job: &Job) -> String {
    let name = job.metadata.name.as_deref().unwrap_or_default();
    let status = job.status.clone().unwrap_or_default();
    let (active, failed) = (status.active.unwrap_or_default(), status.failed.unwrap_or_default());
    let ready = status.ready.unwrap_or_default();
    let tried = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    match (active, ready) {
        (0, _) => format!("job/{name}: no pod yet{tried}"),
        (_, 0) => format!("job/{name}: its pod is starting{tried}"),
        _ => format!("job/{name}: running{tried}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn job(conditions: &Value) -> Job {
        serde_json::from_value(json!({ "metadata": { "name": "backup-job" }, "status": { "failed": 2, "conditions": conditions } }))
            .unwrap()
    }

    #[test]
    fn a_failed_job_is_not_waited_for() {
        let failed = job(&json!([
            { "type": "FailureTarget", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit" },
            { "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit" },
        ]));
        let End::Failed { kind, message, .. } = end(&failed) else { panic!() };
        assert_eq!(kind, FailureKind::BackoffLimit);
        assert_eq!(message, "Job has reached the specified backoff limit");
        let late = job(
            &json!([{ "type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "Job was active longer than specified deadline" }]),
        );
        assert!(matches!(end(&late), End::Failed { kind: FailureKind::DeadlineExceeded, .. }));
    }

    #[test]
    fn a_job_whose_pods_are_still_ending_has_not_ended() {
        let ending = job(
            &json!([{ "type": "FailureTarget", "status": "True", "reason": "BackoffLimitExceeded" }]),
        );
        assert_eq!(end(&ending), End::Running);
        let nearly = job(
            &json!([{ "type": "SuccessCriteriaMet", "status": "True", "reason": "CompletionsReached" }]),
        );
        assert_eq!(end(&nearly), End::Running);
        let no = job(
            &json!([{ "type": "Complete", "status": "False" }, { "type": "Suspended", "status": "True" }]),
        );
        assert_eq!(end(&no), End::Suspended);
    }
}
