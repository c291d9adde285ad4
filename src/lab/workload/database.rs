//! The application's connections.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, NoTls};

/// A connection whose task ends with it.
pub(super) struct Session {
    pub(super) client: Client,
    task: JoinHandle<()>,
}

impl Session {
    /// Connects, within three seconds.
    pub(super) async fn open(config: &Config) -> Result<Self, String> {
        let connecting = tokio::time::timeout(Duration::from_secs(3), config.connect(NoTls)).await;
        let (client, connection) = connecting
            .map_err(|_| "no answer in 3 s".to_owned())?
            .map_err(|error| describe(&error))?;
        let task = tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self { client, task })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the server said, or what became of the connection.
pub(super) fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{}: {}", db.code().code(), db.message()),
        None => {
            std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
        }
    }
}
