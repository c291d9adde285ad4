//! Gates about what the cluster runs: pods, claims, Jobs.

use crate::model::fact::{ClaimFact, JobFact, PodFact, WorkloadFact};
use crate::model::verb::Workload;

use super::finding::{Finding, names};

pub(super) fn gone(workload: &Workload, fact: &WorkloadFact) -> Finding {
    let details = fact.pods.iter().map(line);
    if !fact.pods.is_empty() {
        let pods = names(fact.pods.iter().map(|pod| pod.name.clone()));
        let leaving =
            if fact.pods.iter().all(|pod| pod.terminating) { ", all on their way out" } else { "" };
        return Finding::held(format!("{workload} still has pods: {pods}{leaving}"))
            .details(details);
    }
    if fact.exists && fact.wanted > 0 {
        return Finding::held(format!("{workload} has no pods, but wants {}", fact.wanted))
            .by("scale it to 0", format!("kubectl scale {workload} --replicas=0"));
    }
    if fact.exists && !fact.observed {
        return Finding::held(format!(
            "the controller has not seen the newest state of {workload} yet"
        ));
    }
    Finding::open(if fact.exists {
        format!("{workload} has no pods and wants none")
    } else {
        format!("{workload} does not exist, and no pod of it is left")
    })
}

pub(super) fn ready(workload: &Workload, fact: &WorkloadFact) -> Finding {
    let details = fact.pods.iter().map(line);
    let WorkloadFact { wanted, updated, ready, .. } = *fact;
    if !fact.exists {
        return Finding::held(format!("{workload} does not exist"));
    }
    if !fact.observed {
        return Finding::held(format!(
            "the controller has not seen the newest state of {workload} yet"
        ))
        .details(details);
    }
    if wanted == 0 {
        return Finding::held(format!("{workload} wants no pods"))
            .by("scale it up", format!("kubectl scale {workload} --replicas=1"));
    }
    if updated < wanted || ready < wanted {
        let held = Finding::held(format!(
            "{workload} has {ready} of {wanted} pods ready, {updated} of its newest template"
        ));
        return held.details(details);
    }
    // A pod of an older template that has not gone yet still answers.
    let old = fact.pods.iter().filter(|pod| !pod.terminating).count();
    if old > wanted as usize {
        return Finding::held(format!("{workload} still has pods of an older template"))
            .details(details);
    }
    Finding::open(format!("{workload} has {ready} of {wanted} pods ready")).details(details)
}

fn line(pod: &PodFact) -> String {
    let PodFact { name, state, .. } = pod;
    format!("pod/{name}: {state}")
}

pub(super) fn bound(claim: &str, fact: Option<&ClaimFact>) -> Finding {
    let Some(fact) = fact else {
        return Finding::held(format!("claim `{claim}` does not exist"));
    };
    let event = fact.event.clone();
    match fact.phase.as_str() {
        "Bound" => {
            let volume = fact.volume.as_deref().unwrap_or("a volume");
            Finding::open(format!("claim `{claim}` is bound to `{volume}`"))
        }
        "Pending" if fact.waits_for_consumer => {
            Finding::open(format!("claim `{claim}` waits for its first pod, as its class says"))
        }
        "Lost" => Finding::held(format!("claim `{claim}` has lost its volume")).details(event),
        phase => Finding::held(format!("claim `{claim}` is {phase}")).details(event),
    }
}

