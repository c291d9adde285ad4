//! Gates: a word is completed from its step and the profile, a table is checked.

use std::time::Duration;

use super::Compiler;
use super::course::{Course, Draft, documents};
use super::setting::Setting;
use crate::model::{Gate, HttpTarget, Side, StepId, Verb, Workload};
use crate::profile::file::{At, GateFile, GateTable, GateWord, HttpFile};
use crate::profile::manifest;

/// A transaction on blue that is older than this delays the fence, or is lost with it.
pub(super) const LONG: Duration = Duration::from_secs(60);

/// The step that a gate belongs to, and what is around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) at: usize,
    pub(super) verb: &'a Verb,
    pub(super) drafts: &'a [Draft<'a>],
    pub(super) course: &'a Course,
    pub(super) setting: &'a Setting,
}

impl Around<'_> {
    /// The side that a word means where it could be either: the one that is switched to, else green.
    const fn target(&self) -> Side {
        match self.verb {
            Verb::SwitchService { to, .. } => *to,
            _ => Side::Green,
        }
    }
}

impl Compiler<'_> {
    /// The gates that a list says, without repetitions.
    pub(super) fn gates(&mut self, list: &[At<GateFile>], around: Around<'_>) -> Vec<Gate> {
        list.iter().flat_map(|gate| self.gate(gate, around)).collect()
    }

    fn gate(&mut self, at: &At<GateFile>, around: Around<'_>) -> Vec<Gate> {
        match &at.value {
            GateFile::Word(word) => {
                let gates = completed(*word, around);
                gates.unwrap_or_else(|missing| {
                    self.problem(
                        &at.span,
                        format!("nothing to complete `{}` from", word.word()),
                        Some(missing),
                    );
                    Vec::new()
                })
            }
            GateFile::Table(table) => self.table_gate(at, table, around).into_iter().collect(),
        }
    }

    fn table_gate(
        &mut self,
        at: &At<GateFile>,
        table: &GateTable,
        around: Around<'_>,
    ) -> Option<Gate> {
        Some(match table {
            GateTable::Reachable(side) => Gate::Reachable { side: *side },
            GateTable::VersionAtLeast(file) => {
                Gate::VersionAtLeast { side: file.side, version: self.version_num(&file.version)? }
            }
            GateTable::DumpClientMatchesServer(file) => {
                let manifest = self.job(&file.manifest)?;
                let side = file.side.unwrap_or(Side::Blue);
                let Some(gate) =
                    manifest.documents.first().and_then(|document| dump_client(document, side))
                else {
                    let hint = "no command or argument of its containers says `pg_dump`".to_owned();
                    self.problem(&file.manifest.span, "the Job does not dump", Some(hint));
                    return None;
                };
                gate
            }
            GateTable::Extension(file) => Gate::Extension {
                side: file.side.unwrap_or(Side::Green),
                name: file.name.clone(),
                min: file.min.clone(),
                available: file.available,
            },
            GateTable::ExtensionWorks(file) => Gate::ExtensionWorks {
                side: file.side.unwrap_or(Side::Green),
                name: file.name.clone(),
            },
            GateTable::NoWriters(side) => Gate::NoWriters { side: *side },
            GateTable::Fenced(side) => Gate::Fenced { side: *side },
            GateTable::NoLongTransactions(file) => Gate::NoLongTransactions {
                side: file.side.unwrap_or(Side::Blue),
                longer_than: self.duration(&file.longer_than)?,
            },
            GateTable::NoPreparedTransactions(side) => Gate::NoPreparedTransactions { side: *side },
            GateTable::SqlPrivileges(side) => Gate::SqlPrivileges { side: *side },
            GateTable::PodsGone(workload) => Gate::PodsGone { workload: self.workload(workload)? },
            GateTable::PodsReady(workload) => {
                Gate::PodsReady { workload: self.workload(workload)? }
            }
            GateTable::PvcBound(claim) => {
                self.object_name(claim, "the name of a claim");
                Gate::PvcBound { claim: claim.value.clone() }
            }
            GateTable::Endpoints(side) => {
                Gate::Endpoints { service: self.service(at, around.setting)?, side: *side }
            }
            GateTable::Serving(side) => {
                Gate::Serving { service: self.service(at, around.setting)?, side: *side }
            }
            GateTable::JobSucceeded(job) => {
                self.object_name(job, "the name of a Job");
                Gate::JobSucceeded { job: job.value.clone() }
            }
            GateTable::Http(file) => self.http(at, file)?,
            GateTable::Sql(file) => {
                self.spoken(&file.query, "query");
                Gate::Sql {
                    side: file.side,
                    query: file.query.value.clone(),
                    expect: file.expect.clone().unwrap_or_else(|| "t".to_owned()),
                }
            }
            GateTable::Soaked(step) => self.soaked(step, around)?,
        })
    }

    fn service(&mut self, at: &At<GateFile>, setting: &Setting) -> Option<String> {
        let service = setting.service();
        if service.is_none() && self.understood {
            let hint = "add `[traffic]` with `service` and `selector`".to_owned();
            self.problem(&at.span, "there is no Service that this could be about", Some(hint));
        }
        service
    }

    /// A soak that this step waits for. It must come before: a later one would wait for this step in turn.
    fn soaked(&mut self, at: &At<String>, around: Around<'_>) -> Option<Gate> {
        let named = around.drafts.iter().position(|draft| draft.file.id.value == at.value);
        let is_soak = named.is_some_and(|named| around.course.soaks.contains(&named));
        match named {
            Some(named) if named < around.at && is_soak => {
                return Some(Gate::Soaked { step: StepId::new(at.value.clone()) });
            }
            Some(named) if named == around.at => {
                let hint = self.soaks_of(around);
                self.problem(&at.span, "a step waits for itself", hint);
            }
            Some(named) if named > around.at => {
                let own = &around.drafts[around.at].file.id.value;
                let hint = format!("`{own}` would wait for `{}`, which comes after it", at.value);
                self.problem(&at.span, "a cyclic reference", Some(hint));
            }
            Some(_) => {
                self.problem(
                    &at.span,
                    format!("`{}` does not soak", at.value),
                    self.soaks_of(around),
                );
            }
            None => self.problem(&at.span, format!("there is no step `{}`", at.value), {
                let steps = around.drafts.iter().map(|draft| draft.file.id.value.as_str());
                Some(crate::profile::suggest::did_you_mean(&at.value, steps))
            }),
        }
        None
    }

    #[expect(clippy::unused_self, reason = "reads as a question to the compiler")]
    fn soaks_of(&self, around: Around<'_>) -> Option<String> {
        let soaks: Vec<&str> = around
            .course
            .soaks
            .iter()
            .map(|soak| around.drafts[*soak].file.id.value.as_str())
            .collect();
        (!soaks.is_empty())
            .then(|| format!("soaks are {}", crate::profile::suggest::listed(&soaks)))
    }

    fn http(&mut self, at: &At<GateFile>, file: &HttpFile) -> Option<Gate> {
        let target = match (&file.url, &file.service) {
            (Some(url), None) => {
                self.url(url);
                for (field, span) in [
                    ("port", file.port.as_ref().map(|at| &at.span)),
                    ("path", file.path.as_ref().map(|at| &at.span)),
                ] {
                    if let Some(span) = span.cloned() {
                        self.problem(&span, format!("`{field}` has no meaning beside `url`"), None);
                    }
                }
                HttpTarget::Url(url.value.clone())
            }
            (None, Some(service)) => {
                self.object_name(service, "the name of a Service");
                HttpTarget::Service {
                    service: service.value.clone(),
                    port: file.port.as_ref().map_or(80, |port| port.value),
                    path: self.path(file.path.as_ref()),
                }
            }
            _ => {
                let hint = "give `url`; or `service` with `port` and `path`, reached through the API server".to_owned();
                self.problem(&at.span, "the address is not clear", Some(hint));
                return None;
            }
        };
        if let Some(status) =
            file.status.as_ref().filter(|status| !(100..600).contains(&status.value))
        {
            self.problem(&status.span, format!("`{}` is not a status of HTTP", status.value), None);
        }
        let status = file.status.as_ref().map_or(200, |status| status.value);
        Some(Gate::Http { target, status, contains: file.contains.clone() })
    }

    fn url(&mut self, url: &At<String>) {
        let rest = url.value.strip_prefix("http://").or_else(|| url.value.strip_prefix("https://"));
        if rest.is_none_or(|rest| rest.is_empty() || rest.starts_with('/')) {
            let hint = "it begins with `http://` or `https://` and a host".to_owned();
            self.problem(&url.span, format!("`{}` is not an address", url.value), Some(hint));
        }
    }

    fn path(&mut self, path: Option<&At<String>>) -> String {
        let Some(path) = path else { return "/".to_owned() };
        if !path.value.starts_with('/') {
            self.problem(&path.span, "the path does not begin with a slash", None);
        }
        path.value.clone()
    }
}

impl GateWord {
    fn word(self) -> &'static str {
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
fn completed(word: GateWord, around: Around<'_>) -> Result<Vec<Gate>, String> {
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
