//! Helpers of the integration tests.

mod binary;
mod skip;

pub(crate) use binary::{Binary, Output};
pub(crate) use skip::skip;
