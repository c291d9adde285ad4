//! How a client program reaches the same database.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::world::WorldError;

use super::connect::{Wanted, allow, application_name, options, session};
use super::handle::Inner;
use super::libpq::{ChannelBinding, RootCert, Settings};
use super::reach::{self, Candidate};
use super::wire::Route;

/// The environment of a client program. Drop it after the program has ended: a tunnel ends with it.
pub struct ClientProgram {
    /// `PGHOST`, `PGHOSTADDR`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGSSLMODE`, `PGAPPNAME` and their like.
    pub env: BTreeMap<String, String>,
    tunnel: Option<JoinHandle<()>>,
}

impl Drop for ClientProgram {
    fn drop(&mut self) {
        if let Some(tunnel) = &self.tunnel {
            tunnel.abort();
        }
    }
}

impl fmt::Debug for ClientProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientProgram").field("env", &self.env.keys()).finish_non_exhaustive()
    }
}

/// Settles on the server that a session of ours would talk to, and describes it as variables.
pub(super) async fn prepare(
    inner: &Inner,
    wanted: Wanted<'_>,
) -> Result<ClientProgram, WorldError> {
    allow(inner, wanted.kind)?;
    let chosen = session(inner, wanted).await?.peer().address.clone();
    let (settings, candidates) = reach::reach(inner).await?;
    let candidate = candidates
        .into_iter()
        .find(|candidate| candidate.address == chosen)
        .ok_or_else(|| WorldError::NoPod {
            side: inner.side,
            labels: inner.labels(),
            seen: vec![format!("{chosen} is gone")],
        })?;
    let mut env = variables(inner, &settings, wanted);
    let tunnel = place(&candidate, &mut env, settings.connect_timeout).await.map_err(|error| {
        WorldError::Settings {
            what: "a tunnel to the pod cannot be opened".to_owned(),
            why: error.to_string(),
        }
    })?;
    Ok(ClientProgram { env, tunnel })
}

async fn place(
    candidate: &Candidate,
    env: &mut BTreeMap<String, String>,
    limit: Duration,
) -> std::io::Result<Option<JoinHandle<()>>> {
    let mut set = |name: &str, value: String| env.insert(name.to_owned(), value);
    let name = candidate.names.first().cloned();
    match &candidate.route {
        Route::Name { name, port } => {
            set("PGHOST", name.clone());
            set("PGPORT", port.to_string());
        }
        Route::Ip { ip, port } => {
            set("PGHOST", name.unwrap_or_else(|| ip.to_string()));
            set("PGHOSTADDR", ip.to_string());
            set("PGPORT", port.to_string());
        }
        Route::Socket { path } => {
            let port = path
                .extension()
                .map_or_else(String::new, |port| port.to_string_lossy().into_owned());
            set(
                "PGHOST",
                path.parent().map_or_else(String::new, |folder| folder.display().to_string()),
            );
            set("PGPORT", port);
        }
        Route::Pod { .. } => {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            set("PGHOST", name.unwrap_or_else(|| "localhost".to_owned()));
            set("PGHOSTADDR", "127.0.0.1".to_owned());
            set("PGPORT", listener.local_addr()?.port().to_string());
            return Ok(Some(tokio::spawn(relay(listener, candidate.route.clone(), limit))));
        }
    }
    Ok(None)
}

async fn relay(listener: TcpListener, route: Route, limit: Duration) {
    let mut open = tokio::task::JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        let route = route.clone();
        open.spawn(async move {
            match route.open(limit).await {
                Ok(mut far) => {
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                }
                Err(error) => {
                    tracing::warn!(target: "pgcutover::api", ?error, "a tunnel could not be opened");
                }
            }
        });
    }
}

fn variables(inner: &Inner, settings: &Settings, wanted: Wanted<'_>) -> BTreeMap<String, String> {
    let tls = &settings.tls;
    let mut env = BTreeMap::from([
        ("PGUSER", settings.credentials.user.clone()),
        ("PGDATABASE", wanted.database.unwrap_or(&settings.database).to_owned()),
        ("PGAPPNAME", application_name(&inner.run, wanted.purpose)),
        ("PGOPTIONS", options(settings.options.as_deref(), wanted.kind)),
        ("PGSSLMODE", tls.mode.word().to_owned()),
        ("PGCONNECT_TIMEOUT", settings.connect_timeout.as_secs().to_string()),
    ]);
    match &tls.root {
        Some(RootCert::System) => env.insert("PGSSLROOTCERT", "system".to_owned()),
        Some(RootCert::File(path)) => env.insert("PGSSLROOTCERT", path.display().to_string()),
        None => None,
    };
    if let Some((certificate, key)) = &tls.client {
        env.insert("PGSSLCERT", certificate.display().to_string());
        env.insert("PGSSLKEY", key.display().to_string());
    }
    if settings.channel_binding == ChannelBinding::Require {
        env.insert("PGCHANNELBINDING", "require".to_owned());
    }
    if let Some(password) = &settings.credentials.password {
        env.insert("PGPASSWORD", password.expose().to_owned());
    }
    env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
