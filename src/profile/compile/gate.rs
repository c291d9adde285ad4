//! Gates: a list without repetitions, each a word that is completed or a table that is checked.

use super::Compiler;
use super::complete::{completed, dump_client};
use super::course::{Course, Draft};
use super::setting::Setting;
use crate::model::{Gate, HttpTarget, Side, StepId, Verb};
use crate::profile::file::{At, GateFile, GateTable, HttpFile};

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
    pub(super) const fn target(&self) -> Side {
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
