//! Gates about extensions.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::model::side::Side;

use super::finding::{Finding, names};

pub(super) fn installed(
    side: Side,
    name: &str,
    min: Option<&str>,
    available_will_do: bool,
    installed: Option<&str>,
    available: &[String],
) -> Finding {
    let enough = |version: &str| min.is_none_or(|min| compare(version, min) != Ordering::Less);
    let asked = min.map_or_else(String::new, |min| format!(" {min} or later"));
    let newest = available.iter().filter(|version| enough(version)).max_by(|a, b| compare(a, b));
    match (installed, newest) {
        (Some(has), _) if enough(has) => Finding::open(format!("{side} has {name} {has}")),
        (None, Some(version)) if available_will_do => {
            Finding::open(format!("{side} can install {name} {version}"))
        }
        (Some(has), Some(version)) => {
            Finding::held(format!("{side} has {name} {has}, and the runbook asks for{asked}")).by(
                format!("update it on {side}"),
                format!("ALTER EXTENSION {} UPDATE TO '{version}'", quoted(name)),
            )
        }
        (None, Some(version)) => {
            Finding::held(format!("{side} does not have {name}, but can install {version}"))
                .by(format!("install it on {side}"), format!("CREATE EXTENSION {}", quoted(name)))
        }
        (has, None) => {
            let has = has.map_or_else(|| "nothing of it".to_owned(), |has| format!("only {has}"));
            let seen = if available.is_empty() { "none".to_owned() } else { names(available) };
            Finding::held(format!(
                "{side} has {has}: {name}{asked} is not among the versions that it can install"
            ))
            .details([format!("available: {seen}")])
            .fix(Some(format!("run {side} on an image that brings {name}{asked}")))
        }
    }
}

pub(super) fn all_available(
    blue: &BTreeMap<String, String>,
    green: &BTreeMap<String, Vec<String>>,
) -> Finding {
    let lacks = |(name, version): &(&String, &String)| {
        let offered = green.get(*name).map(Vec::as_slice).unwrap_or_default();
        !offered.iter().any(|offer| compare(offer, version) != Ordering::Less)
    };
    let missing: Vec<_> = blue.iter().filter(lacks).collect();
    let list = blue.iter().map(|(name, version)| format!("blue has {name} {version}"));
    if missing.is_empty() {
        let count = blue.len();
        return Finding::open(format!("green can install all {count} extensions of blue"))
            .details(list);
    }
    let told = missing.iter().map(|(name, version)| format!("{name} {version}"));
    Finding::held(format!("green cannot install what blue has: {}", names(told)))
        .details(list)
        .fix(Some("run green on an image that brings these extensions".to_owned()))
}

pub(super) fn works(side: Side, name: &str, trial: &Result<String, String>) -> Finding {
    match trial {
        Ok(answer) => Finding::open(format!("{name} works on {side}: {answer}")),
        Err(why) => Finding::held(format!("{name} does not work on {side}: {why}")).by(
            format!("install it on {side}"),
            format!("CREATE EXTENSION IF NOT EXISTS {}", quoted(name)),
        ),
    }
}

pub(super) fn no_trial(name: &str) -> Finding {
    Finding::unknown(format!("there is no trial for {name}"))
        .fix(Some(format!("ask for what {name} must do with a `sql` gate instead")))
}

/// Compares versions number by number, so that 0.10.0 comes after 0.8.1.
fn compare(left: &str, right: &str) -> Ordering {
    let parts = |text: &str| -> Vec<(u64, String)> {
        text.split(['.', '-', '_'])
            .map(|part| {
                let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
                (part[..digits].parse().unwrap_or(0), part[digits..].to_owned())
            })
            .collect()
    };
    let (mut left, mut right) = (parts(left), parts(right));
    let longest = left.len().max(right.len());
    left.resize(longest, (0, String::new()));
    right.resize(longest, (0, String::new()));
    left.cmp(&right)
}

fn quoted(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Opening;

    fn seen(
        min: Option<&str>,
        will_do: bool,
        has: Option<&str>,
        offers: &[&str],
    ) -> (Opening, Option<String>) {
        let offers: Vec<String> = offers.iter().map(|version| (*version).to_owned()).collect();
        let finding = installed(Side::Green, "vector", min, will_do, has, &offers);
        (finding.opening, finding.fix.map(|fix| fix.command.unwrap_or(fix.title)))
    }

    #[test]
    fn installed_available_and_missing_are_told_apart() {
        use Opening::{Held, Open};
        assert_eq!(seen(None, false, Some("0.8.1"), &["0.8.1"]).0, Open);
        assert_eq!(seen(Some("0.8.0"), false, Some("0.10.0"), &[]).0, Open);
        assert_eq!(seen(Some("0.8.0"), true, None, &["0.7.0", "0.8.0"]).0, Open);
        let (held, fix) = seen(Some("0.8.0"), false, None, &["0.8.5"]);
        assert_eq!((held, fix.as_deref()), (Held, Some("CREATE EXTENSION vector")));
        let (held, fix) = seen(Some("0.8.0"), false, Some("0.7.4"), &["0.7.4", "0.8.5", "0.8.1"]);
        assert_eq!(
            (held, fix.as_deref()),
            (Held, Some("ALTER EXTENSION vector UPDATE TO '0.8.5'"))
        );
        let (held, fix) = seen(Some("0.8.0"), true, None, &[]);
        assert_eq!(
            (held, fix.as_deref()),
            (Held, Some("run green on an image that brings vector 0.8.0 or later"))
        );
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert_eq!(compare("0.10.0", "0.8.1"), Ordering::Greater);
        assert_eq!(compare("1.0", "1.0.0"), Ordering::Equal);
        assert_eq!(compare("1.2", "1.10"), Ordering::Less);
    }

    #[test]
    fn every_extension_of_blue_must_be_had_in_its_version() {
        let blue = BTreeMap::from([
            ("pg_trgm".to_owned(), "1.6".to_owned()),
            ("plpgsql".into(), "1.0".into()),
        ]);
        let mut green = BTreeMap::from([("plpgsql".to_owned(), vec!["1.0".to_owned()])]);
        assert_eq!(
            all_available(&blue, &green).summary,
            "green cannot install what blue has: pg_trgm 1.6"
        );
        green.insert("pg_trgm".into(), vec!["1.5".into(), "1.6".into()]);
        assert_eq!(all_available(&blue, &green).opening, Opening::Open);
    }

    #[test]
    fn an_odd_name_is_quoted() {
        assert_eq!(quoted("uuid-ossp"), "\"uuid-ossp\"");
        assert_eq!(quoted("pg_trgm"), "pg_trgm");
    }
}
