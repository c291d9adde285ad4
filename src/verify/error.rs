use crate::model::Side;

/// Why a comparison could not be made. A table that cannot be read is a verdict, not an error.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A side's server refused or went away.
    #[error("{side}: could not {what}: {}", told(.source))]
    Database {
        /// The side.
        side: Side,
        /// What was being done.
        what: &'static str,
        /// The driver's error.
        source: tokio_postgres::Error,
    },
    /// A side could not be connected to.
    #[error(transparent)]
    World(#[from] crate::world::WorldError),
    /// A side was given no session to be read over.
    #[error("{side}: no session to read over")]
    NoSession {
        /// The side.
        side: Side,
    },
}

/// The server's own words where there are any; the driver's `Display` says only `db error`.
pub(super) fn told(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(
        || {
            let source = std::error::Error::source(error);
            source.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
        },
        |db| format!("{} ({})", db.message(), db.code().code()),
    )
}
