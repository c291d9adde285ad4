//! The workloads that the runbook names.

use std::collections::BTreeSet;

use futures::future::join_all;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use kube::api::ListParams;

use crate::model::{Observed, Reading, Runbook, Side, Workload, WorkloadView};

use super::follow::{Seen, follow};
use super::objects::{Post, show};
use super::pod::one_line;

/// Follows each of them by its name: the printed Role allows no more.
pub(in crate::observe::watch) async fn workloads(post: Post, book: &Runbook) {
    let all: BTreeSet<Workload> = book.workloads();
    join_all(all.into_iter().map(|workload| one(post.clone(), book, workload))).await;
}

async fn one(post: Post, book: &Runbook, workload: Workload) {
    let Post { cluster, board, beats } = post;
    let params = ListParams::default().fields(&format!("metadata.name={}", workload.name()));
    let shown = |seen: Seen<WorkloadView>| {
        board.change(|observed| put(observed, book, &workload, seen));
    };
    match &workload {
        Workload::Deployment(_) => follow(&cluster, &params, beats, deployment, shown).await,
        Workload::StatefulSet(_) => follow(&cluster, &params, beats, stateful_set, shown).await,
    }
}

fn put(observed: &mut Observed, book: &Runbook, workload: &Workload, seen: Seen<WorkloadView>) {
    let reading = observed.cluster.workloads.entry(workload.to_string()).or_default();
    show(reading, seen, |all| all.get(workload.name()).cloned());
    let pods = counts(workload, reading);
    for side in Side::BOTH {
        if book.store(side).workload.as_ref() == Some(workload) {
            observed.side_mut(side).pods = pods.clone();
        }
    }
}

/// Ready and wanted pods.
fn counts(workload: &Workload, reading: &Reading<Option<WorkloadView>>) -> Reading<(u32, u32)> {
    let of = |view: &WorkloadView| (view.ready, view.wanted);
    match reading {
        Reading::Unknown { why } => Reading::Unknown { why: why.clone() },
        Reading::Fresh { value: None, .. } | Reading::Stale { value: None, .. } => {
            Reading::unknown(format!("{workload} does not exist"))
        }
        Reading::Fresh { value: Some(view), at } => Reading::Fresh { value: of(view), at: *at },
        Reading::Stale { value: Some(view), at, why } => {
            Reading::Stale { value: of(view), at: *at, why: why.clone() }
        }
    }
}

fn number(count: Option<i32>) -> u32 {
    count.unwrap_or_default().unsigned_abs()
}

/// The controller has not looked at the newest spec.
fn is_behind(observed: Option<i64>, generation: Option<i64>) -> bool {
    observed.unwrap_or_default() < generation.unwrap_or_default()
}

fn images(template: PodTemplateSpec) -> Vec<String> {
    let containers = template.spec.map(|spec| spec.containers).unwrap_or_default();
    containers.into_iter().filter_map(|container| container.image).collect()
}

fn deployment(object: Deployment) -> WorkloadView {
    let (spec, status) = (object.spec.unwrap_or_default(), object.status.unwrap_or_default());
    let conditions = status.conditions.unwrap_or_default();
    let trouble = conditions.iter().find(|one| match one.type_.as_str() {
        "ReplicaFailure" => one.status == "True",
        "Progressing" => one.status == "False",
        _ => false,
    });
    WorkloadView {
        wanted: spec.replicas.unwrap_or(1).unsigned_abs(),
        updated: number(status.updated_replicas),
        ready: number(status.ready_replicas),
        replicas: number(status.replicas),
        behind: is_behind(status.observed_generation, object.metadata.generation),
        reason: trouble.map(|one| {
            let reason = one.reason.as_deref().unwrap_or(&one.type_);
            one_line(&format!("{reason}: {}", one.message.as_deref().unwrap_or_default()))
        }),
        images: images(spec.template),
    }
}

fn stateful_set(object: StatefulSet) -> WorkloadView {
    let (spec, status) = (object.spec.unwrap_or_default(), object.status.unwrap_or_default());
    WorkloadView {
        wanted: spec.replicas.unwrap_or(1).unsigned_abs(),
        updated: number(status.updated_replicas),
        ready: number(status.ready_replicas),
        replicas: status.replicas.unsigned_abs(),
        behind: is_behind(status.observed_generation, object.metadata.generation),
        reason: None,
        images: images(spec.template),
    }
}
