//! Why a connection did not come about, told so that it can be mended.

use std::io;

use crate::model::{Connection, Side};
use crate::world::{ConnectError, ConnectErrorKind, WorldError};

use super::connect::Failed;
use super::handle::Inner;
use super::libpq::{Settings, TargetAttrs};
use super::peer::Peer;
use super::reach::Candidate;
use super::wire::Closed;

/// What was tried.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub(super) inner: &'a Inner,
    pub(super) settings: &'a Settings,
    pub(super) candidate: &'a Candidate,
    pub(super) database: &'a str,
}

impl Attempt<'_> {
    pub(super) fn tls(&self, why: String) -> WorldError {
        self.error(ConnectErrorKind::Tls, why, None)
    }

    pub(super) fn failed(&self, failed: Failed) -> WorldError {
        match failed {
            Failed::Stream(Closed::World(error)) => error,
            Failed::Stream(Closed::Io(error)) => self.io(&error),
            Failed::Late(limit) => {
                let text = format!("no answer within {} s", limit.as_secs());
                self.error(ConnectErrorKind::TimedOut, text, self.look_at())
            }
            Failed::Protocol(error) => self.protocol(&error),
        }
    }

    fn protocol(&self, error: &tokio_postgres::Error) -> WorldError {
        if let Some(refusal) = error.as_db_error() {
            let (kind, hint) = self.of_code(refusal.code().code());
            let mut text = format!("{} [{}]", refusal.message(), refusal.code().code());
            if let Some(detail) = refusal.detail() {
                text = format!("{text} ({detail})");
            }
            return self.error(kind, text, hint.or_else(|| refusal.hint().map(str::to_owned)));
        }
        if let Some(cause) = io_cause(error) {
            return self.io(cause);
        }
        let text = chain(error);
        if text.contains("password missing") {
            let text = format!(
                "the server asks for a password for user `{}`, and there is none",
                self.settings.credentials.user
            );
            return self.error(ConnectErrorKind::WrongPassword, text, Some(self.where_from()));
        }
        let kind = match error {
            error if is_tls(error) => ConnectErrorKind::Tls,
            error if error.is_closed() => ConnectErrorKind::Lost,
            _ => ConnectErrorKind::Other,
        };
        self.error(kind, text, None)
    }

    fn of_code(&self, code: &str) -> (ConnectErrorKind, Option<String>) {
        let user = &self.settings.credentials.user;
        match code {
            "28P01" => (ConnectErrorKind::WrongPassword, Some(self.where_from())),
            "3D000" => (
                ConnectErrorKind::MissingDatabase,
                Some(format!(
                    "create it, or name the right one as `database` of {} in the profile",
                    self.inner.side
                )),
            ),
            "28000" => (
                ConnectErrorKind::NotPermitted,
                Some(format!(
                    "check that role `{user}` exists and may log in, and what pg_hba.conf says of this address"
                )),
            ),
            "42501" => (
                ConnectErrorKind::NotPermitted,
                Some(format!("GRANT CONNECT ON DATABASE {} TO {user}", self.database)),
            ),
            "55000" => (
                ConnectErrorKind::NotPermitted,
                Some(format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.database)),
            ),
            "57P03" => (ConnectErrorKind::NotReady, None),
            "53300" => (
                ConnectErrorKind::TooManyConnections,
                Some("raise max_connections or end idle sessions".to_owned()),
            ),
            _ => (ConnectErrorKind::Other, None),
        }
    }

    fn io(&self, error: &io::Error) -> WorldError {
        let (kind, text) = match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                (ConnectErrorKind::Refused, told(error, "connection refused"))
            }
            io::ErrorKind::TimedOut => {
                let seconds = self.settings.connect_timeout.as_secs();
                (ConnectErrorKind::TimedOut, format!("no answer within {seconds} s"))
            }
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe => {
                (ConnectErrorKind::Lost, "the server closed the connection unexpectedly".to_owned())
            }
            io::ErrorKind::NotFound => (ConnectErrorKind::Refused, "no such socket".to_owned()),
            io::ErrorKind::InvalidData => (ConnectErrorKind::Tls, error.to_string()),
            _ if error.to_string().contains("lookup") => {
                (ConnectErrorKind::UnknownHost, error.to_string())
            }
            _ => (ConnectErrorKind::Other, error.to_string()),
        };
        let hint = match kind {
            ConnectErrorKind::Tls => Some(self.tls_hint(&text)),
            _ => self.look_at(),
        };
        self.error(kind, text, hint)
    }

    fn tls_hint(&self, text: &str) -> String {
        let mode = self.settings.tls.mode.word();
        if text.contains("not valid for name") {
            let names = self.candidate.names.join(", ");
            return format!(
                "sslmode is `{mode}`: the certificate must carry one of {names} as a subject alternative name"
            );
        }
        format!(
            "sslmode is `{mode}`; sslrootcert must hold the certificate that signed the server's"
        )
    }

    fn look_at(&self) -> Option<String> {
        let pod = self.candidate.pod.as_ref()?;
        let namespace = self.inner.cluster.namespace();
        Some(format!("kubectl -n {namespace} logs {} shows what the server says", pod.name))
    }

    /// Where the password came from, or would have had to.
    fn where_from(&self) -> String {
        let side = self.inner.side;
        if let Connection::Pod { secret: Some(secret), .. } = &self.inner.store.connection {
            return format!(
                "the password is `{}` of secret `{}`; a server keeps the one that it was initialised with until ALTER ROLE changes it",
                secret.password_key, secret.name
            );
        }
        let variable = format!("PGCUTOVER_{}_PASSWORD", side.word().to_uppercase());
        let note = self.settings.credentials.note.as_ref();
        let note = note.map_or_else(String::new, |note| format!("; {note}"));
        format!("set {variable} or PGPASSWORD, or write a line into ~/.pgpass{note}")
    }

    fn error(&self, kind: ConnectErrorKind, message: String, hint: Option<String>) -> WorldError {
        let to = format!(
            "{} as `{}`, database `{}`",
            self.candidate.address, self.settings.credentials.user, self.database
        );
        ConnectError { kind, side: self.inner.side, to, message, hint }.into()
    }
}

