//! Profiles: TOML in, runbook out.
//!
//! [`file`] mirrors the TOML and is what the JSON Schema is made of; [`check`] holds a text against that schema and collects
//! every problem; [`compile()`] turns the mirror into a [`Runbook`](crate::model::Runbook) and derives whatever a step does
//! not say. The rules of derivation are the module docs below [`compile`].

mod builtin;
mod check;
mod compile;
mod error;
mod file;
mod loader;
mod manifest;
mod overrides;
mod problem;
mod schema;
mod source;
mod suggest;

pub use builtin::{asset, files_of, names};
pub use compile::compile;
pub use error::ProfileError;
pub use loader::{Disk, Embedded, Loader};
pub use overrides::{ManifestEdit, Overrides, Replacement};
pub use problem::{Place, Problem, Problems};
pub use schema::schema_text;
pub use source::{Source, find, load};

#[cfg(test)]
mod tests;
