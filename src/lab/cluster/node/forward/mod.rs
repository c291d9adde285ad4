//! kube-proxy: what connects to a Service's address is led to one of its ready pods.
//!
//! New connections go where the `EndpointSlices` say at that moment, one after the other; open ones stay where they are, also when their
//! pod is no endpoint any more. A Service without an endpoint refuses, since nobody listens at its address then.
//!
//! <https://kubernetes.io/docs/reference/networking/virtual-ips/>

mod client;
mod inode;
mod listener;
mod proxy;
mod table;

pub(crate) use proxy::Proxy;
