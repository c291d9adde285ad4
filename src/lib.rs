//! A console for blue/green cutovers to PostgreSQL on Kubernetes.
//!
//! Data flows one way: profile → runbook → engine → events → journal → front ends.

pub mod action;
pub mod app;
pub mod cli;
pub mod engine;
pub mod error;
pub mod exit;
pub mod headless;
pub mod journal;
pub mod lab;
pub mod logging;
pub mod model;
pub mod observe;
pub mod profile;
pub mod report;
pub mod session;
pub mod tui;
pub mod verify;
pub mod world;
