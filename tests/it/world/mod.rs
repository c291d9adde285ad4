//! Handles and eyes on real servers.

mod compared;
mod look;
mod session;
mod tls;
mod watch;
