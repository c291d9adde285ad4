//! The options of the commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::Confirmation;
use crate::model::Moment;

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The kubeconfig file; as kubectl: `$KUBECONFIG`, else ~/.kube/config, else the cluster that this runs in
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig
    #[arg(long, global = true, value_name = "NAME", help_heading = "Global options")]
    pub context: Option<String>,
    /// The namespace, instead of the profile's
    #[arg(short, long, global = true, value_name = "NAME", help_heading = "Global options")]
    pub namespace: Option<String>,
    /// A folder with PostgreSQL's programs, looked at before `PATH`; can be given several times
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub pg_bindir: Vec<PathBuf>,
    /// What is logged: error, warn, info, debug, trace, or a filter such as `info,pgcutover::action=debug`
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        env = "PGCUTOVER_LOG",
        default_value = "info"
    )]
    #[arg(help_heading = "Global options")]
    pub log_level: String,
}

/// How events are shown.
#[derive(Debug, Clone, Args)]
pub struct Front {
    /// No terminal UI; answer from a script and print events
    #[arg(long)]
    pub headless: bool,
    /// How events are printed without a terminal UI; implies --headless
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub output: Option<StreamFormat>,
    /// Draw with ASCII characters only
    #[arg(long, conflicts_with = "headless")]
    pub ascii: bool,
    /// Let the mouse move the focus and scroll; it never confirms
    #[arg(long, conflicts_with = "headless")]
    pub mouse: bool,
    /// Record the screen as an asciinema cast, beside the journal when no file is named
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[arg(conflicts_with_all = ["headless", "output"])]
    pub cast: Option<Option<PathBuf>>,
    /// Whether colours are used; auto heeds `NO_COLOR` and the terminal
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub color: ColorChoice,
    /// The colours of the console
    #[arg(long, value_enum, value_name = "NAME")]
    pub theme: Option<ThemeChoice>,
}

/// Whether colours are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// Unless `NO_COLOR` is set, or the terminal has none
    #[default]
    Auto,
    /// Whatever the environment says
    Always,
    /// Bold, dim, underlined and reversed only
    Never,
}

/// The colours of the console.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChoice {
    /// For dark terminals
    #[default]
    Default,
    /// For light terminals
    Light,
    /// Without red against green
    ColourBlind,
    /// No colours
    Mono,
}

/// How a stream of events is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum StreamFormat {
    /// JSON Lines, one object for each event
    #[default]
    Json,
    /// Lines for people, and only on change
    Text,
}

/// How a document is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
}

/// How a plan is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// The Roles that the run and a monitor need, as manifests
    Rbac,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For the ticket
    #[default]
    Markdown,
    /// One JSON document
    Json,
}

/// Where the operator's answers come from when there is no operator.
#[derive(Debug, Clone, Default, Args)]
pub struct Answers {
    /// Take answers and decisions from a script, or from the journal of an earlier run
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Answer a step's confirmation; can be given several times
    #[arg(long, value_name = "STEP=ANSWER")]
    pub confirm: Vec<Confirmation>,
}

/// Who drives: only one console at a time does.
#[derive(Debug, Clone, Args)]
pub struct Lease {
    /// Take over from whoever holds the run: their name, as the refusal tells it
    #[arg(long, value_name = "HOLDER")]
    pub take_over: Option<String>,
    /// How long the lease holds without being renewed; then another console may take it
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(3..=3600))]
    pub lease_seconds: u64,
}

/// A world of the lab.
#[derive(Debug, Args)]
pub struct LabWorld {
    /// A shipped profile, or the path of one
    pub profile: String,
    /// What goes wrong, and how much data there is: a scenario's name, or the path of one
    #[arg(long, value_name = "NAME", default_value = "plain")]
    pub scenario: String,
    /// How much data: a multiple of the scenario's
    #[arg(long, value_name = "N", value_parser = scale)]
    pub scale: Option<f64>,
    /// Keep the data directories and the logs of the world
    #[arg(long)]
    pub keep: bool,
}

/// Options of `rehearse`.
#[derive(Debug, Args)]
pub struct RehearseOptions {
    /// The world that is started.
    #[command(flatten)]
    pub world: LabWorld,
    /// How it is shown.
    #[command(flatten)]
    pub front: Front,
    /// Who answers.
    #[command(flatten)]
    pub answers: Answers,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// A shipped profile, or the path of one
    pub profile: String,
    /// How it is shown.
    #[command(flatten)]
    pub front: Front,
    /// Who answers.
    #[command(flatten)]
    pub answers: Answers,
    /// Who drives.
    #[command(flatten)]
    pub lease: Lease,
    /// Only watch, as `monitor` does
    #[arg(long)]
    pub read_only: bool,
    /// Compile the profile as a rehearsal of this scenario would
    #[arg(long, hide = true)]
    pub scenario: Option<String>,
}

