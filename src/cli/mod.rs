//! The command line: commands, options, help, completions and the man page, all from one definition.

mod command;
mod complete;
mod confirm;
mod options;
mod text;

pub use command::{Cli, Command, LabCommand};
pub use complete::{completions, man_page};
pub use confirm::Confirmation;
pub use options::{
    Answers, ColorChoice, Front, Global, InitOptions, LabOptions, LabWorld, Lease, MonitorOptions,
    PlanFormat, PlanOptions, PreflightOptions, RehearseOptions, ReplayOptions, ReportFormat,
    ReportOptions, ResumeOptions, RunOptions, StreamFormat, TextOrJson, ThemeChoice,
};
