//! From the flags to the plan and the place.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use color_eyre::Result;
use jiff::Timestamp;

use super::custody::Custody;
use super::scenario;
use super::who::operator;
use crate::action::Tools;
use crate::cli::{self, Global};
use crate::error::Fault;
use crate::journal;
use crate::lab::Scenario;
use crate::model::{Claimant, RunId, Runbook};
use crate::profile::{self, Overrides};
use crate::world::Target;

/// Compiles a profile for the namespace that the flags mean.
pub(super) fn runbook(profile: &str, global: &Global) -> Result<Arc<Runbook>, Fault> {
    compile(profile, global, Overrides::default())
}

/// The same as a scenario changes it.
pub(super) fn rehearsed(
    profile: &str,
    global: &Global,
    scenario: Option<&Scenario>,
) -> Result<Arc<Runbook>, Fault> {
    compile(profile, global, scenario.map(scenario::overrides).unwrap_or_default())
}

fn compile(profile: &str, global: &Global, overrides: Overrides) -> Result<Arc<Runbook>, Fault> {
    let overrides = Overrides { namespace: global.namespace.clone(), ..overrides };
    Ok(Arc::new(profile::load(profile, &overrides)?))
}

/// The cluster that the flags mean.
pub(super) fn target(global: &Global) -> Target {
    Target {
        kubeconfig: global.kubeconfig.clone(),
        context: global.context.clone(),
        namespace: global.namespace.clone(),
        ..Target::default()
    }
}

/// The same for a journal's header, with paths that hold in every folder.
pub(super) fn recorded(
    target: &Target,
    runbook: &Runbook,
    profile: &str,
    custody: &Custody,
) -> journal::Target {
    let absolute = |path: &std::path::Path| {
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
    };
    let of_environment = || std::env::var_os("KUBECONFIG").map(std::path::PathBuf::from);
    let is_file = Path::new(profile).is_file();
    let profile = if is_file { absolute(profile.as_ref()) } else { profile.to_owned() };
    journal::Target {
        kubeconfig: target.kubeconfig.clone().or_else(of_environment).as_deref().map(absolute),
        context: target.context.clone(),
        server: Some(custody.world().cluster.server().to_owned()),
        cluster: custody.cluster.clone(),
        namespace: runbook.cluster.namespace.clone(),
        overrides: std::iter::once(("profile".to_owned(), profile)).collect(),
    }
}

/// One who wants to drive that run.
pub(super) fn claimant(lease: &cli::Lease, run: RunId, continues: bool) -> Result<Claimant> {
    let mut random = [0_u8; 4];
    getrandom::fill(&mut random).map_err(std::io::Error::other)?;
    Ok(Claimant {
        operator: operator(),
        run,
        session: format!("{:08x}", u32::from_be_bytes(random)),
        continues,
        take_over: lease.take_over.clone(),
        duration: Duration::from_secs(lease.lease_seconds),
    })
}

/// A name for a new run.
pub(super) fn new_name(profile: &str) -> Result<RunId> {
    let name = Path::new(profile).file_stem().map_or(profile.into(), |stem| stem.to_string_lossy());
    Ok(journal::run_id(&name, Timestamp::now())?)
}

/// What the verbs find on this machine: programs run in the profile's folder.
pub(super) fn tools(global: &Global, profile: &str) -> Tools {
    let file = Path::new(profile);
    let folder =
        if file.is_file() { file.parent().unwrap_or(file).to_owned() } else { PathBuf::new() };
    Tools { pg_bindirs: global.pg_bindir.clone(), folder }
}
