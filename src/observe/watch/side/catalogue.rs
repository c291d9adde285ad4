//! Extensions and settings: what changes seldom.

use std::collections::BTreeMap;

use tokio_postgres::Row;

use crate::model::{ExtensionView, SettingView};
use crate::observe::watch::board::put;
use crate::world::{Sql, WorldError};

use super::reader::{Kind, Reader};

const EXTENSIONS: Sql<'static> =
    Sql::Kept(include_str!("../../../../assets/sql/observe/extension-list.sql"));
const SETTINGS: Sql<'static> =
    Sql::Kept(include_str!("../../../../assets/sql/observe/settings.sql"));

/// Settings that change what the application gets, or how the server bears it, when green has others than blue.
const MATTER: &[&str] = &[
    "DateStyle",
    "IntervalStyle",
    "TimeZone",
    "archive_mode",
    "autovacuum",
    "bytea_output",
    "client_connection_check_interval",
    "data_checksums",
    "default_text_search_config",
    "default_transaction_isolation",
    "effective_cache_size",
    "fsync",
    "full_page_writes",
    "hot_standby",
    "huge_pages",
    "idle_session_timeout",
    "jit",
    "lc_messages",
    "lc_monetary",
    "lc_numeric",
    "lc_time",
    "log_timezone",
    "maintenance_work_mem",
    "max_connections",
    "max_locks_per_transaction",
    "max_prepared_transactions",
    "max_replication_slots",
    "max_wal_senders",
    "max_wal_size",
    "max_worker_processes",
    "password_encryption",
    "row_security",
    "search_path",
    "server_encoding",
    "session_preload_libraries",
    "shared_buffers",
    "shared_preload_libraries",
    "ssl",
    "standard_conforming_strings",
    "synchronous_commit",
    "temp_buffers",
    "wal_level",
    "work_mem",
];

/// Settings that are never the same and say nothing: where the server lives.
const PLACE: &[&str] = &[
    "config_file",
    "data_directory",
    "external_pid_file",
    "hba_file",
    "ident_file",
    "port",
    "unix_socket_directories",
];

pub(super) async fn extensions(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    let Some(turn) = reader.turn(Kind::Extensions) else { return Ok(()) };
    let session = reader.session;
    let rows = session.query(EXTENSIONS, &[]).await;
    let read = rows.and_then(|rows| {
        let all: Result<BTreeMap<_, _>, _> = rows.iter().map(extension).collect();
        all.map_err(|error| session.explain(EXTENSIONS, &error))
    });
    reader.done(&turn, read.map(Into::into), |view, read| put(&mut view.extensions, read))
}

fn extension(row: &Row) -> Result<(String, ExtensionView), tokio_postgres::Error> {
    let installed = row.try_get("installed")?;
    let available = Some(row.try_get("available")?);
    Ok((row.try_get("name")?, ExtensionView { installed, available }))
}

pub(super) async fn settings(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    let Some(turn) = reader.turn(Kind::Settings) else { return Ok(()) };
    let session = reader.session;
    let rows = session.query(SETTINGS, &[&MATTER]).await;
    let read = rows.and_then(|rows| {
        let all: Result<BTreeMap<_, _>, _> = rows.iter().map(setting).collect();
        all.map_err(|error| session.explain(SETTINGS, &error))
    });
    let read = read.map(|mut all| {
        all.retain(|name, _| !PLACE.contains(&name.as_str()));
        all.into()
    });
    reader.done(&turn, read, |view, read| put(&mut view.settings, read))
}

fn setting(row: &Row) -> Result<(String, SettingView), tokio_postgres::Error> {
    let name: String = row.try_get("name")?;
    let value: Option<String> = row.try_get("value")?;
    let source: String = row.try_get("source")?;
    let of_database = matches!(source.as_str(), "database" | "role" | "initdb");
    let view = SettingView {
        value: if may_show(&name) { value.unwrap_or_default() } else { "***".to_owned() },
        matters: of_database || MATTER.contains(&name.as_str()),
        source,
        pending: row.try_get("pending")?,
    };
    Ok((name, view))
}

/// Settings that hold connection strings and commands may hold passwords.
fn may_show(name: &str) -> bool {
    let name = name.to_lowercase();
    !["conninfo", "password_", "passphrase", "secret", "token", "_command", "_key"]
        .iter()
        .any(|word| name.contains(word))
        || name == "password_encryption"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_may_hold_a_secret_do_not_show() {
        for name in
            ["primary_conninfo", "ssl_passphrase_command", "archive_command", "app.jwt_secret"]
        {
            assert!(!may_show(name), "{name}");
        }
        for name in MATTER {
            assert!(may_show(name), "{name}");
        }
    }
}
