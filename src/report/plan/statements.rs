//! The SQL of a step: what its verb runs, what its gates ask.

use serde::Serialize;

use crate::model::{Connection, Gate, Runbook, Side, Step, Undo, Verb, VerifyScope};

/// A file below `assets/sql`, by its path there.
macro_rules! file {
    ($path:literal) => {
        Sql::File { path: $path, text: include_str!(concat!("../../../assets/sql/", $path)) }
    };
}

/// The text of a statement, or the file that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Sql {
    Text(String),
    File { path: &'static str, text: &'static str },
}

/// A statement and where it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Statement {
    pub(super) side: Side,
    pub(super) sql: Sql,
}

impl Statement {
    /// All of it, on one line and without its comments.
    pub(super) fn whole(&self) -> String {
        let text = match &self.sql {
            Sql::Text(text) => text.as_str(),
            Sql::File { text, .. } => text,
        };
        let code = text.lines().map(|line| line.split("--").next().unwrap_or_default().trim());
        let code: Vec<&str> = code.filter(|line| !line.is_empty()).collect();
        format!("{}: {}", self.side, code.join(" "))
    }

    /// In a line: what its file says that it is for, or how it begins.
    pub(super) fn line(&self) -> String {
        let told = match &self.sql {
            Sql::Text(text) => beginning(text),
            Sql::File { text, .. } => purpose(text),
        };
        format!("{}: {told}", self.side)
    }

    /// As it stands in a plan for people: a file by its name and the first line of its comment.
    pub(super) fn told(&self) -> String {
        let text = match &self.sql {
            Sql::Text(text) => text.trim().replace('\n', &format!("\n{}", " ".repeat(7))),
            Sql::File { path, text } => {
                let comment = text.lines().next().and_then(|line| line.strip_prefix("-- "));
                format!("{path}: {}", comment.unwrap_or_default())
            }
        };
        format!("{:<6} {text}", self.side)
    }
}

/// The statements of a verb.
pub(super) fn acting(runbook: &Runbook, verb: &Verb) -> Vec<Statement> {
    of_verb(runbook, verb)
}

/// The statements of a step's verb and gates, each once.
pub(super) fn statements(runbook: &Runbook, step: &Step) -> Vec<Statement> {
    let held = if let Verb::Soak { gates, .. } = &step.verb { gates.as_slice() } else { &[] };
    let gates =
        step.gates.iter().chain(&step.expect).chain(held).flat_map(|gate| of_gate(runbook, gate));
    once(of_verb(runbook, &step.verb).into_iter().chain(gates))
}

/// The statements of a step's undo.
pub(super) fn undoing(runbook: &Runbook, step: &Step) -> Vec<Statement> {
    match (&step.undo, &step.verb) {
        (Undo::Verb(verb), _) => of_verb(runbook, verb),
        (Undo::Former, Verb::Fence { side }) => of_verb(runbook, &Verb::Unfence { side: *side }),
        (Undo::Former, Verb::Unfence { side }) => of_verb(runbook, &Verb::Fence { side: *side }),
        _ => Vec::new(),
    }
}

fn once(statements: impl Iterator<Item = Statement>) -> Vec<Statement> {
    let mut all: Vec<Statement> = Vec::new();
    for statement in statements {
        if !all.contains(&statement) {
            all.push(statement);
        }
    }
    all
}

fn of_verb(runbook: &Runbook, verb: &Verb) -> Vec<Statement> {
    match verb {
        Verb::Sql { side, statement, transaction, .. } => {
            let text = if *transaction {
                format!("BEGIN;\n{}\nCOMMIT", statement.trim())
            } else {
                statement.clone()
            };
            vec![on(*side, Sql::Text(text))]
        }
        Verb::Fence { side } => {
            let shut = vec![
                file!("fence/former.sql"),
                set(runbook, *side, "SET default_transaction_read_only = on"),
                file!("fence/terminate.sql"),
            ];
            all_on(*side, [shut, proof()].concat())
        }
        Verb::Unfence { side } => {
            let reset = set(runbook, *side, "RESET default_transaction_read_only");
            all_on(
                *side,
                vec![
                    file!("fence/former.sql"),
                    reset,
                    file!("fence/terminate.sql"),
                    file!("fence/canary.sql"),
                ],
            )
        }
        Verb::Verify { scopes } => both(&comparing(scopes)),
        Verb::Backup { side, .. } => vec![on(*side, file!("backup/tables.sql"))],
        _ => Vec::new(),
    }
}

/// What proves a fence.
fn proof() -> Vec<Sql> {
    vec![
        file!("fence/settings.sql"),
        file!("fence/prepared.sql"),
        file!("fence/clients.sql"),
        file!("fence/canary.sql"),
        file!("fence/sample.sql"),
    ]
}

