//! Proving who answers behind a Service.

use std::time::Duration;

use crate::action::act::{Act, seen};
use crate::action::wait::{Halt, Seen, Wakes, Watched, until};
use crate::model::{Evidence, Failure, FailureKind, Side};
use crate::world::{Peer, SessionKind, Way, WorldError};

/// How many connections in a row must be answered by the side.
const IN_A_ROW: u32 = 5;

/// How long between them: each is a new connection, which kube-proxy sends where its rules say by then.
const BETWEEN: Duration = Duration::from_millis(150);

/// Connects through the Service until the side has answered several times in a row.
pub(super) async fn answered_by(
    act: Act<'_>,
    service: &str,
    side: Side,
) -> Result<Evidence, Failure> {
    until(act, Wakes::new(), Asking { act, service, side, identifier: None }).await
}

struct Asking<'a> {
    act: Act<'a>,
    service: &'a str,
    side: Side,
    identifier: Option<String>,
}

impl Watched for Asking<'_> {
    type Out = Evidence;

    fn what(&self) -> String {
        format!("{} to answer behind service/{}", self.side, self.service)
    }

    async fn look(&mut self) -> Result<Seen<Evidence>, Halt> {
        let wanted = self.identifier().await?;
        let (mut way, mut peers) = (Way::ClusterAddress, Vec::new());
        for turn in 0..IN_A_ROW {
            if turn > 0 {
                tokio::time::sleep(BETWEEN).await;
            }
            let purpose = self.act.step.id.as_str();
            let answer = self.act.store(self.side).through_service(self.service, purpose).await;
            let proof = match answer {
                // The other side may well refuse this side's credentials, or lack its database.
                Err(WorldError::Connect(error)) => return Ok(Seen::waiting(error.to_string())),
                answer => answer?,
            };
            if let Some(other) = proof.peers.iter().find(|peer| peer.system_identifier != wanted) {
                return Ok(Seen::waiting(format!(
                    "service/{} is still answered by system {} at {}, not by {} (system {wanted})",
                    self.service, other.system_identifier, other.address, self.side
                )));
            }
            if proof.peers.is_empty() {
                return Ok(Seen::waiting(format!(
                    "nobody answers behind service/{}",
                    self.service
                )));
            }
            (way, peers) = (proof.way, proof.peers);
        }
        Ok(Seen::Ready(self.evidence(way, &peers, &wanted)))
    }
}

impl Asking<'_> {
    /// The side's `system_identifier`, asked of its own pod and not through the Service. Blue and green must differ in it,
    /// or no answer would prove anything.
    async fn identifier(&mut self) -> Result<String, Halt> {
        if let Some(known) = &self.identifier {
            return Ok(known.clone());
        }
        let purpose = self.act.step.id.as_str();
        let session = self.act.store(self.side).session(purpose, SessionKind::Observer).await?;
        let own = session.peer().system_identifier.clone();
        let other = self.act.store(self.side.other()).session(purpose, SessionKind::Observer).await;
        if other.is_ok_and(|other| other.peer().system_identifier == own) {
            return Err(Failure::new(
                FailureKind::Refused,
                format!("blue and green have the same `system_identifier` {own}: who answers cannot be told"),
            )
            .into());
        }
        self.identifier = Some(own.clone());
        Ok(own)
    }

    fn evidence(&self, way: Way, peers: &[Peer], identifier: &str) -> Evidence {
        let strength = match way {
            Way::ClusterAddress => "through its cluster address",
            _ => "at every ready endpoint; its cluster address cannot be reached from here",
        };
        let summary = format!(
            "service/{} was answered {IN_A_ROW} times in a row by {} (system {identifier}) {strength}",
            self.service, self.side
        );
        seen(
            summary,
            "SELECT system_identifier FROM pg_control_system()",
            peers.iter().map(Peer::to_string).collect(),
        )
    }
}
