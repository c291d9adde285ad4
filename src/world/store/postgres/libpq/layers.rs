//! Who says a setting: the string with its service file, then what is for one side, then the environment.

use std::collections::BTreeMap;

use super::environment::Environment;
use super::keywords::KEYWORDS;
use crate::model::Side;

/// Values in layers: what was said first wins.
pub(super) struct Layers<'e> {
    pub(super) said: BTreeMap<String, String>,
    pub(super) environment: &'e Environment,
    pub(super) side: Side,
}

impl Layers<'_> {
    /// What is said under a keyword, by whoever comes first.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let variable = KEYWORDS
            .iter()
            .find(|keyword| keyword.name == name)
            .and_then(|keyword| keyword.variable);
        self.said
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
            .or_else(|| self.of_side(name))
            .or_else(|| {
                variable.and_then(|variable| self.environment.get(variable)).map(str::to_owned)
            })
    }

    /// Blue and green may have other users and passwords: `PGCUTOVER_BLUE_PASSWORD` goes before `PGPASSWORD`.
    fn of_side(&self, name: &str) -> Option<String> {
        let suffix = match name {
            "user" => "USER",
            "password" => "PASSWORD",
            _ => return None,
        };
        let variable = format!("PGCUTOVER_{}_{suffix}", self.side.word().to_uppercase());
        self.environment.get(&variable).map(str::to_owned)
    }
}
