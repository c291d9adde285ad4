//! Which image stands for what on this machine.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::setting::Setting;
use crate::lab::cluster::node::{ImageSpec, Images};
use crate::lab::postgres::Installations;
use crate::lab::process::RunAs;
use crate::lab::scenario::Application;
use crate::lab::workload::names;

/// What the image table is made from.
pub(super) struct Ground<'a> {
    pub(super) setting: &'static Setting,
    pub(super) installations: &'a Installations,
    pub(super) program: &'a Path,
    /// Where the ledger is; known before the first image is pulled.
    pub(super) ledger: &'a Arc<OnceLock<PathBuf>>,
    pub(super) application: &'a Application,
}

impl Ground<'_> {
    /// `postgres:*` is blue's installation, or an older one where the tag is older than blue's own; `*pgvector*` is green's; the
    /// application's images are this program. No registry has any other.
    pub(super) fn images(&self) -> Images {
        let setting = self.setting;
        let blue = self.installations.blue.bindir.clone();
        let older = self.installations.older_than_blue().map(|one| one.bindir.clone());
        let green = self.installations.green.bindir.clone();
        let parts: Vec<_> = setting
            .parts
            .iter()
            .map(|part| (part.image, self.part(part.role, part.is_service)))
            .collect();
        let ledger = Arc::clone(self.ledger);
        Images::new(move |name| {
            let (repository, tag) = split(name);
            if repository == "postgres" {
                let bindir =
                    if is_older(tag, setting.blue_major) { older.as_ref() } else { Some(&blue) };
                return bindir.map(|bindir| ImageSpec::postgres(bindir));
            }
            let private = name.starts_with(setting.registry);
            let found = if repository.contains("pgvector") {
                Some(ImageSpec::postgres(&green))
            } else {
                parts.iter().find(|(image, _)| *image == repository).map(|(_, spec)| spec.clone())
            };
            let mut spec = found?;
            if let (Some(folder), RunAs::Own) = (ledger.get(), spec.run_as) {
                spec.env.insert(names::LEDGER.to_owned(), folder.display().to_string());
            }
            Some(if private { spec.in_registry(setting.registry) } else { spec })
        })
    }

    fn part(&self, role: &str, is_service: bool) -> ImageSpec {
        let words =
            [self.program.display().to_string(), "lab-workload".to_owned(), role.to_owned()];
        let mut spec = ImageSpec::program(words.to_vec());
        let Application { rate, connections } = self.application;
        let (rate, connections) = if is_service { (*rate, *connections) } else { (5.0, 1) };
        spec.env.insert(names::RATE.to_owned(), rate.to_string());
        spec.env.insert(names::CONNECTIONS.to_owned(), connections.to_string());
        spec
    }
}

/// The last part of the repository's name, and the tag.
fn split(name: &str) -> (&str, &str) {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.split_once(':').unwrap_or((last, "latest"))
}

fn is_older(tag: &str, than: u32) -> bool {
    let digits = tag.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse::<u32>().is_ok_and(|major| major < than)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_says_how_old_an_image_is() {
        assert_eq!(
            split("myreg.agile-corp.org:5000/chronicle-db-pgvector:17.1"),
            ("chronicle-db-pgvector", "17.1")
        );
        assert_eq!(split("postgres"), ("postgres", "latest"));
        assert!(is_older("13-alpine", 17) && is_older("16.3", 17));
        assert!(!is_older("17.5", 17) && !is_older("latest", 17));
    }
}
