//! What carries every request: it refuses what may not be sent, bounds the time, tries again where that is safe, and notes it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, request::Parts};
use kube::client::{Body, ClientBuilder};
use kube::{Client, Config};
use tokio::sync::RwLock;
use tower::{BoxError, Service};

use crate::model::{CallKind, CallOutcome, CallTarget};
use crate::world::calls::Ongoing;
use crate::world::{Access, Calls, Target, WorldError};

use super::config;

/// A write that a read-only client was asked to send.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(pub(super) String);

/// A request that got no answer in time.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {} s", .0.as_secs())]
pub(super) struct Late(pub(super) Duration);

/// How often a request is tried, and the pauses between.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_millis(900),
    Duration::from_millis(1_500),
];

/// The longest `Retry-After` that is waited for; a longer one is told to the caller.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct Courier {
    shared: Arc<Shared>,
}

struct Shared {
    target: Target,
    access: Access,
    client: RwLock<Client>,
    calls: Calls,
    /// A request does not know what it is for.
    purpose: Arc<str>,
}

impl Courier {
    pub(super) fn new(
        target: Target,
        access: Access,
        config: Config,
        calls: Calls,
    ) -> Result<Self, WorldError> {
        let (client, purpose) = (RwLock::new(client(config)?), Arc::from(""));
        Ok(Self { shared: Arc::new(Shared { target, access, client, calls, purpose }) })
    }
}

fn client(config: Config) -> Result<Client, WorldError> {
    let builder = ClientBuilder::try_from(config)
        .map_err(|error| WorldError::Config { cause: error.to_string(), hint: None })?;
    Ok(builder.build())
}

impl Service<Request<Body>> for Courier {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move { shared.carry(request).await })
    }
}

impl Shared {
    async fn carry(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let (parts, body) = request.into_parts();
        self.allow(&parts)?;
        let body = body.collect_bytes().await?;
        let mut renewed = false;
        let mut pauses = PAUSES.iter();
        loop {
            let answer = self.once(&parts, &body).await;
            if !renewed && answer.as_ref().is_ok_and(|got| got.status() == StatusCode::UNAUTHORIZED)
            {
                renewed = true;
                if self.renew().await {
                    continue;
                }
            }
            match pauses.next().and_then(|pause| pause_before_retry(&parts, &answer, *pause)) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return answer,
            }
        }
    }

    /// A GET that upgrades to `exec` or `attach` runs a command in a pod; only a port-forward leaves it as it is.
    fn allow(&self, parts: &Parts) -> Result<(), Refused> {
        let path = parts.uri.path();
        let reads = matches!(parts.method, Method::GET | Method::HEAD)
            && !path.ends_with("/exec")
            && !path.ends_with("/attach");
        if self.access == Access::ReadWrite || reads {
            return Ok(());
        }
        Err(Refused(format!("{} {path}", parts.method)))
    }

    async fn once(&self, parts: &Parts, body: &Bytes) -> Result<Response<Body>, BoxError> {
        let started = Instant::now();
        let call = self.begin(parts);
        let limit = self.target.request_timeout;
        let client = self.client.read().await.clone();
        let exchange = async {
            let request = Request::from_parts(parts.clone(), Body::from(body.clone()));
            let answer = client.send(request).await?;
            if streams(parts) || answer.status() == StatusCode::SWITCHING_PROTOCOLS {
                return Ok(answer);
            }
            let (head, body) = answer.into_parts();
            Ok::<_, kube::Error>(Response::from_parts(
                head,
                Body::from(body.collect_bytes().await?),
            ))
        };
        let answer = match tokio::time::timeout(limit, exchange).await {
            Ok(answer) => answer.map_err(BoxError::from),
            Err(_) => Err(BoxError::from(Late(limit))),
        };
        note(parts, &answer, started.elapsed());
        match &answer {
            Ok(answer) => call.end(CallOutcome::Status(answer.status().as_u16())),
            Err(error) => call.fail(None, reason(error.as_ref())),
        }
        answer
    }

    fn begin(&self, parts: &Parts) -> Ongoing {
        let kind = match parts.method {
            _ if streams(parts) => CallKind::Stream,
            Method::GET | Method::HEAD => CallKind::Read,
            _ => CallKind::Write,
        };
        let headline = format!("{} {}", parts.method, path(parts));
        self.calls.begin(CallTarget::Cluster, kind, &self.purpose, headline)
    }

    /// Reads the configuration anew: another process may have logged in again, and an exec plugin is run again.
    async fn renew(&self) -> bool {
        let fresh = match config::find(&self.target).await {
            Ok(found) => client(found.config),
            Err(error) => Err(error),
        };
        match fresh {
            Ok(fresh) => {
                *self.client.write().await = fresh;
                true
            }
            Err(error) => {
                tracing::warn!(target: "pgcutover::api", %error, "the kubeconfig could not be read anew");
                false
            }
        }
    }
}

/// A watch, a followed log or an upgraded connection: it ends when it ends.
fn streams(parts: &Parts) -> bool {
    let query = parts.uri.query().unwrap_or_default();
    parts.headers.contains_key(http::header::UPGRADE)
        || query
            .split('&')
            .any(|pair| matches!(pair, "watch=true" | "watch=1" | "follow=true" | "follow=1"))
}

/// Reads are tried again after any answer that may be different next time. A write is tried again only when it is
/// certain that nobody took it up: the server said so (429), or the connection was never made.
fn pause_before_retry(
    parts: &Parts,
    answer: &Result<Response<Body>, BoxError>,
    pause: Duration,
) -> Option<Duration> {
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    match answer {
        Ok(answer) => {
            let status = answer.status();
            let again = status == StatusCode::TOO_MANY_REQUESTS
                || reads && matches!(status.as_u16(), 500 | 502 | 503 | 504);
            again
                .then(|| asked_pause(answer).unwrap_or(pause).max(pause))
                .filter(|pause| *pause <= LONGEST_PAUSE)
        }
        Err(error) if error.is::<Late>() => None,
        Err(error) => (reads || never_connected(error.as_ref())).then_some(pause),
    }
}

fn asked_pause(answer: &Response<Body>) -> Option<Duration> {
    let seconds = answer.headers().get(http::header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The kernel refused the connection, so that nothing was sent.
fn never_connected(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return io.kind() == std::io::ErrorKind::ConnectionRefused;
        }
        next = error.source();
    }
    false
}

fn note(parts: &Parts, answer: &Result<Response<Body>, BoxError>, took: Duration) {
    let (method, path) = (&parts.method, path(parts));
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match answer {
        Ok(answer) => {
            tracing::debug!(target: "pgcutover::api", %method, path, status = answer.status().as_u16(), ms);
        }
        Err(error) => tracing::debug!(target: "pgcutover::api", %method, path, %error, ms),
    }
}

fn path(parts: &Parts) -> &str {
    parts.uri.path_and_query().map_or("/", |path| path.as_str())
}

/// The error with its last cause, which says what happened.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    match causes.last() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
