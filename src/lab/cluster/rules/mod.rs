//! What the API server does to an object before it is stored: defaults, typed decoding, validation.

mod default;
mod fresh;
mod immutable;
mod pod;
mod typed;
mod validate;

pub(crate) use default::set_defaults;
pub(super) use fresh::{complete, keep_allocated};
pub(super) use immutable::check_update;
pub(crate) use typed::{Decoded, decode};
pub(super) use validate::check_new;
