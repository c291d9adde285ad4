//! What can be wrong with a world, through the binary: each is told with its place and what to do about it, and nothing
//! is changed.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pgcutover::lab::cluster::{Effect, Fault};
use serde_json::{Value, json};

use crate::support::{Binary, NOWHERE, Standing, skip};

const SCRIPT: &str = include_str!("../../assets/lab/chronicle.script.toml");
const PROFILE: &str = include_str!("../../profiles/chronicle.toml");

/// `preflight` of a profile that was written out and changed.
fn preflight(world: &Standing, change: impl FnOnce(&str) -> String) -> String {
    let text = change(PROFILE);
    assert_ne!(text, PROFILE);
    let binary = Binary::new([
        "preflight",
        "chronicle/profiles/chronicle.toml",
        "--kubeconfig",
        world.kubeconfig(),
    ]);
    let output = binary
        .shipped("chronicle")
        .file("chronicle/profiles/chronicle.toml", &text)
        .any_stdout()
        .status(10)
        .run();
    output.stdout
}

/// `run` with a script that waits no longer than a second for a gate.
fn run(kubeconfig: &str) -> Binary {
    let args = ["run", "chronicle", "-o", "text", "--scenario", "plain", "--script", "s.toml"];
    Binary::new(args)
        .file("s.toml", &SCRIPT.replace("wait = \"60s\"", "wait = \"1s\""))
        .env("KUBECONFIG", kubeconfig)
        .any_stdout()
        .any_stderr()
}

/// One drives at a time, in a namespace that is shared.
fn alone() -> MutexGuard<'static, ()> {
    static DRIVING: Mutex<()> = Mutex::new(());
    DRIVING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Refuses what the first step would change.
fn guarded(world: &Standing, refusal: &str) -> u64 {
    world.lab().server().faults().add(Fault {
        verbs: vec!["patch".into()],
        resource: "deployments".into(),
        ..Fault::of(Effect::Deny { webhook: "guard".into(), code: 403, message: refusal.into() })
    })
}

#[track_caller]
fn says(output: &str, told: &[&str]) {
    for text in told {
        assert!(output.contains(text), "`{text}` is not said:\n{output}");
    }
}

#[test]
fn an_api_server_that_is_gone_holds_the_run_and_is_named() {
    let output = run("kubeconfig").file("kubeconfig", NOWHERE).status(10).run();
    says(
        &output.stderr,
        &[
            "error: cannot get `leases.coordination.k8s.io` `pgcutover-chronicle` in namespace `dsm`: \
             `http://127.0.0.1:1` cannot be reached: ",
            "\nhint: check that the cluster of context `nowhere`",
        ],
    );
}

#[test]
fn a_token_that_has_expired_holds_the_run_and_names_where_it_came_from() {
    let Some(world) = Standing::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("expired");
    let lifetime = Some(std::time::Duration::ZERO);
    let text = world.lab().server().kubeconfig("alice", lifetime, world.namespace());
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let output = run(path).status(10).run();
    says(
        &output.stderr,
        &[
            "error: cannot get `leases.coordination.k8s.io` `pgcutover-chronicle` in namespace `dsm`: Unauthorized\n\
             hint: the credentials of context",
            &format!("of `{path}` (KUBECONFIG) have expired or are not valid: log in again"),
        ],
    );
}

#[test]
fn a_verb_that_is_refused_when_it_is_performed_names_the_missing_permission() {
    let Some(world) = Standing::shared() else { return };
    let refusal = r#"deployments.apps "chronicle-db-v17-vector" is forbidden: User "alice" cannot patch resource "deployments" in API group "apps""#;
    let _alone = alone();
    let fault = guarded(&world, refusal);
    let output = run(world.kubeconfig()).status(1).run();
    world.lab().server().faults().remove(fault);
    says(
        &output.stdout,
        &[
            "`apply-green` failed: not permitted to patch `deployments.apps` `chronicle-db-v17-vector` in namespace `dsm`: ",
            refusal,
            "fix: grant `patch` on `deployments.apps` in namespace `dsm`; `pgcutover plan PROFILE -o rbac` prints the whole Role",
            "\nstopped: `apply-green` failed",
        ],
    );
    let claims = world.send("GET", "api/v1", "persistentvolumeclaims", &Value::Null);
    let claims = claims["items"].as_array().unwrap();
    assert_eq!(claims.len(), 1, "what the step would have made: {claims:?}");
}

