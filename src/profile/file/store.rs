//! The stores, the traffic between them and what is watched.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::at::{At, word_or_table};

/// What holds the data on a side.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Store")]
pub(in crate::profile) struct StoreFile {
    /// What it is; `postgres` when absent.
    #[serde(default)]
    pub(in crate::profile) kind: KindFile,
    /// The workload that runs it: `deployment/NAME` or `statefulset/NAME`.
    pub(in crate::profile) workload: Option<At<String>>,
    /// How it is reached, and as whom.
    pub(in crate::profile) connection: At<ConnectionFile>,
    /// The lowest major version that the server may have, such as `17`.
    pub(in crate::profile) version: Option<At<u32>>,
    /// The extensions that it must have: names, or tables with `name` and `min`.
    #[serde(default)]
    pub(in crate::profile) extensions: Vec<At<ExtensionFile>>,
}

/// The kind of a store.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Kind")]
pub(in crate::profile) enum KindFile {
    /// A PostgreSQL database.
    #[default]
    Postgres,
}

/// How a database is reached: `pod` with `database`, or `uri`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Connection")]
pub(in crate::profile) struct ConnectionFile {
    /// The labels of its pod. Never the selector of the Service that is switched.
    pub(in crate::profile) pod: Option<At<BTreeMap<String, String>>>,
    /// The port that the server listens on; 5432 when absent.
    pub(in crate::profile) port: Option<At<u16>>,
    /// The database.
    pub(in crate::profile) database: Option<At<String>>,
    /// The Secret that holds user and password: its name, or a table that names the keys too.
    pub(in crate::profile) secret: Option<At<SecretFile>>,
    /// Connects to the pod's address instead of through the API server.
    pub(in crate::profile) direct: Option<At<bool>>,
    /// A libpq connection string or URI without a password.
    pub(in crate::profile) uri: Option<At<String>>,
}

/// A Secret by its name, or with the keys in it.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
#[schemars(rename = "Secret")]
pub(in crate::profile) enum SecretFile {
    /// Its name; the keys are `POSTGRES_USER` and `POSTGRES_PASSWORD`, as the official image wants them.
    Name(String),
    /// Its name and keys.
    Table(SecretTable),
}

/// A Secret and the keys of user and password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "SecretTable")]
pub(in crate::profile) struct SecretTable {
    /// The Secret's name.
    pub(in crate::profile) name: String,
    /// The key of the user's name; `POSTGRES_USER` when absent.
    pub(in crate::profile) user_key: Option<String>,
    /// The key of the password; `POSTGRES_PASSWORD` when absent.
    pub(in crate::profile) password_key: Option<String>,
}

impl<'de> Deserialize<'de> for SecretFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match word_or_table(deserializer)? {
            Ok(name) => Self::Name(name),
            Err(table) => Self::Table(table),
        })
    }
}

/// An extension by its name, or with the lowest version that will do.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
#[schemars(rename = "Extension")]
pub(in crate::profile) enum ExtensionFile {
    /// Its name in `pg_extension`.
    Name(String),
    /// Its name and version.
    Table(ExtensionTable),
}

/// An extension and the lowest version that will do.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "ExtensionTable")]
pub(in crate::profile) struct ExtensionTable {
    /// Its name in `pg_extension`.
    pub(in crate::profile) name: String,
    /// The lowest version that will do, such as `0.8.0`.
    pub(in crate::profile) min: Option<String>,
}

impl<'de> Deserialize<'de> for ExtensionFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match word_or_table(deserializer)? {
            Ok(name) => Self::Name(name),
            Err(table) => Self::Table(table),
        })
    }
}

/// How clients reach the serving side.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Traffic")]
pub(in crate::profile) struct TrafficFile {
    /// The Service whose selector is switched.
    pub(in crate::profile) service: At<String>,
    /// The selector that means blue, and the one that means green.
    pub(in crate::profile) selector: SelectorFile,
    /// The workloads that write: `deployment/NAME` or `statefulset/NAME`.
    #[serde(default)]
    pub(in crate::profile) writers: Vec<At<String>>,
}

/// A selector for each side.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Selector")]
pub(in crate::profile) struct SelectorFile {
    /// The labels that mean blue.
    pub(in crate::profile) blue: At<BTreeMap<String, String>>,
    /// The labels that mean green.
    pub(in crate::profile) green: At<BTreeMap<String, String>>,
}

/// Which tables are counted and compared.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Watch")]
pub(in crate::profile) struct WatchFile {
    /// `all`, or a list of tables as `schema.table`; `all` when absent.
    pub(in crate::profile) tables: Option<At<TablesFile>>,
    /// Tables that are left out: `schema.table = "the reason"`.
    #[serde(default)]
    pub(in crate::profile) exclude: BTreeMap<String, At<String>>,
    /// How often readings are taken; `2s` when absent.
    pub(in crate::profile) refresh: Option<At<String>>,
}

/// Every table, or some.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Tables")]
pub(in crate::profile) enum TablesFile {
    /// `all`
    Word(String),
    /// The tables as `schema.table`.
    List(Vec<String>),
}

/// The maintenance window.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Window")]
pub(in crate::profile) struct WindowFile {
    /// How long writes may be stopped; on expiry before the point of no return everything is undone. `10m` when absent.
    pub(in crate::profile) budget: Option<At<String>>,
    /// When the window opens, such as `2026-03-01T22:00:00Z` or `2026-03-01T22:00[Europe/Berlin]`; it is always open when absent.
    pub(in crate::profile) opens: Option<At<String>>,
    /// When it closes.
    pub(in crate::profile) closes: Option<At<String>>,
}
