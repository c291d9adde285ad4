use super::*;

#[test]
fn chronicle_compiles() {
    if let Err(error) = load("chronicle", &Overrides::default()) {
        panic!("{error}");
    }
}

fn edited(put: &str, find: &str) -> Result<crate::model::Runbook, crate::profile::ProfileError> {
    let edit = crate::profile::ManifestEdit {
        manifest: "backup-job.yml".to_owned(),
        find: find.to_owned(),
        put: put.to_owned(),
    };
    let minute = std::time::Duration::from_secs(60);
    load(
        "chronicle",
        &Overrides { edits: vec![edit], budget: Some(minute), ..Overrides::default() },
    )
}

#[test]
fn a_rehearsal_edits_a_manifest_and_shortens_the_budget() {
    let runbook = edited("image: postgres:13", "image: postgres:17").unwrap();
    assert!(format!("{runbook:?}").contains("postgres:13"));
    assert_eq!(runbook.window.budget.as_secs(), 60);
    assert!(
        runbook.phases.iter().all(|phase| phase.budget.is_none_or(|budget| budget.as_secs() <= 60))
    );
    let error = edited("x", "image: postgres:99").unwrap_err().to_string();
    assert!(error.contains("`image: postgres:99` is 0 times in `backup-job.yml`"), "{error}");
}
