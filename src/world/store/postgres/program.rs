//! How a client program reaches the same database.

use std::collections::BTreeMap;

/// The environment of a client program. Drop it after the program has ended: a tunnel ends with it.
pub struct ClientProgram {
    /// `PGHOST`, `PGHOSTADDR`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGSSLMODE`, `PGAPPNAME` and their like.
    pub env: BTreeMap<String, String>,
}

impl std::fmt::Debug for ClientProgram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientProgram").field("env", &self.env.keys()).finish_non_exhaustive()
    }
}
