//! `pgcutover`: see the crate's documentation.

use std::io::Write;
use std::process::ExitCode;

use pgcutover::app;
use pgcutover::error::Fault;
use pgcutover::exit::Exit;

fn main() -> ExitCode {
    if let Some(code) = app::play_part(std::env::args_os()) {
        return code;
    }
    if let Err(report) = color_eyre::install() {
        tell(&format!("{report}"));
    }
    app::main().unwrap_or_else(|report| explain(&report)).into()
}

fn explain(report: &color_eyre::Report) -> Exit {
    if let Some(fault) = report.downcast_ref::<Fault>() {
        tell(&fault.render());
        fault.exit
    } else {
        tell(&format!("error: {report:?}\n"));
        Exit::Unexpected
    }
}

fn tell(text: &str) {
    let _ = write!(std::io::stderr(), "{text}");
}
