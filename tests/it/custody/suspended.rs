//! A run that is suspended by ctrl-z: while it stands still its lease runs out, and it does nothing before it has looked
//! whose the run is.

use std::path::Path;

use serde_json::Value;

use super::console::Person;
use crate::support::{Binary, Pty, Standing, skip};

const CTRL_Z: &str = "\u{1a}";

/// Only a shell with job control stops and continues what it started.
const SHELL: &str = "set -m; \"$0\" \"$@\"; echo \"stopped: $?\"; read _; fg >/dev/null; \
    echo \"again: $?\"; read _; fg >/dev/null; echo \"ended: $?\"";

const RUN: [&str; 6] = ["run", "chronicle", "--scenario", "plain", "--lease-seconds", "6"];

#[test]
fn a_suspended_run_looks_whose_it_is_before_it_does_anything() {
    if !Path::new("/bin/bash").exists() {
        return skip("bash is not installed");
    }
    let Some(world) = Standing::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = one_who_may_not_make_claims(&world, folder.path());
    let args: Vec<&str> = RUN.iter().copied().chain(["--kubeconfig", &kubeconfig]).collect();
    let mut ann = Pty::start_in(&["/bin/bash", "-c", SHELL], &args, folder.path());
    ann.wait_for("GATE HELD");
    suspend(&mut ann);
    ann.wait_for("pgcutover is suspended: the run's lease is not renewed");
    ann.wait_for("stopped: 148");
    ann.assert_given_back();

    ann.press("\r");
    ann.wait_for("nothing is done before the lease is renewed");
    ann.wait_for("GATE HELD");
    suspend(&mut ann);
    ann.wait_for("again: 148");
    let bob = Person::new("bob", folder.path(), world.lab().kubeconfig());
    world.block_on(async {
        let mut taken = bob.starts(&["resume", "--from-cluster", "chronicle"]);
        taken.tells("step-started", "apply-green").await;
        let before = facts(folder.path());
        tokio::task::block_in_place(|| {
            ann.press("\r");
            ann.wait_for("STOPPED");
        });
        let after = facts(folder.path());
        let told: Vec<_> = after[before.len()..].iter().map(|fact| &fact["type"]).collect();
        assert!(told.iter().all(|kind| *kind != "step-started"), "{told:?}");
        let stopped = after.last().unwrap();
        let holder = stopped["reason"]["lease-held"]["holder"].as_str().unwrap_or_default();
        assert!(holder.starts_with(&bob.name()), "{stopped}");
        taken.dies().await;
    });
    ann.press("q");
    ann.wait_for("ended: 15");
    ann.ends();
}

/// The run comes as far as its first gate, and holds there.
fn one_who_may_not_make_claims(world: &Standing, folder: &Path) -> String {
    let roles = Binary::new(["plan", "chronicle", "-o", "rbac"]).any_stdout().run().stdout;
    let claims = "resources: [persistentvolumeclaims]\n    verbs: [create, list, watch]";
    assert!(roles.contains(claims), "{roles}");
    world.create(&roles.replace(claims, &claims.replace("create, ", "")));
    world.service_account("pgcutover", folder)
}

/// A check may run at this moment, which is said then.
fn suspend(console: &mut Pty) {
    loop {
        console.press(CTRL_Z);
        let done = ["148", "not suspended"];
        console.wait_until("neither suspended nor refused", |screen| {
            done.iter().any(|word| screen.contains(word))
        });
        if !console.screen().contains("not suspended") {
            return;
        }
        console.wait_until_gone("not suspended");
    }
}

/// What the only journal here tells.
fn facts(home: &Path) -> Vec<Value> {
    let runs = home.join(".local/state/pgcutover/runs").read_dir().unwrap();
    let run = runs.map(Result::unwrap).next().unwrap();
    let text = std::fs::read_to_string(run.path().join("journal.jsonl")).unwrap();
    text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}
