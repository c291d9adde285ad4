//! Live handles on the world: the cluster and the stores of both sides.
//!
//! Nothing connects before it is asked to, because green does not exist when a run begins. A world that was made
//! [`Access::ReadOnly`] cannot change anything: its cluster client refuses every method but GET before it is sent, and its
//! database sessions are read-only.

mod access;
mod calls;
mod cluster;
mod error;
mod handle;
mod memory;
mod store;
mod target;

pub use access::Access;
pub use calls::{Calls, Ongoing};
pub(crate) use cluster::selector_text;
pub use cluster::{
    Allowed, Call, Cluster, HttpAnswer, MirrorPart, Namespaced, Origin, Views, Wait,
};
pub use error::{
    ApiError, ApiErrorKind, ConnectError, ConnectErrorKind, StatementError, WorldError,
};
pub use handle::World;
pub use memory::{Memory, Recheck};
pub use store::{AdvisoryLock, LockHolder};
pub use store::{
    Canceller, ClientProgram, Observer, Peer, PgSession, PodPeer, Postgres, ServiceProof,
    SessionKind, Sql, Traced, Way,
};
pub use target::Target;
