//! Handles and eyes on real servers.

mod look;
mod session;
mod tls;
mod watch;
