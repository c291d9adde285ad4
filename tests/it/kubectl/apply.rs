//! `kubectl apply`, on the client and on the server.

use super::setting::{MANIFEST, cluster};

#[tokio::test(flavor = "multi_thread")]
async fn apply_configures_what_changed_and_nothing_else() {
    let Some(cluster) = cluster().await else { return };
    let first = cluster.fed(&["apply", "-f", "-"], MANIFEST).await;
    assert_eq!(first, "deployment.apps/web created\nservice/db created\n");
    let again = cluster.fed(&["apply", "-f", "-"], MANIFEST).await;
    assert_eq!(again, "deployment.apps/web unchanged\nservice/db unchanged\n");
    let newer = MANIFEST.replace("postgres:17", "postgres:18");
    let changed = cluster.fed(&["apply", "-f", "-"], &newer).await;
    assert_eq!(changed, "deployment.apps/web configured\nservice/db unchanged\n");
    let dry = cluster.fed(&["apply", "--dry-run=server", "-f", "-"], MANIFEST).await;
    assert_eq!(
        dry,
        "deployment.apps/web configured (server dry run)\nservice/db unchanged (server dry run)\n"
    );
    let image = cluster
        .ok(&["get", "deploy/web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"])
        .await;
    assert_eq!(image, "postgres:18");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_field_is_refused() {
    let Some(cluster) = cluster().await else { return };
    let misspelt = MANIFEST.replace("selector: {app: web}", "selektor: {app: web}");
    let refused = cluster.fails("admin", &["apply", "-f", "-"], &misspelt).await;
    assert!(
        refused.contains("strict decoding error: unknown field \"spec.selektor\""),
        "{refused}"
    );
    let refused = cluster.fails("admin", &["apply", "--server-side", "-f", "-"], &misspelt).await;
    assert!(refused.contains(".spec.selektor: field not declared in schema"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_side_apply_takes_over_and_conflicts_name_the_manager() {
    let Some(cluster) = cluster().await else { return };
    cluster.fed(&["apply", "-f", "-"], MANIFEST).await;
    let newer = MANIFEST.replace("postgres:17", "postgres:18");
    let taken = cluster.fed(&["apply", "--server-side", "-f", "-"], &newer).await;
    assert_eq!(taken, "deployment.apps/web serverside-applied\nservice/db serverside-applied\n");
    let other = ["apply", "--server-side", "--field-manager=other", "-f", "-"];
    let refused = cluster.fails("admin", &other, MANIFEST).await;
    let told = "Apply failed with 1 conflict: conflict with \"kubectl\": .spec.template.spec.containers[name=\"web\"].image";
    assert!(refused.contains(told), "{refused}");
    let forced =
        ["apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-"];
    cluster.fed(&forced, MANIFEST).await;
    let owners = "jsonpath={.metadata.managedFields[*].manager}";
    let owners = cluster.ok(&["get", "deploy/web", "--show-managed-fields", "-o", owners]).await;
    let mut owners: Vec<&str> = owners.split(' ').collect();
    owners.sort_unstable();
    assert_eq!(owners, ["kubectl", "kubectl-last-applied", "other"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manifests_of_chronicle_are_accepted() {
    let Some(cluster) = cluster().await else { return };
    cluster.ok(&["create", "namespace", "dsm"]).await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/manifests/chronicle");
    cluster.ok(&["apply", "--recursive", "-n", "dsm", "-f", folder]).await;
    let jobs = cluster.ok(&["get", "jobs", "-n", "dsm", "-o", "name"]).await;
    assert!(jobs.contains("job.batch/"), "{jobs}");
}
