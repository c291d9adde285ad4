//! The lab's world, for `rehearse` and `lab up`.

use std::sync::Arc;

use color_eyre::Result;
use serde::Serialize;
use tokio::sync::mpsc::UnboundedReceiver;

use super::print;
use super::signals;
use crate::cli::{Global, LabOptions, LabWorld, TextOrJson};
use crate::error::Fault;
use crate::exit::Exit;
use crate::lab::{Audit, Environment, Lab, LabConfig, Scenario};

/// Which world.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) profile: &'a str,
    pub(super) scenario: Scenario,
    pub(super) scale: Option<f64>,
    pub(super) keep: bool,
}

/// A world, or the signal that came before it stood.
#[derive(Debug)]
pub(super) enum Started {
    Lab(Box<Lab>),
    Signal(i32),
}

/// Starts a world and tells what it does meanwhile.
pub(super) async fn start(
    global: &Global,
    wanted: Wanted<'_>,
    signals: &mut UnboundedReceiver<i32>,
) -> Result<Started> {
    let mut config = LabConfig::new(wanted.profile, wanted.scenario);
    config.bindirs.clone_from(&global.pg_bindir);
    config.keep = wanted.keep;
    config.scale = wanted.scale.unwrap_or(1.0);
    config.tell = Arc::new(|progress| print::say(format!("lab: {progress}")));
    tokio::select! {
        lab = Lab::start(config) => Ok(Started::Lab(Box::new(lab.map_err(Fault::from)?))),
        Some(signal) = signals.recv() => Ok(Started::Signal(signal)),
    }
}

/// Keeps a world running until a signal ends it.
pub(super) async fn up(global: &Global, options: LabOptions) -> Result<Exit> {
    let scenario = Scenario::find(&options.world.scenario).map_err(Fault::from)?;
    let mut signals = signals::listen()?;
    let LabOptions { world: LabWorld { profile, scale, keep, .. }, output } = options;
    let wanted = Wanted { profile: &profile, scenario, scale, keep };
    let lab = match start(global, wanted, &mut signals).await? {
        Started::Lab(lab) => lab,
        Started::Signal(_) => return Ok(Exit::Done),
    };
    match output {
        TextOrJson::Json => print::json(&Document {
            api_version: API_VERSION,
            run: way_in(lab.environment(), &profile),
            world: lab.environment(),
        })?,
        TextOrJson::Text => describe(lab.environment(), &profile)?,
    };
    signals.recv().await;
    // Who cannot wait for the audit, such as for a side that is down, signals again.
    let audit = tokio::select! {
        audit = lab.audit() => Some(audit),
        Some(_) = signals.recv() => None,
    };
    lab.shutdown().await;
    match audit {
        Some(Ok(audit)) => tell(&audit, output),
        Some(Err(error)) => {
            print::say(format!("warning: the acknowledged writes could not be audited: {error}"));
            Ok(Exit::OutcomeUnknown)
        }
        None => {
            print::say("warning: told to end again, so nobody looked for the acknowledged writes");
            Ok(Exit::OutcomeUnknown)
        }
    }
}

/// Says at the end whether each write that was acknowledged is on the side that serves, once.
fn tell(audit: &Audit, output: TextOrJson) -> Result<Exit> {
    match output {
        TextOrJson::Json => print::json(&Ended { api_version: API_VERSION, audit })?,
        TextOrJson::Text => print::to_stdout(|out| {
            use std::io::Write;
            let Audit { acknowledged, lost, duplicated, blocked_seconds, served_by, .. } = audit;
            writeln!(
                out,
                "{acknowledged} writes were acknowledged: {lost} lost, {duplicated} duplicated; clients were blocked for {blocked_seconds:.1} s at most, PostgreSQL {served_by} serves"
            )
        })?,
    };
    Ok(if audit.lost + audit.duplicated > 0 { Exit::Differs } else { Exit::Done })
}

const API_VERSION: &str = "pgcutover.io/v1";

/// What a machine reads at the end.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ended<'a> {
    api_version: &'static str,
    audit: &'a Audit,
}

/// What a machine reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    api_version: &'static str,
    run: String,
    #[serde(flatten)]
    world: &'a Environment,
}

/// How to cut it over from another process.
fn way_in(world: &Environment, profile: &str) -> String {
    let kubeconfig = world.kubeconfig.display();
    match world.scenario.as_str() {
        "plain" => format!("pgcutover run {profile} --kubeconfig {kubeconfig}"),
        name => format!("pgcutover run {profile} --kubeconfig {kubeconfig} --scenario {name}"),
    }
}

/// How to watch it with kubectl.
pub(super) fn look_at(world: &Environment) -> String {
    let Environment { kubeconfig, namespace, .. } = world;
    format!("look at it:  kubectl --kubeconfig {} -n {namespace} get pods -w", kubeconfig.display())
}

fn describe(world: &Environment, named: &str) -> Result<Exit> {
    let Environment { profile, scenario, versions, .. } = world;
    print::to_stdout(|out| {
        use std::io::Write;
        writeln!(
            out,
            "the world of {profile} is up, scenario {scenario}: blue runs PostgreSQL {}, green will run {} with pgvector {}",
            versions.blue, versions.green, versions.vector
        )?;
        writeln!(out, "{}", look_at(world))?;
        writeln!(out, "cut it over: {}", way_in(world, named))?;
        writeln!(out, "it ends with ctrl-c")
    })
}
