//! The stores: what holds data on a side.

mod postgres;

pub use postgres::{AdvisoryLock, LockHolder};
pub use postgres::{
    Canceller, ClientProgram, Observer, Peer, PgSession, PodPeer, Postgres, ServiceProof,
    SessionKind, Sql, Traced, Way,
};
