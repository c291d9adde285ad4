//! The world.

use serde::{Deserialize, Serialize};

use super::cluster::{ClusterView, OwnerView, PodView};
use super::focus::LogView;
use super::reading::Reading;
use super::shared::Shared;
use super::side::SideView;
use crate::model::runbook::Runbook;
use crate::model::side::Side;

/// What is seen of the world.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Blue.
    pub blue: SideView,
    /// Green.
    pub green: SideView,
    /// The side that the Service's selector means, where it means one.
    pub serving: Reading<Option<Side>>,
    /// The namespace.
    #[serde(default)]
    pub cluster: ClusterView,
    /// The log that somebody looks at (`Focus::log`).
    #[serde(skip)]
    pub log: Reading<Shared<LogView>>,
}

impl Observed {
    /// The view of a side.
    #[must_use]
    pub const fn side(&self, side: Side) -> &SideView {
        match side {
            Side::Blue => &self.blue,
            Side::Green => &self.green,
        }
    }

    /// The view of a side, to be changed.
    pub const fn side_mut(&mut self, side: Side) -> &mut SideView {
        match side {
            Side::Blue => &mut self.blue,
            Side::Green => &mut self.green,
        }
    }

    /// Whether a side is seen not to be there: its workload does not exist, or does no longer.
    #[must_use]
    pub fn is_absent(&self, runbook: &Runbook, side: Side) -> bool {
        let workload = runbook.store(side).workload.as_ref();
        let reading = workload.and_then(|own| self.cluster.workloads.get(&own.to_string()));
        reading.and_then(Reading::fresh).is_some_and(Option::is_none)
    }

    /// The pod that has an address. One on its node's network shares the node's, so that the address names none.
    #[must_use]
    pub fn pod_at(&self, address: &str) -> Option<(&str, &PodView)> {
        let pods = self.cluster.pods.value()?;
        let mut at = pods.iter().filter(|(_, pod)| pod.addresses.iter().any(|one| one == address));
        let living = |pod: &PodView| !matches!(pod.phase.as_str(), "Succeeded" | "Failed");
        let found = at.clone().find(|(_, pod)| living(pod)).or_else(|| at.next())?;
        Some((found.0.as_str(), found.1))
    }

    /// What has gone wrong with the newest pod that an owner made, where something has: the diagnosis of a Job or workload.
    #[must_use]
    pub fn trouble_of(&self, kind: &str, name: &str) -> Option<(&str, &PodView)> {
        let pods = self.cluster.pods.value()?;
        let is_its = |owner: &OwnerView| owner.kind == kind && owner.name == name;
        let its = pods.iter().filter(|(_, pod)| pod.owner.as_ref().is_some_and(is_its));
        let newest = its.max_by_key(|(_, pod)| pod.created)?;
        newest.1.reason.is_some().then_some((newest.0.as_str(), newest.1))
    }
}
