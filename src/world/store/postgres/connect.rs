//! From settings and candidates to a session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::Config;
use tokio_postgres::config::{
    ChannelBinding as TokioBinding, SslMode as TokioMode, SslNegotiation,
};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::model::{CallKind, CallOutcome, CallTarget, RunId, Side};
use crate::world::{Access, WorldError};

use super::cancel::Canceller;
use super::explain::{self, Attempt};
use super::handle::{Inner, SessionKind};
use super::libpq::{ChannelBinding, Settings, SslMode, TargetAttrs};
use super::notices::Notices;
use super::peer::Peer;
use super::reach::{self, Candidate};
use super::session::PgSession;
use super::tls;
use super::wire::{Closed, Route, Wire};

const PEER: &str = include_str!("../../../../assets/sql/world/peer.sql");

/// What PostgreSQL keeps of `application_name`: `NAMEDATALEN - 1`.
const LONGEST_NAME: usize = 63;

/// What a session is wanted for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) purpose: &'a str,
    pub(super) kind: SessionKind,
    /// Another database than the store's.
    pub(super) database: Option<&'a str>,
}

/// A session with the side's server; of several, the one that takes writes.
pub(super) async fn session(inner: &Inner, wanted: Wanted<'_>) -> Result<PgSession, WorldError> {
    allow(inner, wanted.kind)?;
    let (settings, candidates) = reach::reach(inner).await?;
    if candidates.len() > 1 && candidates.iter().all(|candidate| candidate.pod.is_some()) {
        return primary(inner, &settings, &candidates, wanted).await;
    }
    let mut first_error = None;
    for candidate in &candidates {
        match connect(inner, &settings, candidate, wanted).await {
            Ok(session) if fits(session.peer(), settings.target) => return Ok(session),
            Ok(session) => {
                first_error
                    .get_or_insert_with(|| explain::other_target(session.peer(), settings.target));
            }
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    Err(first_error.unwrap_or_else(|| explain::no_host(inner.side)))
}

/// A session that may write cannot be had from a world that only looks.
pub(super) fn allow(inner: &Inner, kind: SessionKind) -> Result<(), WorldError> {
    if kind != SessionKind::Observer && inner.cluster.access() == Access::ReadOnly {
        return Err(WorldError::ReadOnly {
            what: format!("a session that may write on {}", inner.side),
        });
    }
    Ok(())
}

/// Of several ready pods the one that is not in recovery; when more than one takes writes, nobody can say which is meant.
async fn primary(
    inner: &Inner,
    settings: &Settings,
    candidates: &[Candidate],
    wanted: Wanted<'_>,
) -> Result<PgSession, WorldError> {
    let (mut primaries, mut standby, mut error) = (Vec::new(), None, None);
    for candidate in candidates {
        match connect(inner, settings, candidate, wanted).await {
            Ok(session) if session.peer().in_recovery => standby = standby.or(Some(session)),
            Ok(session) => primaries.push(session),
            Err(failed) => error = error.or(Some(failed)),
        }
    }
    if primaries.len() > 1 {
        let pods = primaries.iter().map(|session| session.peer().address.clone()).collect();
        return Err(WorldError::SeveralPods { side: inner.side, labels: inner.labels(), pods });
    }
    // A candidate that could not be asked may be the primary: a standby is no answer then.
    match (primaries.pop(), error, standby) {
        (Some(primary), ..) => Ok(primary),
        (None, Some(error), _) => Err(error),
        (None, None, Some(standby)) => Ok(standby),
        (None, None, None) => Err(explain::no_host(inner.side)),
    }
}

/// The fence makes `default_transaction_read_only` say nothing about the server, so `read-write` asks for a primary.
fn fits(peer: &Peer, target: TargetAttrs) -> bool {
    match target {
        TargetAttrs::Any => true,
        TargetAttrs::ReadWrite | TargetAttrs::Primary => !peer.in_recovery,
        TargetAttrs::ReadOnly | TargetAttrs::Standby => peer.in_recovery,
    }
}

/// A session with one server.
pub(super) async fn connect(
    inner: &Inner,
    settings: &Settings,
    candidate: &Candidate,
    wanted: Wanted<'_>,
) -> Result<PgSession, WorldError> {
    let database = wanted.database.unwrap_or(&settings.database);
    let attempt = Attempt { inner, settings, candidate, database };
    let tls = tls::connector(&settings.tls, &candidate.names).map_err(|why| attempt.tls(why))?;
    let started = Instant::now();
    let purpose: Arc<str> = Arc::from(wanted.purpose);
    if let Some(password) = &settings.credentials.password {
        inner.cluster.calls().hide(password.expose());
    }
    let headline = format!("connect to {} at {}", database, candidate.address);
    let to = CallTarget::Side(inner.side);
    let call = inner.cluster.calls().begin(to, CallKind::Connect, &purpose, headline);
    let mut first_error = None;
    for mode in modes(settings.tls.mode, &candidate.route) {
        let config = config(settings, database, mode, &inner.run, wanted);
        match handshake(&config, candidate, &tls, settings.connect_timeout).await {
            Ok(opened) => {
                let identified = identify(&attempt, opened, &purpose).await;
                return match identified {
                    Ok(session) => {
                        note(session.peer(), started.elapsed());
                        call.end(CallOutcome::Done);
                        Ok(session)
                    }
                    Err(error) => {
                        call.fail(None, error.to_string());
                        Err(error)
                    }
                };
            }
            Err(failed) => {
                let again = failed.may_differ_without_tls();
                first_error.get_or_insert(failed);
                if !again {
                    break;
                }
            }
        }
    }
    let error =
        first_error.map_or_else(|| explain::no_host(inner.side), |failed| attempt.failed(failed));
    call.fail(None, error.to_string());
    Err(error)
}

/// The encryptions to try in turn.
fn modes(mode: SslMode, route: &Route) -> Vec<TokioMode> {
    // PostgreSQL speaks no TLS over Unix sockets.
    if matches!(route, Route::Socket { .. }) {
        return vec![TokioMode::Disable];
    }
    match mode {
        SslMode::Disable => vec![TokioMode::Disable],
        SslMode::Allow => vec![TokioMode::Disable, TokioMode::Require],
        SslMode::Prefer => vec![TokioMode::Prefer, TokioMode::Disable],
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => vec![TokioMode::Require],
    }
}

fn config(
    settings: &Settings,
    database: &str,
    mode: TokioMode,
    run: &RunId,
    wanted: Wanted<'_>,
) -> Config {
    let mut config = Config::new();
    config
        .user(&settings.credentials.user)
        .dbname(database)
        .application_name(application_name(run, wanted.purpose))
        .ssl_mode(mode)
        .channel_binding(match settings.channel_binding {
            ChannelBinding::Disable => TokioBinding::Disable,
            ChannelBinding::Prefer => TokioBinding::Prefer,
            ChannelBinding::Require => TokioBinding::Require,
        });
    let options = options(settings.options.as_deref(), wanted.kind);
    if !options.is_empty() {
        config.options(options);
    }
    if let Some(password) = &settings.credentials.password {
        config.password(password.expose());
    }
    if settings.tls.direct && mode == TokioMode::Require {
        config.ssl_negotiation(SslNegotiation::Direct);
    }
    config
}

/// `pgcutover/<run>/<purpose>`, cut where PostgreSQL would cut it.
pub(super) fn application_name(run: &RunId, purpose: &str) -> String {
    let mut name = format!("pgcutover/{run}/{purpose}");
    let end =
        (0..=LONGEST_NAME.min(name.len())).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    name.truncate(end);
    name
}

/// Settings that come with the startup packet go before those of role and database, so that neither the fence nor a
/// timeout meant for the application holds our own hands; and nothing that they say can make an observer write.
pub(super) fn options(given: Option<&str>, kind: SessionKind) -> String {
    let ours = match kind {
        SessionKind::Observer => {
            "-c default_transaction_read_only=on -c statement_timeout=15000 -c lock_timeout=2000 \
             -c idle_in_transaction_session_timeout=60000"
        }
        SessionKind::Operator => "-c default_transaction_read_only=off -c statement_timeout=0",
        SessionKind::Application => "",
    };
    format!("{} {ours}", given.unwrap_or_default()).trim().to_owned()
}

/// Why a server did not take a session.
#[derive(Debug)]
pub(super) enum Failed {
    Stream(Closed),
    Protocol(tokio_postgres::Error),
    Late(Duration),
}

impl Failed {
    /// libpq's `prefer` and `allow` try the other encryption after a refusal by `pg_hba.conf` or a failed handshake.
    fn may_differ_without_tls(&self) -> bool {
        let Self::Protocol(error) = self else { return false };
        match error.as_db_error() {
            Some(error) => error.code().code() == "28000",
            None => explain::is_tls(error),
        }
    }
}

/// A session before it is known who answers.
struct Opened {
    client: tokio_postgres::Client,
    canceller: Canceller,
    notices: Notices,
}

async fn handshake(
    config: &Config,
    candidate: &Candidate,
    tls: &MakeRustlsConnect,
    limit: Duration,
) -> Result<Opened, Failed> {
    let name = candidate.names.first().cloned().unwrap_or_default();
    let exchange = async {
        let wire = candidate.route.open(limit).await.map_err(Failed::Stream)?;
        let Ok(connect) = MakeTlsConnect::<Wire>::make_tls_connect(&mut tls.clone(), &name);
        config.connect_raw(wire, connect).await.map_err(Failed::Protocol)
    };
    let (client, connection) =
        tokio::time::timeout(limit, exchange).await.map_err(|_| Failed::Late(limit))??;
    // It ends when the client is dropped or the stream breaks; then `Client::is_closed` tells.
    let notices = Notices::default();
    let hearing = notices.clone().drive(connection);
    tokio::spawn(async move {
        if let Err(error) = hearing.await {
            tracing::debug!(target: "pgcutover::statement", %error, "a connection ended");
        }
    });
    let canceller =
        Canceller::new(client.cancel_token(), candidate.route.clone(), tls.clone(), name, limit);
    Ok(Opened { client, canceller, notices })
}

async fn identify(
    attempt: &Attempt<'_>,
    Opened { client, canceller, notices }: Opened,
    purpose: &Arc<str>,
) -> Result<PgSession, WorldError> {
    let Attempt { inner, settings, candidate, database } = *attempt;
    let read = |error| attempt.failed(Failed::Protocol(error));
    let row = tokio::time::timeout(settings.connect_timeout, client.query_one(PEER, &[]))
        .await
        .map_err(|_| attempt.failed(Failed::Late(settings.connect_timeout)))?
        .map_err(read)?;
    let version_num: i32 = row.try_get(1).map_err(read)?;
    let peer = Peer {
        side: inner.side,
        way: candidate.way,
        pod: candidate.pod.clone(),
        address: candidate.address.clone(),
        user: settings.credentials.user.clone(),
        database: database.to_owned(),
        system_identifier: row.try_get(0).map_err(read)?,
        version_num: version_num.unsigned_abs(),
        version: row.try_get(2).map_err(read)?,
        backend_pid: row.try_get(3).map_err(read)?,
        in_recovery: row.try_get(4).map_err(read)?,
        tls: row.try_get::<_, Option<String>>(5).map_err(read)?.map(|cipher| {
            match settings.tls.mode {
                SslMode::VerifyFull => format!("{cipher}, name verified"),
                SslMode::VerifyCa => format!("{cipher}, certificate verified"),
                _ => cipher,
            }
        }),
    };
    Ok({
        let calls = (inner.cluster.calls().clone(), Arc::clone(purpose));
        PgSession::new(client, peer, canceller, notices, calls)
    })
}

fn note(peer: &Peer, took: Duration) {
    let (side, ms): (Side, _) = (peer.side, u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    tracing::debug!(
        target: "pgcutover::statement", %side, address = peer.address, user = peer.user, database = peer.database,
        system = peer.system_identifier, pid = peer.backend_pid, tls = peer.tls, ms, "connected"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_name_is_cut_between_characters() {
        let run = RunId::new("chronicle-20260101T000000Z-ab12");
        assert_eq!(
            application_name(&run, "fence"),
            "pgcutover/chronicle-20260101T000000Z-ab12/fence"
        );
        let long = application_name(&run, "äääääääääääääääääääääää");
        assert!(long.len() <= 63 && long.len() > 60, "{long}");
    }

    #[test]
    fn an_observer_reads_only_whatever_the_string_says() {
        let options = options(Some("-c default_transaction_read_only=off"), SessionKind::Observer);
        assert!(options.rfind("read_only=on") > options.rfind("read_only=off"));
    }
}
