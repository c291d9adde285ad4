//! Pods, claims, Jobs, events, the Service and its endpoints.

use std::sync::Arc;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::ListParams;
use tokio::sync::watch;

use crate::model::{
    ClaimView, ClusterView, EndpointView, EventView, Reading, Shared, Side, Traffic,
};
use crate::observe::watch::board::{Board, fresh};
use crate::world::{Cluster, Namespaced, Views};

use super::beat::Beat;
use super::follow::{Seen, follow};
use super::{job, pod};

/// How many events are shown.
const EVENTS: usize = 200;

/// A watch needs the cluster, somewhere to show, and to know whether the API server answers.
#[derive(Debug, Clone)]
pub(in crate::observe::watch) struct Post {
    pub(in crate::observe::watch) cluster: Cluster,
    pub(in crate::observe::watch) board: Arc<Board>,
    pub(in crate::observe::watch) beats: watch::Receiver<Beat>,
}

/// Shows what was seen as a reading.
pub(super) fn show<V, T>(reading: &mut Reading<T>, seen: Seen<V>, of: impl FnOnce(&Views<V>) -> T) {
    match seen {
        Seen::Views(views) => *reading = fresh(of(&views)),
        Seen::Still(now) => reading.confirm(now),
        Seen::Nothing(why) => reading.miss(why),
    }
}

pub(in crate::observe::watch) async fn pods(post: Post) {
    all(post, |pod: Pod| pod::view(&pod), |cluster| &mut cluster.pods, Views::clone).await;
}

pub(in crate::observe::watch) async fn jobs(post: Post) {
    all(post, |job: Job| job::view(&job), |cluster| &mut cluster.jobs, Views::clone).await;
}

pub(in crate::observe::watch) async fn claims(post: Post) {
    all(post, claim, |cluster| &mut cluster.claims, Views::clone).await;
}

/// Shows all objects of a kind.
async fn all<K: Namespaced, V: Clone + Send + Sync + 'static, T>(
    post: Post,
    view: fn(K) -> V,
    place: fn(&mut ClusterView) -> &mut Reading<T>,
    of: fn(&Views<V>) -> T,
) {
    let Post { cluster, board, beats } = post;
    follow(&cluster, &ListParams::default(), beats, view, |seen| {
        board.change(|observed| show(place(&mut observed.cluster), seen, of));
    })
    .await;
}

fn claim(claim: PersistentVolumeClaim) -> ClaimView {
    let (spec, status) = (claim.spec.unwrap_or_default(), claim.status.unwrap_or_default());
    let asked = spec.resources.and_then(|resources| resources.requests);
    let size = [status.capacity, asked].into_iter().flatten();
    ClaimView {
        phase: status.phase.unwrap_or_else(|| "Pending".to_owned()),
        size: size.filter_map(|mut sizes| sizes.remove("storage")).map(|size| size.0).next(),
        class: spec.storage_class_name,
        volume: spec.volume_name.filter(|name| !name.is_empty()),
    }
}

pub(in crate::observe::watch) async fn events(post: Post) {
    all(post, event, |cluster| &mut cluster.events, latest).await;
}

fn latest(all: &Views<EventView>) -> Shared<Vec<EventView>> {
    let mut events: Vec<&EventView> = all.values().collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events.into_iter().take(EVENTS).cloned().collect::<Vec<_>>().into()
}

/// The two event APIs keep time and number in different fields.
fn event(event: Event) -> EventView {
    let series = event.series.as_ref();
    let last = series.and_then(|series| series.last_observed_time.as_ref()).map(|time| time.0);
    let at = last
        .or(event.event_time.as_ref().map(|time| time.0))
        .or(event.last_timestamp.as_ref().map(|time| time.0))
        .or(event.metadata.creation_timestamp.as_ref().map(|time| time.0));
    let count = series.and_then(|series| series.count).or(event.count).unwrap_or(1);
    let about = &event.involved_object;
    let kind = about.kind.as_deref().unwrap_or_default().to_lowercase();
    EventView {
        at: at.and_then(|at| jiff::Timestamp::from_microsecond(at.as_microsecond()).ok()),
        warning: event.type_.as_deref() == Some("Warning"),
        reason: event.reason.unwrap_or_default(),
        object: format!("{kind}/{}", about.name.as_deref().unwrap_or_default()),
        message: pod::one_line(&event.message.unwrap_or_default()),
        count: count.unsigned_abs(),
    }
}

/// The side that the Service's selector means.
pub(in crate::observe::watch) async fn serving(post: Post, traffic: Traffic) {
    let Post { cluster, board, beats } = post;
    let params = ListParams::default().fields(&format!("metadata.name={}", traffic.service));
    let selector =
        |service: Service| service.spec.and_then(|spec| spec.selector).unwrap_or_default();
    follow(&cluster, &params, beats, selector, |seen| {
        let seen = match seen {
            Seen::Views(all) if !all.contains_key(&traffic.service) => {
                Seen::Nothing(format!("service `{}` does not exist", traffic.service))
            }
            seen => seen,
        };
        board.change(|observed| {
            show(&mut observed.serving, seen, |all| {
                let means =
                    |side: &Side| all.get(&traffic.service) == Some(traffic.selector(*side));
                Side::BOTH.into_iter().find(means)
            });
        });
    })
    .await;
}

/// Where the Service's connections go.
pub(in crate::observe::watch) async fn endpoints(post: Post, traffic: Traffic) {
    let Post { cluster, board, beats } = post;
    let label = format!("kubernetes.io/service-name={}", traffic.service);
    follow(&cluster, &ListParams::default().labels(&label), beats, slice, |seen| {
        board.change(|observed| {
            let ClusterView { endpoints, .. } = &mut observed.cluster;
            show(endpoints, seen, |all| all.values().flatten().cloned().collect::<Vec<_>>().into());
        });
    })
    .await;
}

fn slice(slice: EndpointSlice) -> Vec<EndpointView> {
    let one = |endpoint: k8s_openapi::api::discovery::v1::Endpoint| {
        let conditions = endpoint.conditions.unwrap_or_default();
        EndpointView {
            address: endpoint.addresses.into_iter().next().unwrap_or_default(),
            pod: endpoint.target_ref.and_then(|target| target.name),
            ready: conditions.ready.unwrap_or(true),
            terminating: conditions.terminating.unwrap_or(false),
        }
    };
    slice.endpoints.into_iter().map(one).collect()
}
