//! PostgreSQL: sessions that know whom they talk to, over whichever way leads there.

mod cancel;
mod handle;
mod peer;
mod program;
mod service;
mod session;

pub use cancel::Canceller;
pub use handle::{Postgres, SessionKind};
pub use peer::{Peer, PodPeer, Way};
pub use program::ClientProgram;
pub use service::ServiceProof;
pub use session::PgSession;
