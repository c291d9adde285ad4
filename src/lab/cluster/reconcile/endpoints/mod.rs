//! Which pods answer for a Service: Endpoints for old readers, `EndpointSlices` for kube-proxy and everybody else.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>

mod controller;
mod endpoint;

pub(super) use controller::EndpointSlices;
