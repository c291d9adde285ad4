//! Connection settings as libpq takes them: strings and URIs, `PG*` variables, service files, `.pgpass`.
//!
//! What a connection string says goes before a service file, that before the environment, that before the defaults
//! (<https://www.postgresql.org/docs/current/libpq-connect.html>). A keyword that this program cannot honour and that
//! somebody set for safety is refused, never dropped silently.

mod environment;
mod hosts;
mod keyvalue;
mod keywords;
mod layers;
mod passfile;
mod resolve;
mod service;
mod settings;
mod tls;
mod uri;

pub(super) use environment::Environment;
pub(super) use resolve::{for_pod, for_uri};
pub(super) use settings::{
    ChannelBinding, Host, HostAddress, RootCert, Secret, Settings, SslMode, TargetAttrs, Tls,
};
