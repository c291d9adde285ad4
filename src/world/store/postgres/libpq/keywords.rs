//! The keywords that libpq knows, the variable that stands for each, and whether this program honours it.

/// What becomes of a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Support {
    /// It is honoured.
    Honoured,
    /// It makes no difference here.
    Ignored,
    /// It cannot be honoured, and a connection without it would be another one than was asked for.
    Refused,
}

pub(super) struct Keyword {
    pub(super) name: &'static str,
    pub(super) variable: Option<&'static str>,
    pub(super) support: Support,
}

const fn keyword(name: &'static str, variable: &'static str, support: Support) -> Keyword {
    Keyword { name, variable: Some(variable), support }
}

const fn plain(name: &'static str, support: Support) -> Keyword {
    Keyword { name, variable: None, support }
}

use Support::{Honoured, Ignored, Refused};

pub(super) const KEYWORDS: &[Keyword] = &[
    keyword("host", "PGHOST", Honoured),
    keyword("hostaddr", "PGHOSTADDR", Honoured),
    keyword("port", "PGPORT", Honoured),
    keyword("dbname", "PGDATABASE", Honoured),
    keyword("user", "PGUSER", Honoured),
    keyword("password", "PGPASSWORD", Honoured),
    keyword("passfile", "PGPASSFILE", Honoured),
    keyword("service", "PGSERVICE", Honoured),
    keyword("servicefile", "PGSERVICEFILE", Honoured),
    keyword("options", "PGOPTIONS", Honoured),
    keyword("connect_timeout", "PGCONNECT_TIMEOUT", Honoured),
    keyword("sslmode", "PGSSLMODE", Honoured),
    keyword("sslnegotiation", "PGSSLNEGOTIATION", Honoured),
    keyword("sslrootcert", "PGSSLROOTCERT", Honoured),
    keyword("sslcert", "PGSSLCERT", Honoured),
    keyword("sslkey", "PGSSLKEY", Honoured),
    keyword("channel_binding", "PGCHANNELBINDING", Honoured),
    keyword("target_session_attrs", "PGTARGETSESSIONATTRS", Honoured),
    keyword("requiressl", "PGREQUIRESSL", Honoured),
    keyword("application_name", "PGAPPNAME", Ignored),
    plain("fallback_application_name", Ignored),
    keyword("client_encoding", "PGCLIENTENCODING", Ignored),
    keyword("load_balance_hosts", "PGLOADBALANCEHOSTS", Ignored),
    keyword("sslcompression", "PGSSLCOMPRESSION", Ignored),
    keyword("sslcertmode", "PGSSLCERTMODE", Ignored),
    keyword("sslsni", "PGSSLSNI", Ignored),
    keyword("krbsrvname", "PGKRBSRVNAME", Ignored),
    keyword("gsslib", "PGGSSLIB", Ignored),
    keyword("gssdelegation", "PGGSSDELEGATION", Ignored),
    // Only `require` would be a promise; `resolve` refuses that one.
    keyword("gssencmode", "PGGSSENCMODE", Honoured),
    keyword("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", Honoured),
    keyword("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", Ignored),
    keyword("min_protocol_version", "PGMINPROTOCOLVERSION", Ignored),
    keyword("max_protocol_version", "PGMAXPROTOCOLVERSION", Ignored),
    plain("keepalives", Ignored),
    plain("keepalives_idle", Ignored),
    plain("keepalives_interval", Ignored),
    plain("keepalives_count", Ignored),
    plain("tcp_user_timeout", Ignored),
    plain("sslkeylogfile", Ignored),
    keyword("require_auth", "PGREQUIREAUTH", Refused),
    keyword("requirepeer", "PGREQUIREPEER", Refused),
    keyword("sslcrl", "PGSSLCRL", Refused),
    keyword("sslcrldir", "PGSSLCRLDIR", Refused),
    plain("sslpassword", Refused),
    plain("replication", Refused),
    plain("scram_client_key", Refused),
    plain("scram_server_key", Refused),
    plain("oauth_issuer", Refused),
    plain("oauth_client_id", Refused),
    plain("oauth_client_secret", Refused),
    plain("oauth_scope", Refused),
];

/// Why a keyword cannot be used, if it cannot.
pub(super) fn objection(name: &str) -> Option<String> {
    match KEYWORDS.iter().find(|keyword| keyword.name == name).map(|keyword| keyword.support) {
        None => Some(format!("invalid connection option `{name}`")),
        Some(Support::Refused) => {
            Some(format!("connection option `{name}` is not supported by this program"))
        }
        Some(Support::Honoured | Support::Ignored) => None,
    }
}
