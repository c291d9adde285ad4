//! Where a runbook works: the cluster, the stores, the traffic between them, what is watched, and when.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Compiler;
use crate::model::{
    Connection, ExtensionWanted, SecretRef, Side, Store, StoreKind, Traffic, Watch, Window,
};
use crate::profile::file::{
    At, ConnectionFile, ExtensionFile, KindFile, ProfileFile, SecretFile, StoreFile, TablesFile,
    TrafficFile, WatchFile, WindowFile,
};

const POSTGRES_PORT: u16 = 5432;
const REFRESH: Duration = Duration::from_secs(2);
const BUDGET: Duration = Duration::from_secs(600);

/// All of a runbook but its phases.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) blue: Store,
    pub(super) green: Store,
    pub(super) traffic: Option<Traffic>,
    pub(super) watch: Watch,
    pub(super) window: Window,
    /// The lowest `server_version_num` of each side, where the profile says one.
    pub(super) versions: [Option<u32>; 2],
}

impl Setting {
    pub(super) const fn store(&self, side: Side) -> &Store {
        match side {
            Side::Blue => &self.blue,
            Side::Green => &self.green,
        }
    }

    pub(super) const fn version(&self, side: Side) -> Option<u32> {
        match side {
            Side::Blue => self.versions[0],
            Side::Green => self.versions[1],
        }
    }

    /// The Service, where there is traffic.
    pub(super) fn service(&self) -> Option<String> {
        self.traffic.as_ref().map(|traffic| traffic.service.clone())
    }
}

