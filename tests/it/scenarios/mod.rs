//! Whole rehearsals through the binary: each scenario ends as its file says, and nothing is left of its world.

mod leftovers;
mod moved;

use pgcutover::lab::Scenario;
use serde_json::Value;

use crate::support::{Rehearsal, installations};

/// Rehearses a scenario, shows each line to `look` as it comes, and gives them all.
fn rehearsed(scenario: &str, mut look: impl FnMut(&Rehearsal, &Value)) -> Option<Vec<Value>> {
    installations()?;
    let expect = Scenario::named(scenario).unwrap().expect;
    let mut rehearsal = Rehearsal::start(&["--scenario", scenario]);
    let mut lines = Vec::new();
    while let Some(line) = rehearsal.next() {
        look(&rehearsal, &line);
        lines.push(line);
    }
    let (_, exit) = rehearsal.end();
    let summary = lines.last().unwrap();
    assert_eq!(exit, Some(expect.exit.into()), "{summary}\n{}", rehearsal.complaints());
    for said in &expect.says {
        assert!(lines.iter().any(|line| line.to_string().contains(said)), "`{said}` is not said");
    }
    assert_eq!(lines.first().unwrap()["type"], "version");
    assert_eq!(summary["type"], "summary");
    if let Some(verdict) = expect.verdict {
        assert_eq!(summary["verdict"], verdict.as_str());
    }
    assert_eq!((&summary["lost"], &summary["duplicated"]), (&0.into(), &0.into()), "{summary}");
    rehearsal.ground.assert_left();
    Some(lines)
}

/// The lines of one kind about one step.
fn lines_of<'a>(
    lines: &'a [Value],
    kind: &'a str,
    step: &'a str,
) -> impl Iterator<Item = &'a Value> {
    lines.iter().filter(move |line| line["type"] == kind && line["step"] == step)
}

#[test]
fn a_plain_rehearsal_moves_the_data_and_loses_nothing() {
    let mut fence = Value::Null;
    let mut looked = false;
    let lines = rehearsed("plain", |rehearsal, line| match (&line["type"], &line["step"]) {
        (kind, step) if kind == "step-finished" && step == "fence-blue" => {
            fence = line["outcome"]["data"].clone();
        }
        (kind, step) if kind == "step-started" && step == "soak" => {
            moved::look(&rehearsal.ground.lab().unwrap(), &fence);
            looked = true;
        }
        _ => {}
    });
    let Some(lines) = lines else { return };
    assert!(looked);
    let summary = lines.last().unwrap();
    assert!(summary["acknowledged"].as_u64().unwrap() >= 1_000, "{summary}");
    assert!(summary["blocked_seconds"].as_f64().unwrap() > 0.0, "{summary}");
}

#[test]
fn a_green_that_dies_before_the_switch_leaves_blue_serving() {
    rehearsed("killed-green", |_, _| ());
}

#[test]
fn an_old_dump_client_is_caught_before_any_job() {
    let Some(lines) = rehearsed("old-dump-client", |_, _| ()) else { return };
    assert_eq!(lines_of(&lines, "step-started", "initial-backup").count(), 0);
}

#[test]
fn a_denied_image_holds_the_step_until_the_pull_secret_is_named() {
    let Some(lines) = rehearsed("image-pull-denied", |_, _| ()) else { return };
    let held = lines_of(&lines, "step-progress", "apply-green");
    let fix = held.map(|line| &line["progress"]["fix"]).find(|fix| !fix.is_null());
    let command = fix.expect("no way out is offered")["command"].as_str().unwrap();
    assert!(command.starts_with("kubectl patch deployment chronicle-db-v17-vector"), "{command}");
    assert!(command.contains("agile-corp-reg-secret"), "{command}");
    assert!(lines_of(&lines, "decided", "apply-green").any(|line| line["decision"] == "mend"));
}

#[test]
fn a_straggler_is_caught_by_the_fence_and_loses_nothing() {
    let Some(lines) = rehearsed("straggler", |_, _| ()) else { return };
    let fence = lines_of(&lines, "step-finished", "fence-blue").next().unwrap();
    let before = |line: &&Value| line["seq"].as_u64() <= fence["seq"].as_u64();
    let named = lines.iter().filter(before).any(|line| line.to_string().contains("straggler"));
    assert!(named, "the fence does not name who was still connected: {fence}");
}

#[test]
fn a_restore_that_outlasts_the_window_is_undone() {
    let Some(lines) = rehearsed("slow-restore", |_, _| ()) else { return };
    assert!(lines.iter().any(|line| line["type"] == "budget-exceeded"));
    assert_eq!(lines_of(&lines, "step-started", "switch").count(), 0);
    let flows = lines_of(&lines, "undo-finished", "stop-writers").next().unwrap();
    let cleared = lines_of(&lines, "undo-started", "final-restore").next().unwrap();
    assert!(flows["seq"].as_u64() < cleared["seq"].as_u64(), "a Job kept writes waiting");
}

#[test]
fn a_row_that_differs_blocks_the_switch_and_is_named() {
    let Some(lines) = rehearsed("row-differs", |_, _| ()) else { return };
    let failed = lines_of(&lines, "step-failed", "verify").next().unwrap();
    let told = failed["message"].as_str().unwrap();
    assert!(told.contains("public.tasks") && told.contains("'4711'"), "{told}");
    assert_eq!(lines_of(&lines, "step-started", "switch").count(), 0);
}
