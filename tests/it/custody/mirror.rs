//! A mirror that cannot be written: whoever drives sees it, and whoever watches on the same machine follows the journal.

use crate::support::{Binary, Pty, Standing};

const RUN: [&str; 4] = ["run", "chronicle", "--scenario", "plain"];

#[test]
fn a_run_whose_mirror_cannot_be_written_is_followed_by_its_journal() {
    let Some(world) = Standing::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let roles = Binary::new(["plan", "chronicle", "-o", "rbac"]).any_stdout().run().stdout;
    let mirror = "resources: [configmaps]\n    verbs: [create]";
    assert!(roles.contains(mirror), "{roles}");
    world.create(&roles.replace(mirror, &mirror.replace("create", "list")));
    let drives = world.service_account("pgcutover", home.path());
    let watches = world.service_account("pgcutover-monitor", home.path());
    let console = |args: &[&str], kubeconfig: &str| {
        let args: Vec<&str> = args.iter().copied().chain(["--kubeconfig", kubeconfig]).collect();
        Pty::start(&args, home.path(), &[], (120, 36))
    };
    let mut run = console(&RUN, &drives);
    run.wait_for("MIRROR BEHIND");
    run.wait_for("GATE HELD");

    let mut monitor = console(&["monitor", "chronicle"], &watches);
    monitor.wait_for("held by");
    monitor.wait_for("GATE HELD");
    monitor.wait_for("MIRROR BEHIND");
    let asked = world.requests_of(":pgcutover-monitor");
    assert!(asked.iter().all(|request| request.method == "GET"), "{asked:?}");
    monitor.press("q");
    assert_eq!(monitor.ends(), 0);
    run.signal(nix::sys::signal::Signal::SIGTERM);
    run.ends();
}
