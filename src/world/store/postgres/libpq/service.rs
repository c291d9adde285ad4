//! Service files: named sections of settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::environment::Environment;
use super::keywords::objection;

/// The settings of a service: from the user's file, else from the system's.
pub(super) fn load(
    name: &str,
    file: Option<&str>,
    environment: &Environment,
) -> Result<BTreeMap<String, String>, String> {
    let mut looked = Vec::new();
    for path in candidates(file, environment) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            if file.is_some() {
                return Err(format!("service file `{}` cannot be read", path.display()));
            }
            continue;
        };
        if let Some(found) = section(&text, name)
            .map_err(|why| format!("service file `{}`: {why}", path.display()))?
        {
            return Ok(found);
        }
        looked.push(path.display().to_string());
    }
    let places = if looked.is_empty() {
        "no service file was found".to_owned()
    } else {
        format!("not in {}", looked.join(", "))
    };
    Err(format!("definition of service `{name}` not found: {places}"))
}

fn candidates(file: Option<&str>, environment: &Environment) -> Vec<PathBuf> {
    let user = file
        .map(PathBuf::from)
        .or_else(|| environment.home.as_ref().map(|home| home.join(".pg_service.conf")));
    let system = environment
        .get("PGSYSCONFDIR")
        .map_or_else(|| PathBuf::from("/etc/postgresql-common"), PathBuf::from)
        .join("pg_service.conf");
    user.into_iter().chain([system]).collect()
}

fn section(text: &str, name: &str) -> Result<Option<BTreeMap<String, String>>, String> {
    let mut found: Option<BTreeMap<String, String>> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            if header.strip_suffix(']') == Some(name) {
                found = Some(BTreeMap::new());
            }
            continue;
        }
        let Some(settings) = &mut found else { continue };
        let (key, value) =
            line.split_once('=').ok_or_else(|| format!("syntax error in line {}", number + 1))?;
        let key = key.trim();
        if key == "service" || key == "servicefile" {
            return Err(format!(
                "nested service definitions are not possible (line {})",
                number + 1
            ));
        }
        if let Some(objection) = objection(key) {
            return Err(format!("{objection} (line {})", number + 1));
        }
        settings.insert(key.to_owned(), value.trim().to_owned());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "# ours\n[other]\nhost=x\n\n[blue]\nhost=db.example\nport = 5433\n[green]\nhost=y\n";

    #[test]
    fn only_the_named_section_counts() {
        let found = section(FILE, "blue").unwrap().unwrap();
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            [("host".into(), "db.example".into()), ("port".into(), "5433".to_owned())]
        );
        assert!(section(FILE, "red").unwrap().is_none());
    }

    #[test]
    fn a_service_that_nobody_defines_is_an_error_that_says_where_was_looked() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(".pg_service.conf"), FILE).unwrap();
        let environment = Environment { home: Some(home.path().into()), ..Environment::default() };
        let error = load("red", None, &environment).unwrap_err();
        assert!(error.starts_with("definition of service `red` not found: not in "), "{error}");
        assert_eq!(load("green", None, &environment).unwrap()["host"], "y");
    }

    #[test]
    fn a_bad_line_is_told_by_its_number() {
        assert_eq!(section("[s]\nhost", "s").unwrap_err(), "syntax error in line 2");
        assert_eq!(
            section("[s]\nhots=a", "s").unwrap_err(),
            "invalid connection option `hots` (line 2)"
        );
    }
}
