//! Looks at what a gate asks for.

mod cluster;
mod compared;
mod course;
mod database;
mod extension;
mod gate;
mod grants;
mod traffic;

pub use gate::look;
