//! Whether the API server answers.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use tokio::sync::watch;

use crate::observe::watch::board::HEARTBEAT;
use crate::world::{Call, Cluster};

/// How soon it is asked again after it did not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// The last answer; its number tells one from the next.
#[derive(Debug, Clone, Default)]
pub(in crate::observe::watch) struct Beat {
    pub(super) number: u64,
    pub(super) dead: Option<String>,
}

/// Asks for one pod from time to time, for ever: one small question for all watches together.
pub(in crate::observe::watch) async fn beat(cluster: Cluster, beats: watch::Sender<Beat>) {
    let one = ListParams::default().limit(1);
    loop {
        let dead = beats.borrow().dead.is_some();
        tokio::time::sleep(if dead { AGAIN } else { HEARTBEAT }).await;
        let answer = cluster.api::<Pod>().list_metadata(&one).await;
        let answer = answer.map_err(|error| cluster.explain(Call::new("list", "pods"), error));
        // Whoever may not ask is answered all the same.
        let dead = answer.err().filter(crate::world::WorldError::is_transient);
        beats.send_modify(|beat| {
            beat.number += 1;
            beat.dead = dead.map(|error| error.to_string());
        });
    }
}
