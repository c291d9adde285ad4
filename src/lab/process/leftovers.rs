use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use nix::unistd::{Pid, geteuid};

use super::folder::{KEEP, LOCK, PREFIX};
use super::{janitor, table};

/// A folder without a lock may be one that is just being made.
const YOUNG: Duration = Duration::from_secs(60);

/// Cleans up after labs in `base` that died together with their janitor, and returns the folders that are gone now.
/// Labs that live, folders of other users and folders that were to be kept are left alone.
#[must_use]
pub fn clean_leftovers(base: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(base) else { return Vec::new() };
    let folders =
        entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    folders
        .map(|entry| entry.path())
        .filter(|folder| is_left_over(folder) && janitor::clean(folder))
        .collect()
}

fn is_left_over(folder: &Path) -> bool {
    let Ok(about) = fs::symlink_metadata(folder) else { return false };
    if !about.is_dir() || about.uid() != geteuid().as_raw() || folder.join(KEEP).exists() {
        return false;
    }
    match fs::read_to_string(folder.join(LOCK)) {
        Ok(text) => !lives(&text),
        Err(_) if is_young(&about) => false,
        // Without a lock file `clean` would refuse: give it one.
        Err(_) => fs::write(folder.join(LOCK), "").is_ok(),
    }
}

fn is_young(about: &fs::Metadata) -> bool {
    let age = about.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
    age.is_none_or(|age| age < YOUNG)
}

/// The lock that the kernel holds decides; pid and start time spare a lab that lives on a file system without locks.
fn lives(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let pid = words.next().and_then(|word| word.parse().ok()).map(Pid::from_raw);
    let started = words.next().and_then(|word| word.parse::<u64>().ok());
    pid.and_then(table::started).is_some_and(|now| Some(now) == started)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::process::Folder;

    #[test]
    fn a_dead_labs_folder_is_removed_and_a_living_or_kept_one_is_not() {
        let base = tempfile::tempdir().unwrap();
        let living = Folder::create(base.path(), false).unwrap();
        let dead = Folder::create(base.path(), false).unwrap();
        let kept = Folder::create(base.path(), true).unwrap();
        for folder in [&dead, &kept] {
            fs::write(folder.path().join(LOCK), "999999999 1\n").unwrap();
            folder.release();
        }
        assert_eq!(clean_leftovers(base.path()), [dead.path()]);
        assert!(living.path().exists() && kept.path().exists() && !dead.path().exists());
    }

    #[test]
    fn a_folder_that_is_just_being_made_is_left_alone() {
        let base = tempfile::tempdir().unwrap();
        fs::create_dir(base.path().join("pgcutover-lab-abc")).unwrap();
        assert!(clean_leftovers(base.path()).is_empty());
    }
}
