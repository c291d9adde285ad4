//! One operator at a time: the lease, the lock on blue, and going on from the cluster.

mod console;
mod hands;
mod lapsed;
mod lock;
mod mirror;
mod suspended;
mod wire;
