//! `kubectl auth`, roles and tokens.

use std::time::Duration;

use super::setting::cluster;

const MONITOR: &str = "system:serviceaccount:default:monitor";

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_enforced_and_can_be_asked_about() {
    let Some(cluster) = cluster().await else { return };
    cluster.admit("monitor", MONITOR, None);
    cluster.ok(&["create", "serviceaccount", "monitor"]).await;
    cluster
        .ok(&["create", "role", "monitor", "--verb=get,list,watch", "--resource=pods,pods/log"])
        .await;
    cluster
        .ok(&[
            "create",
            "rolebinding",
            "monitor",
            "--role=monitor",
            "--serviceaccount=default:monitor",
        ])
        .await;
    assert_eq!(cluster.says("monitor", &["auth", "can-i", "list", "pods"]).await, "yes\n");
    assert_eq!(cluster.says("monitor", &["auth", "can-i", "delete", "pods"]).await, "no\n");
    assert!(cluster.says("monitor", &["auth", "whoami"]).await.contains(MONITOR));
    let refused = cluster.fails("monitor", &["get", "secrets"], "").await;
    assert_eq!(
        refused,
        format!(
            "Error from server (Forbidden): secrets is forbidden: User \"{MONITOR}\" cannot list resource \"secrets\" in API group \"\" in the namespace \"default\"\n"
        )
    );
    assert_eq!(cluster.ok(&["auth", "can-i", "list", "pods", "--as", MONITOR]).await, "yes\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_refused() {
    let Some(cluster) = cluster().await else { return };
    cluster.admit("late", MONITOR, Some(Duration::ZERO));
    let refused = cluster.fails("late", &["get", "pods"], "").await;
    assert!(refused.contains("You must be logged in to the server"), "{refused}");
}
