//! One integration binary, a module for each feature.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_input;
mod bad_world;
mod cast;
mod cli;
mod console;
#[cfg(target_os = "linux")]
mod crash;
mod custody;
mod engine;
mod fence;
mod fixtures;
#[cfg(target_os = "linux")]
mod hung;
mod journal;
mod kubectl;
mod lab;
mod layers;
mod monitor;
mod plan;
mod playback;
mod readme;
mod replay;
mod roles;
mod scenarios;
mod support;
mod verbs;
mod verify;
mod world;
