//! Who is connected: address, pod and workload, what they do, since when.

mod client;
mod face;

pub(super) use face::Sessions;
