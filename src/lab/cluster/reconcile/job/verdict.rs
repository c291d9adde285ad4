//! Whether a Job has succeeded or failed, and its conditions.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::pods::{is_true, number, seconds};
use super::tracking::Count;
use crate::lab::cluster::meta;

/// How a Job ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) succeeded: bool,
    pub(super) reason: &'static str,
    pub(super) message: &'static str,
}

const REACHED: Verdict = Verdict {
    succeeded: true,
    reason: "CompletionsReached",
    message: "Reached expected number of succeeded pods",
};
const BACKOFF: Verdict = Verdict {
    succeeded: false,
    reason: "BackoffLimitExceeded",
    message: "Job has reached the specified backoff limit",
};
const DEADLINE: Verdict = Verdict {
    succeeded: false,
    reason: "DeadlineExceeded",
    message: "Job was active longer than specified deadline",
};

impl Verdict {
    /// The condition that says it for good.
    pub(super) fn last(self) -> &'static str {
        if self.succeeded { "Complete" } else { "Failed" }
    }

    /// The condition that announces it, while pods are still ending.
    pub(super) fn first(self) -> &'static str {
        if self.succeeded { "SuccessCriteriaMet" } else { "FailureTarget" }
    }

    pub(super) fn condition(self, kind: &str) -> Value {
        json!({
            "type": kind, "status": "True", "lastProbeTime": meta::now(), "reason": self.reason, "message": self.message,
        })
    }
}

pub(in super::super) fn is_over(job: &Value) -> bool {
    is_true(job, "Complete") || is_true(job, "Failed")
}

/// What was announced before, else what follows from the numbers.
pub(super) fn of(job: &Value, count: &Count) -> Option<Verdict> {
    let announced = |verdict: &Verdict| {
        super::super::pods::condition(job, verdict.first())
            .is_some_and(|one| one["reason"] == verdict.reason)
    };
    let known = [REACHED, BACKOFF, DEADLINE];
    if let Some(verdict) = known.into_iter().find(announced) {
        return Some(verdict);
    }
    if past_limit(job, count) {
        return Some(BACKOFF);
    }
    if remaining(job).is_some_and(|left| left.is_zero()) {
        return Some(DEADLINE);
    }
    is_complete(job, count).then_some(REACHED)
}

/// Failed pods count; with `OnFailure` the restarts of the running ones as well.
fn past_limit(job: &Value, count: &Count) -> bool {
    let limit = number(job, "/spec/backoffLimit").unwrap_or(6);
    if count.failed > limit {
        return true;
    }
    let on_failure = job["spec"]["template"]["spec"]["restartPolicy"] == "OnFailure";
    on_failure && if limit == 0 { count.restarts > 0 } else { count.restarts >= limit }
}

/// Without `completions` one success is enough, once no other pod works.
fn is_complete(job: &Value, count: &Count) -> bool {
    match number(job, "/spec/completions") {
        Some(wanted) => count.succeeded >= wanted,
        None => count.succeeded > 0 && count.active == 0,
    }
}

/// What is left of `activeDeadlineSeconds`.
pub(super) fn remaining(job: &Value) -> Option<Duration> {
    let deadline = seconds(job, "/spec/activeDeadlineSeconds")?;
    let started: Timestamp = meta::text(job, "/status/startTime").parse().ok()?;
    let run = Duration::try_from(Timestamp::now().duration_since(started)).unwrap_or_default();
    Some(deadline.saturating_sub(run))
}

/// How many pods should be active now.
pub(super) fn wanted(job: &Value, count: &Count) -> i64 {
    let parallel = number(job, "/spec/parallelism").unwrap_or(1);
    match number(job, "/spec/completions") {
        Some(completions) => parallel.min(completions - count.succeeded),
        None if count.succeeded > 0 => count.active,
        None => parallel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(spec: &Value, count: Count) -> Option<&'static str> {
        of(&json!({"spec": spec, "status": {}}), &count).map(|verdict| verdict.reason)
    }

    #[test]
    fn a_job_fails_with_one_failure_more_than_its_limit() {
        let spec = json!({"completions": 1, "backoffLimit": 1});
        assert_eq!(verdict(&spec, Count { failed: 1, ..Count::default() }), None);
        assert_eq!(
            verdict(&spec, Count { failed: 2, ..Count::default() }),
            Some("BackoffLimitExceeded")
        );
    }

    #[test]
    fn restarts_count_when_the_containers_restart_themselves() {
        let spec = json!({"completions": 1, "backoffLimit": 2, "template": {"spec": {"restartPolicy": "OnFailure"}}});
        assert_eq!(verdict(&spec, Count { active: 1, restarts: 1, ..Count::default() }), None);
        assert_eq!(
            verdict(&spec, Count { active: 1, restarts: 2, ..Count::default() }),
            Some("BackoffLimitExceeded")
        );
    }

    #[test]
    fn what_was_announced_stays() {
        let job = json!({
            "spec": {"completions": 1},
            "status": {"conditions": [{"type": "FailureTarget", "status": "True", "reason": "DeadlineExceeded"}]},
        });
        assert_eq!(of(&job, &Count { succeeded: 1, ..Count::default() }), Some(DEADLINE));
    }
}
