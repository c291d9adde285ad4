//! From what a diagnosis finds to a step that is held, or fails with the way to mend it.

use std::time::Instant;

use k8s_openapi::api::core::v1::{Event, Pod};
use kube::api::LogParams;

use crate::model::{Failure, ObjectRef, Progress};
use crate::world::Cluster;

use super::act::Act;
use super::diagnose::{
    Finding, Owner, Patience, PullRefusal, PullSecrets, Trouble, diagnose, fix, registry_of,
};
use super::secrets::pull_secrets;

/// How many lines of a crashed container's log go into a failure.
const LOG_LINES: i64 = 20;

/// Keeps an eye on the pods of a workload or Job.
pub(super) struct TroubleWatch<'a> {
    act: Act<'a>,
    object: ObjectRef,
    patience: Patience,
    secrets: Option<(String, PullSecrets)>,
}

impl<'a> TroubleWatch<'a> {
    pub(super) fn new(act: Act<'a>, object: ObjectRef) -> Self {
        Self { act, object, patience: Patience::default(), secrets: None }
    }

    /// What holds the pods, as progress; the failure when it has lasted for too long.
    pub(super) async fn judge(
        &mut self,
        pods: &[Pod],
        refused: Option<Finding>,
    ) -> Result<Option<Progress>, Failure> {
        let events = self.events(pods).await;
        let mut findings: Vec<Finding> = refused.into_iter().collect();
        findings.extend(diagnose(pods, &events));
        let Some(worst) = findings.first().cloned() else { return Ok(None) };
        let overdue = self.patience.exhausted(&findings, Instant::now()).cloned();
        let overdue = overdue.filter(|finding| !self.is_the_jobs_affair(finding));
        let told = overdue.as_ref().unwrap_or(&worst);
        let fix = self.fix(told, pods).await;
        match overdue {
            None => Ok(Some(worst.to_progress(fix))),
            Some(mut finding) => {
                finding.causes.extend(self.last_words(&finding).await);
                Err(finding.into_failure(&self.object.to_string(), fix))
            }
        }
    }

    /// A Job counts its containers' ends against its `backoffLimit`, and gives up by itself.
    fn is_the_jobs_affair(&self, finding: &Finding) -> bool {
        self.object.kind == "Job" && matches!(finding.trouble, Trouble::CrashLoop { .. })
    }

    /// The events of pods that are not ready. Without the permission to read events the statuses must do.
    async fn events(&self, pods: &[Pod]) -> Vec<Event> {
        const LOOKED_AT: usize = 5;
        let mut all = Vec::new();
        for pod in pods.iter().filter(|pod| !is_ready(pod)).take(LOOKED_AT) {
            let name = pod.metadata.name.as_deref().unwrap_or_default();
            all.extend(self.act.cluster().events_of("Pod", name).await.unwrap_or_default());
        }
        all
    }

    async fn fix(&mut self, finding: &Finding, pods: &[Pod]) -> Option<crate::model::Fix> {
        let account = pods
            .iter()
            .find_map(|pod| pod.spec.as_ref()?.service_account_name.clone())
            .unwrap_or_else(|| "default".to_owned());
        let owner = Owner {
            object: self.object.clone(),
            namespace: self.act.cluster().namespace().to_owned(),
            service_account: account,
        };
        let secrets = match &finding.trouble {
            Trouble::ImagePull { image, refusal: PullRefusal::Denied, named, .. } => {
                self.secrets(image, named).await
            }
            _ => PullSecrets::default(),
        };
        fix(finding, &owner, &secrets)
    }

    async fn secrets(&mut self, image: &str, named: &[String]) -> PullSecrets {
        let registry = registry_of(image);
        if let Some((known, found)) = &self.secrets
            && known == registry
        {
            return found.clone();
        }
        let found = pull_secrets(self.act.world, registry, named).await;
        self.secrets = Some((registry.to_owned(), found.clone()));
        found
    }

    /// What a crashed container wrote before it ended.
    async fn last_words(&self, finding: &Finding) -> Vec<String> {
        let (Trouble::CrashLoop { .. }, Some(container)) = (&finding.trouble, &finding.container)
        else {
            return Vec::new();
        };
        let pod = finding.object.trim_start_matches("pod/");
        let cluster = self.act.cluster();
        match tail(cluster, pod, Some(container), true, LOG_LINES).await {
            Ok(lines) if !lines.is_empty() => lines,
            _ => tail(cluster, pod, Some(container), false, LOG_LINES).await.unwrap_or_default(),
        }
    }
}

/// The last lines of a container's log.
pub(super) async fn tail(
    cluster: &Cluster,
    pod: &str,
    container: Option<&str>,
    previous: bool,
    lines: i64,
) -> Result<Vec<String>, kube::Error> {
    let params = LogParams {
        container: container.map(ToOwned::to_owned),
        previous,
        tail_lines: Some(lines),
        ..LogParams::default()
    };
    let text = cluster.api::<Pod>().logs(pod, &params).await?;
    Ok(text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .map(ToOwned::to_owned)
        .collect())
}

pub(super) fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
