//! How far a rollout is, by the rules of `kubectl rollout status`.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};

use crate::model::FailureKind;

/// How far a rollout is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rollout {
    /// The workload runs its newest template with all pods available.
    Done(String),
    /// Not yet.
    Waiting(String),
    /// The controller gave up.
    Failed(FailureKind, String),
}

/// A Deployment's rollout: its newest generation observed, every pod updated and available, no old one left.
pub(super) fn of_deployment(deployment: &Deployment) -> Rollout {
    let generation = deployment.metadata.generation.unwrap_or_default();
    let status = deployment.status.clone().unwrap_or_default();
    if status.observed_generation.unwrap_or_default() < generation {
        return Rollout::Waiting("the controller has not seen the newest generation".to_owned());
    }
    let conditions = status.conditions.unwrap_or_default();
    let expired = conditions.iter().find(|condition| {
        condition.type_ == "Progressing"
            && condition.reason.as_deref() == Some("ProgressDeadlineExceeded")
    });
    if let Some(condition) = expired {
        let text = condition.message.clone().unwrap_or_default();
        return Rollout::Failed(
            FailureKind::DeadlineExceeded,
            format!("ProgressDeadlineExceeded: {text}"),
        );
    }
    let wanted = deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    let count = |number: Option<i32>| number.unwrap_or_default();
    let (all, updated) = (count(status.replicas), count(status.updated_replicas));
    let available = count(status.available_replicas);
    if updated < wanted {
        Rollout::Waiting(format!("{updated} of {wanted} pods have the newest template"))
    } else if all > updated {
        Rollout::Waiting(format!("{} old pods are still there", all - updated))
    } else if available < updated {
        Rollout::Waiting(format!("{available} of {wanted} pods are available"))
    } else {
        Rollout::Done(format!("{available} of {wanted} pods are available"))
    }
}

/// A `StatefulSet`'s rollout. With `OnDelete` its pods keep their revision until somebody deletes them.
pub(super) fn of_stateful_set(set: &StatefulSet) -> Rollout {
    let generation = set.metadata.generation.unwrap_or_default();
    let status = set.status.clone().unwrap_or_default();
    if status.observed_generation.unwrap_or_default() < generation {
        return Rollout::Waiting("the controller has not seen the newest generation".to_owned());
    }
    let spec = set.spec.as_ref();
    let wanted = spec.and_then(|spec| spec.replicas).unwrap_or(1);
    let ready = status.ready_replicas.unwrap_or_default();
    let strategy = spec.and_then(|spec| spec.update_strategy.as_ref());
    let rolls = strategy.and_then(|one| one.type_.as_deref()) != Some("OnDelete");
    let partition = strategy
        .and_then(|one| one.rolling_update.as_ref())
        .and_then(|rolling| rolling.partition)
        .unwrap_or_default();
    let updated = status.updated_replicas.unwrap_or_default();
    let to_update = (wanted - partition).max(0);
    let behind = status.update_revision != status.current_revision;
    if ready < wanted || status.replicas > wanted {
        Rollout::Waiting(format!("{ready} of {wanted} pods are ready"))
    } else if rolls && behind && updated < to_update {
        Rollout::Waiting(format!("{updated} of {to_update} pods have the newest template"))
    } else {
        Rollout::Done(format!("{ready} of {wanted} pods are ready"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn deployment(status: &Value) -> Deployment {
        let object = json!({
            "metadata": { "name": "chronicle-service", "generation": 3 },
            "spec": { "replicas": 2, "selector": {}, "template": {} },
            "status": status,
        });
        serde_json::from_value(object).unwrap()
    }

    #[test]
    fn a_status_of_an_older_generation_says_nothing() {
        let status = json!({ "observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2 });
        assert!(matches!(of_deployment(&deployment(&status)), Rollout::Waiting(_)));
    }

    #[test]
    fn a_deployment_is_done_when_new_pods_are_available_and_old_ones_gone() {
        let status = |replicas, updated, available| json!({ "observedGeneration": 3, "replicas": replicas, "updatedReplicas": updated, "availableReplicas": available });
        let of = |status| of_deployment(&deployment(&status));
        assert_eq!(
            of(status(3, 1, 3)),
            Rollout::Waiting("1 of 2 pods have the newest template".into())
        );
        assert_eq!(of(status(3, 2, 2)), Rollout::Waiting("1 old pods are still there".into()));
        assert_eq!(of(status(2, 2, 1)), Rollout::Waiting("1 of 2 pods are available".into()));
        assert_eq!(of(status(2, 2, 2)), Rollout::Done("2 of 2 pods are available".into()));
    }

    #[test]
    fn a_progress_deadline_ends_the_wait() {
        let status = json!({ "observedGeneration": 3, "conditions": [{
            "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
            "message": "ReplicaSet \"chronicle-service-7c9\" has timed out progressing." }] });
        let Rollout::Failed(kind, text) = of_deployment(&deployment(&status)) else { panic!() };
        assert_eq!(kind, FailureKind::DeadlineExceeded);
        assert!(text.contains("has timed out progressing"));
    }

    #[test]
    fn a_stateful_set_waits_for_its_last_pod() {
        let set = |ready: i32, updated: i32| {
            let object = json!({
                "metadata": { "name": "db", "generation": 1 },
                "spec": { "replicas": 3, "serviceName": "db", "selector": {}, "template": {} },
                "status": { "observedGeneration": 1, "replicas": 3, "readyReplicas": ready, "updatedReplicas": updated,
                            "currentRevision": "db-1", "updateRevision": "db-2" },
            });
            of_stateful_set(&serde_json::from_value(object).unwrap())
        };
        assert!(matches!(set(2, 3), Rollout::Waiting(_)));
        assert!(matches!(set(3, 2), Rollout::Waiting(_)));
        assert!(matches!(set(3, 3), Rollout::Done(_)));
    }
}
