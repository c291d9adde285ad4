//! The application's start and end.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ledger::Ledger;
use super::settings::Settings;
use super::writer::write_until_stopped;
use super::{log, serve};

/// Why the application could not start, or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    /// A variable that it needs is not in its environment.
    #[error("`{0}` is not set")]
    Missing(&'static str),
    /// A variable has no sensible value.
    #[error("`{name}` is `{value}`, which is no number")]
    NotANumber {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The ledger or the listening socket failed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
}

/// Runs the application in a role, `chronicle-service` or `straggler`, until it is told to end (SIGTERM or SIGINT).
/// The write that is under way is finished and recorded first.
///
/// # Errors
/// When its environment is incomplete, or the ledger or its address cannot be used.
pub async fn workload_main(role: &str) -> Result<(), WorkloadError> {
    let settings = Arc::new(Settings::read(role, &|name| std::env::var(name).ok())?);
    let stop = CancellationToken::new();
    let told = on_signal(stop.clone())?;
    run(settings, stop).await?;
    told.abort();
    log::line(&format!("{role}: ended"));
    Ok(())
}

/// Runs until it is stopped.
pub(super) async fn run(
    settings: Arc<Settings>,
    stop: CancellationToken,
) -> Result<(), WorkloadError> {
    let ledger = Ledger::open(&settings.ledger, &settings.pod).map_err(|source| {
        WorkloadError::Io { what: format!("ledger in `{}`", settings.ledger.display()), source }
    })?;
    let ledger = Arc::new(ledger);
    let tasks = TaskTracker::new();
    for number in 0..settings.connections {
        tasks.spawn(write_until_stopped(
            Arc::clone(&settings),
            Arc::clone(&ledger),
            number,
            stop.clone(),
        ));
    }
    tasks.close();
    if let Some(address) = &settings.listen {
        listen(address, &settings, stop.clone()).await?;
    } else {
        stop.cancelled().await;
    }
    tasks.wait().await;
    Ok(())
}

async fn listen(
    address: &str,
    settings: &Settings,
    stop: CancellationToken,
) -> Result<(), WorkloadError> {
    let failed = |source| WorkloadError::Io { what: format!("listening on `{address}`"), source };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
    log::line(&format!("{}: listening on {address}", settings.role));
    let server = axum::serve(listener, serve::router(settings.database.clone()));
    // Kept-alive connections of clients must not hold up the end.
    tokio::select! {
        ended = server.into_future() => ended.map_err(failed),
        () = stop.cancelled() => Ok(()),
    }
}

fn on_signal(stop: CancellationToken) -> Result<tokio::task::JoinHandle<()>, WorkloadError> {
    let failed = |source| WorkloadError::Io { what: "signals".into(), source };
    let mut term = signal(SignalKind::terminate()).map_err(failed)?;
    let mut int = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(tokio::spawn(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        stop.cancel();
    }))
}
