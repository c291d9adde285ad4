//! The profiles and assets that the binary carries.

/// A table of files by their path from the top of the repository.
macro_rules! carried {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)))),*]
    };
}

const SCHEMA: &str = "assets/schema/profile.schema.json";

/// In the order of their paths; a test holds it against the folders.
const FILES: &[(&str, &str)] = carried![
    "assets/manifests/chronicle/app/chronicle-service-service.yml",
    "assets/manifests/chronicle/app/chronicle-service.yml",
    "assets/manifests/chronicle/backup-job.yml",
    "assets/manifests/chronicle/blue/chronicle-db-config.yml",
    "assets/manifests/chronicle/blue/chronicle-db-secret.yml",
    "assets/manifests/chronicle/blue/chronicle-db-service.yml",
    "assets/manifests/chronicle/blue/chronicle-db-v17.yml",
    "assets/manifests/chronicle/blue/namespace.yml",
    "assets/manifests/chronicle/blue/postgres-chronicle-pvc-v17.yml",
    "assets/manifests/chronicle/green/chronicle-db-v17-vector-service.yml",
    "assets/manifests/chronicle/green/chronicle-db-v17-vector.yml",
    "assets/manifests/chronicle/green/postgres-chronicle-pvc-v17-vector.yml",
    "assets/manifests/chronicle/restore-job.yml",
    "assets/manifests/chronicle/sync/chronicle-backup-pvc.yml",
    "assets/manifests/chronicle/sync/chronicle-db-v17-service.yml",
    "assets/schema/profile.schema.json",
    "profiles/chronicle.toml",
];

/// The names of the shipped profiles.
pub fn names() -> impl Iterator<Item = &'static str> {
    paths().filter_map(|path| path.strip_prefix("profiles/")?.strip_suffix(".toml"))
}

/// A carried file by its path from the top of the repository.
#[must_use]
pub fn asset(path: &str) -> Option<&'static str> {
    FILES.iter().find_map(|(known, text)| (*known == path).then_some(*text))
}

/// All that a shipped profile consists of, as path and text: itself, its manifests, and the schema for the editor. Written
/// below one folder, the paths in the profile hold there as they do here.
pub fn files_of(profile: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let own = format!("profiles/{profile}.toml");
    let folder = format!("assets/manifests/{profile}/");
    FILES
        .iter()
        .copied()
        .filter(move |(path, _)| *path == own || *path == SCHEMA || path.starts_with(&folder))
}

pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(path, _)| *path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn walk(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                found.insert(path.display().to_string());
            }
        }
    }

    #[test]
    fn every_profile_and_manifest_is_carried() {
        let mut found = BTreeSet::new();
        for folder in ["profiles", "assets/manifests", "assets/schema"] {
            walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
        }
        let carried: BTreeSet<String> = paths().map(str::to_owned).collect();
        assert_eq!(carried, found, "the table in src/profile/builtin.rs");
        assert!(paths().is_sorted(), "the table is in order");
    }

    #[test]
    fn a_shipped_profile_comes_with_its_manifests_only() {
        let files: Vec<_> = files_of("chronicle").map(|(path, _)| path).collect();
        assert!(files.contains(&"profiles/chronicle.toml"));
        assert!(files.contains(&"assets/manifests/chronicle/backup-job.yml"));
        assert!(files.iter().all(|path| path.contains("chronicle") || *path == SCHEMA));
    }
}
