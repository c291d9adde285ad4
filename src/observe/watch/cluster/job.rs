//! Jobs.

use jiff::Timestamp;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::model::{JobStatus, JobView};

use super::pod::one_line;

pub(super) fn view(job: &Job) -> JobView {
    let status = job.status.clone().unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let holds = |wanted: &str| {
        conditions.iter().find(|condition| condition.type_ == wanted && condition.status == "True")
    };
    let failed = holds("Failed");
    let count = |count: Option<i32>| count.unwrap_or_default().unsigned_abs();
    let ended = status
        .completion_time
        .as_ref()
        .or(failed.and_then(|condition| condition.last_transition_time.as_ref()));
    JobView {
        status: match () {
            () if holds("Complete").is_some() => JobStatus::Complete,
            () if failed.is_some() => JobStatus::Failed,
            () if holds("Suspended").is_some() => JobStatus::Suspended,
            () => JobStatus::Running,
        },
        active: count(status.active),
        succeeded: count(status.succeeded),
        failed: count(status.failed),
        started: status.start_time.as_ref().and_then(time),
        finished: ended.and_then(time),
        reason: failed.or_else(|| holds("FailureTarget")).map(|condition| {
            let reason = condition.reason.as_deref().unwrap_or("Failed");
            one_line(&format!("{reason}: {}", condition.message.as_deref().unwrap_or_default()))
        }),
    }
}

pub(super) fn time(time: &Time) -> Option<Timestamp> {
    Timestamp::from_microsecond(time.0.as_microsecond()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_job_tells_how_it_failed_and_when() {
        let job = serde_json::from_value(json!({ "status": {
            "failed": 2, "startTime": "2026-01-01T00:00:00Z",
            "conditions": [{ "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded",
                "message": "Job has reached the specified backoff limit", "lastTransitionTime": "2026-01-01T00:01:00Z" }] } }))
        .unwrap();
        let view = view(&job);
        assert_eq!((view.status, view.failed, view.active), (JobStatus::Failed, 2, 0));
        let took = view.finished.unwrap().duration_since(view.started.unwrap());
        assert_eq!(took.as_secs(), 60);
        assert_eq!(
            view.reason.unwrap(),
            "BackoffLimitExceeded: Job has reached the specified backoff limit"
        );
    }
}
