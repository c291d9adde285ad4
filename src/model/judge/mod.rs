//! What opens a gate: pure predicates over what was seen.
//!
//! Open, held or unknown, with evidence and with what would open it. What was not seen, or was seen too long ago, is
//! unknown: it opens nothing, and is no failure either.

mod compared;
mod course;
mod extension;
mod finding;
mod image;
mod server;
mod session;
mod traffic;
mod workload;

use std::time::Duration;

use jiff::Timestamp;

use super::evidence::{Evidence, Judgement};
use super::fact::{Fact, Sighting};
use super::gate::Gate;
use super::side::Side;
use finding::Finding;

/// A look that is older than this opens no gate.
const FRESH: Duration = Duration::from_secs(30);

/// Whether a side has an extension, in at least that version.
pub(super) fn extension_on(
    side: Side,
    name: &str,
    min: Option<&str>,
    installed: Option<&str>,
    available: &[String],
) -> Finding {
    extension::installed(side, name, min, false, installed, available)
}

/// Judges a gate by what was seen.
#[must_use]
pub fn judge(gate: &Gate, sighting: &Sighting, now: Timestamp) -> Judgement {
    let age = Duration::try_from(now.duration_since(sighting.at)).unwrap_or_default();
    let finding = match &sighting.seen {
        Err(unseen) => Finding::unknown(&unseen.why).fix(unseen.hint.clone()),
        Ok(_) if age > FRESH => {
            Finding::unknown(format!("it was last seen {} s ago", age.as_secs()))
        }
        Ok(fact) => of_fact(gate, fact, now)
            .unwrap_or_else(|| Finding::unknown("what was seen does not answer the question")),
    };
    Judgement {
        gate: gate.to_string(),
        opening: finding.opening,
        evidence: Evidence {
            summary: finding.summary,
            source: sighting.source.clone(),
            at: sighting.at,
            details: finding.details,
        },
        fix: finding.fix,
    }
}

fn of_fact(gate: &Gate, fact: &Fact, now: Timestamp) -> Option<Finding> {
    Some(match (gate, fact) {
        (_, Fact::NoServer(unseen)) => Finding::held(&unseen.why).fix(unseen.hint.clone()),
        (Gate::Reachable { .. }, Fact::Server(server)) => server::reachable(server),
        (Gate::DifferentServers, Fact::Servers { blue, green }) => server::different(blue, green),
        (Gate::VersionAtLeast { version, .. }, Fact::Server(server)) => {
            server::version(server, *version)
        }
        (Gate::DumpClientMatchesServer { job, image, .. }, Fact::Server(server)) => {
            image::dump_client(server, job, image)
        }
        (
            Gate::Extension { side, name, min, available },
            Fact::Extension { installed, available: versions },
        ) => extension::installed(
            *side,
            name,
            min.as_deref(),
            *available,
            installed.as_deref(),
            versions,
        ),
        (Gate::ExtensionsAvailable, Fact::Extensions { blue, green }) => {
            extension::all_available(blue, green)
        }
        (Gate::ExtensionWorks { side, name }, Fact::Trial(trial)) => {
            extension::works(*side, name, trial)
        }
        (Gate::ExtensionWorks { name, .. }, Fact::NoTrial) => extension::no_trial(name),
        (Gate::NoWriters { side }, Fact::Writers(samples)) => session::no_writers(*side, samples),
        (Gate::Fenced { side }, Fact::Fence(proof)) => session::fenced(*side, proof),
        (Gate::NoLongTransactions { side, longer_than }, Fact::Transactions(open)) => {
            session::no_long_transactions(*side, *longer_than, open)
        }
        (Gate::NoPreparedTransactions { side }, Fact::Prepared(prepared)) => {
            session::no_prepared(*side, prepared)
        }
        (Gate::PodsGone { workload }, Fact::Workload(fact)) => workload::gone(workload, fact),
        (Gate::PodsReady { workload }, Fact::Workload(fact)) => workload::ready(workload, fact),
        (Gate::PvcBound { claim }, Fact::Claim(fact)) => workload::bound(claim, fact.as_ref()),
        (Gate::JobSucceeded { job }, Fact::Job(fact)) => workload::succeeded(job, fact.as_ref()),
        (Gate::Endpoints { service, side }, Fact::Endpoints(fact)) => {
            traffic::endpoints(service, *side, fact)
        }
        (Gate::Serving { service, side }, Fact::Serving(fact)) => {
            traffic::serving(service, *side, fact)
        }
        (Gate::Http { status, contains, .. }, Fact::Http(fact)) => {
            traffic::http(*status, contains.as_deref(), fact)
        }
        (Gate::Sql { side, expect, .. }, Fact::Answer(answer)) => {
            traffic::sql(*side, expect, answer.as_deref())
        }
        (
            Gate::RowsEqual | Gate::ContentEqual | Gate::SchemaEqual | Gate::SequencesSafe,
            Fact::Verified { step, found, system, next_xid, upkeep },
        ) => compared::equal(gate, (step, found), system, (*next_xid, *upkeep), now),
        (
            Gate::RowsEqual | Gate::ContentEqual | Gate::SchemaEqual | Gate::SequencesSafe,
            Fact::NotVerified,
        ) => compared::never(gate),
        (Gate::Privileges | Gate::SqlPrivileges { .. }, Fact::Grants(grants)) => {
            course::privileges(grants)
        }
        (Gate::WindowOpen, Fact::Window { opens, closes }) => course::window(*opens, *closes, now),
        (Gate::Budget, Fact::Budget { stopped, budget }) => course::budget(*stopped, *budget),
        (Gate::Soaked { .. }, Fact::Soak { step, status }) => course::soaked(step, *status),
        _ => return None,
    })
}
