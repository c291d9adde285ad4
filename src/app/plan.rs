//! `pgcutover plan`

use std::io::Write;

use color_eyre::Result;

use super::{load, print};
use crate::cli::{Global, PlanFormat, PlanOptions};
use crate::exit::Exit;
use crate::report::{plan_json, plan_rbac, plan_text};

/// Prints the whole runbook. Nothing is connected to.
pub(super) fn plan(global: &Global, options: &PlanOptions) -> Result<Exit> {
    let runbook = load::runbook(&options.profile, global)?;
    match options.output {
        PlanFormat::Text => print::to_stdout(|out| out.write_all(plan_text(&runbook).as_bytes())),
        PlanFormat::Json => print::json(&plan_json(&runbook)),
        PlanFormat::Rbac => print::to_stdout(|out| out.write_all(plan_rbac(&runbook).as_bytes())),
    }
}
