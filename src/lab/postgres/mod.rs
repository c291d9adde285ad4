//! PostgreSQL installations: found on this machine, or fetched once.

mod cache;
mod choose;
mod error;
mod fetch;
mod find;
mod installation;
mod wheel;

pub use choose::{Installations, Search};
pub use error::PostgresError;
pub use installation::{Installation, PgVersion};
