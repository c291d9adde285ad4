//! `restart`: a mark in the pod template, and a wait until it is rolled out.
//!
//! The mark holds run, step and attempt and not a time, so that a restart that is taken up again after a crash is the same
//! restart.
//!
//! Calls: `get`, `patch` `deployments.apps` or `statefulsets.apps`; and those of [`rollout`](super::rollout).

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::model::{Failure, Outcome, Workload};
use crate::world::Call;

use super::act::{Act, outcome};
use super::mark::MANAGER;
use super::rollout::settled;

const RESTART: &str = "pgcutover.io/restarted-by";

/// Marks the template, and waits.
pub(super) async fn perform(act: Act<'_>, workload: &Workload) -> Result<Outcome, Failure> {
    let mark = act.mark();
    let by = format!("{}/{}/{}", mark.run, mark.step, mark.attempt);
    let body =
        json!({ "spec": { "template": { "metadata": { "annotations": { RESTART: by } } } } });
    act.tell(format!("restarting {workload}"));
    patch(act, workload, &body).await?;
    let evidence = settled(act, workload).await?;
    Ok(outcome(format!("{workload} restarted"), vec![evidence], Value::Null))
}

async fn patch(act: Act<'_>, workload: &Workload, body: &Value) -> Result<(), Failure> {
    let (cluster, name) = (act.cluster(), workload.name());
    let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
    let patch = Patch::Strategic(body);
    let (resource, patched) = match workload {
        Workload::Deployment(_) => {
            let api = cluster.api::<Deployment>();
            ("deployments.apps", api.patch(name, &params, &patch).await.map(|_| ()))
        }
        Workload::StatefulSet(_) => {
            let api = cluster.api::<StatefulSet>();
            ("statefulsets.apps", api.patch(name, &params, &patch).await.map(|_| ()))
        }
    };
    patched.map_err(|error| act.explain(Call::new("patch", resource).named(name), error).into())
}
