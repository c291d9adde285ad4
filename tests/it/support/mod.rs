//! Helpers of the integration tests.

mod binary;
mod lab;
mod postgres;
mod pty;
mod skip;
mod world;

pub(crate) use binary::Binary;
pub(crate) use lab::{LabUp, pgcutover};
pub(crate) use postgres::{Server, installations};
pub(crate) use pty::Pty;
pub(crate) use skip::skip;
pub(crate) use world::{runbook, store, uri, world, world_of};
