//! The Lease: read, and written with the `resourceVersion` that was read, so that of two writers one is refused.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::ResourceExt;

use crate::model::LeaseRecord;
use crate::world::WorldError;

use super::handle::Cluster;
use super::own::metadata;

const SESSION: &str = "pgcutover.io/session";
const UNMIRRORED: &str = "pgcutover.io/unmirrored";

/// What client-go assumes of a Lease that does not say it.
const USUAL: Duration = Duration::from_secs(15);

impl Cluster {
    /// What a Lease says, or nothing when there is none.
    ///
    /// # Errors
    /// Whatever the API server answers but 404.
    pub async fn lease(&self, name: &str) -> Result<Option<LeaseRecord>, WorldError> {
        Ok(self.get::<Lease>(name).await?.as_ref().map(record))
    }

    /// Writes a Lease: creates it where the record has no version, else replaces the one of that version. It gives back
    /// what stands there now.
    ///
    /// # Errors
    /// `Conflict` or `AlreadyExists` when somebody else was faster; whatever else the API server answers.
    pub async fn write_lease(
        &self,
        name: &str,
        wanted: &LeaseRecord,
    ) -> Result<LeaseRecord, WorldError> {
        self.put(&lease(name, wanted)).await.map(|written| record(&written))
    }
}

fn record(lease: &Lease) -> LeaseRecord {
    let spec = lease.spec.clone().unwrap_or_default();
    let seconds = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
    let note = |name| lease.annotations().get(name).cloned();
    LeaseRecord {
        holder: spec.holder_identity.unwrap_or_default(),
        session: note(SESSION).unwrap_or_default(),
        acquired: spec.acquire_time.map(|time| time.0),
        renewed: spec.renew_time.map(|time| time.0),
        duration: seconds.map_or(USUAL, Duration::from_secs),
        transitions: spec.lease_transitions.and_then(|it| u32::try_from(it).ok()).unwrap_or(0),
        unmirrored: note(UNMIRRORED),
        version: lease.resource_version().unwrap_or_default(),
    }
}

fn lease(name: &str, wanted: &LeaseRecord) -> Lease {
    let notes = [
        (SESSION, Some(wanted.session.clone()).filter(|session| !session.is_empty())),
        (UNMIRRORED, wanted.unmirrored.clone()),
    ];
    let notes = notes.into_iter().filter_map(|(name, note)| Some((name, note?)));
    Lease {
        metadata: metadata(name, &wanted.version, notes),
        spec: Some(LeaseSpec {
            holder_identity: Some(wanted.holder.clone()),
            acquire_time: wanted.acquired.map(MicroTime),
            renew_time: wanted.renewed.map(MicroTime),
            lease_duration_seconds: i32::try_from(wanted.duration.as_secs().max(1)).ok(),
            lease_transitions: i32::try_from(wanted.transitions).ok(),
            ..LeaseSpec::default()
        }),
    }
}
