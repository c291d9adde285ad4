//! What a scenario means for the profile and for the script of a rehearsal.

use crate::headless::{Problem, Rule, Script};
use crate::lab::{Scenario, script_of};
use crate::model::Runbook;
use crate::profile::{ManifestEdit, Overrides};

/// How the profile differs in this scenario.
#[must_use]
pub fn overrides(scenario: &Scenario) -> Overrides {
    let edits = scenario.edits.iter().map(|edit| ManifestEdit {
        manifest: edit.manifest.clone(),
        find: edit.find.clone(),
        put: edit.put.clone(),
    });
    Overrides {
        edits: edits.collect(),
        soak: scenario.overrides.soak,
        budget: scenario.overrides.budget,
        ..Overrides::default()
    }
}

/// The operator of a rehearsal without a screen: the profile's script, and what the scenario decides.
///
/// # Errors
/// What the script says wrongly.
pub fn script(scenario: &Scenario, runbook: &Runbook) -> Result<Script, Vec<Problem>> {
    let mut script = Script::parse(script_of(&runbook.name).unwrap_or_default(), runbook)?;
    if let Some(wait) = scenario.overrides.wait {
        script.wait = wait;
    }
    for settled in &scenario.decisions {
        let rule = Rule { decision: settled.decision, times: 1 };
        script.steps.entry(settled.step.clone()).or_default().on_failure.push(rule);
    }
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::scenario_names;
    use crate::profile;

    #[test]
    fn every_scenario_fits_its_profile_and_script() {
        for name in scenario_names() {
            let scenario = Scenario::named(name).unwrap();
            let runbook = profile::load("chronicle", &overrides(&scenario))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let script = script(&scenario, &runbook).unwrap();
            assert!(script.problems(&runbook).is_empty(), "{name}");
            assert!(script.missing_in_window(&runbook).is_empty(), "{name}");
            for (_, step) in runbook.steps() {
                assert!(
                    step.confirm == crate::model::Confirm::None || script.answers(step),
                    "nothing answers `{}`",
                    step.id
                );
            }
            for settled in &scenario.decisions {
                assert!(
                    runbook.step(&settled.step).is_some(),
                    "{name}: no step `{}`",
                    settled.step
                );
            }
        }
    }
}
