//! What a compiled plan needs to be allowed.

use super::*;
use crate::model::{Permission, Side, SqlGrant, SqlPrivilege};

fn chronicle() -> crate::model::Runbook {
    load("chronicle", &Overrides::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn texts(permissions: &[Permission]) -> Vec<String> {
    permissions.iter().map(ToString::to_string).collect()
}

#[test]
fn a_switch_needs_its_service_only() {
    let all = texts(&chronicle().permissions());
    assert!(all.contains(&"patch services `chronicle-db`".to_owned()));
    assert!(
        !all.iter()
            .any(|one| one == "patch services" || one == "patch services `chronicle-service`")
    );
}

#[test]
fn nothing_is_asked_for_that_a_cutover_must_not_do() {
    let all = chronicle().permissions();
    assert!(
        all.iter()
            .all(|one| one.verb != "deletecollection" && one.verb != "*" && !one.cluster_wide)
    );
    assert!(all.iter().filter(|one| one.verb == "delete").all(|one| one.name.is_some()));
    assert!(
        all.iter()
            .filter(|one| one.resource == "secrets")
            .all(|one| one.name.is_some() && one.verb == "get")
    );
    assert!(all.iter().all(|one| one.name.is_none() || one.verb != "create"));
}

#[test]
fn a_monitor_reads_and_forwards_and_no_more() {
    let runbook = chronicle();
    let monitor = runbook.monitor_permissions();
    for one in &monitor {
        let forwards = one.subresource.as_deref() == Some("portforward");
        assert!(forwards || ["get", "list", "watch"].contains(&one.verb), "{one}");
    }
    let all = runbook.permissions();
    assert!(
        monitor.iter().all(|one| all.iter().any(|own| own.covers(one))),
        "a run may do what a monitor may"
    );
    assert!(monitor.len() < all.len());
}

#[test]
fn a_permission_for_every_name_covers_one_for_a_name() {
    let all = texts(&chronicle().permissions());
    assert!(all.contains(&"get pods".to_owned()));
    assert!(!all.iter().any(|one| one.starts_with("get pods `")));
}

#[test]
fn the_fence_needs_the_owner_of_blue() {
    let privileges = good().sql_privileges();
    assert!(privileges.contains(&SqlPrivilege { side: Side::Blue, grant: SqlGrant::Owner }));
    assert!(!privileges.contains(&SqlPrivilege { side: Side::Green, grant: SqlGrant::Signal }));
}
