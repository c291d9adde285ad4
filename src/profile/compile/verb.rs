//! A step's words into its verb. Files are read here, so that the plan and its hash hold them.

use std::ops::Range;

use serde_json::Value;

use super::Compiler;
use super::setting::Setting;
use crate::model::{Manifest, PatchKind, Verb};
use crate::profile::file::{At, PatchFile, SqlFile, VerbFile};
use crate::profile::manifest::{self, Text};
use crate::profile::suggest::listed;

/// Files as they were read.
type Files = Vec<Text>;

impl Compiler<'_> {
    /// The verb; [`Verb::Check`] stands for one that could not be understood.
    pub(super) fn verb(&mut self, file: &VerbFile, span: &Range<usize>, setting: &Setting) -> Verb {
        self.try_verb(file, span, setting).unwrap_or(Verb::Check)
    }

    fn try_verb(
        &mut self,
        file: &VerbFile,
        span: &Range<usize>,
        setting: &Setting,
    ) -> Option<Verb> {
        Some(match file {
            VerbFile::Check => Verb::Check,
            VerbFile::Manual(instruction) => {
                self.spoken(instruction, "instruction");
                Verb::Manual { instruction: instruction.value.clone() }
            }
            VerbFile::Exec(exec) => {
                if exec.argv.value.first().is_none_or(String::is_empty) {
                    self.problem(&exec.argv.span, "no program is named", None);
                }
                Verb::Exec {
                    argv: exec.argv.value.clone(),
                    cwd: exec.cwd.clone(),
                    env: exec.env.clone(),
                    idempotent: exec.idempotent,
                }
            }
            VerbFile::Apply(apply) => {
                if apply.paths().is_empty() {
                    self.problem(span, "nothing is named that is to be applied", None);
                }
                Verb::Apply { manifests: self.manifests(apply.paths()), force: apply.force() }
            }
            VerbFile::Delete(objects) => {
                if objects.as_slice().is_empty() {
                    self.problem(span, "nothing is named that is to be deleted", None);
                }
                Verb::Delete {
                    objects: objects
                        .as_slice()
                        .iter()
                        .filter_map(|object| self.object(object))
                        .collect(),
                }
            }
            VerbFile::Job(path) => Verb::Job { manifest: self.job(path)? },
            VerbFile::Scale(scale) => {
                Verb::Scale { workload: self.workload(&scale.workload)?, replicas: scale.replicas }
            }
            VerbFile::SwitchService(side) => {
                let Some(service) = setting.service() else {
                    if self.understood {
                        let hint = "add `[traffic]` with `service` and `selector`".to_owned();
                        self.problem(span, "there is no Service to switch", Some(hint));
                    }
                    return None;
                };
                Verb::SwitchService { service, to: side.value }
            }
            VerbFile::Patch(patch) => self.patch(patch)?,
            VerbFile::Restart(workload) => Verb::Restart { workload: self.workload(workload)? },
            VerbFile::Sql(sql) => self.sql(span, sql)?,
            VerbFile::Fence(side) => Verb::Fence { side: side.value },
            VerbFile::Unfence(side) => Verb::Unfence { side: side.value },
            VerbFile::Backup(backup) => {
                self.spoken(&backup.path, "path of the backup");
                Verb::Backup { side: backup.side.value, path: backup.path.value.clone() }
            }
            VerbFile::Verify(scopes) => {
                if scopes.value.is_empty() {
                    let hint = "`counts`, `content`, `schema`, `sequences`".to_owned();
                    self.problem(&scopes.span, "nothing is compared", Some(hint));
                }
                Verb::Verify { scopes: scopes.value.clone() }
            }
            VerbFile::Soak(soak) => {
                Verb::Soak { hold: self.duration(&soak.hold)?, gates: Vec::new() }
            }
        })
    }

    fn patch(&mut self, file: &PatchFile) -> Option<Verb> {
        let object = self.object(&file.object)?;
        let kind = file.kind.unwrap_or(PatchKind::Strategic);
        let patch = json(&file.patch.value);
        if (kind == PatchKind::Json) != patch.is_array() {
            let message = match kind {
                PatchKind::Json => "a JSON patch is a list of operations",
                PatchKind::Merge | PatchKind::Strategic => "a merge patch is a table",
            };
            self.problem(&file.patch.span, message, None);
        }
        Some(Verb::Patch { object, kind, patch })
    }

    fn sql(&mut self, span: &Range<usize>, file: &SqlFile) -> Option<Verb> {
        let statement = match (&file.statement, &file.file) {
            (Some(statement), None) => statement.clone(),
            (None, Some(path)) => path.with(self.text(path)?.content),
            _ => {
                let hint = "give `statement`, or `file`, and not both".to_owned();
                self.problem(span, "the statements are not clear", Some(hint));
                return None;
            }
        };
        self.spoken(&statement, "statement");
        Some(Verb::Sql {
            side: file.side.value,
            statement: statement.value,
            transaction: file.transaction.unwrap_or(true),
            idempotent: file.idempotent,
            probe: file.probe.clone(),
        })
    }

    /// The manifests of files and folders, in the order of the list and, in a folder, of their names.
    fn manifests(&mut self, paths: &[At<String>]) -> Vec<Manifest> {
        let files: Vec<Text> = paths.iter().flat_map(|path| self.texts(path)).collect();
        files.iter().map(|file| self.parse(file)).collect()
    }

    fn parse(&mut self, file: &Text) -> Manifest {
        let mut problems = Vec::new();
        let manifest = manifest::parse(file, self.namespaces(), &mut problems);
        self.problems.append(&mut problems);
        manifest
    }

    /// The manifest of a Job: a file that holds one, and nothing else.
    pub(super) fn job(&mut self, path: &At<String>) -> Option<Manifest> {
        let text = self.text(path)?;
        let before = self.problems.len();
        let manifest = self.parse(&text);
        if self.problems.len() > before {
            return None;
        }
        let kinds: Vec<String> =
            manifest.documents.iter().map(|document| manifest::reference(document).kind).collect();
        match kinds.iter().filter(|kind| *kind == "Job").count() {
            1 if kinds.len() == 1 => return Some(manifest),
            1 => {
                let others: Vec<&str> =
                    kinds.iter().map(String::as_str).filter(|kind| *kind != "Job").collect();
                let hint = format!("{} belongs in an `apply` step before it", listed(&others));
                self.problem(
                    &path.span,
                    format!("`{}` holds more than its Job", path.value),
                    Some(hint),
                );
            }
            0 => {
                let hint = format!(
                    "it holds {}",
                    listed(&kinds.iter().map(String::as_str).collect::<Vec<_>>())
                );
                self.problem(&path.span, format!("`{}` holds no Job", path.value), Some(hint));
            }
            many => {
                let hint = "one step runs one Job; split the file".to_owned();
                self.problem(&path.span, format!("`{}` holds {many} Jobs", path.value), Some(hint));
            }
        }
        None
    }

    fn texts(&mut self, path: &At<String>) -> Files {
        let folder = format!("{}{}", self.files, path.value);
        let Ok(Some(names)) = self.source.loader.list(&folder) else {
            return self.text(path).into_iter().collect();
        };
        let base = path.value.trim_end_matches('/');
        let files: Files = names
            .iter()
            .filter(|name| manifest::is_manifest(name))
            .filter_map(|name| self.text(&path.with(format!("{base}/{name}"))))
            .collect();
        if files.is_empty() {
            self.problem(
                &path.span,
                format!("the folder `{}` holds no manifest", path.value),
                None,
            );
        }
        files
    }

    /// A file's text, or what stands in for it.
    fn text(&mut self, path: &At<String>) -> Option<Text> {
        if let Some(replacement) = self.overrides.manifests.get(&path.value) {
            return Some(Text {
                path: replacement.path.clone(),
                shown: replacement.path.clone(),
                content: replacement.text.clone(),
            });
        }
        let full = format!("{}{}", self.files, path.value);
        let shown = self.source.loader.shown(&full);
        match self.source.loader.read(&full) {
            Ok(content) => {
                let content = self.edited(path, content);
                Some(Text { path: path.value.clone(), shown, content })
            }
            Err(error) => {
                let message = format!("cannot read `{}`", path.value);
                self.problem(&path.span, message, Some(format!("looked for `{shown}`: {error}")));
                None
            }
        }
    }
}

impl Compiler<'_> {
    /// The text with the edits that are meant for it.
    fn edited(&mut self, path: &At<String>, mut content: String) -> String {
        let edits = self.overrides.edits.iter().filter(|edit| edit.manifest == path.value);
        for edit in edits {
            let times = content.matches(&edit.find).count();
            if times == 1 {
                content = content.replacen(&edit.find, &edit.put, 1);
                continue;
            }
            let what = edit.find.trim().lines().next().unwrap_or_default();
            let message =
                format!("`{what}` is {times} times in `{}`, and an edit wants it once", path.value);
            self.problem(&path.span, message, None);
        }
        content
    }
}

/// TOML into JSON; a TOML date becomes its text.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::from(*number),
        toml::Value::Boolean(truth) => Value::from(*truth),
        toml::Value::Datetime(moment) => Value::from(moment.to_string()),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.clone(), json(value))).collect())
        }
    }
}