/// The kubelet's own words where it has some.
fn told(error: &io::Error, plain: &str) -> String {
    error
        .get_ref()
        .map_or_else(|| plain.to_owned(), |told| format!("{plain}: {}", told.to_string().trim()))
}

/// The driver does not tell its kinds apart but by their texts.
pub(super) fn is_tls(error: &tokio_postgres::Error) -> bool {
    let text = error.to_string();
    text.contains("TLS") || text.contains("SSL")
}

fn io_cause(error: &tokio_postgres::Error) -> Option<&io::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

fn chain(error: &dyn std::error::Error) -> String {
    let cause = error.source().map_or_else(String::new, |cause| format!(": {}", chain(cause)));
    let text = error.to_string();
    if text.ends_with(cause.trim_start_matches(": ")) { text } else { format!("{text}{cause}") }
}

pub(super) fn no_host(side: Side) -> WorldError {
    WorldError::Settings {
        what: format!("{side}'s connection settings cannot be used"),
        why: "they name no server".to_owned(),
    }
}

pub(super) fn other_target(peer: &Peer, target: TargetAttrs) -> WorldError {
    let wanted = match target {
        TargetAttrs::ReadWrite | TargetAttrs::Primary => "a primary",
        TargetAttrs::ReadOnly | TargetAttrs::Standby => "a standby",
        TargetAttrs::Any => "any server",
    };
    let is = if peer.in_recovery { "in recovery" } else { "a primary" };
    ConnectError {
        kind: ConnectErrorKind::NotReady,
        side: peer.side,
        to: peer.address.clone(),
        message: format!("target_session_attrs wants {wanted}, and it is {is}"),
        hint: None,
    }
    .into()
}
