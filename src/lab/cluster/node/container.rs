//! What exactly is run for a container: program, arguments, environment, folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use serde_json::Value;

use super::environment::Environment;
use super::expand::expand;
use super::image::{Entrypoint, ImageSpec};
use super::names;
use super::node::Shared;
use super::translate::Translator;
use super::volume::{self, Backing};
use crate::lab::cluster::meta;
use crate::lab::process::Spec;

/// Names a container in the environment of its processes.
pub(super) const MARK: &str = "PGCUTOVER_CONTAINER";

/// Where containers write without a mount, besides what their image names.
const SCRATCH: [&str; 3] = ["/tmp", "/var/run/postgresql", "/run/postgresql"];

/// A container made ready to start, and everything that a probe needs to run beside it.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) spec: Spec,
    pub(super) translator: Translator,
    /// The folder behind `PGDATA`, if a server runs in it.
    pub(super) data: Option<PathBuf>,
}

impl Plan {
    /// The same surroundings with another command.
    pub(super) fn with_command(&self, command: &[String]) -> Spec {
        let mut line = self.translator.arguments(command).into_iter();
        Spec {
            program: line.next().unwrap_or_default().into(),
            args: line.collect(),
            last_signal: Signal::SIGKILL,
            ..self.spec.clone()
        }
    }
}

/// What a plan is made from.
pub(super) struct Ground<'a> {
    pub(super) shared: &'a Shared,
    /// With its address in `status`.
    pub(super) pod: &'a Value,
    pub(super) container: &'a Value,
    pub(super) image: &'a ImageSpec,
    pub(super) backings: &'a BTreeMap<String, Backing>,
    /// The pod's folder.
    pub(super) folder: &'a Path,
}

