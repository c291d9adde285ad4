//! Waiting until a workload runs what its template says.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Pod;

use crate::action::act::{Act, seen};
use crate::action::trouble::TroubleWatch;
use crate::action::wait::{Halt, Seen, Wakes, Watched, until};
use crate::model::{Evidence, Failure, FailureKind, Workload};

use super::crew::Crew;
use super::status::Rollout;

/// Waits until a workload runs its newest template with all pods available. Fails early when its pods cannot get there.
pub(in crate::action) async fn settled(
    act: Act<'_>,
    workload: &Workload,
) -> Result<Evidence, Failure> {
    let cluster = act.cluster();
    let selector = match Crew::read(cluster, workload).await {
        Ok(Some(crew)) => crew.selector,
        Ok(None) => return Err(missing(workload)),
        Err(error) if error.is_transient() => String::new(),
        Err(error) => return Err(error.into()),
    };
    let wakes = Wakes::new().on::<Pod>(cluster, &selector);
    let wakes = match workload {
        Workload::Deployment(_) => wakes.on::<Deployment>(cluster, ""),
        Workload::StatefulSet(_) => wakes.on::<StatefulSet>(cluster, ""),
    };
    let troubles = TroubleWatch::new(act, workload.object());
    until(act, wakes, Settling { act, workload, troubles }).await
}

fn missing(workload: &Workload) -> Failure {
    Failure::new(FailureKind::Refused, format!("{workload} does not exist"))
}

struct Settling<'a> {
    act: Act<'a>,
    workload: &'a Workload,
    troubles: TroubleWatch<'a>,
}

impl Watched for Settling<'_> {
    type Out = Evidence;

    fn what(&self) -> String {
        format!("{} to be rolled out", self.workload)
    }

    async fn look(&mut self) -> Result<Seen<Evidence>, Halt> {
        let Some(crew) = Crew::read(self.act.cluster(), self.workload).await? else {
            return Err(missing(self.workload).into());
        };
        let (waiting, failed) = match crew.rollout {
            Rollout::Done(text) => {
                let summary = format!("{}: {text}", self.workload);
                let source = format!("GET {}", self.workload);
                return Ok(Seen::Ready(seen(summary, source, Vec::new())));
            }
            Rollout::Waiting(text) => (text, None),
            Rollout::Failed(kind, text) => (text.clone(), Some((kind, text))),
        };
        let held = self.troubles.judge(&crew.pods, crew.refused).await?;
        match (failed, held) {
            (Some((kind, text)), held) => {
                let mut failure = Failure::new(kind, format!("{}: {text}", self.workload));
                if let Some(held) = held {
                    failure = failure.because(held.message);
                    failure.fix = held.fix;
                }
                Err(failure.into())
            }
            (None, Some(held)) => Ok(Seen::held(held)),
            (None, None) => Ok(Seen::waiting(format!("{}: {waiting}", self.workload))),
        }
    }
}
