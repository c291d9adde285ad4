//! A plan, printed whole before anything is touched: for people, for machines, and as the roles that it needs.

mod acts;
mod calls;
mod gates;
mod json;
mod rbac;
mod statements;
mod text;

pub use acts::{Said, step_acts, step_undoes};
pub use json::plan_json;
pub use rbac::{plan_rbac, role_rules};
pub use text::plan_text;