impl Ground<'_> {
    /// # Errors
    /// With the kubelet's words, when something is referred to that does not exist.
    pub(super) fn plan(&self) -> Result<Plan, String> {
        let translator = self.translator()?;
        let environment = self.environment()?;
        let server = self.is_server();
        let data = environment.get("PGDATA").filter(|_| server).map(|path| translator.path(path));
        let mut line = self.command_line(&environment, &translator).into_iter();
        let program = line.next().ok_or("no command specified")?;
        let folder = match meta::text(self.container, "/workingDir") {
            "" => self.folder.join("tmp"),
            path => translator.path(path),
        };
        let spec = Spec {
            program: program.into(),
            args: line.collect(),
            env: self.translated(&environment, &translator),
            folder,
            run_as: self.image.run_as,
            last_signal: if server { Signal::SIGQUIT } else { Signal::SIGKILL },
        };
        Ok(Plan { spec, translator, data })
    }

    fn strings(&self, key: &str) -> Vec<String> {
        let list = self.container[key].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Whether the entrypoint will become a PostgreSQL server.
    fn is_server(&self) -> bool {
        let arguments = self.strings("args");
        let first = arguments.first().map_or("postgres", String::as_str);
        self.image.entrypoint == Entrypoint::Postgres
            && self.strings("command").is_empty()
            && (first == "postgres" || first.starts_with('-'))
    }

    /// <https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/>
    fn command_line(&self, environment: &Environment, translator: &Translator) -> Vec<String> {
        let resolve = |text: &String| expand(text, |name| environment.get(name).map(str::to_owned));
        let command: Vec<String> = self.strings("command").iter().map(resolve).collect();
        let given: Vec<String> = self.strings("args").iter().map(resolve).collect();
        if !command.is_empty() {
            return translator.arguments(&[command, given].concat());
        }
        let arguments = if given.is_empty() { self.image.arguments.clone() } else { given };
        let arguments = translator.arguments(&arguments);
        let entrypoint = match &self.image.entrypoint {
            Entrypoint::Postgres => {
                vec!["sh".to_owned(), self.shared.entrypoint.display().to_string()]
            }
            Entrypoint::Program(program) => program.clone(),
        };
        [entrypoint, arguments].concat()
    }

    /// As the manifest means it, before anything is replaced.
    fn environment(&self) -> Result<Environment, String> {
        let mut environment = Environment::default();
        let ns = meta::namespace(self.pod);
        environment.set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.set("HOSTNAME", host_name(self.pod));
        environment.set("HOME", "/tmp");
        if self.pod["spec"]["enableServiceLinks"] != false {
            for (name, value) in names::links(&self.shared.store, ns) {
                environment.set(name, value);
            }
        }
        for (name, value) in &self.image.env {
            environment.set(name, value);
        }
        environment.add_container(&self.shared.store, self.pod, self.container)?;
        Ok(environment)
    }

    fn translated(
        &self,
        environment: &Environment,
        translator: &Translator,
    ) -> BTreeMap<String, String> {
        let replaced = environment
            .iter()
            .map(|(name, value)| (name.to_owned(), translator.value(name, value)));
        let mut env: BTreeMap<String, String> = replaced.collect();
        let own = self.image.path.iter().map(|folder| folder.display().to_string());
        let path =
            own.chain(environment.get("PATH").map(str::to_owned)).collect::<Vec<_>>().join(":");
        env.insert("PATH".to_owned(), path);
        // libpq's default for the socket's folder is compiled in, and is another one here.
        let sockets = self.folder.join("run").display().to_string();
        if self.image.entrypoint == Entrypoint::Postgres && environment.get("PGHOST").is_none() {
            env.insert("PGHOST".to_owned(), sockets.clone());
        }
        let own = [
            ("LAB_SOCKETS", sockets),
            ("LAB_ADDRESS", meta::text(self.pod, "/status/podIP").to_owned()),
            ("LAB_INIT", translator.path("/docker-entrypoint-initdb.d").display().to_string()),
            ("TMPDIR", self.folder.join("tmp").display().to_string()),
            ("HOSTNAME", host_name(self.pod).to_owned()),
            (MARK, mark(self.shared, self.pod, self.container)),
        ];
        env.extend(own.map(|(name, value)| (name.to_owned(), value)));
        env
    }

    /// Knows the container's mounts and names; the folders behind them are there afterwards.
    fn translator(&self) -> Result<Translator, String> {
        let address = meta::text(self.pod, "/status/podIP");
        let mut translator = Translator::new(self.shared.supervisor.folder().path(), address);
        names::teach(
            &mut translator,
            &self.shared.store,
            &self.shared.addresses,
            meta::namespace(self.pod),
        );
        let own = self.folder.join("c").join(name_of(self.container));
        for path in SCRATCH {
            translator.mount(path, self.folder.join(if path == "/tmp" { "tmp" } else { "run" }));
        }
        for path in &self.image.folders {
            translator.mount(path, self.make(&own.join(path.trim_start_matches('/')))?);
        }
        let mounts: Vec<&Value> =
            self.container["volumeMounts"].as_array().into_iter().flatten().collect();
        for mount in &mounts {
            translator.mount(meta::text(mount, "/mountPath"), self.folder_of(mount, &own)?);
        }
        // Only now is known what has to be replaced in the files.
        for mount in &mounts {
            if let Some(Backing::Files(files)) = self.backings.get(name_of(mount)) {
                volume::write(
                    files,
                    &own.join("volumes").join(name_of(mount)),
                    &translator,
                    &self.shared.supervisor,
                )?;
            }
        }
        Ok(translator)
    }

    fn folder_of(&self, mount: &Value, own: &Path) -> Result<PathBuf, String> {
        let name = name_of(mount);
        let base = match self.backings.get(name) {
            Some(Backing::Folder(folder)) => folder.clone(),
            Some(Backing::Files(_)) => own.join("volumes").join(name),
            None => return Err(format!("volume {name:?} is not among the pod's volumes")),
        };
        let below = mount["subPath"].as_str().or(mount["subPathExpr"].as_str()).unwrap_or_default();
        if below.split('/').any(|part| part == "..") {
            return Err(format!("volume {name:?}: the subPath {below:?} leaves the volume"));
        }
        let path = if below.is_empty() { base.clone() } else { base.join(below) };
        // A subPath of a file is the file itself.
        if matches!(self.backings.get(name), Some(Backing::Files(_))) {
            self.make(&base)?;
            return Ok(path);
        }
        self.make(&path)
    }

    fn make(&self, path: &Path) -> Result<PathBuf, String> {
        if !path.exists() {
            fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))?;
            if let Some(owner) = self.shared.supervisor.account() {
                owner.own(path).map_err(|error| error.to_string())?;
            }
        }
        Ok(path.to_owned())
    }
}

fn host_name(pod: &Value) -> &str {
    pod["spec"]["hostname"].as_str().unwrap_or_else(|| meta::name(pod))
}

/// The name of a container, a mount, a volume.
pub(super) fn name_of(part: &Value) -> &str {
    meta::text(part, "/name")
}

/// The value of [`MARK`] for a container's processes. Uids repeat from lab to lab, so the lab is part of it.
pub(super) fn mark(shared: &Shared, pod: &Value, container: &Value) -> String {
    format!(
        "{}:{}/{}",
        shared.supervisor.folder().path().display(),
        meta::uid(pod),
        name_of(container)
    )
}

/// The uid of the pod that a mark of this lab names.
pub(super) fn marked_pod<'a>(lab: &Path, mark: &'a str) -> Option<&'a str> {
    let rest = mark.strip_prefix(&lab.display().to_string())?.strip_prefix(':')?;
    rest.split_once('/').map(|(uid, _)| uid)
}
