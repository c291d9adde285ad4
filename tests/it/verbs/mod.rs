//! The verbs against the lab's API server.

mod apply;
mod bench;
mod database;
mod delete;
mod exec;
mod job;
mod objects;
mod patch;
mod scale;
mod switch;
