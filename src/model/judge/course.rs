//! Gates about the run itself: its rights, its window, its budget, its soaks.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::fact::Grant;
use crate::model::id::StepId;
use crate::model::spelled::spelled;
use crate::model::state::StepStatus;

use super::finding::{Finding, names};

pub(super) fn privileges(grants: &[Grant]) -> Finding {
    let denied: Vec<_> = grants.iter().filter(|grant| grant.granted == Some(false)).collect();
    let unknown: Vec<_> = grants.iter().filter(|grant| grant.granted.is_none()).collect();
    if !denied.is_empty() {
        let fixes: Vec<String> = denied.iter().filter_map(|grant| grant.fix.clone()).collect();
        let finding = Finding::held(format!(
            "not permitted: {}",
            names(denied.iter().map(|grant| grant.what.clone()))
        ))
        .details(denied.iter().map(|grant| format!("missing: {}", grant.what)));
        let title = "grant what is missing; `pgcutover plan PROFILE -o rbac` prints the Role";
        return if fixes.is_empty() {
            finding.fix(Some(title.to_owned()))
        } else {
            finding.by(title, fixes.join("\n"))
        };
    }
    if !unknown.is_empty() {
        let what = names(unknown.iter().map(|grant| grant.what.clone()));
        return Finding::unknown(format!(
            "it could not be asked whether this is permitted: {what}"
        ));
    }
    Finding::open(format!("all {} permissions that the runbook needs are granted", grants.len()))
}

pub(super) fn window(
    opens: Option<Timestamp>,
    closes: Option<Timestamp>,
    now: Timestamp,
) -> Finding {
    match (opens, closes) {
        (Some(opens), _) if now < opens => {
            Finding::held(format!("the maintenance window opens at {opens}"))
        }
        (_, Some(closes)) if now >= closes => {
            Finding::held(format!("the maintenance window closed at {closes}"))
        }
        (_, Some(closes)) => {
            Finding::open(format!("the maintenance window is open until {closes}"))
        }
        (Some(_), None) => Finding::open("the maintenance window is open"),
        (None, None) => Finding::open("the profile sets no maintenance window"),
    }
}

pub(super) fn budget(stopped: Duration, budget: Duration) -> Finding {
    let all = spelled(budget);
    if stopped < budget {
        return Finding::open(format!("writes may be stopped for {all}"))
            .details([format!("stopped for {} s so far", stopped.as_secs())]);
    }
    Finding::held(format!("writes were stopped for the whole budget of {all}"))
}

pub(super) fn soaked(step: &StepId, status: StepStatus) -> Finding {
    match status {
        StepStatus::Done => Finding::open(format!("`{step}` held for its time")),
        StepStatus::Skipped => Finding::held(format!("`{step}` was skipped")),
        StepStatus::Running => Finding::held(format!("`{step}` still holds")),
        _ => Finding::held(format!("`{step}` has not held for its time")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Opening;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_window_is_open_from_its_first_moment_to_before_its_last() {
        let open = |now| window(Some(at(10)), Some(at(20)), at(now)).opening == Opening::Open;
        assert_eq!([9, 10, 19, 20].map(open), [false, true, true, false]);
        assert_eq!(window(None, None, at(0)).opening, Opening::Open);
    }

    #[test]
    fn the_budget_ends_at_its_last_second() {
        let seconds = Duration::from_secs;
        assert_eq!(budget(seconds(599), seconds(600)).opening, Opening::Open);
        assert_eq!(budget(seconds(600), seconds(600)).opening, Opening::Held);
    }

    #[test]
    fn a_missing_grant_is_named_with_what_grants_it() {
        let grant = |what: &str, granted| Grant {
            what: what.into(),
            granted,
            fix: Some(format!("GRANT {what}")),
        };
        assert_eq!(privileges(&[grant("a", Some(true))]).opening, Opening::Open);
        assert_eq!(
            privileges(&[grant("a", Some(true)), grant("b", None)]).opening,
            Opening::Unknown
        );
        let held = privileges(&[grant("a", Some(false)), grant("b", None)]);
        assert_eq!(held.opening, Opening::Held);
        assert_eq!(held.fix.unwrap().command.unwrap(), "GRANT a");
    }

    #[test]
    fn a_skipped_soak_is_not_a_soak() {
        let step = StepId::new("soak");
        assert_eq!(soaked(&step, StepStatus::Done).opening, Opening::Open);
        assert_eq!(soaked(&step, StepStatus::Skipped).opening, Opening::Held);
    }
}
