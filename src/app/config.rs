//! What a person likes, and which of their contexts need care: `config.toml` in the XDG configuration folder. A profile knows
//! no context, since that is the flags' and the environment's; so a context cannot be marked there.

use std::io;
use std::path::PathBuf;

use etcetera::BaseStrategy;
use serde::Deserialize;

use crate::cli::ThemeChoice;
use crate::error::Fault;

/// The file; nothing of it must be there.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Config {
    /// The colours of the console.
    pub(super) theme: Option<ThemeChoice>,
    /// Only ASCII characters are drawn.
    pub(super) ascii: bool,
    /// The mouse moves the focus and scrolls.
    pub(super) mouse: bool,
    /// Contexts where a mistake costs more; a `*` at the end stands for anything.
    pub(super) protected: Vec<String>,
}

impl Config {
    /// Reads the file. One that cannot be understood is refused: it may be what marks a context.
    pub(super) fn read() -> Result<Self, Fault> {
        let Ok(base) = etcetera::choose_base_strategy() else { return Ok(Self::default()) };
        let path: PathBuf = base.config_dir().join("pgcutover").join("config.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => {
                return Err(Fault::usage(format!("`{}` cannot be read: {error}", path.display())));
            }
        };
        toml::from_str(&text).map_err(|error| {
            Fault::usage(format!("`{}` is not understood", path.display()))
                .because(error.to_string().trim_end().to_owned())
                .hint("it may say `theme`, `ascii`, `mouse` and `protected`")
        })
    }

    /// Whether a place, written as `context/namespace`, is protected.
    pub(super) fn protects(&self, place: &str) -> bool {
        let context = place.rsplit_once('/').map_or(place, |(context, _)| context);
        self.protected.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => context.starts_with(start),
            None => context == pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_protected_by_its_name_or_its_beginning() {
        let config: Config = toml::from_str("protected = [\"live\", \"prod-*\"]").unwrap();
        let places = ["live/dsm", "prod-eu/dsm", "lively/dsm", "lab/live"];
        assert_eq!(places.map(|place| config.protects(place)), [true, true, false, false]);
        assert!(toml::from_str::<Config>("protect = []").is_err());
    }
}
