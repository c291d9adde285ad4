//! The plan's hash, and the plan without its secrets.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::id::Digest;
use super::runbook::{Runbook, Step, Undo};
use super::verb::{Manifest, Verb};

/// What stands where a secret was.
const REDACTED: &str = "<redacted>";

impl Runbook {
    /// SHA-256 over the runbook's JSON with sorted keys and without white space, so that the same plan has the same hash
    /// wherever it is compiled.
    ///
    /// The contents of Secrets are left out: a hash is shown to people, and a short password could be guessed from it. So the
    /// runbook that a journal keeps, which is [redacted](Self::redacted), has the hash of the one that was run.
    ///
    /// # Panics
    /// Never: all maps of a runbook have strings for keys.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let value = serde_json::to_value(self.redacted())
            .expect("a runbook has no map with keys that are not strings");
        let hash = Sha256::digest(canonical(value).to_string());
        Digest::new(hash.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    /// The same runbook with the contents of every Secret replaced, for a journal, a printed plan or a report.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let mut plan = self.clone();
        plan.phases.iter_mut().flat_map(|phase| &mut phase.steps).for_each(redact_step);
        plan
    }

    /// True when the contents of a Secret were replaced: it can be read, but not run.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        serde_json::to_value(self).is_ok_and(|plan| holds_mark(&plan))
    }
}

fn redact_step(step: &mut Step) {
    redact_verb(&mut step.verb);
    if let Undo::Verb(verb) = &mut step.undo {
        redact_verb(verb);
    }
}

fn redact_verb(verb: &mut Verb) {
    match verb {
        Verb::Apply { manifests, .. } => manifests.iter_mut().for_each(redact_manifest),
        Verb::Job { manifest } => redact_manifest(manifest),
        Verb::Patch { object, patch, .. } if object.kind == "Secret" => {
            *patch = Value::String(REDACTED.to_owned());
        }
        _ => {}
    }
}

fn redact_manifest(manifest: &mut Manifest) {
    manifest.documents.iter_mut().for_each(redact_document);
}

fn redact_document(document: &mut Value) {
    if let Some(items) = document.get_mut("items").and_then(Value::as_array_mut) {
        items.iter_mut().for_each(redact_document);
    }
    if document.get("kind").and_then(Value::as_str) != Some("Secret") {
        return;
    }
    for field in ["data", "stringData"] {
        if let Some(data) = document.get_mut(field).and_then(Value::as_object_mut) {
            data.values_mut().for_each(|value| *value = Value::String(REDACTED.to_owned()));
        }
    }
}

fn holds_mark(value: &Value) -> bool {
    match value {
        Value::String(text) => text == REDACTED,
        Value::Array(items) => items.iter().any(holds_mark),
        Value::Object(map) => map.values().any(holds_mark),
        _ => false,
    }
}

/// The same value with the keys of every object in order.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> =
                map.into_iter().map(|(key, value)| (key, canonical(value))).collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(Map::from_iter(entries))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let one = canonical(json!({ "b": [{ "y": 1, "x": 2 }], "a": null }));
        assert_eq!(one.to_string(), r#"{"a":null,"b":[{"x":2,"y":1}]}"#);
    }

    #[test]
    fn a_secret_in_a_list_is_redacted() {
        let mut list = json!({ "kind": "List", "items": [
            { "kind": "Secret", "metadata": { "name": "s" }, "stringData": { "password": "hunter2" } },
            { "kind": "ConfigMap", "data": { "key": "value" } },
        ]});
        redact_document(&mut list);
        assert!(!list.to_string().contains("hunter2"));
        assert!(list.to_string().contains("value"));
    }
}
