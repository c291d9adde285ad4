//! Whether a database refuses writes, as far as it was seen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::side::Side;

/// A client's session on a fenced database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSession {
    /// `pg_stat_activity.pid`.
    pub pid: i32,
    /// The role that it logged in as.
    pub role: String,
    /// It is the role of the application, whose credentials we use.
    pub same_role: bool,
    /// `application_name`.
    pub application: String,
    /// `client_addr`; empty for a local socket.
    pub address: String,
    /// `state`.
    pub state: String,
    /// It holds a transaction id: it has written.
    pub writing: bool,
    /// `backend_start`.
    pub since: String,
}

impl ClientSession {
    /// One line for people.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self { pid, role, application, address, state, .. } = self;
        let from = if address.is_empty() { "a local socket" } else { address };
        let named = if application.is_empty() { "" } else { " as " };
        format!("{role} from {from}{named}{application} (pid {pid}, {state})")
    }
}

/// What became of a write that must be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Canary {
    /// Refused for being in a read-only transaction (`SQLSTATE 25006`).
    Refused,
    /// Taken, and rolled back: the fence does not hold.
    Taken,
    /// Neither: something else went wrong.
    Unclear(String),
}

/// One look at whether the database moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FenceSample {
    /// The next transaction id: every write takes one.
    pub next_xid: u64,
    /// The position of the write-ahead log. Checkpoints and other background work move it too.
    pub lsn: String,
    /// Rows inserted, updated and deleted, by the statistics.
    pub tuples: i64,
    /// Autovacuum workers at work; they take transaction ids as well.
    pub maintenance: i64,
    /// Clients that were connected.
    pub clients: Vec<ClientSession>,
}

/// Where a proven fence stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FencePosition {
    /// The side.
    pub side: Side,
    /// `pg_control_system().system_identifier`
    pub system: String,
    /// The next transaction id.
    pub next_xid: u64,
    /// The position of the write-ahead log.
    pub lsn: String,
    /// When it was seen there.
    pub at: Timestamp,
}

/// What was seen of a fence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FenceProof {
    /// When the last sample was taken.
    pub at: Timestamp,
    /// The database's `default_transaction_read_only` is on.
    pub read_only_default: bool,
    /// Roles whose own setting undoes it.
    pub overrides: Vec<String>,
    /// Prepared transactions.
    pub prepared: Vec<String>,
    /// The write that must be refused.
    pub canary: Canary,
    /// Where an earlier proof of the same server stood.
    pub earlier: Option<FencePosition>,
    /// The samples, oldest first.
    pub samples: Vec<FenceSample>,
    /// Whether other sessions' transaction ids can be seen (`pg_read_all_stats`).
    pub sees_all: bool,
}

impl FenceProof {
    /// How many samples in a row must agree.
    pub const STILL: usize = 4;

