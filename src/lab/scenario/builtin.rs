//! The scenarios that come with the tool.

use super::error::ScenarioError;
use super::file::Scenario;

macro_rules! scenarios {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../assets/lab/", $name, ".toml")))),+]
    };
}

const ALL: &[(&str, &str)] = scenarios![
    "plain",
    "image-pull-denied",
    "killed-green",
    "old-dump-client",
    "row-differs",
    "slow-restore",
    "straggler",
];

/// The names that `--scenario` takes.
pub fn scenario_names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

impl Scenario {
    /// The scenario of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str) -> Result<Self, ScenarioError> {
        let found = ALL.iter().find(|(known, _)| *known == name);
        let (name, text) = found.ok_or_else(|| ScenarioError::Unknown {
            name: name.to_owned(),
            known: scenario_names().collect::<Vec<_>>().join(", "),
        })?;
        Self::parse(name, text)
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// When it is not one; the text points at line and column.
    pub fn parse(name: &str, text: &str) -> Result<Self, ScenarioError> {
        toml::from_str(text).map_err(|source| ScenarioError::Parse {
            name: name.to_owned(),
            source: Box::new(source),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_known_and_says_its_own_name() {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lab");
        let mut files: Vec<_> = assets
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .filter(|name| !name.ends_with(".script"))
            .collect();
        let mut known: Vec<_> = scenario_names().map(str::to_owned).collect();
        files.sort();
        known.sort();
        assert_eq!(files, known);
        for name in scenario_names() {
            assert_eq!(Scenario::named(name).unwrap().name, name);
        }
    }

    #[test]
    fn every_edit_fits_its_manifest_and_leaves_yaml() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for scenario in scenario_names().map(|name| Scenario::named(name).unwrap()) {
            for edit in &scenario.edits {
                let text = std::fs::read_to_string(root.join(&edit.manifest)).unwrap();
                let edited = scenario.edited(&edit.manifest, &text).unwrap();
                assert_ne!(edited, text);
                serde_saphyr::from_str::<serde_json::Value>(&edited).unwrap();
            }
            for manifest in &scenario.manifests {
                assert!(root.join(manifest).is_file(), "{manifest}");
            }
        }
    }

    #[test]
    fn an_unknown_fault_is_refused_with_its_place() {
        let text = "name = 'x'\ntitle = ''\nbecause = ''\n[expect]\nexit = 0\n[[fault]]\n\
                    when = { after = '3s' }\ndo = { explode = {} }\n";
        let error = Scenario::parse("x", text).unwrap_err().to_string();
        assert!(error.contains("line 8, column 8") && error.contains("explode"), "{error}");
    }

    #[test]
    fn an_unknown_field_and_an_unknown_scenario_are_refused() {
        let error = Scenario::parse("x", "name = 'x'\nspeed = 3\n").unwrap_err().to_string();
        assert!(error.contains("line 2, column 1") && error.contains("speed"), "{error}");
        let error = Scenario::named("plane").unwrap_err().to_string();
        assert!(
            error.starts_with("there is no scenario `plane`\nhint: there are plain, "),
            "{error}"
        );
    }

    #[test]
    fn an_edit_that_does_not_fit_is_refused() {
        let scenario = Scenario::named("old-dump-client").unwrap();
        let path = "assets/manifests/chronicle/backup-job.yml";
        let error = scenario.edited(path, "image: postgres:18").unwrap_err().to_string();
        assert!(
            error.contains("is 0 times in `assets/manifests/chronicle/backup-job.yml`"),
            "{error}"
        );
        assert_eq!(scenario.edited("other.yml", "a").unwrap(), "a");
    }
}
