//! The commands, as the help lists them.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::options::{
    Global, InitOptions, LabOptions, MonitorOptions, PlanOptions, PreflightOptions,
    RehearseOptions, ReplayOptions, ReportOptions, ResumeOptions, RunOptions, TextOrJson,
};
use super::text;

/// A console for blue/green cutovers to PostgreSQL on Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "pgcutover", version, max_term_width = 120, after_long_help = text::exit_codes())]
#[command(after_help = "Start with `pgcutover rehearse chronicle`: it needs no cluster.")]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Rehearse a cutover in a small true world on this machine
    #[command(after_long_help = text::REHEARSE)]
    Rehearse(RehearseOptions),
    /// Run a cutover
    #[command(after_long_help = text::RUN)]
    Run(RunOptions),
    /// Print the whole runbook and its hash; touches nothing
    #[command(after_long_help = text::PLAN)]
    Plan(PlanOptions),
    /// Look at the gates of the preflight phase; changes nothing
    #[command(after_long_help = text::PREFLIGHT)]
    Preflight(PreflightOptions),
    /// Watch both sides; cannot change anything
    #[command(after_long_help = text::MONITOR)]
    Monitor(MonitorOptions),
    /// Take a run up again where it was left, after a crash too
    #[command(after_long_help = text::RESUME)]
    Resume(ResumeOptions),
    /// Show a recorded run again; touches nothing
    #[command(after_long_help = text::REPLAY)]
    Replay(ReplayOptions),
    /// Write a recorded run up as a document
    #[command(after_long_help = text::REPORT)]
    Report(ReportOptions),
    /// List the recorded runs, the latest first
    Runs {
        /// How to print them
        #[arg(short, long, value_enum, default_value_t)]
        output: TextOrJson,
    },
    /// Keep a rehearsal world running, so that another process can be pointed at it
    Lab {
        /// What to do with it.
        #[command(subcommand)]
        command: LabCommand,
    },
    /// Print where runs, logs and caches are kept
    Paths {
        /// How to print them
        #[arg(short, long, value_enum, default_value_t)]
        output: TextOrJson,
    },
    /// Write a shipped profile and its manifests into a folder, for editing
    #[command(after_long_help = text::INIT)]
    Init(InitOptions),
    /// Print a completion script for a shell
    #[command(after_long_help = text::COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man {
        /// Write one page for each command into this folder instead
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// What to do with a lab.
#[derive(Debug, Subcommand)]
pub enum LabCommand {
    /// Start a world in the foreground; it ends at ctrl-c or SIGTERM
    #[command(after_long_help = text::LAB_UP)]
    Up(LabOptions),
}
