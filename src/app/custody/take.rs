//! Taking the Lease.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::super::print;
use crate::model::{Claim, Claimant, LeaseRecord};
use crate::world::{ApiErrorKind, Cluster, WorldError};

/// How often a Lease is renewed in its duration.
pub(super) const RENEWALS: u32 = 6;

/// A Lease that was taken, or whoever holds it.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is ours since then, and this is what it said before.
    Ours(LeaseRecord, Instant, Option<LeaseRecord>),
    /// Somebody holds it and is alive.
    Held(LeaseRecord),
}

/// Takes the Lease where the claimant may. One that is held is watched until it is renewed, or has run out.
pub(super) async fn take(
    cluster: &Cluster,
    name: &str,
    claimant: &Claimant,
) -> Result<Taken, WorldError> {
    let mut seen: Option<(LeaseRecord, Instant)> = None;
    loop {
        let found = cluster.lease(name).await?;
        let unchanged = match (&found, &seen) {
            (Some(found), Some((known, since))) if *found == *known => since.elapsed(),
            _ => Duration::ZERO,
        };
        let claim = claimant.judge(found.as_ref(), unchanged);
        if let (Claim::Watch(left), Some(found)) = (claim, &found) {
            if seen.as_ref().is_some_and(|(known, _)| is_alive(known, found)) {
                return Ok(Taken::Held(found.clone()));
            }
            if seen.as_ref().is_none_or(|(known, _)| known != found) {
                announce(claimant, found, left);
                seen = Some((found.clone(), Instant::now()));
            }
            sleep(left.min(Duration::from_millis(500))).await;
            continue;
        }
        let began = Instant::now();
        match cluster.write_lease(name, &claimant.taken(found.as_ref(), Timestamp::now())).await {
            Ok(record) => {
                if claim == Claim::TakeOver {
                    stand_back(found.as_ref()).await;
                }
                return Ok(Taken::Ours(record, began, found));
            }
            Err(error) if was_faster(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Somebody wrote in between.
pub(super) fn was_faster(error: &WorldError) -> bool {
    matches!(error.api_kind(), Some(ApiErrorKind::Conflict | ApiErrorKind::AlreadyExists))
}

/// The same holder has renewed it under our eyes.
fn is_alive(known: &LeaseRecord, found: &LeaseRecord) -> bool {
    known.version != found.version && known.session == found.session
}

fn announce(claimant: &Claimant, found: &LeaseRecord, left: Duration) {
    let ours = found.operator() == claimant.operator && found.run().is_some();
    let hint = match found.run() {
        Some(run) if ours && run != claimant.run => {
            format!(
                "\nwhere that console has died here, ctrl-c and `pgcutover resume {run}` go on with its run at once"
            )
        }
        _ => String::new(),
    };
    print::say(format!(
        "the run is held by {found}; looking for up to {} s whether they are alive{hint}",
        left.as_secs_f64().ceil()
    ));
}

/// The former holder notices at its next renewal, and tells what acts to end.
async fn stand_back(found: Option<&LeaseRecord>) {
    let Some(found) = found else { return };
    let pause = found.duration / RENEWALS + Duration::from_secs(1);
    print::say(format!(
        "taken over from {found}; waiting {} s until they have noticed",
        pause.as_secs()
    ));
    sleep(pause).await;
}
