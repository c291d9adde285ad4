//! Blue beside green, where they should be the same.

use std::collections::BTreeSet;

use super::server::{ExtensionView, SettingView};
use super::world::Observed;
use crate::model::evidence::{Fix, Opening};
use crate::model::judge::extension_on;
use crate::model::runbook::{ExtensionWanted, Runbook};
use crate::model::side::Side;

/// How something compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Difference {
    /// Both sides have the same.
    Equal,
    /// Both sides have it, and not the same.
    Differs,
    /// Only one side has it.
    Only(Side),
    /// One of the sides could not be read.
    Unknown,
}

impl Difference {
    /// How the values of two sides compare that both were read.
    fn of<T: PartialEq>(blue: Option<&T>, green: Option<&T>) -> Self {
        match (blue, green) {
            (Some(_), None) => Self::Only(Side::Blue),
            (None, Some(_)) => Self::Only(Side::Green),
            (blue, green) if blue == green => Self::Equal,
            _ => Self::Differs,
        }
    }
}

/// An extension on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionRow {
    /// Its name.
    pub name: String,
    /// What blue has. None where that is not known.
    pub blue: Option<ExtensionView>,
    /// What green has. None where that is not known.
    pub green: Option<ExtensionView>,
    /// What the profile asks for, with the lowest version where it names one.
    pub wanted: Vec<(Side, ExtensionWanted)>,
    /// How the installed versions compare.
    pub difference: Difference,
    /// What is wrong, in a sentence, with what mends it: SQL where SQL can. Green must have what blue has.
    pub problems: Vec<(Side, String, Option<Fix>)>,
}

/// A setting on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// Its name.
    pub name: String,
    /// Blue's.
    pub blue: Option<SettingView>,
    /// Green's.
    pub green: Option<SettingView>,
    /// How they compare.
    pub difference: Difference,
    /// It matters to a cutover.
    pub matters: bool,
}

impl Observed {
    /// Extensions that are installed on a side or that the profile asks for.
    #[must_use]
    pub fn extension_rows(&self, runbook: &Runbook) -> Vec<ExtensionRow> {
        let seen = Side::BOTH.map(|side| self.side(side).extensions.value());
        let installed = seen.iter().flatten().flat_map(|all| {
            all.iter().filter(|(_, one)| one.installed.is_some()).map(|(name, _)| name)
        });
        let asked = Side::BOTH
            .into_iter()
            .flat_map(|side| runbook.store(side).extensions.iter().map(|wanted| &wanted.name));
        let names: BTreeSet<&String> = installed.chain(asked).collect();
        names.into_iter().map(|name| self.extension_row(runbook, name)).collect()
    }

    fn extension_row(&self, runbook: &Runbook, name: &str) -> ExtensionRow {
        let [blue, green] = Side::BOTH.map(|side| {
            let all = self.side(side).extensions.value();
            all.map(|all| all.get(name).cloned().unwrap_or_default())
        });
        let wanted: Vec<_> = Side::BOTH
            .into_iter()
            .flat_map(|side| {
                let all = runbook.store(side).extensions.iter();
                all.filter(|wanted| wanted.name == name).map(move |wanted| (side, wanted.clone()))
            })
            .collect();
        let mut problems: Vec<_> = wanted
            .iter()
            .filter_map(|(side, wanted)| {
                let view = if *side == Side::Blue { &blue } else { &green };
                problem(*side, name, wanted.min.as_deref(), view.as_ref()?)
            })
            .collect();
        let version = |view: &'_ Option<ExtensionView>| view.as_ref()?.installed.clone();
        let (has, will_have) = (version(&blue), version(&green));
        if let (Some(version), Some(view), false) =
            (&has, &green, problems.iter().any(|(side, ..)| *side == Side::Green))
        {
            problems.extend(problem(Side::Green, name, Some(version), view));
        }
        let difference = match (&blue, &green) {
            (Some(_), Some(_)) => Difference::of(has.as_ref(), will_have.as_ref()),
            _ => Difference::Unknown,
        };
        ExtensionRow { name: name.to_owned(), blue, green, wanted, difference, problems }
    }

