//! `fence` and `unfence`: a side refuses writes, and that is proven; or takes them again, and that is proven.
//!
//! The fence is `ALTER DATABASE … SET default_transaction_read_only = on`, the end of every client's session, and then the
//! proof of [`crate::verify::fence`]. A session may still lift it for itself, which is why only the proof counts: while it is
//! taken no client of the application's role may be connected and the next transaction id must stand still.
//!
//! SQL privileges: owner of the database or superuser (`ALTER DATABASE`), `pg_signal_backend` and `pg_read_all_stats`.
//! Calls of the API server: list `pods`, get `replicasets`, to name whose session it is that still writes.

mod former;
mod lift;
mod shut;
mod stragglers;

pub(super) use former::Former;
pub(super) use lift::lift;
pub(super) use shut::shut;
