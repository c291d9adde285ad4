//! What a user can get wrong before there is a world: each is refused with its place and what to do.

use crate::journal::whole;
use crate::support::{Binary, NOWHERE};

const PROFILE: &str = include_str!("../../profiles/chronicle.toml");

#[test]
fn a_profile_that_is_not_shipped_is_named() {
    Binary::new(["plan", "cronicle"])
        .stderr(
            "error: no profile is named `cronicle`\n\
             hint: did you mean `chronicle`? (a path has a slash or ends in `.toml`)\n",
        )
        .status(2)
        .run();
}

#[test]
fn machines_read_a_fault_as_the_last_lines() {
    let output =
        Binary::new(["run", "cronicle", "--headless"]).any_stdout().any_stderr().status(2).run();
    let types: Vec<String> = output
        .stdout
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["type"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(types, ["version", "error", "summary"]);
}

#[test]
fn a_profile_that_is_no_toml_is_refused_with_line_and_column() {
    Binary::new(["plan", "./bad.toml"])
        .file("bad.toml", "name = \n")
        .stderr(
            "error: the profile has 1 problem\n\n\
             ./bad.toml:1:8: string values must be quoted, expected literal string\n\
             \u{20} |\n\
             1 | name = \n\
             \u{20} |        ^\n",
        )
        .status(2)
        .run();
}

#[test]
fn an_unknown_field_is_refused_with_the_nearest_known_one() {
    let text = PROFILE.replacen("budget = \"10m\"", "budgte = \"10m\"", 1);
    let output = Binary::new(["plan", "profiles/chronicle.toml"])
        .file("profiles/chronicle.toml", &text)
        .any_stderr()
        .status(2)
        .run();
    assert!(
        output.stderr.contains("unknown field `budgte`")
            && output.stderr.contains("hint: did you mean `budget`?"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_manifest_that_is_missing_is_refused_where_it_is_named() {
    let output = Binary::new(["plan", "profiles/chronicle.toml"])
        .file("profiles/chronicle.toml", PROFILE)
        .any_stderr()
        .status(2)
        .run();
    assert!(output.stderr.contains("cannot read `backup-job.yml`"), "{}", output.stderr);
    assert!(
        output.stderr.contains("| run     = { job = \"backup-job.yml\" }"),
        "{}",
        output.stderr
    );
}

#[test]
fn an_unknown_step_in_a_script_is_refused_before_anything_happens() {
    let script = "[[step]]\nid = \"stop-writer\"\nanswer = \"yes\"\n";
    Binary::new(["run", "chronicle", "-o", "text", "--script", "s.toml"])
        .file("s.toml", script)
        .stderr(
            "error: the script `s.toml` has 1 problem\n  \
             line 2, column 6: the plan has no step `stop-writer`; did you mean `stop-writers`?\n\
             hint: `pgcutover plan` prints every step and what it asks\n",
        )
        .status(2)
        .run();
}

#[test]
fn an_answer_that_will_not_be_accepted_is_refused_before_anything_happens() {
    Binary::new(["run", "chronicle", "-o", "text", "--confirm", "switch=chronicle"])
        .stderr(
            "error: the script `--confirm` has 1 problem\n  \
             step `switch` asks for the name `chronicle-db`, not `chronicle`\n\
             hint: `pgcutover plan` prints every step and what it asks\n",
        )
        .status(2)
        .run();
}

#[test]
fn a_confirmation_that_the_window_lacks_is_named_as_a_flag() {
    Binary::new([
        "run",
        "chronicle",
        "-o",
        "text",
        "--confirm",
        "stop-writers=yes",
        "--confirm",
        "fence-blue=yes",
    ])
    .stderr(
        "error: nothing answers `switch`, `open-green`, which the window asks for\n\
             hint: add `--confirm switch=chronicle-db` `--confirm open-green=chronicle-db-v17-vector`\n",
    )
    .status(16)
    .run();
}

#[test]
fn a_script_for_another_plan_is_refused() {
    let output = Binary::new(["run", "chronicle", "-o", "text", "--script", "s.toml"])
        .file("s.toml", "plan = \"abc\"\n")
        .any_stderr()
        .status(2)
        .run();
    assert!(
        output.stderr.starts_with("error: the script is for plan abc, but this is plan "),
        "{}",
        output.stderr
    );
}

#[test]
fn the_journal_of_another_profile_is_refused_as_a_script() {
    let (_folder, path, _) = whole();
    let journal = std::fs::read_to_string(path).unwrap();
    let output = Binary::new(["run", "chronicle", "-o", "text", "--script", "j.jsonl"])
        .file("j.jsonl", &journal)
        .any_stderr()
        .status(2)
        .run();
    assert!(
        output.stderr.starts_with("error: the journal `j.jsonl` belongs to plan "),
        "{}",
        output.stderr
    );
}

#[test]
fn without_a_terminal_run_refuses_and_names_the_flags() {
    Binary::new(["run", "chronicle"])
        .stderr(
            "error: there is no terminal for the console\n\
             hint: add `--headless`, with `--script FILE` or `--confirm STEP=ANSWER` for what is asked\n",
        )
        .status(2)
        .run();
}

#[test]
fn a_kubeconfig_that_is_missing_is_named() {
    let output = Binary::new(["preflight", "chronicle", "--kubeconfig", "nowhere.yaml"])
        .any_stderr()
        .status(2)
        .run();
    assert!(
        output.stderr.starts_with("error: the kubeconfig cannot be used: "),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("nowhere.yaml"), "{}", output.stderr);
}

#[test]
fn an_api_server_that_does_not_answer_holds_every_gate_and_is_named() {
    let output = Binary::new(["preflight", "chronicle", "--kubeconfig", "kubeconfig"])
        .file("kubeconfig", NOWHERE)
        .any_stdout()
        .status(10)
        .run();
    let stdout = output.stdout;
    assert!(stdout.contains("`http://127.0.0.1:1` cannot be reached"), "{stdout}");
    assert!(stdout.contains("fix: check that the cluster of context `nowhere`"), "{stdout}");
    assert!(!stdout.contains("\nok  "), "{stdout}");
}

#[test]
fn what_is_there_is_not_overwritten_by_init() {
    Binary::new(["init", "chronicle", "."])
        .file("profiles/chronicle.toml", "mine")
        .stderr("error: `./profiles/chronicle.toml` is there already\nhint: name another folder\n")
        .status(2)
        .run();
}
