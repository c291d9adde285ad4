//! What can go wrong between us and the world, told so that an operator knows what to do. No text holds a password.

use std::fmt;
use std::time::Duration;

use crate::model::{Failure, FailureKind, Fix, Side};

use super::Call;

/// Why the world could not be asked or changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WorldError {
    /// Something would have changed the world through a handle that only looks.
    #[error("`{what}` would change something, and this session is read-only")]
    ReadOnly { what: String },
    /// The kubeconfig is of no use.
    #[error("the kubeconfig cannot be used: {cause}")]
    Config { cause: String, hint: Option<String> },
    /// The API server refused, or could not be reached.
    #[error(transparent)]
    Api(#[from] Box<ApiError>),
    /// No pod of a side can be connected to.
    #[error("{side} has no ready pod with the labels `{labels}`{}", list(seen))]
    NoPod { side: Side, labels: String, seen: Vec<String> },
    /// Several pods of a side accept writes, so it is not known which one is meant.
    #[error("{side} has {} ready pods with the labels `{labels}`, and more than one accepts writes{}", pods.len(), list(pods))]
    SeveralPods { side: Side, labels: String, pods: Vec<String> },
    /// A Secret lacks what is needed.
    #[error("secret `{name}` {why}")]
    Secret { name: String, why: String, hint: String },
    /// A connection string, service file or environment variable cannot be used.
    #[error("{what}: {why}")]
    Settings { what: String, why: String },
    /// A database could not be connected to.
    #[error(transparent)]
    Connect(#[from] Box<ConnectError>),
    /// A statement was refused, or its connection was lost.
    #[error(transparent)]
    Statement(#[from] Box<StatementError>),
    /// Something is hidden from our role, so that its absence says nothing.
    #[error("{what}")]
    Hidden { what: String, grant: String },
    /// Nobody answered over HTTP.
    #[error("{url} does not answer: {why}")]
    NoAnswer { url: String, why: String },
    /// Something did not happen in time.
    #[error("{waited_for} did not happen within {} s{}", after.as_secs(), suffix(last.as_ref()))]
    Deadline { waited_for: String, after: Duration, last: Option<String> },
    /// The operator or a budget ended the wait.
    #[error("cancelled while waiting for {waited_for}")]
    Cancelled { waited_for: String },
}

/// What kind of refusal an API server's answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiErrorKind {
    /// 404
    NotFound,
    /// 403
    Forbidden,
    /// 401
    Unauthorized,
    /// 409, but for `AlreadyExists`
    Conflict,
    /// 409 `AlreadyExists`
    AlreadyExists,
    /// 422, or another refusal of the content (400, 413, 415)
    Invalid,
    /// 410
    Gone,
    /// No answer: refused, reset, no route, TLS.
    Unreachable,
    /// No answer in time, or 408 or 504.
    TimedOut,
    /// 429 and other 5xx, after all retries.
    Unavailable,
    /// Anything else, such as an answer that cannot be read.
    Other,
}

/// A request that the API server did not grant.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// What kind of refusal it is.
    pub kind: ApiErrorKind,
    /// What was asked.
    pub call: Call,
    /// The HTTP status, 0 when there was none.
    pub code: u16,
    /// The server's own message (`Status.message`), or the transport's.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ApiErrorKind::Forbidden => {
                write!(f, "not permitted to {}: {}", self.call, self.message)
            }
            _ => write!(f, "cannot {}: {}", self.call, self.message),
        }
    }
}

impl std::error::Error for ApiError {}

/// Why a database could not be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectErrorKind {
    /// Nothing listens there.
    Refused,
    /// No answer within the connect timeout.
    TimedOut,
    /// The name cannot be resolved.
    UnknownHost,
    /// 28P01, or a password that is missing.
    WrongPassword,
    /// 3D000
    MissingDatabase,
    /// 28000: `pg_hba.conf`, a role that may not log in, or one that does not exist.
    NotPermitted,
    /// 57P03: starting up, shutting down or in recovery.
    NotReady,
    /// 53300
    TooManyConnections,
    /// The TLS handshake failed, or the server speaks no TLS.
    Tls,
    /// The stream ended.
    Lost,
    /// Anything else.
    Other,
}

/// A connection that did not come about.
#[derive(Debug, Clone)]
pub struct ConnectError {
    /// What kind of failure it is.
    pub kind: ConnectErrorKind,
    /// The side.
    pub side: Side,
    /// Where to: pod, address or Service, with user and database.
    pub to: String,
    /// What came back.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot connect to {} at {}: {}", self.side, self.to, self.message)
    }
}

impl std::error::Error for ConnectError {}

