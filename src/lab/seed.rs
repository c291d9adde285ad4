//! Fills blue with the data that a scenario starts from. The same scale makes the same rows.

use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{Client, Config, Connection, NoTls, Socket};

/// Why the data could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The server could not be reached.
    #[error("the data cannot be loaded: {0}")]
    Connect(#[source] tokio_postgres::Error),
    /// A file of statements failed.
    #[error("`{file}` failed: {why}")]
    Statement {
        /// The file under `assets/lab`.
        file: &'static str,
        /// What the server said.
        why: String,
    },
    /// There is no such data.
    #[error("there is no data set `{0}`")]
    Unknown(String),
}

macro_rules! files {
    ($($name:literal),+) => { &[$(($name, include_str!(concat!("../../assets/lab/", $name)))),+] };
}

type File = (&'static str, &'static str);

const CHRONICLE: &[File] = files![
    "chronicle/01-schema.sql",
    "chronicle/02-data.sql",
    "chronicle/03-indexes.sql",
    "chronicle/04-analyze.sql"
];

/// Loads a data set into an empty database, as its owner. Scale 1 of `chronicle` is about 40,000 rows and takes a second.
///
/// # Errors
/// When there is no such data set, or the server refuses.
pub(crate) async fn load(database: &Config, set: &str, scale: f64) -> Result<(), SeedError> {
    let files = match set {
        "chronicle" => CHRONICLE,
        other => return Err(SeedError::Unknown(other.to_owned())),
    };
    let (client, connection) = connect(database).await.map_err(SeedError::Connect)?;
    let connection = tokio::spawn(connection);
    let loaded = run(&client, files, scale).await;
    drop(client);
    let _ = connection.await;
    loaded
}

/// A Service answers a moment after its first pod is ready, when its endpoints have been noticed.
async fn connect(
    database: &Config,
) -> Result<(Client, Connection<Socket, NoTlsStream>), tokio_postgres::Error> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match database.connect(NoTls).await {
            Err(error) if error.as_db_error().is_none() && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            connected => return connected,
        }
    }
}

async fn run(client: &Client, files: &[File], scale: f64) -> Result<(), SeedError> {
    // Compiling the statements takes longer than running them, and nobody relies on the data before all of it is there.
    let settings = format!(
        "SET lab.scale = {scale}; SET TimeZone = 'UTC'; SET jit = off; SET synchronous_commit = off"
    );
    for (file, statements) in [("settings", settings.as_str())].iter().chain(files) {
        client.batch_execute(statements).await.map_err(|error| SeedError::Statement {
            file,
            why: error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string),
        })?;
    }
    Ok(())
}
