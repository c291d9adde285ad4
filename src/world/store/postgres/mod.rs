//! PostgreSQL: sessions that know whom they talk to, over whichever way leads there.

mod cancel;
mod connect;
mod explain;
mod handle;
mod libpq;
mod lock;
mod notices;
mod observer;
mod peer;
mod program;
mod reach;
mod service;
mod session;
mod sql;
mod statement;
mod tls;
mod traced;
mod wire;

pub use cancel::Canceller;
pub use handle::{Postgres, SessionKind};
pub use lock::{AdvisoryLock, LockHolder};
pub use observer::Observer;
pub use peer::{Peer, PodPeer, Way};
pub use program::ClientProgram;
pub use service::ServiceProof;
pub use session::PgSession;
pub use sql::Sql;
pub use traced::Traced;
