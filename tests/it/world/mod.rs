//! Handles on real servers.

mod session;
mod tls;
