//! Applies a scenario's edits to the profile's manifests.

use super::error::ScenarioError;
use super::file::Scenario;

impl Scenario {
    /// A manifest's text in this scenario. Paths that no edit names stay as they are.
    ///
    /// # Errors
    /// When what an edit looks for is not there exactly once.
    pub fn edited(&self, path: &str, text: &str) -> Result<String, ScenarioError> {
        let mut text = text.to_owned();
        for edit in self.edits.iter().filter(|edit| edit.manifest == path) {
            let times = text.matches(&edit.find).count();
            if times != 1 {
                return Err(ScenarioError::Edit {
                    name: self.name.clone(),
                    manifest: path.to_owned(),
                    find: edit.find.trim().lines().next().unwrap_or_default().to_owned(),
                    times,
                });
            }
            text = text.replacen(&edit.find, &edit.put, 1);
        }
        Ok(text)
    }
}
