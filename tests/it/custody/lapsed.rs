//! A console that has died: whoever watches is told that nobody drives any more.

use super::console::Person;
use crate::support::{Pty, Standing};

#[test]
fn a_monitor_says_that_nobody_drives_once_the_lease_has_run_out() {
    let Some(world) = Standing::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let ann = Person::new("ann", folder.path(), world.lab().kubeconfig());
    let home = tempfile::tempdir().unwrap();
    let args = ["monitor", "chronicle", "--kubeconfig", world.kubeconfig()];
    let mut monitor = Pty::start(&args, home.path(), &[], (160, 40));
    world.block_on(async {
        let mut run = ann.starts(&["run", "chronicle", "--scenario", "plain"]);
        run.tells("step-started", "initial-backup").await;
        tokio::task::block_in_place(|| monitor.wait_for(&format!("held by {}", ann.name())));
        run.dies().await;
    });
    monitor.wait_for(&format!("NOBODY DRIVES: {}'s lease ran out", ann.name()));
    monitor.press("q");
    assert_eq!(monitor.ends(), 0);
}
