//! The real kubectl against the lab's API server.

mod access;
mod apply;
mod cutover;
mod objects;
mod rehearsal;
mod setting;
