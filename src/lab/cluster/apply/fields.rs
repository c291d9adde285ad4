//! Sets of field paths and their `FieldsV1` form.
//!
//! A path is kept in the spelling of `FieldsV1`: `f:` before a field's name, `k:` before the keys of a list item,
//! `v:` before an item of a set.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

pub(super) type Path = Vec<String>;

/// The fields that somebody owns, or that a change touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSet(pub(super) BTreeSet<Path>);

impl FieldSet {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert(&mut self, path: &[String]) {
        self.0.insert(path.to_vec());
    }

    pub(super) fn has(&self, path: &[String]) -> bool {
        self.0.contains(path)
    }

    /// Whether the path or something below it is in the set.
    pub(super) fn has_within(&self, path: &[String]) -> bool {
        self.0.range(path.to_vec()..).next().is_some_and(|next| next.starts_with(path))
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    pub(super) fn difference(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// Without the fields of which nobody becomes owner: what the server itself writes.
    pub(super) fn without_system_fields(mut self) -> Self {
        self.0.retain(|path| !is_system(path));
        self
    }

    /// Without what lies at or below a top-level field.
    pub(super) fn without(mut self, field: &str) -> Self {
        let field = format!("f:{field}");
        self.0.retain(|path| path.first() != Some(&field));
        self
    }

    pub(super) fn to_fields_v1(&self) -> Value {
        let mut tree = json!({});
        for path in &self.0 {
            let mut node = &mut tree;
            for step in path {
                node = child(node, step);
            }
            child(node, ".");
        }
        tidy(&mut tree);
        tree
    }

    pub(super) fn from_fields_v1(tree: &Value) -> Self {
        let mut set = Self::default();
        if let Some(map) = tree.as_object() {
            collect(map, &mut Vec::new(), &mut set);
        }
        set
    }
}

fn child<'a>(node: &'a mut Value, step: &str) -> &'a mut Value {
    if !node[step].is_object() {
        node[step] = json!({});
    }
    &mut node[step]
}

/// A member without children is written as `{}`, not as `{".": {}}`.
fn tidy(node: &mut Value) {
    let Some(map) = node.as_object_mut() else { return };
    if map.len() == 1 && map.contains_key(".") {
        map.clear();
    }
    for (step, below) in map.iter_mut() {
        if step != "." {
            tidy(below);
        }
    }
}

fn collect(map: &Map<String, Value>, path: &mut Path, set: &mut FieldSet) {
    for (step, below) in map {
        if step == "." {
            set.insert(path);
            continue;
        }
        path.push(step.clone());
        match below.as_object() {
            Some(below) if !below.is_empty() => collect(below, path, set),
            _ => set.insert(path),
        }
        path.pop();
    }
}

fn is_system(path: &[String]) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["f:apiVersion" | "f:kind" | "f:metadata"] => true,
        ["f:metadata", field, ..] => matches!(
            *field,
            "f:name"
                | "f:namespace"
                | "f:creationTimestamp"
                | "f:selfLink"
                | "f:uid"
                | "f:generation"
                | "f:managedFields"
                | "f:resourceVersion"
                | "f:deletionTimestamp"
                | "f:deletionGracePeriodSeconds"
        ),
        _ => false,
    }
}

/// The path as error texts print it: `.spec.template.spec.containers[name="web"].image`.
pub(super) fn print(path: &[String]) -> String {
    path.iter().map(|step| print_step(step)).collect()
}

fn print_step(step: &str) -> String {
    if let Some(name) = step.strip_prefix("f:") {
        return format!(".{name}");
    }
    if let Some(value) = step.strip_prefix("v:") {
        return format!("[={value}]");
    }
    let keys: Value =
        step.strip_prefix("k:").and_then(|k| serde_json::from_str(k).ok()).unwrap_or_default();
    let keys = keys.as_object().into_iter().flatten();
    let pairs: Vec<String> = keys.map(|(key, value)| format!("{key}={value}")).collect();
    format!("[{}]", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_v1_survives_a_round_trip() {
        let tree = json!({"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:replicas": {},
            "f:containers": {"k:{\"name\":\"a\"}": {".": {}, "f:image": {}}}}});
        let set = FieldSet::from_fields_v1(&tree);
        assert_eq!(set.0.len(), 5);
        assert_eq!(set.to_fields_v1(), tree);
    }

    #[test]
    fn a_path_prints_as_the_server_prints_it() {
        let path = ["f:spec", "f:ports", "k:{\"port\":80,\"protocol\":\"TCP\"}", "f:name"]
            .map(str::to_owned);
        assert_eq!(print(&path), ".spec.ports[port=80,protocol=\"TCP\"].name");
    }
}
