//! Gates about who is connected and what is open.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::fact::{OpenTransaction, PreparedTransaction};
use crate::model::fence::{ClientSession, FenceProof, FenceSample};
use crate::model::side::Side;

use super::finding::{Finding, names};

/// Reads that must agree before a side counts as unwritten.
const READS: usize = 3;

pub(super) fn no_writers(side: Side, samples: &[FenceSample]) -> Finding {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Finding::unknown("no read was taken");
    };
    let writing: BTreeSet<String> = all(samples).filter(|client| client.writing).map(who).collect();
    let clients: BTreeSet<String> = all(samples).map(who).collect();
    let details = || clients.iter().map(|client| format!("connected: {client}"));
    if !writing.is_empty() {
        return Finding::held(format!("{side} is written by {}", names(writing)))
            .details(details());
    }
    if last.next_xid != first.next_xid && last.maintenance == 0 {
        let seen = if clients.is_empty() {
            String::new()
        } else {
            format!("; connected: {}", names(&clients))
        };
        return Finding::held(format!("{side} is written: transactions go on{seen}"))
            .details([format!(
                "{} transactions over {} reads",
                last.next_xid - first.next_xid.min(last.next_xid),
                samples.len()
            )])
            .details(details());
    }
    if samples.len() < READS {
        return Finding::unknown(format!("only {} reads were taken", samples.len()));
    }
    Finding::open(format!(
        "nobody writes on {side}: {} reads, {} clients connected",
        samples.len(),
        clients.len()
    ))
    .details(details())
}

fn all(samples: &[FenceSample]) -> impl Iterator<Item = &ClientSession> {
    samples.iter().flat_map(|sample| &sample.clients)
}

/// A client without its pid and state, which change with every look.
fn who(client: &ClientSession) -> String {
    let from = if client.address.is_empty() { "a local socket" } else { &client.address };
    if client.application.is_empty() {
        format!("{} from {from}", client.role)
    } else {
        format!("{} ({}) from {from}", client.role, client.application)
    }
}

pub(super) fn fenced(side: Side, proof: &FenceProof) -> Finding {
    let problems = proof.problems();
    if let Some(at) = proof.position() {
        let earlier = proof.earlier.as_ref().map(|earlier| earlier.next_xid);
        let moved = earlier.and_then(|then| at.next_xid.checked_sub(then)).filter(|by| *by > 0);
        let after = moved
            .map_or_else(String::new, |by| format!(" ({} at the first proof)", at.next_xid - by));
        let whose = moved.map(|by| {
            format!(
                "autovacuum and other databases take transaction ids as well, {by} of them since the first proof; \
                 what was compared before is compared again where the statistics do not account for them"
            )
        });
        return Finding::open(format!(
            "{side} refuses writes and stands still at transaction {}{after}",
            at.next_xid
        ))
        .details(whose)
        .details([
            "a write was refused (25006)".to_owned(),
            format!("WAL position {}", at.lsn),
            match proof.still_since() {
                Some(earlier) => {
                    format!("it has stood there since the fence was proven at {:.0}", earlier.at)
                }
                None => format!("{} samples agree", FenceProof::STILL),
            },
        ]);
    }
    let reason =
        problems.first().cloned().unwrap_or_else(|| "the proof is not complete".to_owned());
    Finding::held(format!("{side} is not fenced: {reason}")).details(problems.into_iter().skip(1))
}

pub(super) fn no_long_transactions(
    side: Side,
    limit: Duration,
    open: &[OpenTransaction],
) -> Finding {
    let long: Vec<_> = open.iter().filter(|transaction| transaction.open_for > limit).collect();
    let line = |transaction: &&OpenTransaction| {
        let OpenTransaction { pid, client, state, open_for } = transaction;
        format!("pid {pid}: {client}, {state}, open for {} s", open_for.as_secs())
    };
    if long.is_empty() {
        return Finding::open(format!(
            "no transaction on {side} is open for more than {} s",
            limit.as_secs()
        ))
        .details(open.iter().map(|transaction| line(&transaction)));
    }
    let clients = names(
        long.iter().map(|transaction| format!("{} (pid {})", transaction.client, transaction.pid)),
    );
    let pids: Vec<String> = long.iter().map(|transaction| transaction.pid.to_string()).collect();
    Finding::held(format!(
        "{side} has transactions open for more than {} s: {clients}",
        limit.as_secs()
    ))
    .details(long.iter().map(line))
    .by(
        "let them end, or end them",
        format!("SELECT pg_terminate_backend(pid) FROM unnest(ARRAY[{}]) AS pid", pids.join(", ")),
    )
}

