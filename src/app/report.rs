//! `pgcutover report`

use std::io::Write;
use std::path::Path;

use color_eyre::Result;
use serde_json::Value;

use super::folders::Folders;
use super::{print, replay};
use crate::cli::{ReportFormat, ReportOptions};
use crate::error::Fault;
use crate::exit::Exit;
use crate::journal;
use crate::report::Report;

/// What the lab found at the end of a rehearsal, beside its journal.
pub(super) const AUDIT: &str = "audit.json";

/// Writes a recorded run up.
pub(super) fn report(folders: &Folders, options: &ReportOptions) -> Result<Exit> {
    let path = replay::journal_of(folders, &options.run)?;
    let recording = journal::read(&path).map_err(Fault::from)?;
    let report = Report::of(&recording, audit(&path)?).map_err(Fault::from)?;
    match options.output {
        ReportFormat::Json => print::json(&report),
        ReportFormat::Markdown => {
            print::to_stdout(|out| out.write_all(report.markdown().as_bytes()))
        }
    }
}

fn audit(journal: &Path) -> Result<Option<Value>> {
    let path = journal.with_file_name(AUDIT);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
