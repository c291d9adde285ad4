//! The lab's world, for `rehearse` and `lab up`.

use std::sync::Arc;

use color_eyre::Result;
use serde::Serialize;
use tokio::sync::mpsc::UnboundedReceiver;

use super::print;
use super::signals;
use crate::cli::{Global, LabOptions, TextOrJson};
use crate::error::Fault;
use crate::exit::Exit;
use crate::lab::{Environment, Lab, LabConfig, Scenario};

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
    let scenario = Scenario::find(&options.scenario).map_err(Fault::from)?;
    let mut signals = signals::listen()?;
    let LabOptions { profile, scale, keep, output, .. } = options;
    let wanted = Wanted { profile: &profile, scenario, scale, keep };
    let lab = match start(global, wanted, &mut signals).await? {
        Started::Lab(lab) => lab,
        Started::Signal(_) => return Ok(Exit::Done),
    };
    match output {
        TextOrJson::Json => print::json(&Document {
            api_version: "pgcutover.io/v1",
            run: way_in(lab.environment(), &profile),
            world: lab.environment(),
        })?,
        TextOrJson::Text => describe(lab.environment(), &profile)?,
    };
    signals.recv().await;
    lab.shutdown().await;
    Ok(Exit::Done)
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

fn describe(world: &Environment, named: &str) -> Result<Exit> {
    let Environment { profile, scenario, kubeconfig, namespace, versions, .. } = world;
    let kubeconfig = kubeconfig.display();
    print::to_stdout(|out| {
        use std::io::Write;
        writeln!(
            out,
            "the world of {profile} is up, scenario {scenario}: blue runs PostgreSQL {}, green will run {} with pgvector {}",
            versions.blue, versions.green, versions.vector
        )?;
        writeln!(out, "look at it:  kubectl --kubeconfig {kubeconfig} -n {namespace} get pods")?;
        writeln!(out, "cut it over: {}", way_in(world, named))?;
        writeln!(out, "it ends with ctrl-c")
    })
}
