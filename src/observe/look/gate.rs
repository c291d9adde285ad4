//! From a gate to the look that answers it.

use jiff::Timestamp;

use crate::model::{Fact, Gate, Judgement, RunState, Sighting, Unseen, judge};
use crate::world::{World, WorldError};

use super::{cluster, compared, course, database, extension, grants, traffic};

/// A fact, and the statement or API call that it comes from.
pub(super) type Seen = Result<Fact, WorldError>;

/// Looks at a gate and judges what was seen. It never fails: what could not be seen is unknown.
pub async fn look(world: &World, gate: &Gate, state: &RunState) -> Judgement {
    let seen = see(world, gate, state).await;
    let seen = seen.map_err(|error| Unseen { why: error.to_string(), hint: error.hint() });
    let at = Timestamp::now();
    judge(gate, &Sighting { at, source: source(world, gate), seen }, at)
}

async fn see(world: &World, gate: &Gate, state: &RunState) -> Seen {
    match gate {
        Gate::Reachable { side } => database::reachable(world, *side).await,
        Gate::DifferentServers => database::servers(world).await,
        Gate::VersionAtLeast { side, .. } | Gate::DumpClientMatchesServer { side, .. } => {
            database::server(world, *side).await
        }
        Gate::Extension { side, name, .. } => extension::one(world, *side, name).await,
        Gate::ExtensionsAvailable => extension::all(world).await,
        Gate::ExtensionWorks { side, name } => extension::trial(world, *side, name).await,
        Gate::RowsEqual | Gate::ContentEqual | Gate::SchemaEqual | Gate::SequencesSafe => {
            compared::last(world, gate, state).await
        }
        Gate::NoWriters { side } => database::writers(world, *side).await,
        Gate::Fenced { side } => database::fence(world, *side, state).await,
        Gate::NoLongTransactions { side, .. } => database::transactions(world, *side).await,
        Gate::NoPreparedTransactions { side } => database::prepared(world, *side).await,
        Gate::PodsGone { workload } | Gate::PodsReady { workload } => {
            cluster::workload(&world.cluster, workload).await
        }
        Gate::PvcBound { claim } => cluster::claim(&world.cluster, claim).await,
        Gate::JobSucceeded { job } => cluster::job(&world.cluster, job).await,
        Gate::Endpoints { service, side } => traffic::endpoints(world, service, *side).await,
        Gate::Serving { service, side } => traffic::serving(world, service, *side).await,
        Gate::Http { target, contains, .. } => {
            traffic::http(world, target, contains.as_deref()).await
        }
        Gate::Sql { side, query, .. } => database::answer(world, *side, query).await,
        Gate::Privileges => grants::of_cluster(world).await,
        Gate::SqlPrivileges { side } => grants::of_database(world, *side).await,
        Gate::WindowOpen => Ok(course::window(world)),
        Gate::Budget => Ok(course::budget(world, state)),
        Gate::Soaked { step } => Ok(course::soak(state, step)),
    }
}

/// What is asked, as a person would ask it.
fn source(world: &World, gate: &Gate) -> String {
    let namespace = world.cluster.namespace();
    let get = |what: &str| format!("kubectl -n {namespace} get {what}");
    match gate {
        Gate::Reachable { .. } | Gate::DifferentServers => {
            "SELECT system_identifier FROM pg_control_system(); SELECT pg_is_in_recovery()".to_owned()
        }
        Gate::VersionAtLeast { .. } | Gate::DumpClientMatchesServer { .. } => "SHOW server_version_num".to_owned(),
        Gate::Extension { .. } => "pg_extension, pg_available_extension_versions".to_owned(),
        Gate::ExtensionsAvailable => "pg_extension on blue, pg_available_extension_versions on green".to_owned(),
        Gate::ExtensionWorks { .. } => "a distance query in a transaction that is rolled back".to_owned(),
        Gate::RowsEqual | Gate::ContentEqual | Gate::SchemaEqual | Gate::SequencesSafe => {
            "the last comparison, and pg_snapshot_xmax(pg_current_snapshot()) on blue".to_owned()
        }
        Gate::NoWriters { .. } => "pg_stat_activity, pg_snapshot_xmax(pg_current_snapshot()); several reads".to_owned(),
        Gate::Fenced { .. } => {
            "pg_db_role_setting, a refused write, pg_stat_activity, pg_prepared_xacts, pg_snapshot_xmax(pg_current_snapshot())"
                .to_owned()
        }
        Gate::NoLongTransactions { .. } => "pg_stat_activity.xact_start".to_owned(),
        Gate::NoPreparedTransactions { .. } => "pg_prepared_xacts".to_owned(),
        Gate::PodsGone { workload } | Gate::PodsReady { workload } => get(&format!("{workload} pods")),
        Gate::PvcBound { claim } => get(&format!("pvc/{claim}")),
        Gate::JobSucceeded { job } => get(&format!("job/{job}")),
        Gate::Endpoints { service, .. } => {
            get(&format!("endpointslices -l kubernetes.io/service-name={service}"))
        }
        Gate::Serving { service, .. } => {
            format!("SELECT system_identifier FROM pg_control_system(), through service `{service}`")
        }
        Gate::Http { target, .. } => format!("GET {target}"),
        Gate::Sql { query, .. } => query.clone(),
        Gate::Privileges => "SelfSubjectAccessReview".to_owned(),
        Gate::SqlPrivileges { .. } => "has_*_privilege, pg_has_role, pg_roles".to_owned(),
        Gate::WindowOpen | Gate::Budget => "the profile's [window]".to_owned(),
        Gate::Soaked { .. } => "the journal".to_owned(),
    }
}
