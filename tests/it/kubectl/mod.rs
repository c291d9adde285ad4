//! The real kubectl against the lab's API server.

mod access;
mod apply;
mod objects;
mod setting;