/// A statement that did not succeed.
#[derive(Debug, Clone)]
pub struct StatementError {
    /// The side.
    pub side: Side,
    /// The statement's first line, without parameters.
    pub statement: String,
    /// `SQLSTATE`, where the server answered.
    pub code: Option<String>,
    /// The server's message, or the transport's.
    pub message: String,
    /// Where in the statement, such as `line 2, character 8`.
    pub place: Option<String>,
    /// The server's detail.
    pub detail: Option<String>,
    /// The server's hint.
    pub hint: Option<String>,
    /// The connection is gone, so it is not known whether the statement took effect.
    pub lost: bool,
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refused `{}`: {}", self.side, self.statement, self.message)?;
        if let Some(place) = &self.place {
            write!(f, " at {place}")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, " ({detail})")?;
        }
        if let Some(code) = &self.code {
            write!(f, " [{code}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for StatementError {}

impl WorldError {
    /// What to do about it, in one or more lines.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Config { hint, .. } => hint.clone(),
            Self::Api(error) => error.hint.clone(),
            Self::Connect(error) => error.hint.clone(),
            Self::Statement(error) => error.hint.clone(),
            Self::Hidden { grant, .. } => Some(grant.clone()),
            Self::ReadOnly { .. } => Some("start it again without `--read-only`".to_owned()),
            Self::Secret { hint, .. } => Some(hint.clone()),
            Self::SeveralPods { .. } => {
                Some("name labels in the profile that only the primary carries".to_owned())
            }
            _ => None,
        }
    }

    /// The API server's answer, where it is one.
    #[must_use]
    pub fn api_kind(&self) -> Option<ApiErrorKind> {
        if let Self::Api(error) = self { Some(error.kind) } else { None }
    }

    /// The object does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.api_kind() == Some(ApiErrorKind::NotFound)
    }

    /// The object changed under us, or a field belongs to somebody else.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.api_kind() == Some(ApiErrorKind::Conflict)
    }

    /// The `SQLSTATE` of a refused statement.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&str> {
        if let Self::Statement(error) = self { error.code.as_deref() } else { None }
    }

    /// True when asking again later may bring an answer, so that a wait goes on.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Api(error) => matches!(
                error.kind,
                ApiErrorKind::Unreachable
                    | ApiErrorKind::TimedOut
                    | ApiErrorKind::Unavailable
                    | ApiErrorKind::Gone
            ),
            Self::NoPod { .. } | Self::NoAnswer { .. } => true,
            Self::Connect(error) => !matches!(
                error.kind,
                ConnectErrorKind::WrongPassword
                    | ConnectErrorKind::MissingDatabase
                    | ConnectErrorKind::NotPermitted
                    | ConnectErrorKind::Tls
            ),
            Self::Statement(error) => error.lost,
            _ => false,
        }
    }

    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::ReadOnly { .. } | Self::Hidden { .. } => FailureKind::Forbidden,
            Self::Api(error) => match error.kind {
                ApiErrorKind::Forbidden | ApiErrorKind::Unauthorized => FailureKind::Forbidden,
                ApiErrorKind::Conflict | ApiErrorKind::AlreadyExists => FailureKind::Conflict,
                ApiErrorKind::Unreachable | ApiErrorKind::TimedOut | ApiErrorKind::Unavailable => {
                    FailureKind::Unreachable
                }
                ApiErrorKind::NotFound
                | ApiErrorKind::Invalid
                | ApiErrorKind::Gone
                | ApiErrorKind::Other => FailureKind::Refused,
            },
            Self::Connect(error) => match error.kind {
                ConnectErrorKind::WrongPassword | ConnectErrorKind::NotPermitted => {
                    FailureKind::Forbidden
                }
                _ => FailureKind::Unreachable,
            },
            Self::Statement(error) if error.lost => FailureKind::Unreachable,
            Self::Statement(error) if error.code.as_deref() == Some("42501") => {
                FailureKind::Forbidden
            }
            Self::Statement(_) => FailureKind::Refused,
            Self::NoPod { .. } | Self::SeveralPods { .. } | Self::NoAnswer { .. } => {
                FailureKind::Unreachable
            }
            Self::Deadline { .. } => FailureKind::TimedOut,
            Self::Cancelled { .. } => FailureKind::Cancelled,
            Self::Config { .. } | Self::Secret { .. } | Self::Settings { .. } => FailureKind::Other,
        }
    }
}

impl From<ApiError> for WorldError {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

impl From<ConnectError> for WorldError {
    fn from(error: ConnectError) -> Self {
        Self::Connect(Box::new(error))
    }
}

impl From<StatementError> for WorldError {
    fn from(error: StatementError) -> Self {
        Self::Statement(Box::new(error))
    }
}

/// A failure that may have had effects; say [`Failure::without_effects`] where it is known better.
impl From<WorldError> for Failure {
    fn from(error: WorldError) -> Self {
        let failure = Self::new(error.failure_kind(), error.to_string());
        match error.hint() {
            Some(title) => failure.mended_by(Fix { title, command: None, mend: None }),
            None => failure,
        }
    }
}

fn list(seen: &[String]) -> String {
    if seen.is_empty() { String::new() } else { format!(": {}", seen.join(", ")) }
}

fn suffix(last: Option<&String>) -> String {
    last.map_or_else(String::new, |last| format!(": {last}"))
}
