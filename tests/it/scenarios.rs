//! Whole rehearsals through the binary: each scenario ends as its file says.

use pgcutover::lab::Scenario;
use serde_json::Value;

use crate::support::{Binary, installations};

/// Rehearses a scenario and gives the lines of its standard output.
fn rehearsed(scenario: &str) -> Option<Vec<Value>> {
    installations()?;
    let expect = Scenario::named(scenario).unwrap().expect;
    let output = Binary::new(["rehearse", "chronicle", "--headless", "--scenario", scenario])
        .any_stdout()
        .any_stderr()
        .status(expect.exit.into())
        .run();
    for said in &expect.says {
        assert!(output.stdout.contains(said), "`{said}` is not said:\n{}", output.stdout);
    }
    let lines: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.first().unwrap()["type"], "version");
    let summary = lines.last().unwrap();
    assert_eq!(summary["type"], "summary");
    if let Some(verdict) = expect.verdict {
        assert_eq!(summary["verdict"], verdict.as_str());
    }
    assert_eq!((&summary["lost"], &summary["duplicated"]), (&0.into(), &0.into()), "{summary}");
    Some(lines)
}

#[test]
fn a_plain_rehearsal_loses_nothing() {
    let Some(lines) = rehearsed("plain") else { return };
    let summary = lines.last().unwrap();
    assert!(summary["acknowledged"].as_u64().unwrap() >= 1_000, "{summary}");
}

#[test]
fn a_green_that_dies_before_the_switch_leaves_blue_serving() {
    rehearsed("killed-green");
}

#[test]
fn an_old_dump_client_is_caught_before_any_job() {
    let Some(lines) = rehearsed("old-dump-client") else { return };
    let started =
        |line: &&Value| line["type"] == "step-started" && line["step"] == "initial-backup";
    assert!(!lines.iter().any(|line| started(&line)));
}
