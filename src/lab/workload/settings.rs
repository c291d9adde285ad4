//! What the application is told by its environment.

use std::path::PathBuf;

use super::run::WorkloadError;

/// The variables that the lab adds to what the Deployment's manifest says.
pub(in crate::lab) mod names {
    /// The folder for the ledger.
    pub(in crate::lab) const LEDGER: &str = "PGCUTOVER_LAB_LEDGER";
    /// Writes per second, over all connections.
    pub(in crate::lab) const RATE: &str = "PGCUTOVER_LAB_RATE";
    /// How many connections write.
    pub(in crate::lab) const CONNECTIONS: &str = "PGCUTOVER_LAB_CONNECTIONS";
}

/// The application's settings.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) role: String,
    pub(super) database: tokio_postgres::Config,
    /// Where HTTP is served; a worker serves none.
    pub(super) listen: Option<String>,
    pub(super) ledger: PathBuf,
    pub(super) pod: String,
    pub(super) rate: f64,
    pub(super) connections: u32,
}

impl Settings {
    /// Reads the environment, given as a function so that tests need not change their own.
    ///
    /// # Errors
    /// When a variable is missing or has no sensible value.
    pub(super) fn read(
        role: &str,
        get: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, WorkloadError> {
        let need = |name: &'static str| {
            get(name).filter(|v| !v.is_empty()).ok_or(WorkloadError::Missing(name))
        };
        let mut database = tokio_postgres::Config::new();
        database
            .host(need("DB_HOST")?)
            .port(number("DB_PORT", &get("DB_PORT").unwrap_or_else(|| "5432".into()))?)
            .dbname(need("DB_NAME")?)
            .user(need("DB_USER")?)
            .password(need("DB_PASSWORD")?)
            .application_name(role)
            .connect_timeout(std::time::Duration::from_secs(2));
        if let Some(options) = get("DB_OPTIONS") {
            database.options(options);
        }
        let listen = get("PORT")
            .map(|port| format!("{}:{port}", get("HOST").unwrap_or_else(|| "127.0.0.1".into())));
        let pod = get("HOSTNAME").unwrap_or_else(|| format!("{role}-{}", std::process::id()));
        Ok(Self {
            role: role.to_owned(),
            database,
            listen,
            ledger: need(names::LEDGER)?.into(),
            pod,
            rate: number(names::RATE, &get(names::RATE).unwrap_or_else(|| "10".into()))?,
            connections: number(
                names::CONNECTIONS,
                &get(names::CONNECTIONS).unwrap_or_else(|| "1".into()),
            )?,
        })
    }
}

fn number<T: std::str::FromStr>(name: &'static str, text: &str) -> Result<T, WorkloadError> {
    text.parse().map_err(|_| WorkloadError::NotANumber { name, value: text.to_owned() })
}
