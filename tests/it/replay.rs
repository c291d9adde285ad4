//! Recorded runs: listed, shown again, and refused when they are not whole.

use crate::journal::whole;
use crate::support::Binary;

fn recorded() -> String {
    let (_folder, path, _) = whole();
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_run_is_shown_again_for_people() {
    let output = Binary::new(["replay", "run/journal.jsonl", "--speed", "0", "-o", "text"])
        .env("TZ", "UTC")
        .file("run/journal.jsonl", &recorded())
        .any_stdout()
        .run();
    insta::with_settings!({ snapshot_path => "../fixtures/output", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("replay-text", output.stdout);
    });
}

#[test]
fn a_run_is_shown_again_for_machines() {
    let output = Binary::new(["replay", "run/journal.jsonl", "--speed", "0", "--headless"])
        .file("run/journal.jsonl", &recorded())
        .any_stdout()
        .run();
    let lines: Vec<serde_json::Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.first().unwrap()["type"], "version");
    assert_eq!(lines.first().unwrap()["schema"], "1.0");
    assert_eq!(lines.last().unwrap()["type"], "summary");
    assert_eq!(lines.last().unwrap()["verdict"], "done");
    assert_eq!(lines.last().unwrap()["lost"], serde_json::Value::Null);
    for line in &lines {
        for key in ["type", "ts", "message", "run"] {
            assert!(line[key].is_string(), "{key} in {line}");
        }
    }
}

#[test]
fn runs_are_listed_and_found_by_a_prefix() {
    let journal = ".local/state/pgcutover/runs/r1/journal.jsonl";
    Binary::new(["runs"])
        .file(journal, &recorded())
        .stdout(
            "RUN  MODE       STATE         CREATED (UTC)\n\
             r1   rehearsal  done          2026-11-21 03:15:00\n",
        )
        .run();
    Binary::new(["replay", "r", "--speed", "0", "-o", "text"])
        .file(journal, &recorded())
        .any_stdout()
        .run();
}

#[test]
fn an_unknown_run_is_refused() {
    Binary::new(["replay", "r9"])
        .stderr("error: no run begins with `r9`\nhint: `pgcutover runs` lists them\n")
        .status(2)
        .run();
}

#[test]
fn a_journal_that_was_cut_in_the_middle_of_a_line_is_shown_up_to_there() {
    let whole = recorded();
    let cut = &whole[..whole.len() - 20];
    let output = Binary::new(["replay", "run/journal.jsonl", "--speed", "0", "--headless"])
        .file("run/journal.jsonl", cut)
        .any_stdout()
        .run();
    assert_eq!(output.stdout.lines().count(), whole.lines().count());
}

#[test]
fn a_journal_with_a_changed_line_is_refused_by_its_number() {
    let changed = recorded().replacen("\"alice\"", "\"mallory\"", 2);
    let output = Binary::new(["replay", "run/journal.jsonl", "--headless", "-o", "text"])
        .file("run/journal.jsonl", &changed)
        .any_stderr()
        .status(20)
        .run();
    assert!(output.stderr.starts_with("error: line "), "{}", output.stderr);
}

#[test]
fn what_is_no_journal_is_refused() {
    let output = Binary::new(["replay", "notes.txt"])
        .file("notes.txt", "hello\n")
        .any_stderr()
        .status(2)
        .run();
    assert!(
        output.stderr.starts_with("error: `notes.txt` is not a journal: "),
        "{}",
        output.stderr
    );
}
