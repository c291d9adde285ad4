//! The API over HTTP: what clients see of the cluster.

mod answer;
mod body;
mod create;
mod cut;
mod delete;
mod discovery;
mod fault;
mod handle;
mod kubeconfig;
mod list;
mod locate;
mod logs;
mod negotiate;
mod openapi;
mod portforward;
mod protobuf;
mod query;
mod requests;
mod review;
mod scale;
mod server;
mod table;
#[cfg(test)]
mod tests;
mod tls;
mod update;
mod watch;

pub use fault::{Effect, Fault, Faults};
pub use requests::{LoggedRequest, RequestLog};
pub use server::{ApiServer, ServerOptions};
