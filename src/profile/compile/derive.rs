//! What a step does not say.
//!
//! **Gates before.** The step that stops writes, and the switch: `window-open`, when they lie in the window. Every step of
//! the window after writes stopped, up to the switch: `budget`. After the fence, up to the switch, whatever reads blue for
//! good (a Job that dumps, a backup, a comparison) and the switch itself: `fenced`. A Job that dumps:
//! `dump-client-matches-server`. The switch: the new side's `pods-ready`, `content-equal` and every other equality that a
//! step of the window before it verified, and the wanted `extension`s. Writers that are scaled up after the switch:
//! `serving`. A deletion after the switch: `serving`, and `soaked` for the soak before it.
//!
//! **Expectations after.** Scale to 0: `pods-gone`; scale up, restart, a patched workload: `pods-ready`. Apply: `pods-ready`
//! and `pvc-bound` for what the manifests describe. Job: `job-succeeded`. Switch: `endpoints`, `serving`. Fence: `fenced`.
//!
//! **Confirmation.** Switch and deletion: the name of the Service, of the first object. Point of no return: the name of what
//! it is about, else of the Service. Fence, writers scaled to 0: `yes`. Manual and exec: enter. Everything else: none.
//!
//! **Undo.** What was there before, for apply, scale, switch, patch, fence, unfence and backup; nothing for the others.

use std::time::Duration;

use super::complete::{after, claims, dump_client, extensions, workloads};
use super::course::{documents, is_stop};
use super::gate::Around;
use crate::model::{Confirm, Gate, Side, StepId, Undo, Verb, VerifyScope};

const MINUTE: Duration = Duration::from_secs(60);

/// What must hold before, besides what the profile says.
pub(super) fn gates(around: Around<'_>) -> Vec<Gate> {
    let Around { at, verb, course, .. } = around;
    let mut gates = Vec::new();
    if course.in_window(at) && (course.stop == Some(at) || course.switch == Some(at)) {
        gates.push(Gate::WindowOpen);
    }
    if course.in_window(at) && course.writes_stopped().contains(&at) {
        gates.push(Gate::Budget);
    }
    if course.fenced().contains(&at) && reads_blue(verb) {
        gates.push(Gate::Fenced { side: Side::Blue });
    }
    match verb {
        Verb::Job { manifest } => {
            gates.extend(manifest.documents.iter().filter_map(|job| dump_client(job, Side::Blue)));
        }
        Verb::SwitchService { to, .. } => gates.extend(before_switch(around, *to)),
        Verb::Scale { .. } if course.resume.contains(&at) => gates.extend(serving(around)),
        Verb::Delete { .. } if course.after_switch(at) => {
            gates.extend(serving(around));
            gates.extend(course.soak_before(at).map(|soak| Gate::Soaked {
                step: StepId::new(around.drafts[soak].file.id.value.clone()),
            }));
        }
        _ => {}
    }
    gates
}

fn reads_blue(verb: &Verb) -> bool {
    match verb {
        Verb::Job { manifest } => {
            manifest.documents.iter().any(|job| dump_client(job, Side::Blue).is_some())
        }
        Verb::Backup { side, .. } => *side == Side::Blue,
        Verb::Verify { .. } | Verb::SwitchService { .. } => true,
        _ => false,
    }
}

fn before_switch(around: Around<'_>, to: Side) -> Vec<Gate> {
    let mut gates: Vec<Gate> = around
        .setting
        .store(to)
        .workload
        .iter()
        .map(|workload| Gate::PodsReady { workload: workload.clone() })
        .collect();
    if to == Side::Green {
        gates.extend(equalities(around));
        gates.extend(extensions(around.setting, false));
    }
    gates
}

/// What the steps of the window before the switch verify; content in any case.
fn equalities(around: Around<'_>) -> Vec<Gate> {
    let verified: Vec<VerifyScope> = around.drafts[..around.at]
        .iter()
        .enumerate()
        .filter(|(at, _)| around.course.in_window(*at))
        .filter_map(
            |(_, draft)| {
                if let Verb::Verify { scopes } = &draft.verb { Some(scopes) } else { None }
            },
        )
        .flatten()
        .copied()
        .collect();
    [
        (VerifyScope::Counts, Gate::RowsEqual),
        (VerifyScope::Content, Gate::ContentEqual),
        (VerifyScope::Schema, Gate::SchemaEqual),
        (VerifyScope::Sequences, Gate::SequencesSafe),
    ]
    .into_iter()
    .filter(|(scope, _)| *scope == VerifyScope::Content || verified.contains(scope))
    .map(|(_, gate)| gate)
    .collect()
}

fn serving(around: Around<'_>) -> Option<Gate> {
    around.setting.service().map(|service| Gate::Serving { service, side: Side::Green })
}