    /// Settings that differ between the sides; those that matter first. Empty until both sides have been read.
    #[must_use]
    pub fn setting_rows(&self) -> Vec<SettingRow> {
        let [Some(blue), Some(green)] = Side::BOTH.map(|side| self.side(side).settings.value())
        else {
            return Vec::new();
        };
        let names: BTreeSet<&String> = blue.keys().chain(green.keys()).collect();
        let row = |name: &String| {
            let (blue, green) = (blue.get(name).cloned(), green.get(name).cloned());
            let value = |view: &Option<SettingView>| view.as_ref().map(|view| view.value.clone());
            let (ours, theirs) = (value(&blue), value(&green));
            let difference = Difference::of(ours.as_ref(), theirs.as_ref());
            let matters = blue.iter().chain(&green).any(|view| view.matters);
            SettingRow { name: name.clone(), blue, green, difference, matters }
        };
        let mut rows: Vec<_> =
            names.into_iter().map(row).filter(|row| row.difference != Difference::Equal).collect();
        rows.sort_by_key(|row| !row.matters);
        rows
    }
}

fn problem(
    side: Side,
    name: &str,
    min: Option<&str>,
    view: &ExtensionView,
) -> Option<(Side, String, Option<Fix>)> {
    let available = view.available.as_deref();
    if available.is_none() && view.installed.is_none() {
        return None;
    }
    let finding =
        extension_on(side, name, min, view.installed.as_deref(), available.unwrap_or_default());
    (finding.opening == Opening::Held).then_some((side, finding.summary, finding.fix))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::*;
    use crate::model::{Reading, SideView, sample};

    fn side(all: &[(&str, Option<&str>, &[&str])]) -> SideView {
        let view = |(name, has, offers): &(&str, Option<&str>, &[&str])| {
            let available = offers.iter().map(|version| (*version).to_owned()).collect();
            let installed = has.map(str::to_owned);
            ((*name).to_owned(), ExtensionView { installed, available: Some(available) })
        };
        let all: BTreeMap<_, _> = all.iter().map(view).collect();
        let extensions = Reading::Fresh { value: all.into(), at: Timestamp::UNIX_EPOCH };
        SideView { extensions, ..SideView::default() }
    }

    #[test]
    fn green_must_have_what_blue_has_and_what_the_profile_asks_for() {
        let mut book = sample::runbook();
        book.green.extensions =
            vec![ExtensionWanted { name: "vector".into(), min: Some("0.8".into()) }];
        let observed = Observed {
            blue: side(&[("pg_trgm", Some("1.6"), &["1.6"]), ("vector", None, &[])]),
            green: side(&[
                ("pg_trgm", None, &["1.5", "1.6"]),
                ("vector", Some("0.7.4"), &["0.7.4", "0.8.0"]),
            ]),
            ..Observed::default()
        };
        let rows = observed.extension_rows(&book);
        let told: Vec<_> = rows
            .iter()
            .map(|row| {
                let fix = row.problems.iter().find_map(|(_, _, fix)| fix.clone()?.command);
                (row.name.as_str(), row.difference, fix)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("pg_trgm", Difference::Only(Side::Blue), Some("CREATE EXTENSION pg_trgm".into())),
                (
                    "vector",
                    Difference::Only(Side::Green),
                    Some("ALTER EXTENSION vector UPDATE TO '0.8.0'".into())
                ),
            ]
        );
    }

    #[test]
    fn a_side_that_was_not_read_is_no_difference() {
        let book = sample::runbook();
        let blue = side(&[("pg_trgm", Some("1.6"), &["1.6"])]);
        let observed = Observed { blue, ..Observed::default() };
        let rows = observed.extension_rows(&book);
        assert_eq!((rows.len(), rows[0].difference), (1, Difference::Unknown));
        assert!(rows[0].problems.is_empty());
        assert!(observed.setting_rows().is_empty());
    }
}