pub(super) fn no_prepared(side: Side, prepared: &[PreparedTransaction]) -> Finding {
    let Some(oldest) = prepared.first() else {
        return Finding::open(format!("{side} has no prepared transactions"));
    };
    let line =
        |one: &PreparedTransaction| format!("`{}` by {} since {}", one.gid, one.owner, one.since);
    Finding::held(format!(
        "{side} has prepared transactions: {}",
        names(prepared.iter().map(|one| one.gid.clone()))
    ))
    .details(prepared.iter().map(line))
    .by(
        "end each as its owner would; this rolls the oldest back",
        format!("ROLLBACK PREPARED '{}'", oldest.gid.replace('\'', "''")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Opening;

    fn sample(next_xid: u64, maintenance: i64, clients: &[(&str, bool)]) -> FenceSample {
        let client = |(application, writing): &(&str, bool)| ClientSession {
            pid: 7,
            role: "app".into(),
            same_role: true,
            application: (*application).into(),
            address: "10.0.0.7".into(),
            state: "idle".into(),
            writing: *writing,
            since: String::new(),
        };
        let clients = clients.iter().map(client).collect();
        FenceSample { next_xid, lsn: "0/1".into(), tuples: 0, maintenance, clients }
    }

    #[test]
    fn a_side_is_unwritten_when_several_reads_agree() {
        use Opening::{Held, Open, Unknown};
        let idle = |xid| sample(xid, 0, &[("report", false)]);
        let opening = |samples: &[FenceSample]| no_writers(Side::Blue, samples).opening;
        assert_eq!(opening(&[idle(5), idle(5), idle(5)]), Open);
        assert_eq!(opening(&[idle(5), idle(5)]), Unknown);
        assert_eq!(opening(&[]), Unknown);
        assert_eq!(opening(&[idle(5), idle(6), idle(7)]), Held);
        assert_eq!(opening(&[sample(5, 1, &[]), sample(6, 1, &[]), sample(7, 1, &[])]), Open);
        let caught =
            no_writers(Side::Blue, &[idle(5), sample(5, 0, &[("straggler", true)]), idle(5)]);
        assert_eq!(caught.opening, Held);
        assert_eq!(caught.summary, "blue is written by app (straggler) from 10.0.0.7");
    }

    #[test]
    fn a_long_transaction_is_named_with_the_statement_that_ends_it() {
        let open = |pid, seconds| OpenTransaction {
            pid,
            client: "app from 10.0.0.7".into(),
            state: "idle in transaction".into(),
            open_for: Duration::from_secs(seconds),
        };
        let limit = Duration::from_secs(60);
        assert_eq!(no_long_transactions(Side::Blue, limit, &[open(1, 60)]).opening, Opening::Open);
        let held = no_long_transactions(Side::Blue, limit, &[open(2, 99), open(3, 61), open(4, 1)]);
        assert_eq!(held.opening, Opening::Held);
        assert_eq!(
            held.fix.unwrap().command.unwrap(),
            "SELECT pg_terminate_backend(pid) FROM unnest(ARRAY[2, 3]) AS pid"
        );
    }

    #[test]
    fn a_prepared_transaction_is_named_with_the_statement_that_ends_it() {
        assert_eq!(no_prepared(Side::Blue, &[]).opening, Opening::Open);
        let left = PreparedTransaction {
            gid: "o'clock".into(),
            owner: "app".into(),
            since: "today".into(),
        };
        let held = no_prepared(Side::Blue, &[left]);
        assert_eq!(held.fix.unwrap().command.unwrap(), "ROLLBACK PREPARED 'o''clock'");
    }
}