pub(super) fn succeeded(job: &str, fact: Option<&JobFact>) -> Finding {
    let Some(fact) = fact else {
        return Finding::held(format!("job `{job}` does not exist"));
    };
    let JobFact { active, succeeded, failures, .. } = fact;
    let counts = format!("{active} pods active, {succeeded} succeeded, {failures} failed");
    match &fact.failed {
        Some(reason) => Finding::held(format!("job `{job}` failed: {reason}")).details([counts]),
        None if fact.complete => {
            Finding::open(format!("job `{job}` is complete")).details([counts])
        }
        None => Finding::held(format!("job `{job}` is not complete yet")).details([counts]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Opening;

    fn deployment() -> Workload {
        Workload::Deployment("api".into())
    }

    fn pod(name: &str, terminating: bool) -> PodFact {
        PodFact { name: name.into(), ready: !terminating, terminating, state: "Running".into() }
    }

    fn fact(wanted: u32, ready: u32, updated: u32, pods: Vec<PodFact>) -> WorkloadFact {
        WorkloadFact { exists: true, wanted, observed: true, updated, ready, pods }
    }

    #[test]
    fn pods_are_gone_when_none_is_left_and_none_is_wanted() {
        let gone = |fact: WorkloadFact| gone(&deployment(), &fact);
        assert_eq!(gone(fact(0, 0, 0, vec![])).opening, Opening::Open);
        assert_eq!(gone(WorkloadFact::default()).opening, Opening::Open);
        assert_eq!(gone(fact(1, 0, 0, vec![])).opening, Opening::Held);
        assert_eq!(
            gone(WorkloadFact { observed: false, ..fact(0, 0, 0, vec![]) }).opening,
            Opening::Held
        );
        let leaving = gone(fact(0, 0, 0, vec![pod("api-1", true)]));
        assert_eq!(leaving.summary, "deployment/api still has pods: api-1, all on their way out");
    }

    #[test]
    fn pods_are_ready_when_the_newest_generation_is_and_nothing_older_is_left() {
        let ready = |fact: WorkloadFact| ready(&deployment(), &fact).opening;
        assert_eq!(ready(fact(1, 1, 1, vec![pod("a", false)])), Opening::Open);
        assert_eq!(ready(fact(1, 1, 1, vec![pod("a", false), pod("old", true)])), Opening::Open);
        assert_eq!(ready(fact(1, 1, 1, vec![pod("a", false), pod("old", false)])), Opening::Held);
        assert_eq!(ready(fact(2, 1, 2, vec![])), Opening::Held);
        assert_eq!(ready(fact(1, 1, 0, vec![])), Opening::Held);
        assert_eq!(ready(fact(0, 0, 0, vec![])), Opening::Held);
        assert_eq!(ready(WorkloadFact { observed: false, ..fact(1, 1, 1, vec![]) }), Opening::Held);
        assert_eq!(ready(WorkloadFact::default()), Opening::Held);
    }

    #[test]
    fn a_claim_may_wait_for_its_first_pod() {
        let claim = |phase: &str, waits| ClaimFact {
            phase: phase.into(),
            volume: None,
            waits_for_consumer: waits,
            event: Some("ProvisioningFailed: quota exceeded".into()),
        };
        assert_eq!(bound("data", Some(&claim("Bound", false))).opening, Opening::Open);
        assert_eq!(bound("data", Some(&claim("Pending", true))).opening, Opening::Open);
        let held = bound("data", Some(&claim("Pending", false)));
        assert_eq!(
            (held.opening, held.details),
            (Opening::Held, vec!["ProvisioningFailed: quota exceeded".into()])
        );
        assert_eq!(bound("data", None).opening, Opening::Held);
    }

    #[test]
    fn a_job_succeeded_only_when_it_is_complete() {
        let job = |complete, failed: Option<&str>| JobFact {
            complete,
            failed: failed.map(str::to_owned),
            active: 0,
            succeeded: 0,
            failures: 0,
        };
        assert_eq!(succeeded("dump", Some(&job(true, None))).opening, Opening::Open);
        assert_eq!(succeeded("dump", Some(&job(false, None))).opening, Opening::Held);
        let failed = succeeded("dump", Some(&job(false, Some("BackoffLimitExceeded"))));
        assert_eq!(failed.summary, "job `dump` failed: BackoffLimitExceeded");
        assert_eq!(succeeded("dump", None).opening, Opening::Held);
    }
}
