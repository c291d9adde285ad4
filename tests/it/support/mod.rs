//! Helpers of the integration tests.

mod binary;
mod ground;
mod lab;
mod postgres;
mod pty;
mod rehearsal;
mod running;
mod skip;
mod standing;
mod start;
mod world;

pub(crate) use binary::{Binary, NOWHERE, servers};
pub(crate) use ground::Ground;
pub(crate) use lab::{LabUp, pgcutover};
pub(crate) use postgres::{Server, installations};
pub(crate) use pty::Pty;
pub(crate) use rehearsal::Rehearsal;
pub(crate) use running::Running;
pub(crate) use skip::skip;
pub(crate) use standing::Standing;
pub(crate) use start::{lab_config, start_lab};
pub(crate) use world::{runbook, store, uri, world, world_of};
