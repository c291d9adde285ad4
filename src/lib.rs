//! A console for blue/green cutovers to PostgreSQL on Kubernetes.
//!
//! Data flows one way: profile → runbook → engine → events → journal → front ends.

pub mod engine;
pub mod lab;
pub mod model;
pub mod session;
