//! Waiting until no pod of a workload is left.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Pod;

use crate::action::act::{Act, seen};
use crate::action::wait::{Halt, Seen, Wakes, Watched, until};
use crate::model::{Evidence, Failure, Fix, Progress, Workload};

/// Waits until the workload owns no pod any more, those in `Terminating` included: a process may write until its last moment.
pub(in crate::action) async fn pods_gone(
    act: Act<'_>,
    workload: &Workload,
) -> Result<Evidence, Failure> {
    let wakes = Wakes::new().on::<Pod>(act.cluster(), &selector(act, workload).await);
    until(act, wakes, Leaving { act, workload }).await
}

async fn selector(act: Act<'_>, workload: &Workload) -> String {
    let cluster = act.cluster();
    let selector = match workload {
        Workload::Deployment(name) => {
            let found = cluster.get::<Deployment>(name).await.ok().flatten();
            found.and_then(|one| one.spec).map(|spec| spec.selector)
        }
        Workload::StatefulSet(name) => {
            let found = cluster.get::<StatefulSet>(name).await.ok().flatten();
            found.and_then(|one| one.spec).map(|spec| spec.selector)
        }
    };
    selector.map(|selector| super::crew::query(&selector)).unwrap_or_default()
}

struct Leaving<'a> {
    act: Act<'a>,
    workload: &'a Workload,
}

impl Watched for Leaving<'_> {
    type Out = Evidence;

    fn what(&self) -> String {
        format!("the pods of {} to be gone", self.workload)
    }

    async fn look(&mut self) -> Result<Seen<Evidence>, Halt> {
        if let Some(lag) = self.lag().await? {
            return Ok(Seen::waiting(lag));
        }
        let pods = self.act.cluster().pods_of(self.workload).await?;
        if pods.is_empty() {
            let source = format!("LIST pods owned by {}", self.workload);
            return Ok(Seen::Ready(seen(
                format!("{}: no pod is left", self.workload),
                source,
                vec![],
            )));
        }
        let now = jiff::Timestamp::now();
        let left: Vec<String> = pods.iter().map(|pod| describe(pod, now)).collect();
        let stuck = pods.iter().find(|pod| overdue(pod, now) > 30);
        Ok(Seen::held(Progress {
            message: format!(
                "{}: {} pods are left: {}",
                self.workload,
                pods.len(),
                left.join(", ")
            ),
            fix: stuck.map(|pod| stuck_fix(pod, self.act.cluster().namespace())),
            ..Progress::default()
        }))
    }
}

impl Leaving<'_> {
    /// Until the controller has seen the new count it may still make pods.
    async fn lag(&self) -> Result<Option<String>, Halt> {
        let cluster = self.act.cluster();
        let (generation, observed) = match self.workload {
            Workload::Deployment(name) => {
                let Some(found) = cluster.get::<Deployment>(name).await? else { return Ok(None) };
                (
                    found.metadata.generation,
                    found.status.and_then(|status| status.observed_generation),
                )
            }
            Workload::StatefulSet(name) => {
                let Some(found) = cluster.get::<StatefulSet>(name).await? else { return Ok(None) };
                (
                    found.metadata.generation,
                    found.status.and_then(|status| status.observed_generation),
                )
            }
        };
        let lags = observed.unwrap_or_default() < generation.unwrap_or_default();
        Ok(lags.then(|| format!("{}: the controller has not seen the new count", self.workload)))
    }
}

fn describe(pod: &Pod, now: jiff::Timestamp) -> String {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or("Unknown");
    if pod.metadata.deletion_timestamp.is_none() {
        return format!("{name} ({phase})");
    }
    match overdue(pod, now) {
        late if late > 0 => format!("{name} (Terminating, {late} s past its grace period)"),
        early => format!("{name} (Terminating, {} s of grace left)", -early),
    }
}

/// Seconds since the end of a pod's grace period; the deletion timestamp is that end.
fn overdue(pod: &Pod, now: jiff::Timestamp) -> i64 {
    pod.metadata
        .deletion_timestamp
        .as_ref()
        .map_or(i64::MIN, |at| now.as_second() - at.0.as_second())
}

/// A pod object that outlives its grace period stands for a node that does not answer; its process may still run.
fn stuck_fix(pod: &Pod, namespace: &str) -> Fix {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()).unwrap_or("its node");
    Fix {
        title: format!(
            "pod/{name} outlives its grace period: see whether node `{node}` answers, and delete the pod by force only when that \
             node is known to be off, since its process could write until then"
        ),
        command: Some(format!("kubectl describe pod {name} -n {namespace}")),
        mend: None,
    }
}