impl Compiler<'_> {
    pub(super) fn setting(&mut self, profile: &ProfileFile) -> Setting {
        self.object_name(
            &profile.cluster.namespace,
            "a namespace is lower-case letters, digits and dashes",
        );
        let own = profile.cluster.namespace.value.clone();
        let target = self.overrides.namespace.clone().unwrap_or_else(|| own.clone());
        self.namespaces = (own, target);
        self.files = profile.files.as_ref().map_or_else(String::new, |files| {
            let folder = files.value.trim_end_matches('/');
            if folder.is_empty() { String::new() } else { format!("{folder}/") }
        });
        let setting = Setting {
            versions: [&profile.blue, &profile.green].map(|store| self.major(store)),
            blue: self.store(&profile.blue),
            green: self.store(&profile.green),
            traffic: profile.traffic.as_ref().map(|traffic| self.traffic(traffic)),
            watch: self.watch(&profile.watch),
            window: self.window(&profile.window),
        };
        if setting.blue.connection == setting.green.connection {
            let hint = "each side is reached by labels of its own pods".to_owned();
            self.problem(
                &profile.green.connection.span,
                "green is reached as blue is: they would be one server",
                Some(hint),
            );
        }
        setting
    }

    /// A major version as `server_version_num` counts it.
    fn major(&mut self, store: &StoreFile) -> Option<u32> {
        store.version.as_ref().and_then(|version| self.version_num(version))
    }

    pub(super) fn version_num(&mut self, version: &At<u32>) -> Option<u32> {
        if (10..1000).contains(&version.value) {
            return Some(version.value * 10_000);
        }
        let hint = "a major version, such as `17`".to_owned();
        self.problem(
            &version.span,
            format!("`{}` is not a version of PostgreSQL", version.value),
            Some(hint),
        );
        None
    }

    fn store(&mut self, store: &StoreFile) -> Store {
        Store {
            kind: match store.kind {
                KindFile::Postgres => StoreKind::Postgres,
            },
            workload: store.workload.as_ref().and_then(|workload| self.workload(workload)),
            connection: self.connection(&store.connection),
            extensions: store.extensions.iter().map(extension).collect(),
        }
    }

    fn connection(&mut self, at: &At<ConnectionFile>) -> Connection {
        let file = &at.value;
        match (&file.pod, &file.uri) {
            (Some(labels), None) => self.pod(at, labels),
            (None, Some(uri)) => {
                self.only_uri(file);
                self.without_password(uri);
                Connection::Uri { uri: uri.value.clone() }
            }
            (Some(_), Some(uri)) => {
                let hint = "a server is reached in one way: keep one of them".to_owned();
                self.problem(&uri.span, "the connection has both `pod` and `uri`", Some(hint));
                Connection::Uri { uri: String::new() }
            }
            (None, None) => {
                let hint = "add `pod = { app = \"NAME\" }` and `database`, or `uri`".to_owned();
                self.problem(&at.span, "the connection says neither `pod` nor `uri`", Some(hint));
                Connection::Uri { uri: String::new() }
            }
        }
    }

    fn pod(
        &mut self,
        at: &At<ConnectionFile>,
        labels: &At<BTreeMap<String, String>>,
    ) -> Connection {
        let file = &at.value;
        if labels.value.is_empty() {
            let hint = "without labels it would be any pod of the namespace".to_owned();
            self.problem(&labels.span, "no labels are given", Some(hint));
        }
        let database = file.database.as_ref().map_or_else(
            || {
                self.problem(&at.span, "the connection has no `database`", None);
                String::new()
            },
            |database| database.value.clone(),
        );
        if let Some(port) = file.port.as_ref().filter(|port| port.value == 0) {
            self.problem(&port.span, "port 0 is nobody's", None);
        }
        Connection::Pod {
            labels: labels.value.clone(),
            port: file.port.as_ref().map_or(POSTGRES_PORT, |port| port.value),
            database,
            secret: file.secret.as_ref().map(|secret| self.secret(secret)),
            direct: file.direct.as_ref().is_some_and(|direct| direct.value),
        }
    }

    fn secret(&mut self, at: &At<SecretFile>) -> SecretRef {
        let (name, user, password) = match &at.value {
            SecretFile::Name(name) => (name, None, None),
            SecretFile::Table(table) => {
                (&table.name, table.user_key.clone(), table.password_key.clone())
            }
        };
        self.object_name(&at.with(name.clone()), "the name of a Secret");
        SecretRef {
            name: name.clone(),
            user_key: user.unwrap_or_else(|| "POSTGRES_USER".to_owned()),
            password_key: password.unwrap_or_else(|| "POSTGRES_PASSWORD".to_owned()),
        }
    }

    fn only_uri(&mut self, file: &ConnectionFile) {
        let others = [
            ("port", file.port.as_ref().map(|at| &at.span)),
            ("database", file.database.as_ref().map(|at| &at.span)),
            ("secret", file.secret.as_ref().map(|at| &at.span)),
            ("direct", file.direct.as_ref().map(|at| &at.span)),
        ];
        for (field, span) in others {
            if let Some(span) = span.cloned() {
                let hint =
                    "user and password come from the environment or `~/.pgpass` then".to_owned();
                self.problem(&span, format!("`{field}` has no meaning beside `uri`"), Some(hint));
            }
        }
    }

    fn without_password(&mut self, uri: &At<String>) {
        let text = &uri.value;
        let userinfo = text
            .split_once("://")
            .and_then(|(_, rest)| rest.split(['/', '?']).next()?.rsplit_once('@'));
        let has =
            userinfo.is_some_and(|(user, _)| user.contains(':')) || text.contains("password=");
        if has {
            let hint = "leave it out: it is taken from `PGPASSWORD`, `~/.pgpass` or a service file"
                .to_owned();
            self.problem(&uri.span, "the connection string holds a password", Some(hint));
        }
    }

    fn traffic(&mut self, file: &TrafficFile) -> Traffic {
        self.object_name(&file.service, "the name of a Service");
        for (side, selector) in [("blue", &file.selector.blue), ("green", &file.selector.green)] {
            if selector.value.is_empty() {
                let hint = "a Service without a selector gets no endpoints".to_owned();
                self.problem(
                    &selector.span,
                    format!("the selector of {side} is empty"),
                    Some(hint),
                );
            }
        }
        if file.selector.blue.value == file.selector.green.value {
            let hint = "the switch would change nothing".to_owned();
            self.problem(&file.selector.green.span, "green's selector is blue's", Some(hint));
        }
        Traffic {
            service: file.service.value.clone(),
            blue: file.selector.blue.value.clone(),
            green: file.selector.green.value.clone(),
            writers: file.writers.iter().filter_map(|writer| self.workload(writer)).collect(),
        }
    }

    fn watch(&mut self, file: &WatchFile) -> Watch {
        let tables = match file.tables.as_ref().map(|at| (&at.value, &at.span)) {
            None => Vec::new(),
            Some((TablesFile::Word(word), _)) if word == "all" => Vec::new(),
            Some((TablesFile::Word(word), span)) => {
                let hint = "`\"all\"`, or a list such as `[\"public.sprints\"]`".to_owned();
                self.problem(span, format!("`{word}` is not a list of tables"), Some(hint));
                Vec::new()
            }
            Some((TablesFile::List(tables), span)) => {
                for table in tables {
                    self.table(&At { value: table.clone(), span: span.clone() });
                }
                if tables.is_empty() {
                    self.problem(
                        span,
                        "no table is watched",
                        Some("write `\"all\"` for every table".to_owned()),
                    );
                }
                tables.clone()
            }
        };
        for (table, reason) in &file.exclude {
            self.table(&reason.with(table.clone()));
            self.spoken(reason, "reason for leaving a table out");
        }
        Watch {
            tables,
            exclude: file
                .exclude
                .iter()
                .map(|(table, reason)| (table.clone(), reason.value.clone()))
                .collect(),
            refresh: self.duration_or(file.refresh.as_ref(), REFRESH),
        }
    }

    fn table(&mut self, at: &At<String>) {
        if !at.value.contains('.') {
            let hint = format!("such as `public.{}`", at.value);
            self.problem(&at.span, format!("the table `{}` has no schema", at.value), Some(hint));
        }
    }

    fn window(&mut self, file: &WindowFile) -> Window {
        let opens = file.opens.as_ref().and_then(|at| self.moment(at));
        let closes = file.closes.as_ref().and_then(|at| self.moment(at));
        if let (Some(opens), Some(closes), Some(at)) = (opens, closes, &file.closes)
            && closes <= opens
        {
            self.problem(&at.span, "the window closes before it opens", None);
        }
        let budget = self.duration_or(file.budget.as_ref(), BUDGET);
        Window { budget: self.shortened(budget), opens, closes }
    }

    /// A budget, or the shorter one that stands in for it.
    pub(super) fn shortened(&self, budget: Duration) -> Duration {
        self.overrides.budget.map_or(budget, |shorter| shorter.min(budget))
    }
}

fn extension(at: &At<ExtensionFile>) -> ExtensionWanted {
    match &at.value {
        ExtensionFile::Name(name) => ExtensionWanted { name: name.clone(), min: None },
        ExtensionFile::Table(table) => {
            ExtensionWanted { name: table.name.clone(), min: table.min.clone() }
        }
    }
}
