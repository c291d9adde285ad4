//! What a rehearsal, a scenario or a flag changes in a profile without editing it.

use std::collections::BTreeMap;
use std::time::Duration;

/// Changes to a profile while it is compiled. Each shows in the plan, and changes its hash.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Manifests that stand in for others, by the path as the profile writes it (or as a folder lists it).
    pub manifests: BTreeMap<String, Replacement>,
    /// Changes to the text of manifests.
    pub edits: Vec<ManifestEdit>,
    /// Writes may be stopped no longer than this, whatever the window and its phases say.
    pub budget: Option<Duration>,
    /// Soaks hold no longer than this; the step's title says so.
    pub soak: Option<Duration>,
    /// Another namespace. Manifests that name the profile's own follow.
    pub namespace: Option<String>,
}

/// A file that stands in for another.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Its path, for the plan and for messages.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A change to a manifest's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestEdit {
    /// The manifest's path as the profile writes it (or as a folder lists it).
    pub manifest: String,
    /// What is there, once.
    pub find: String,
    /// What is there instead.
    pub put: String,
}
