//! Settings with types, and secrets that do not print.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A password. It shows as `***`.
#[derive(Clone, PartialEq, Eq)]
pub(in super::super) struct Secret(String);

impl Secret {
    pub(in super::super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(in super::super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Who logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Credentials {
    pub(in super::super) user: String,
    pub(in super::super) password: Option<Secret>,
    /// Where the password was looked for and not found, for the error when the server asks for one.
    pub(in super::super) note: Option<String>,
}

/// How far a server must be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "disable" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }

    pub(in super::super) const fn word(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// Which certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum RootCert {
    /// A file in PEM.
    File(PathBuf),
    /// The operating system's (`sslrootcert=system`).
    System,
}

/// Whether a password exchange must be bound to the TLS channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

/// What a server must be, where several are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum TargetAttrs {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Host {
    pub(in super::super) address: HostAddress,
    pub(in super::super) port: u16,
    /// The name that a certificate must carry.
    pub(in super::super) name: String,
}

/// A name, an address or the folder of a Unix socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum HostAddress {
    Name(String),
    Ip(IpAddr),
    Socket(PathBuf),
}

/// Everything about the encryption of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Tls {
    pub(in super::super) mode: SslMode,
    pub(in super::super) root: Option<RootCert>,
    pub(in super::super) client: Option<(PathBuf, PathBuf)>,
    pub(in super::super) direct: bool,
    pub(in super::super) at_least_1_3: bool,
}

/// Everything that a connection needs, but for the wire itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Settings {
    /// The servers in the order in which they are tried; empty when the pods are the servers.
    pub(in super::super) hosts: Vec<Host>,
    pub(in super::super) database: String,
    pub(in super::super) credentials: Credentials,
    pub(in super::super) tls: Tls,
    pub(in super::super) channel_binding: ChannelBinding,
    pub(in super::super) target: TargetAttrs,
    pub(in super::super) options: Option<String>,
    pub(in super::super) connect_timeout: Duration,
}
