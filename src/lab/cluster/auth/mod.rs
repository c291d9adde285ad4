//! Who asks, and whether they may: bearer tokens and role-based access control.

mod rbac;
mod token;

pub(crate) use rbac::{Attributes, allowed_rules, decide};
pub(crate) use token::{Tokens, User};
