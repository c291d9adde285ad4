//! Fields that somebody else owns: the refusal of an apply, in the words of the API server.

use serde_json::{Value, json};

use super::super::error::ApiError;
use super::fields::{FieldSet, Path, print};
use super::managed::Manager;

/// Who else owns which of the fields that an apply would change.
#[derive(Clone, Debug, Default)]
pub(super) struct Conflicts(pub(super) Vec<(Manager, Path)>);

impl Conflicts {
    pub(super) fn add(&mut self, manager: &Manager, fields: &FieldSet) {
        self.0.extend(fields.0.iter().map(|path| (manager.clone(), path.clone())));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that are about other fields than `allowed`.
    pub(super) fn beyond(mut self, allowed: &FieldSet) -> Self {
        self.0.retain(|(_, path)| !allowed.has(path));
        self
    }

    pub(super) fn error(&self) -> ApiError {
        let causes: Vec<Value> = self.0.iter().map(cause).collect();
        let mut error = ApiError::new(409, "Conflict", self.message());
        error.details = Some(json!({ "causes": causes }));
        error
    }

    fn message(&self) -> String {
        if let [(manager, path)] = self.0.as_slice() {
            return format!(
                "Apply failed with 1 conflict: conflict with {}: {}",
                manager.told(),
                print(path)
            );
        }
        let mut lines: Vec<String> = Vec::new();
        let mut managers: Vec<String> = self.0.iter().map(|(manager, _)| manager.told()).collect();
        managers.sort();
        managers.dedup();
        for told in managers {
            lines.push(format!("conflicts with {told}:"));
            let own = self.0.iter().filter(|(manager, _)| manager.told() == told);
            lines.extend(own.map(|(_, path)| format!("- {}", print(path))));
        }
        format!("Apply failed with {} conflicts: {}", self.0.len(), lines.join("\n"))
    }
}

fn cause((manager, path): &(Manager, Path)) -> Value {
    json!({
        "reason": "FieldManagerConflict",
        "message": format!("conflict with {}", manager.told()),
        "field": print(path),
    })
}