fn comparing(scopes: &[VerifyScope]) -> Vec<Sql> {
    let has = |scope| scopes.contains(&scope);
    let mut all = vec![
        Sql::Text("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned()),
        file!("verify/prepare.sql"),
        file!("verify/position.sql"),
        file!("verify/tables.sql"),
    ];
    if has(VerifyScope::Content) {
        all.push(file!("verify/hash-probe.sql"));
        all.push(Sql::Text(
            "SELECT count(*), sum(HASH OF THE ROW) FROM ONLY EACH TABLE AS t".to_owned(),
        ));
        all.push(file!("verify/large-objects.sql"));
    } else if has(VerifyScope::Counts) {
        all.push(Sql::Text("SELECT count(*) FROM ONLY EACH TABLE AS t".to_owned()));
    }
    if has(VerifyScope::Schema) {
        all.push(file!("verify/schema.sql"));
    }
    if has(VerifyScope::Sequences) {
        all.push(file!("verify/sequences.sql"));
    }
    all
}

fn of_gate(runbook: &Runbook, gate: &Gate) -> Vec<Statement> {
    match gate {
        Gate::Reachable { side } => {
            all_on(*side, vec![file!("world/peer.sql"), file!("observe/server.sql")])
        }
        Gate::VersionAtLeast { side, .. }
        | Gate::DumpClientMatchesServer { side, .. }
        | Gate::Serving { side, .. } => {
            vec![on(*side, file!("world/peer.sql"))]
        }
        Gate::DifferentServers => both(&[file!("world/peer.sql"), file!("observe/server.sql")]),
        Gate::Extension { side, .. } => vec![on(*side, file!("observe/extension.sql"))],
        Gate::ExtensionsAvailable => {
            vec![
                on(Side::Blue, file!("observe/extensions.sql")),
                on(Side::Green, file!("observe/available.sql")),
            ]
        }
        Gate::ExtensionWorks { side, .. } => all_on(
            *side,
            vec![file!("observe/extension-schema.sql"), file!("observe/vector-trial.sql")],
        ),
        Gate::RowsEqual | Gate::ContentEqual | Gate::SchemaEqual | Gate::SequencesSafe => {
            vec![on(Side::Blue, file!("verify/position.sql"))]
        }
        Gate::NoWriters { side } => {
            all_on(*side, vec![file!("fence/clients.sql"), file!("fence/sample.sql")])
        }
        Gate::Fenced { side } => all_on(*side, proof()),
        Gate::NoLongTransactions { side, .. } => {
            all_on(*side, vec![file!("observe/hidden.sql"), file!("observe/transactions.sql")])
        }
        Gate::NoPreparedTransactions { side } => vec![on(*side, file!("observe/prepared.sql"))],
        Gate::Sql { side, query, .. } => vec![on(*side, Sql::Text(query.clone()))],
        Gate::SqlPrivileges { side } => {
            let needed = runbook.sql_privileges().into_iter().filter(|needed| needed.side == *side);
            needed.map(|needed| on(*side, Sql::Text(body(needed.grant.query())))).collect()
        }
        Gate::PodsGone { .. }
        | Gate::PodsReady { .. }
        | Gate::PvcBound { .. }
        | Gate::Endpoints { .. }
        | Gate::JobSucceeded { .. }
        | Gate::Http { .. }
        | Gate::Privileges
        | Gate::WindowOpen
        | Gate::Budget
        | Gate::Soaked { .. } => Vec::new(),
    }
}

fn set(runbook: &Runbook, side: Side, what: &str) -> Sql {
    let database = match &runbook.store(side).connection {
        Connection::Pod { database, .. } => format!("\"{}\"", database.replace('"', "\"\"")),
        Connection::Uri { .. } => "THE DATABASE".to_owned(),
    };
    Sql::Text(format!("ALTER DATABASE {database} {what}"))
}

const fn on(side: Side, sql: Sql) -> Statement {
    Statement { side, sql }
}

fn all_on(side: Side, all: Vec<Sql>) -> Vec<Statement> {
    all.into_iter().map(|sql| on(side, sql)).collect()
}

fn both(all: &[Sql]) -> Vec<Statement> {
    Side::BOTH.into_iter().flat_map(|side| all_on(side, all.to_vec())).collect()
}

/// The first line, and how many there are where it is not the only one.
fn beginning(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, ..] => format!("{first}  ({} lines)", lines.len()),
    }
}

/// The first sentence of the comment on top of a file.
fn purpose(text: &str) -> String {
    let comment: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("-- ")).collect();
    let comment = comment.join(" ");
    let sentence = comment.split(". ").next().unwrap_or_default();
    sentence.trim_end_matches('.').to_owned()
}

/// A statement without the comment on top of its file.
fn body(sql: &str) -> String {
    let lines: Vec<&str> = sql.trim().lines().skip_while(|line| line.starts_with("--")).collect();
    lines.join("\n")
}
