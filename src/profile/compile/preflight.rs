//! Steps that no profile has to write: the look at everything before anything is changed, and the look at green as soon as
//! it is there. They only look, so they are repeatable, and may be taken side by side.

use super::complete::{LONG, dump_client, extensions};
use super::derive;
use super::setting::Setting;
use crate::model::{Gate, Phase, PhaseId, Side, Step, StepId, Undo, Verb, Workload};
use crate::profile::manifest;

/// The derived phase's id.
pub(super) const PHASE: &str = "preflight";
const GREEN: &str = "check-green";
const PREFIX: &str = "preflight-";

/// Whether an id is one that is derived.
pub(super) fn is_derived(id: &str) -> bool {
    id == GREEN || id.starts_with(PREFIX)
}

/// Puts the preflight before the phases, and the look at green behind the step that applies it.
pub(super) fn insert(phases: &mut Vec<Phase>, setting: &Setting) {
    let mut steps = vec![
        check(
            "preflight-privileges",
            "The cluster allows all that the runbook needs",
            vec![Gate::Privileges],
        ),
        check("preflight-blue", "Blue answers and is the server that is meant", blue(setting)),
        check(
            "preflight-transactions",
            "No transaction on blue would outlive the fence",
            transactions(),
        ),
    ];
    let clients = dump_clients(phases);
    if !clients.is_empty() {
        steps.push(check(
            "preflight-dump-clients",
            "Every dump client is new enough for blue",
            clients,
        ));
    }
    if let Some(service) = setting.service() {
        let side = Side::Blue;
        let gates = vec![
            Gate::Endpoints { service: service.clone(), side },
            Gate::Serving { service, side },
        ];
        steps.push(check("preflight-traffic", "Clients are served by blue", gates));
    }
    let look = check(GREEN, "Green answers and can take over what blue has", green(setting));
    match place_of_green(phases, setting) {
        Some((phase, step)) => phases[phase].steps.insert(step + 1, look),
        None => steps.push(Step { id: StepId::new("preflight-green"), ..look }),
    }
    phases.insert(
        0,
        Phase {
            id: PhaseId::new(PHASE),
            title: "Preflight".to_owned(),
            window: false,
            parallel: true,
            budget: None,
            checkpoint: None,
            steps,
        },
    );
}

fn check(id: &str, title: &str, gates: Vec<Gate>) -> Step {
    Step {
        title: title.to_owned(),
        gates,
        timeout: derive::timeout(&Verb::Check),
        undo: Undo::Nothing,
        ..Step::of(id, Verb::Check)
    }
}

fn blue(setting: &Setting) -> Vec<Gate> {
    let side = Side::Blue;
    let version = setting.version(side).map(|version| Gate::VersionAtLeast { side, version });
    let head = [Gate::Reachable { side }, Gate::SqlPrivileges { side }];
    head.into_iter().chain(version).collect()
}

fn green(setting: &Setting) -> Vec<Gate> {
    let side = Side::Green;
    let version = setting.version(side).map(|version| Gate::VersionAtLeast { side, version });
    [Gate::Reachable { side }, Gate::DifferentServers, Gate::SqlPrivileges { side }]
        .into_iter()
        .chain(version)
        .chain([Gate::ExtensionsAvailable])
        .chain(extensions(setting, true))
        .collect()
}

fn transactions() -> Vec<Gate> {
    let side = Side::Blue;
    vec![
        Gate::NoPreparedTransactions { side },
        Gate::NoLongTransactions { side, longer_than: LONG },
    ]
}

/// One gate for every Job that dumps, however often it runs.
fn dump_clients(phases: &[Phase]) -> Vec<Gate> {
    let mut clients = Vec::new();
    for step in phases.iter().flat_map(|phase| &phase.steps) {
        let Verb::Job { manifest } = &step.verb else { continue };
        for gate in manifest.documents.iter().filter_map(|job| dump_client(job, Side::Blue)) {
            if !clients.contains(&gate) {
                clients.push(gate);
            }
        }
    }
    clients
}

fn place_of_green(phases: &[Phase], setting: &Setting) -> Option<(usize, usize)> {
    let green = setting.green.workload.as_ref().map(Workload::object)?;
    phases.iter().enumerate().find_map(|(phase, of)| {
        let applies = |step: &Step| match &step.verb {
            Verb::Apply { manifests, .. } => manifests
                .iter()
                .flat_map(|file| &file.documents)
                .any(|document| manifest::reference(document) == green),
            _ => false,
        };
        Some((phase, of.steps.iter().position(applies)?))
    })
}
