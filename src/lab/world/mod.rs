//! The whole of it: installations, cluster, blue with its data, the application, its users, and what goes wrong.

mod apply;
mod config;
mod error;
mod images;
mod lab;
mod setting;
mod start;
mod wait;

pub use config::{Environment, LabConfig, Versions};
pub use error::LabError;
pub use lab::Lab;
