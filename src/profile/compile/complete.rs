//! What a gate's word means in its step: it is completed from the verb, the course and the profile.

use std::time::Duration;

use super::course::documents;
use super::gate::Around;
use super::setting::Setting;
use crate::model::{Gate, Side, StepId, Verb, Workload};
use crate::profile::file::GateWord;
use crate::profile::manifest;

/// A transaction on blue that is older than this delays the fence, or is lost with it.
pub(super) const LONG: Duration = Duration::from_secs(60);

impl GateWord {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::DifferentServers => "different-servers",
            Self::DumpClientMatchesServer => "dump-client-matches-server",
            Self::Extension => "extension",
            Self::ExtensionsAvailable => "extensions-available",
            Self::ExtensionWorks => "extension-works",
            Self::RowsEqual => "rows-equal",
            Self::ContentEqual => "content-equal",
            Self::SchemaEqual => "schema-equal",
            Self::SequencesSafe => "sequences-safe",
            Self::NoWriters => "no-writers",
            Self::Fenced => "fenced",
            Self::NoLongTransactions => "no-long-transactions",
            Self::NoPreparedTransactions => "no-prepared-transactions",
            Self::PodsGone => "pods-gone",
            Self::PodsReady => "pods-ready",
            Self::PvcBound => "pvc-bound",
            Self::Endpoints => "endpoints",
            Self::Serving => "serving",
            Self::JobSucceeded => "job-succeeded",
            Self::Privileges => "privileges",
            Self::SqlPrivileges => "sql-privileges",
            Self::WindowOpen => "window-open",
            Self::Budget => "budget",
            Self::Soaked => "soaked",
        }
    }
}

/// What a word means in its step, or what is missing for it to mean something.
pub(super) fn completed(word: GateWord, around: Around<'_>) -> Result<Vec<Gate>, String> {
    let blue = Side::Blue;
    let gates = match word {
        GateWord::Reachable => Side::BOTH.map(|side| Gate::Reachable { side }).to_vec(),
        GateWord::DifferentServers => vec![Gate::DifferentServers],
        GateWord::DumpClientMatchesServer => {
            of_jobs(around.verb, |document| dump_client(document, blue))
        }
        GateWord::Extension => extensions(around.setting, false),
        GateWord::ExtensionsAvailable => vec![Gate::ExtensionsAvailable],
        GateWord::ExtensionWorks => extensions_work(around.setting),
        GateWord::RowsEqual => vec![Gate::RowsEqual],
        GateWord::ContentEqual => vec![Gate::ContentEqual],
        GateWord::SchemaEqual => vec![Gate::SchemaEqual],
        GateWord::SequencesSafe => vec![Gate::SequencesSafe],
        GateWord::NoWriters => vec![Gate::NoWriters { side: blue }],
        GateWord::Fenced => vec![Gate::Fenced { side: blue }],
        GateWord::NoLongTransactions => {
            vec![Gate::NoLongTransactions { side: blue, longer_than: LONG }]
        }
        GateWord::NoPreparedTransactions => vec![Gate::NoPreparedTransactions { side: blue }],
        GateWord::PodsGone => workloads_gone(around),
        GateWord::PodsReady => workloads_ready(around),
        GateWord::PvcBound => claims(around.verb),
        GateWord::Endpoints => {
            with_service(around, |service, side| Gate::Endpoints { service, side })
        }
        GateWord::Serving => with_service(around, |service, side| Gate::Serving { service, side }),
        GateWord::JobSucceeded => of_jobs(around.verb, |document| {
            Some(Gate::JobSucceeded { job: manifest::reference(document).name })
        }),
        GateWord::Privileges => vec![Gate::Privileges],
        GateWord::SqlPrivileges => vec![Gate::SqlPrivileges { side: blue }],
        GateWord::WindowOpen => vec![Gate::WindowOpen],
        GateWord::Budget => vec![Gate::Budget],
        GateWord::Soaked => around.course.soak_before(around.at).map_or_else(Vec::new, |soak| {
            vec![Gate::Soaked { step: StepId::new(around.drafts[soak].file.id.value.clone()) }]
        }),
    };
    if gates.is_empty() { Err(missing(word).to_owned()) } else { Ok(gates) }
}

