//! Starts a world in the test's own process.

use std::path::PathBuf;

use pgcutover::lab::{Lab, LabConfig, LabError, Scenario};

use super::skip;

/// What a world of chronicle with this scenario is started with.
pub(crate) fn lab_config(scenario: &str) -> LabConfig {
    let mut config = LabConfig::new("chronicle", Scenario::named(scenario).unwrap());
    config.program = Some(PathBuf::from(env!("CARGO_BIN_EXE_pgcutover")));
    config
}

/// A world, or a word why the test is skipped.
pub(crate) async fn start_lab(config: LabConfig) -> Option<Lab> {
    match Lab::start(config).await {
        Ok(lab) => Some(lab),
        Err(LabError::Postgres(why)) => {
            skip(&why.to_string());
            None
        }
        Err(error) => panic!("{error}"),
    }
}
