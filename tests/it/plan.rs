//! Plans, printed: whole, stable, and without anything that is secret.

use std::process::Command;

use insta::assert_snapshot;
use pgcutover::profile::{Overrides, load};
use pgcutover::report::{plan_json, plan_rbac, plan_text};

fn chronicle() -> pgcutover::model::Runbook {
    load("chronicle", &Overrides::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_whole_plan_of_chronicle_for_people() {
    assert_snapshot!(plan_text(&chronicle()));
}

#[test]
fn the_plan_for_machines_names_every_step_and_its_hash() {
    let runbook = chronicle();
    let plan = plan_json(&runbook);
    assert_eq!(plan["apiVersion"], "pgcutover.io/v1");
    assert_eq!(plan["hash"], runbook.digest().as_str());
    for (_, step) in runbook.steps() {
        assert!(plan["steps"][step.id.as_str()]["permissions"].is_array(), "{}", step.id);
    }
    let read: pgcutover::model::Runbook = serde_json::from_value(plan["runbook"].clone()).unwrap();
    assert_eq!(read.digest(), runbook.digest(), "what is printed is what is run");
}

#[test]
fn the_roles_in_assets_are_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/rbac/chronicle.yml");
    let roles = plan_rbac(&chronicle());
    if std::env::var_os("PGCUTOVER_BLESS").is_some() {
        std::fs::write(path, &roles).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == roles,
        "`assets/rbac/chronicle.yml` is stale; rewrite it with `PGCUTOVER_BLESS=1 cargo test --test it roles_in_assets`"
    );
}

#[test]
fn kubectl_reads_the_roles() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/rbac/chronicle.yml");
    // `create --dry-run=client` asks a server for its kinds; `kustomize` and `convert` do not, nor does `auth reconcile`.
    let args = ["annotate", "--local", "-f", file, "read=yes", "-o", "name"];
    match Command::new("kubectl").args(args).env("KUBECONFIG", "/dev/null").output() {
        Err(error) => println!("SKIP: kubectl: {error}"),
        Ok(output) => {
            let names = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            for name in
                ["serviceaccount/pgcutover", "role.rbac.authorization.k8s.io/pgcutover-monitor"]
            {
                assert!(names.contains(name), "{names}");
            }
        }
    }
}
