//! The shipped profiles.

use std::path::Path;

use super::*;

#[test]
fn every_shipped_profile_compiles_to_a_stable_plan() {
    for name in names() {
        let plan = |_| load(name, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
        let [one, other] = [0, 1].map(plan);
        assert_eq!(one.digest(), other.digest());
    }
}

#[test]
fn a_name_a_path_and_a_copy_give_the_same_plan() {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files_of("chronicle") {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let copy = folder.path().join("profiles/chronicle.toml");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/chronicle.toml");
    let digests =
        ["chronicle", &file.display().to_string(), &copy.display().to_string()].map(|profile| {
            load(profile, &Overrides::default()).unwrap_or_else(|error| panic!("{error}")).digest()
        });
    assert_eq!(digests[0], digests[1]);
    assert_eq!(digests[0], digests[2]);
}

#[test]
fn nothing_of_the_secret_is_in_the_plan() {
    let text = GREEN
        .replace("kind: PersistentVolumeClaim", "kind: Secret\nstringData:\n  password: hunter2");
    let runbook =
        compiled(GOOD, Memory::with(&[("green/new.yml", &text)]), &Overrides::default()).unwrap();
    let plan = serde_json::to_string(&runbook.redacted()).unwrap();
    assert!(plan.contains("\"Secret\"") && !plan.contains("hunter2"));
    assert_eq!(runbook.digest(), runbook.redacted().digest());
}

fn edited(put: &str, find: &str) -> Result<Runbook, ProfileError> {
    let edit = ManifestEdit {
        manifest: "backup-job.yml".to_owned(),
        find: find.to_owned(),
        put: put.to_owned(),
    };
    let minute = std::time::Duration::from_secs(60);
    let overrides = Overrides { edits: vec![edit], budget: Some(minute), ..Overrides::default() };
    load("chronicle", &overrides)
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
