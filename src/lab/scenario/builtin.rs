//! The scenarios that come with the tool.

use std::path::Path;

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

/// What shipped scenarios add, by its path in the repository.
const MANIFESTS: &[(&str, &str)] = &[(
    "assets/lab/straggler/chronicle-reports.yml",
    include_str!("../../../assets/lab/straggler/chronicle-reports.yml"),
)];

/// The names that `--scenario` takes.
pub fn scenario_names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

/// What the operator of a profile's rehearsal answers when there is no screen; a script's text.
#[must_use]
pub fn script_of(profile: &str) -> Option<&'static str> {
    match profile {
        "chronicle" => Some(include_str!("../../../assets/lab/chronicle.script.toml")),
        _ => None,
    }
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

    /// The scenario of this name, or in the file at this path: what has a slash or ends in `.toml` is a path.
    ///
    /// # Errors
    /// When there is none, or it is no scenario.
    pub fn find(name_or_path: &str) -> Result<Self, ScenarioError> {
        let path = Path::new(name_or_path);
        if !name_or_path.contains('/') && path.extension().is_none_or(|ext| ext != "toml") {
            return Self::named(name_or_path);
        }
        let read = |source| ScenarioError::Read { path: path.to_owned(), source };
        let mut scenario =
            Self::parse(name_or_path, &std::fs::read_to_string(path).map_err(read)?)?;
        scenario.folder = path.parent().map(Path::to_owned);
        Ok(scenario)
    }

    /// The manifests that it adds to the namespace, as path and text.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn added_manifests(&self) -> Result<Vec<(String, String)>, ScenarioError> {
        self.manifests.iter().map(|path| Ok((path.clone(), self.manifest(path)?))).collect()
    }

    fn manifest(&self, path: &str) -> Result<String, ScenarioError> {
        if let Some((_, text)) = MANIFESTS.iter().find(|(known, _)| *known == path) {
            return Ok((*text).to_owned());
        }
        let full = self.folder.as_deref().unwrap_or(Path::new("")).join(path);
        std::fs::read_to_string(&full).map_err(|source| ScenarioError::Read { path: full, source })
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
    fn what_a_scenario_adds_is_carried() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for scenario in scenario_names().map(|name| Scenario::named(name).unwrap()) {
            for (path, text) in scenario.added_manifests().unwrap() {
                assert_eq!(std::fs::read_to_string(root.join(path)).unwrap(), text);
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
        let error = Scenario::find("plane").unwrap_err().to_string();
        assert!(
            error.starts_with("there is no scenario `plane`\nhint: there are plain, "),
            "{error}"
        );
    }

    #[test]
    fn a_path_is_read_and_its_manifests_are_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let text =
            "name = 'x'\ntitle = ''\nbecause = ''\nmanifests = ['a.yml']\n[expect]\nexit = 0\n";
        let path = dir.path().join("x.toml");
        std::fs::write(&path, text).unwrap();
        let scenario = Scenario::find(path.to_str().unwrap()).unwrap();
        assert!(scenario.added_manifests().unwrap_err().to_string().contains("a.yml"));
        std::fs::write(dir.path().join("a.yml"), "kind: Pod").unwrap();
        assert_eq!(scenario.added_manifests().unwrap()[0].1, "kind: Pod");
    }
}
