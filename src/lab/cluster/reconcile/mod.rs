//! The controllers: each looks at what is asked for and at what is, and goes a step from the one to the other.
//!
//! They are level-triggered and keep nothing in mind, talk to nobody but the store, and are quick: what a change asks for is done within
//! milliseconds, unless a scenario slows a controller down ([`Delays`]).

mod claim;
mod cron_job;
mod delays;
mod deployment;
mod endpoints;
mod garbage;
mod job;
mod manager;
mod namespace;
mod pods;
mod replica_set;
mod runner;
mod scheduler;
mod selector;
mod stateful_set;

pub(crate) use claim::STORAGE_CLASS;
pub(crate) use delays::Delays;
pub(crate) use manager::Manager;
pub(crate) use pods::set_condition;