    /// The transaction id stood still over the last [`Self::STILL`] samples, or is the one of the earlier proof. That is the
    /// stronger of the two: no transaction that wrote has ended in all the time since.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.still_since().is_some() || self.stood()
    }

    /// The earlier proof, when the server has not moved since.
    #[must_use]
    pub fn still_since(&self) -> Option<&FencePosition> {
        let now = self.samples.last()?.next_xid;
        self.earlier.as_ref().filter(|earlier| earlier.next_xid == now)
    }

    fn stood(&self) -> bool {
        let last: Vec<_> = self.samples.iter().rev().take(Self::STILL).collect();
        last.len() == Self::STILL && last.iter().all(|sample| sample.next_xid == last[0].next_xid)
    }

    /// Clients that were there over all of the last samples, or came back between them, with the application's role or a
    /// transaction of their own.
    #[must_use]
    pub fn stragglers(&self) -> Vec<&ClientSession> {
        let mut seen: Vec<&ClientSession> = Vec::new();
        let recent = self.samples.iter().rev().take(Self::STILL).flat_map(|sample| &sample.clients);
        for client in recent.filter(|client| client.same_role || client.writing) {
            let known = |other: &&ClientSession| {
                other.address == client.address && other.application == client.application
            };
            if !seen.iter().any(known) {
                seen.push(client);
            }
        }
        seen
    }

    /// Why the fence is not proven; empty when it is.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.read_only_default {
            problems.push("the database does not default to read-only transactions".to_owned());
        }
        problems.extend(self.overrides.iter().map(|role| {
            format!("role {role} defaults to read-write transactions, which outweighs the database's setting")
        }));
        problems.extend(
            self.prepared.iter().map(|gid| format!("prepared transaction {gid} may still commit")),
        );
        match &self.canary {
            Canary::Refused => {}
            Canary::Taken => problems.push("a write was taken (and rolled back)".to_owned()),
            Canary::Unclear(why) => problems
                .push(format!("the test write neither failed as it must nor succeeded: {why}")),
        }
        problems.extend(
            self.stragglers()
                .iter()
                .map(|client| format!("still connected: {}", client.describe())),
        );
        if !self.sees_all {
            problems.push("other sessions' transactions cannot be seen: GRANT pg_read_all_stats to the tool's role".to_owned());
        }
        if !self.is_still() {
            problems.push(self.movement());
        }
        problems
    }

    fn movement(&self) -> String {
        match (self.samples.first(), self.samples.last()) {
            (Some(first), Some(last)) if first.next_xid != last.next_xid => format!(
                "transactions go on: {} were begun during the samples{}",
                last.next_xid - first.next_xid.min(last.next_xid),
                if last.maintenance > 0 { " (autovacuum is at work)" } else { "" }
            ),
            _ => "there are too few samples".to_owned(),
        }
    }

    /// The transaction id at which the database stands still, once the fence is proven.
    #[must_use]
    pub fn position(&self) -> Option<&FenceSample> {
        if self.problems().is_empty() { self.samples.last() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(next_xid: u64) -> FenceSample {
        FenceSample { next_xid, lsn: "0/1".into(), tuples: 0, maintenance: 0, clients: Vec::new() }
    }

    fn proof(ids: &[u64]) -> FenceProof {
        FenceProof {
            at: Timestamp::UNIX_EPOCH,
            read_only_default: true,
            overrides: Vec::new(),
            prepared: Vec::new(),
            canary: Canary::Refused,
            earlier: None,
            samples: ids.iter().copied().map(sample).collect(),
            sees_all: true,
        }
    }

    #[test]
    fn a_database_that_stands_still_is_fenced() {
        assert_eq!(proof(&[7, 8, 9, 9, 9, 9]).problems(), Vec::<String>::new());
        assert_eq!(proof(&[9, 9, 9, 9]).position().map(|at| at.next_xid), Some(9));
    }

    #[test]
    fn a_transaction_between_the_last_samples_breaks_the_proof() {
        assert!(proof(&[9, 9, 9, 10]).position().is_none());
        assert!(proof(&[9, 9, 9]).position().is_none());
        assert!(proof(&[]).position().is_none());
    }

    #[test]
    fn where_an_earlier_proof_stood_one_sample_is_enough_and_elsewhere_it_takes_all() {
        let since = |next_xid| FencePosition {
            side: Side::Blue,
            system: "7".into(),
            next_xid,
            lsn: "0/1".into(),
            at: Timestamp::UNIX_EPOCH,
        };
        let proof = |ids: &[u64]| FenceProof { earlier: Some(since(9)), ..proof(ids) };
        assert_eq!(proof(&[9]).problems(), Vec::<String>::new());
        assert!(proof(&[]).position().is_none());
        assert!(proof(&[10]).position().is_none());
        assert!(proof(&[10, 10, 10]).position().is_none());
        assert!(proof(&[10, 10, 10, 10]).position().is_some());
        assert!(FenceProof { canary: Canary::Taken, ..proof(&[9]) }.position().is_none());
    }

    #[test]
    fn whatever_lets_a_write_through_breaks_the_proof() {
        let still = proof(&[9, 9, 9, 9]);
        assert!(FenceProof { canary: Canary::Taken, ..still.clone() }.position().is_none());
        assert!(FenceProof { read_only_default: false, ..still.clone() }.position().is_none());
        assert!(FenceProof { overrides: vec!["app".into()], ..still.clone() }.position().is_none());
        assert!(FenceProof { prepared: vec!["x".into()], ..still }.position().is_none());
    }

    #[test]
    fn a_client_that_comes_back_is_named_once() {
        let client = ClientSession {
            pid: 7,
            role: "chronicle_user".into(),
            same_role: true,
            application: "report".into(),
            address: "10.0.0.9".into(),
            state: "idle".into(),
            writing: false,
            since: String::new(),
        };
        let mut proof = proof(&[9, 9, 9, 9]);
        proof.samples[1].clients.push(client.clone());
        proof.samples[3].clients.push(ClientSession { pid: 8, ..client });
        assert_eq!(
            proof.problems(),
            ["still connected: chronicle_user from 10.0.0.9 as report (pid 8, idle)"]
        );
    }
}
