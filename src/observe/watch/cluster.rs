//! Watches the cluster: the sides' workloads, the Service's selector, the Jobs.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Service;
use kube::ResourceExt;
use kube::api::ListParams;

use crate::model::{JobStatus, JobView, Side, Traffic, Workload};
use crate::world::{Cluster, Namespaced, WorldError};

use super::board::{Board, HEARTBEAT, fresh, miss};

/// Follows objects for ever and shows what is seen after each change; when nothing changes it looks from time to time, so
/// that a watch that died without a word is noticed.
async fn follow<K: Namespaced>(
    cluster: &Cluster,
    params: ListParams,
    mut show: impl FnMut(Result<Vec<K>, WorldError>),
) {
    let mut changes = std::pin::pin!(cluster.follow_with::<K>(&params));
    loop {
        let seen = tokio::select! {
            Some(seen) = changes.next() => seen,
            () = tokio::time::sleep(HEARTBEAT) => cluster.list_with(&params).await,
        };
        show(seen);
    }
}

fn named(name: &str) -> ListParams {
    ListParams::default().fields(&format!("metadata.name={name}"))
}

/// Ready and wanted pods, as the workload's status and spec have them.
type Counts = (Option<i32>, Option<i32>);

pub(super) async fn pods(cluster: Cluster, side: Side, workload: Workload, board: Arc<Board>) {
    let show = |seen: Result<Option<Counts>, WorldError>| {
        board.side(side, |view| match seen {
            Ok(Some((ready, wanted))) => {
                let number =
                    |count: Option<i32>, absent: i32| count.unwrap_or(absent).unsigned_abs();
                view.pods = fresh((number(ready, 0), number(wanted, 1)));
            }
            Ok(None) => miss(&mut view.pods, &format!("{workload} does not exist")),
            Err(error) => miss(&mut view.pods, &error.to_string()),
        });
    };
    match &workload {
        Workload::Deployment(name) => {
            follow(&cluster, named(name), |seen: Result<Vec<Deployment>, _>| {
                show(seen.map(|all| {
                    all.into_iter().next().map(|one| {
                        let ready = one.status.and_then(|status| status.ready_replicas);
                        (ready, one.spec.and_then(|spec| spec.replicas))
                    })
                }));
            })
            .await;
        }
        Workload::StatefulSet(name) => {
            follow(&cluster, named(name), |seen: Result<Vec<StatefulSet>, _>| {
                show(seen.map(|all| {
                    all.into_iter().next().map(|one| {
                        let ready = one.status.and_then(|status| status.ready_replicas);
                        (ready, one.spec.and_then(|spec| spec.replicas))
                    })
                }));
            })
            .await;
        }
    }
}

pub(super) async fn serving(cluster: Cluster, traffic: Traffic, board: Arc<Board>) {
    follow(&cluster, named(&traffic.service), |seen: Result<Vec<Service>, _>| {
        let seen = seen.map(|all| all.into_iter().next());
        board.change(|observed| match seen {
            Ok(Some(service)) => {
                let selector = service.spec.and_then(|spec| spec.selector).unwrap_or_default();
                let means = |side: &Side| traffic.selector(*side) == &selector;
                observed.serving = fresh(Side::BOTH.into_iter().find(means));
            }
            Ok(None) => {
                miss(
                    &mut observed.serving,
                    &format!("service `{}` does not exist", traffic.service),
                );
            }
            Err(error) => miss(&mut observed.serving, &error.to_string()),
        });
    })
    .await;
}

pub(super) async fn jobs(cluster: Cluster, board: Arc<Board>) {
    follow(&cluster, ListParams::default(), |seen: Result<Vec<Job>, _>| {
        board.change(|observed| match seen {
            Ok(all) => {
                let states: BTreeMap<_, _> =
                    all.iter().map(|job| (job.name_any(), view(job))).collect();
                observed.cluster.jobs = fresh(states.into());
            }
            Err(error) => miss(&mut observed.cluster.jobs, &error.to_string()),
        });
    })
    .await;
}

fn view(job: &Job) -> JobView {
    JobView { status: state(job), ..JobView::default() }
}

fn state(job: &Job) -> JobStatus {
    let conditions = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let holds = |wanted: &str| {
        conditions.clone().any(|condition| condition.type_ == wanted && condition.status == "True")
    };
    match () {
        () if holds("Complete") => JobStatus::Complete,
        () if holds("Failed") => JobStatus::Failed,
        () if holds("Suspended") => JobStatus::Suspended,
        () => JobStatus::Running,
    }
}
