//! Handles and eyes on real servers.

mod cluster;
mod compared;
mod forward;
mod look;
mod monitor;
mod pods;
mod session;
mod tls;
mod watch;
