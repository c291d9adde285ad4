//! The status of a Deployment, with the reasons that `kubectl rollout status` reads.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::pods::{condition, number, seconds, set_condition};
use super::super::runner::Next;
use super::plan::Room;
use crate::lab::cluster::meta;

/// The numbers of a Deployment's `ReplicaSets`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) replicas: i64,
    pub(super) updated: i64,
    pub(super) ready: i64,
    pub(super) available: i64,
}

impl Tally {
    pub(super) fn of(new: Option<&Value>, all: &[Value]) -> Self {
        let sum = |pointer: &str| all.iter().map(|set| number(set, pointer).unwrap_or(0)).sum();
        Self {
            replicas: sum("/status/replicas"),
            updated: new.and_then(|set| number(set, "/status/replicas")).unwrap_or(0),
            ready: sum("/status/readyReplicas"),
            available: sum("/status/availableReplicas"),
        }
    }

    fn in_status(status: &Value) -> Self {
        let of = |pointer: &str| number(status, pointer).unwrap_or(0);
        Self {
            replicas: of("/replicas"),
            updated: of("/updatedReplicas"),
            ready: of("/readyReplicas"),
            available: of("/availableReplicas"),
        }
    }
}

/// What a Deployment is about to become.
pub(super) struct Fresh<'a> {
    pub(super) deployment: &'a Value,
    pub(super) wanted: i64,
    pub(super) tally: Tally,
    pub(super) new: Option<&'a Value>,
    /// `NewReplicaSetCreated` or `FoundNewReplicaSet`, when that just happened.
    pub(super) news: Option<&'static str>,
}

/// The next status, and when to look again for the sake of the deadline.
pub(super) fn next(fresh: &Fresh<'_>) -> (Value, Next) {
    let old = &fresh.deployment["status"];
    let tally = fresh.tally;
    let mut status = json!({"observedGeneration": fresh.deployment["metadata"]["generation"]});
    let unavailable = (fresh.wanted.max(tally.replicas) - tally.available).max(0);
    let numbers = [
        ("replicas", tally.replicas),
        ("updatedReplicas", tally.updated),
        ("readyReplicas", tally.ready),
        ("availableReplicas", tally.available),
        ("unavailableReplicas", unavailable),
    ];
    for (key, value) in numbers.into_iter().filter(|(_, value)| *value > 0) {
        status[key] = value.into();
    }
    for kept in ["conditions", "collisionCount"] {
        if let Some(value) = old.get(kept) {
            status[kept] = value.clone();
        }
    }
    set_condition(&mut status, available(fresh));
    let again = progress(fresh, &mut status);
    (status, again)
}

fn available(fresh: &Fresh<'_>) -> Value {
    let room = Room::of(fresh.deployment, fresh.wanted);
    let recreated = fresh.deployment["spec"]["strategy"]["type"] == "Recreate";
    let least = if recreated { fresh.wanted } else { fresh.wanted - room.unavailable };
    let (status, reason, message) = if fresh.tally.available >= least {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    json!({"type": "Available", "status": status, "lastUpdateTime": update_time(fresh, "Available", status, reason), "reason": reason, "message": message})
}

/// Complete, progressing, or past its deadline; a paused one is not judged.
fn progress(fresh: &Fresh<'_>, status: &mut Value) -> Next {
    let deadline = seconds(fresh.deployment, "/spec/progressDeadlineSeconds")
        .unwrap_or(Duration::from_secs(600));
    let name = fresh.new.map_or_else(|| meta::name(fresh.deployment), meta::name);
    let what = if fresh.new.is_some() { "ReplicaSet" } else { "Deployment" };
    if let Some(news) = fresh.news {
        let verb = if news == "NewReplicaSetCreated" { "Created" } else { "Found" };
        put(fresh, status, "True", news, &format!("{verb} new replica set {name:?}"));
    }
    if is_complete(fresh) {
        put(
            fresh,
            status,
            "True",
            "NewReplicaSetAvailable",
            &format!("{what} {name:?} has successfully progressed."),
        );
        return Next::OnChange;
    }
    if made_progress(fresh) {
        put(
            fresh,
            status,
            "True",
            "ReplicaSetUpdated",
            &format!("{what} {name:?} is progressing."),
        );
        return Next::After(deadline);
    }
    let Some(current) = condition(&json!({"status": status}), "Progressing").cloned() else {
        return Next::OnChange;
    };
    if fresh.deployment["spec"]["paused"] == true || current["reason"] == "NewReplicaSetAvailable" {
        return Next::OnChange;
    }
    let since: Option<Timestamp> = meta::text(&current, "/lastUpdateTime").parse().ok();
    let waited = since
        .and_then(|since| Duration::try_from(Timestamp::now().duration_since(since)).ok())
        .unwrap_or_default();
    if waited < deadline {
        return Next::After(deadline.saturating_sub(waited) + Duration::from_millis(100));
    }
    put(
        fresh,
        status,
        "False",
        "ProgressDeadlineExceeded",
        &format!("{what} {name:?} has timed out progressing."),
    );
    Next::OnChange
}

fn is_complete(fresh: &Fresh<'_>) -> bool {
    let tally = fresh.tally;
    tally.updated == fresh.wanted
        && tally.replicas == fresh.wanted
        && tally.available == fresh.wanted
        && fresh.new.is_some()
}

fn made_progress(fresh: &Fresh<'_>) -> bool {
    let (old, new) = (Tally::in_status(&fresh.deployment["status"]), fresh.tally);
    let old_sets = |tally: Tally| tally.replicas - tally.updated;
    new.updated > old.updated
        || old_sets(new) < old_sets(old)
        || new.ready > old.ready
        || new.available > old.available
}

fn put(fresh: &Fresh<'_>, status: &mut Value, value: &str, reason: &str, message: &str) {
    let fresh_time = reason == "ReplicaSetUpdated";
    let time = if fresh_time {
        meta::now().into()
    } else {
        update_time(fresh, "Progressing", value, reason)
    };
    set_condition(
        status,
        json!({"type": "Progressing", "status": value, "lastUpdateTime": time, "reason": reason, "message": message}),
    );
}

/// The former time as long as neither status nor reason changed.
fn update_time(fresh: &Fresh<'_>, kind: &str, status: &str, reason: &str) -> Value {
    let old = condition(fresh.deployment, kind)
        .filter(|old| old["status"] == status && old["reason"] == reason);
    old.map_or_else(|| meta::now().into(), |old| old["lastUpdateTime"].clone())
}
