//! The cluster with real processes, without its API server.

mod claims;
mod containers;
mod deployments;
mod endings;
mod images;
mod jobs;
mod postgres;
mod services;
mod stateful_sets;
mod support;