#[test]
fn a_password_that_is_wrong_is_told_with_the_secret_that_it_stands_in() {
    let Some(world) = Standing::shared() else { return };
    let data = json!({ "POSTGRES_USER": "chronicle_user", "POSTGRES_PASSWORD": "former" });
    let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "former" }, "stringData": data });
    world.send("POST", "api/v1", "secrets", &secret);
    let output = preflight(&world, |profile| {
        profile.replacen("secret = \"chronicle-db-secret\"", "secret = \"former\"", 1)
    });
    says(
        &output,
        &[
            "FAIL  reachable blue: cannot connect to blue at pod/chronicle-db-v17-",
            ":5432 as `chronicle_user`, database `chronicle_db`: password authentication failed for user \"chronicle_user\" [28P01]\n      fix: the password is `POSTGRES_PASSWORD` of secret `former`; a server keeps",
        ],
    );
}

#[test]
fn a_secret_that_is_missing_is_named() {
    let Some(world) = Standing::shared() else { return };
    let output = preflight(&world, |profile| {
        profile.replacen("secret = \"chronicle-db-secret\"", "secret = \"nobodys\"", 1)
    });
    says(
        &output,
        &[
            "FAIL  reachable blue: secret `nobodys` does not exist in namespace `dsm`\n      fix: create it, or name another `secret` in the profile's connection\n",
        ],
    );
}

#[test]
fn a_database_that_is_missing_is_named() {
    let Some(world) = Standing::shared() else { return };
    let output = preflight(&world, |profile| {
        profile.replacen("database = \"chronicle_db\"", "database = \"chronicles\"", 1)
    });
    says(
        &output,
        &[
            "FAIL  reachable blue: cannot connect to blue at pod/chronicle-db-v17-",
            "as `chronicle_user`, database `chronicles`: database \"chronicles\" does not exist [3D000]\n      fix: create it, or name the right one as `database` of blue in the profile\n",
        ],
    );
}

/// The disk is real and small: it has room for the journal's header and a few events.
#[test]
fn a_full_disk_under_the_journal_stops_the_run_before_the_next_action() {
    let Some(world) = Standing::shared() else { return };
    let mount = ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"];
    if !Command::new("unshare").args(mount).status().is_ok_and(|status| status.success()) {
        return skip("no small disk can be mounted here");
    }
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let all = json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }]);
    let kubeconfig = world.block_on(world.lab().kubeconfig_for("filler", &all)).unwrap();
    let _alone = alone();
    let output = run(kubeconfig.to_str().unwrap()).on_a_disk_of("36k", &kept).status(20).run();
    says(
        &output.stderr,
        &[
            "error: the run stopped, since what happens next cannot be recorded\n  \
               because: no space is left for the journal `/mnt/runs/chronicle-",
            "  because: No space left on device (os error 28)\n\
             hint: what could not be recorded was not done: make room, then `pgcutover resume`\n",
        ],
    );
    let journal = std::fs::read_to_string(kept).unwrap();
    assert!(journal.lines().count() > 2 && journal.ends_with('\n'), "{journal}");
    assert!(!journal.contains("\"apply-green\",\"attempt\""), "too large a disk: {journal}");
    assert!(!world.requests_of("filler").is_empty());
    assert_eq!(world.changes_of("filler"), Vec::<String>::new());
}

#[test]
fn a_journal_that_was_cut_is_resumed_up_to_the_cut_and_refused_where_more_is_missing() {
    let Some(world) = Standing::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_str().unwrap();
    let _alone = alone();
    let fault = guarded(&world, "no");
    run(world.kubeconfig()).env("PGCUTOVER_STATE_DIR", state).status(1).run();
    let journal = journal_in(folder.path());
    let whole = std::fs::read_to_string(&journal).unwrap();
    let resume = |text: &str, status: i32| {
        std::fs::write(&journal, text).unwrap();
        let args = ["resume", "-o", "text", "--script", "s.toml"];
        let binary = Binary::new(args).file("s.toml", SCRIPT).any_stdout();
        binary.env("PGCUTOVER_STATE_DIR", state).any_stderr().status(status).run().stderr
    };
    let told = resume(&format!("{whole}{}", &whole[..40]), 1);
    let said = format!("warning: the journal `{}` ends in the middle of a line", journal.display());
    says(&told, &[&said]);
    let lines: Vec<&str> = whole.lines().collect();
    let half = &lines[2][..lines[2].len() / 2];
    let told = resume(&format!("{}\n{}\n{half}\n{}\n", lines[0], lines[1], lines[3]), 20);
    world.lab().server().faults().remove(fault);
    says(&told, &[&format!("error: line 3 of the journal `{}` ", journal.display()), "hint: "]);
    let half = &lines[0][..lines[0].len() / 2];
    let report = Binary::new(["report", "run/journal.jsonl"]).file("run/journal.jsonl", half);
    let told = report.any_stderr().status(20).run().stderr;
    let said = "error: the journal `run/journal.jsonl` has no header: the run ended before it began\nhint: ";
    says(&told, &[said]);
}

fn journal_in(state: &Path) -> std::path::PathBuf {
    let run = std::fs::read_dir(state.join("runs")).unwrap().next().unwrap().unwrap();
    run.path().join("journal.jsonl")
}