/// What must hold after, besides what the profile says.
pub(super) fn expect(verb: &Verb) -> Vec<Gate> {
    match verb {
        Verb::Scale { workload, replicas: 0 } => {
            vec![Gate::PodsGone { workload: workload.clone() }]
        }
        Verb::Scale { .. } | Verb::Restart { .. } | Verb::Patch { .. } => ready(verb),
        Verb::Apply { .. } => [claims(verb), ready(verb)].concat(),
        Verb::Job { manifest } => manifest
            .documents
            .iter()
            .map(|job| Gate::JobSucceeded { job: crate::profile::manifest::reference(job).name })
            .collect(),
        Verb::SwitchService { service, to } => vec![
            Gate::Endpoints { service: service.clone(), side: *to },
            Gate::Serving { service: service.clone(), side: *to },
        ],
        Verb::Fence { side } => vec![Gate::Fenced { side: *side }],
        Verb::Check
        | Verb::Manual { .. }
        | Verb::Exec { .. }
        | Verb::Delete { .. }
        | Verb::Sql { .. }
        | Verb::Unfence { .. }
        | Verb::Backup { .. }
        | Verb::Verify { .. }
        | Verb::Soak { .. } => Vec::new(),
    }
}

fn ready(verb: &Verb) -> Vec<Gate> {
    workloads(verb).into_iter().map(|workload| Gate::PodsReady { workload }).collect()
}

/// What a soak watches, besides what the profile says: after the switch, who serves, and that all pods are ready.
pub(super) fn soaking(around: Around<'_>) -> Vec<Gate> {
    if !around.course.after_switch(around.at) {
        return Vec::new();
    }
    let ready = after(around.setting).into_iter().map(|workload| Gate::PodsReady { workload });
    serving(around).into_iter().chain(ready).collect()
}

/// What the operator must answer, when the profile does not say.
pub(super) fn confirm(around: Around<'_>) -> Confirm {
    let traffic = around.setting.traffic.as_ref();
    match around.verb {
        Verb::SwitchService { service, .. } => Confirm::Name(service.clone()),
        Verb::Delete { objects } => {
            objects.first().map_or(Confirm::Yes, |object| Confirm::Name(object.name.clone()))
        }
        _ if around.course.no_return == Some(around.at) => {
            name_of(around).or_else(|| around.setting.service()).map_or(Confirm::Yes, Confirm::Name)
        }
        Verb::Fence { .. } => Confirm::Yes,
        verb if is_stop(verb, traffic) => Confirm::Yes,
        Verb::Manual { .. } | Verb::Exec { .. } => Confirm::Enter,
        _ => Confirm::None,
    }
}

/// The name that the operator types, where the verb is about a thing that has one.
pub(super) fn name_of(around: Around<'_>) -> Option<String> {
    let store = |side: Side| {
        around.setting.store(side).workload.as_ref().map(|workload| workload.name().to_owned())
    };
    match around.verb {
        Verb::SwitchService { service, .. } => Some(service.clone()),
        Verb::Delete { objects } => objects.first().map(|object| object.name.clone()),
        Verb::Job { manifest } => {
            manifest.documents.first().map(|job| crate::profile::manifest::reference(job).name)
        }
        Verb::Scale { workload, .. } | Verb::Restart { workload } => {
            Some(workload.name().to_owned())
        }
        Verb::Patch { object, .. } => Some(object.name.clone()),
        Verb::Fence { side }
        | Verb::Unfence { side }
        | Verb::Sql { side, .. }
        | Verb::Backup { side, .. } => store(*side),
        Verb::Check
        | Verb::Manual { .. }
        | Verb::Exec { .. }
        | Verb::Apply { .. }
        | Verb::Verify { .. }
        | Verb::Soak { .. } => None,
    }
}

/// How long a verb and its expectations may take, when the profile does not say.
pub(super) fn timeout(verb: &Verb) -> Duration {
    match verb {
        Verb::Check | Verb::SwitchService { .. } | Verb::Sql { .. } | Verb::Unfence { .. } => {
            MINUTE
        }
        Verb::Fence { .. } | Verb::Scale { .. } => 2 * MINUTE,
        Verb::Apply { .. }
        | Verb::Delete { .. }
        | Verb::Patch { .. }
        | Verb::Restart { .. }
        | Verb::Exec { .. } => 5 * MINUTE,
        Verb::Verify { .. } => 10 * MINUTE,
        Verb::Backup { .. } => 30 * MINUTE,
        Verb::Manual { .. } => 24 * 60 * MINUTE,
        // The Job's own deadline ends it first; then its pods are given a minute to go.
        Verb::Job { manifest } => {
            deadline(manifest).map_or(10 * MINUTE, |deadline| deadline + MINUTE)
        }
        // A gate that shuts for a moment makes the soak begin again.
        Verb::Soak { hold, .. } => *hold * 2 + 60 * MINUTE,
    }
}

fn deadline(manifest: &crate::model::Manifest) -> Option<Duration> {
    documents(std::slice::from_ref(manifest))
        .find_map(|job| job.pointer("/spec/activeDeadlineSeconds")?.as_u64())
        .map(Duration::from_secs)
}

/// How a verb is undone, when the profile does not say.
pub(super) const fn undo(verb: &Verb) -> Undo {
    match verb {
        Verb::Apply { .. }
        | Verb::Scale { .. }
        | Verb::SwitchService { .. }
        | Verb::Patch { .. }
        | Verb::Fence { .. }
        | Verb::Unfence { .. }
        // a Job that still runs would go on writing, and its pods keep claims that an apply's undo deletes
        | Verb::Job { .. }
        | Verb::Backup { .. } => Undo::Former,
        Verb::Check
        | Verb::Manual { .. }
        | Verb::Exec { .. }
        | Verb::Delete { .. }
        | Verb::Restart { .. }
        | Verb::Sql { .. }
        | Verb::Verify { .. }
        | Verb::Soak { .. } => Undo::Nothing,
    }
}