const fn missing(word: GateWord) -> &'static str {
    match word {
        GateWord::DumpClientMatchesServer => {
            "this step runs no Job that says `pg_dump`; elsewhere write `{ dump-client-matches-server = { manifest = \"…\" } }`"
        }
        GateWord::JobSucceeded => {
            "this step runs no Job; elsewhere write `{ job-succeeded = \"NAME\" }`"
        }
        GateWord::Extension | GateWord::ExtensionWorks => "`[green]` has no `extensions`",
        GateWord::PodsGone => "write `{ pods-gone = \"deployment/NAME\" }`",
        GateWord::PodsReady => "write `{ pods-ready = \"deployment/NAME\" }`",
        GateWord::PvcBound => "this step applies no claim; write `{ pvc-bound = \"NAME\" }`",
        GateWord::Soaked => "no step before this one soaks",
        _ => "add `[traffic]` with `service` and `selector`",
    }
}

fn of_jobs(verb: &Verb, gate: impl Fn(&serde_json::Value) -> Option<Gate>) -> Vec<Gate> {
    match verb {
        Verb::Job { manifest } => manifest.documents.iter().filter_map(gate).collect(),
        _ => Vec::new(),
    }
}

/// The gate that holds a Job's dump client against a server, when the Job dumps.
pub(super) fn dump_client(document: &serde_json::Value, side: Side) -> Option<Gate> {
    let image = manifest::dump_image(document)?;
    Some(Gate::DumpClientMatchesServer { side, job: manifest::reference(document).name, image })
}

/// A gate for each extension that green must have.
pub(super) fn extensions(setting: &Setting, available: bool) -> Vec<Gate> {
    setting
        .green
        .extensions
        .iter()
        .map(|wanted| Gate::Extension {
            side: Side::Green,
            name: wanted.name.clone(),
            min: wanted.min.clone(),
            available,
        })
        .collect()
}

fn extensions_work(setting: &Setting) -> Vec<Gate> {
    let wanted = setting.green.extensions.iter();
    wanted
        .map(|wanted| Gate::ExtensionWorks { side: Side::Green, name: wanted.name.clone() })
        .collect()
}

fn with_service(around: Around<'_>, gate: impl Fn(String, Side) -> Gate) -> Vec<Gate> {
    around.setting.service().map(|service| gate(service, around.target())).into_iter().collect()
}

fn workloads_gone(around: Around<'_>) -> Vec<Gate> {
    let of_step = workloads(around.verb);
    let writers =
        || around.setting.traffic.iter().flat_map(|traffic| traffic.writers.clone()).collect();
    let workloads: Vec<Workload> = if of_step.is_empty() { writers() } else { of_step };
    workloads.into_iter().map(|workload| Gate::PodsGone { workload }).collect()
}

fn workloads_ready(around: Around<'_>) -> Vec<Gate> {
    let of_step = workloads(around.verb);
    let workloads = if of_step.is_empty() { after(around.setting) } else { of_step };
    workloads.into_iter().map(|workload| Gate::PodsReady { workload }).collect()
}

/// The workloads that serve once the run is done: green's and the writers.
pub(super) fn after(setting: &Setting) -> Vec<Workload> {
    let writers = setting.traffic.iter().flat_map(|traffic| &traffic.writers);
    setting.green.workload.iter().chain(writers).cloned().collect()
}

/// The workloads that a verb makes pods for.
pub(super) fn workloads(verb: &Verb) -> Vec<Workload> {
    match verb {
        Verb::Scale { workload, .. } | Verb::Restart { workload } => vec![workload.clone()],
        Verb::Patch { object, .. } => workload(&object.kind, &object.name).into_iter().collect(),
        Verb::Apply { manifests, .. } => documents(manifests)
            .filter(|document| {
                document.pointer("/spec/replicas").is_none_or(|replicas| replicas != 0)
            })
            .map(manifest::reference)
            .filter_map(|object| workload(&object.kind, &object.name))
            .collect(),
        _ => Vec::new(),
    }
}

fn workload(kind: &str, name: &str) -> Option<Workload> {
    match kind {
        "Deployment" => Some(Workload::Deployment(name.to_owned())),
        "StatefulSet" => Some(Workload::StatefulSet(name.to_owned())),
        _ => None,
    }
}

/// A gate for each claim that a verb applies.
pub(super) fn claims(verb: &Verb) -> Vec<Gate> {
    let Verb::Apply { manifests, .. } = verb else { return Vec::new() };
    documents(manifests)
        .map(manifest::reference)
        .filter(|object| object.kind == "PersistentVolumeClaim")
        .map(|object| Gate::PvcBound { claim: object.name })
        .collect()
}