/// Options of `plan`.
#[derive(Debug, Args)]
pub struct PlanOptions {
    /// A shipped profile, or the path of one
    pub profile: String,
    /// How it is printed
    #[arg(short, long, value_enum, default_value_t)]
    pub output: PlanFormat,
}

/// Options of `preflight`.
#[derive(Debug, Args)]
pub struct PreflightOptions {
    /// A shipped profile, or the path of one
    pub profile: String,
    /// How the gates are printed
    #[arg(short, long, value_enum, default_value_t)]
    pub output: TextOrJson,
}

/// Options of `monitor`.
#[derive(Debug, Args)]
pub struct MonitorOptions {
    /// A shipped profile, or the path of one
    pub profile: String,
    /// Print every reading of every table in each line, instead of a summary
    #[arg(long)]
    pub readings: bool,
    /// How it is shown.
    #[command(flatten)]
    pub front: Front,
}

/// Options of `resume`.
#[derive(Debug, Args)]
pub struct ResumeOptions {
    /// The run, or a prefix of its name that is unique; the latest when absent
    #[arg(conflicts_with = "from_cluster")]
    pub run: Option<String>,
    /// Go on from the journal's mirror in the cluster, which another machine has left: that profile's last run
    #[arg(long, value_name = "PROFILE")]
    pub from_cluster: Option<String>,
    /// Who drives.
    #[command(flatten)]
    pub lease: Lease,
    /// How it is shown.
    #[command(flatten)]
    pub front: Front,
    /// Who answers.
    #[command(flatten)]
    pub answers: Answers,
}

/// Options of `replay`.
#[derive(Debug, Args)]
pub struct ReplayOptions {
    /// The run, a prefix of its name that is unique, or the path of a journal
    pub run: String,
    /// How fast: 1 is as it was, 10 ten times faster, 0 at once
    #[arg(long, value_name = "X", value_parser = speed, default_value = "1")]
    pub speed: f64,
    /// Where it begins: a time since the run's start such as 02:10, or a share such as 50%
    #[arg(long, value_name = "TIME")]
    pub at: Option<Moment>,
    /// Draw the screen at that moment, or at the end, into an SVG file instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["headless", "output", "cast"])]
    pub picture: Option<PathBuf>,
    /// The picture's columns and lines
    #[arg(long, value_name = "COLSxLINES", value_parser = size, default_value = "120x36")]
    #[arg(requires = "picture")]
    pub size: (u16, u16),
    /// Keys that are pressed before the picture is drawn, such as `2` for another page
    #[arg(long, value_name = "KEYS", default_value = "", requires = "picture")]
    pub press: String,
    /// How it is shown.
    #[command(flatten)]
    pub front: Front,
}

/// Options of `report`.
#[derive(Debug, Args)]
pub struct ReportOptions {
    /// The run, a prefix of its name that is unique, or the path of a journal
    pub run: String,
    /// How it is printed
    #[arg(short, long, value_enum, default_value_t)]
    pub output: ReportFormat,
}

/// Options of `lab up`.
#[derive(Debug, Args)]
pub struct LabOptions {
    /// The world that is started.
    #[command(flatten)]
    pub world: LabWorld,
    /// How to print the way in
    #[arg(short, long, value_enum, default_value_t)]
    pub output: TextOrJson,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub struct InitOptions {
    /// The shipped profile
    pub profile: String,
    /// Where to; a folder of the profile's name when absent
    pub dir: Option<PathBuf>,
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if scale.is_finite() && scale > 0.0 && scale <= 10_000.0 => Ok(scale),
        _ => Err("a number above 0 and up to 10000 is asked for".to_owned()),
    }
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let cells = |part: &str| part.parse().ok().filter(|cells| (1..=500).contains(cells));
    let sides = text.split_once('x').and_then(|(columns, lines)| cells(columns).zip(cells(lines)));
    sides.ok_or_else(|| "columns and lines such as 120x36 are asked for".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed >= 0.0 => Ok(speed),
        _ => Err("0 or a positive number is asked for".to_owned()),
    }
}
