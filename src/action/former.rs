//! What an object was like where a step changes it, so that just that can be restored.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::PatchKind;

/// The former values at the places that a step touches. A list is one place: it is restored whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Former(Vec<Place>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Place {
    path: Vec<String>,
    /// None when there was nothing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
}

/// What the API server writes itself; a manifest that holds it does not touch it.
const SERVERS_OWN: &[&[&str]] = &[
    &["apiVersion"],
    &["kind"],
    &["status"],
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["metadata", "managedFields"],
    &["metadata", "resourceVersion"],
    &["metadata", "uid"],
    &["metadata", "generation"],
    &["metadata", "creationTimestamp"],
];

impl Former {
    /// Records what an object has where a patch, or a manifest, would change it.
    pub(super) fn of(object: &Value, touched: &[Vec<String>]) -> Self {
        let mut places: Vec<Place> = Vec::new();
        for path in touched.iter().filter(|path| !is_servers_own(path)) {
            let place = place(object, path);
            if !places.iter().any(|known| place.path.starts_with(&known.path)) {
                places.push(place);
            }
        }
        Self(places)
    }

    /// The merge patch (RFC 7386) that makes an object there as it was; none when it is.
    pub(super) fn restoring(&self, object: &Value) -> Option<Value> {
        let mut patch = Map::new();
        for place in &self.0 {
            let now = get(object, &place.path);
            if now != place.value.as_ref() {
                let value = place.value.clone().unwrap_or(Value::Null);
                put(&mut patch, &place.path, replacing(now, value));
            }
        }
        (!patch.is_empty()).then_some(Value::Object(patch))
    }
}

/// A merge patch goes into maps, so what is too much there must be named to be removed.
fn replacing(now: Option<&Value>, mut value: Value) -> Value {
    if let (Some(Value::Object(now)), Value::Object(former)) = (now, &mut value) {
        for (key, now) in now {
            match former.remove(key) {
                None => {
                    former.insert(key.clone(), Value::Null);
                }
                Some(value) => {
                    former.insert(key.clone(), replacing(Some(now), value));
                }
            }
        }
    }
    value
}

/// The place itself, or its nearest ancestor that is missing: what is not there cannot have children.
fn place(object: &Value, path: &[String]) -> Place {
    let depth = (1..=path.len()).find(|depth| get(object, &path[..*depth]).is_none());
    match depth {
        Some(depth) => Place { path: path[..depth].to_vec(), value: None },
        None => Place { path: path.to_vec(), value: get(object, path).cloned() },
    }
}

fn get<'a>(object: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(object, |place, key| place.as_object()?.get(key))
}

fn put(body: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            body.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = body.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn is_servers_own(path: &[String]) -> bool {
    SERVERS_OWN
        .iter()
        .any(|own| path.iter().map(String::as_str).take(own.len()).eq(own.iter().copied()))
}

/// The places that a body touches: every leaf of a merge or strategic patch or of a manifest, lists as a whole, and the
/// places that the operations of a JSON patch name.
pub(super) fn touched(kind: PatchKind, patch: &Value) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    match kind {
        PatchKind::Json => {
            let operations = patch.as_array().into_iter().flatten();
            for operation in operations.filter(|one| one["op"] != "test") {
                for field in ["path", "from"] {
                    let pointer = operation.get(field).and_then(Value::as_str);
                    paths.extend(pointer.map(up_to_list));
                }
            }
        }
        PatchKind::Merge | PatchKind::Strategic => leaves(patch, &mut Vec::new(), &mut paths),
    }
    paths
}

fn leaves(value: &Value, path: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            if map.keys().any(|key| key == "$patch" || key == "$retainKeys") {
                all.push(path.clone());
                return;
            }
            for (key, value) in map {
                let listed = ["$setElementOrder/", "$deleteFromPrimitiveList/"];
                let bare = listed.iter().find_map(|prefix| key.strip_prefix(prefix));
                path.push(bare.unwrap_or(key).to_owned());
                if bare.is_some() {
                    all.push(path.clone());
                } else {
                    leaves(value, path, all);
                }
                path.pop();
            }
        }
        _ => all.push(path.clone()),
    }
}

/// A JSON pointer's keys, up to the list that it goes into.
fn up_to_list(pointer: &str) -> Vec<String> {
    let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
    keys.take_while(|key| key != "-" && key.parse::<usize>().is_err()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(mut object: Value, patch: &Value) -> Value {
        json_patch::merge(&mut object, patch);
        object
    }

    #[test]
    fn what_a_merge_patch_changed_is_restored_and_nothing_else() {
        let before = json!({ "metadata": { "name": "x", "labels": { "a": "1" } }, "spec": { "replicas": 1, "list": [1, 2] } });
        let patch = json!({ "metadata": { "labels": { "a": "2", "b": "3" } }, "spec": { "list": [9], "new": { "deep": true } } });
        let former = Former::of(&before, &touched(PatchKind::Merge, &patch));
        let mut after = merged(before.clone(), &patch);
        after["spec"]["replicas"] = json!(5);
        let restored = merged(after.clone(), &former.restoring(&after).unwrap());
        let mut expected = before.clone();
        expected["spec"]["replicas"] = json!(5);
        assert_eq!(restored, expected);
        assert_eq!(former.restoring(&restored), None);
    }

    #[test]
    fn a_json_patch_touches_what_its_operations_name() {
        let patch = json!([
            { "op": "test", "path": "/spec/selector", "value": {} },
            { "op": "replace", "path": "/spec/selector", "value": { "app": "green" } },
            { "op": "add", "path": "/metadata/annotations/example.org~1x", "value": "1" },
            { "op": "add", "path": "/spec/ports/-", "value": {} },
        ]);
        let paths = touched(PatchKind::Json, &patch);
        assert_eq!(paths[0], ["spec", "selector"]);
        assert_eq!(paths[1], ["metadata", "annotations", "example.org/x"]);
        assert_eq!(paths[2], ["spec", "ports"]);
        let before =
            json!({ "spec": { "selector": { "app": "blue", "tier": "db" }, "ports": [1] } });
        let former = Former::of(&before, &paths);
        let after = json!({ "metadata": { "annotations": { "example.org/x": "1" } }, "spec": { "selector": { "app": "green" }, "ports": [1, {}] } });
        let restored = merged(after.clone(), &former.restoring(&after).unwrap());
        assert_eq!(restored, before);
    }

    #[test]
    fn a_map_that_was_replaced_whole_loses_what_was_added() {
        let former = Former::of(
            &json!({ "spec": { "selector": { "app": "blue" } } }),
            &[vec!["spec".into(), "selector".into()]],
        );
        let now = json!({ "spec": { "selector": { "app": "blue", "extra": "1" } } });
        assert_eq!(
            former.restoring(&now).unwrap(),
            json!({ "spec": { "selector": { "app": "blue", "extra": null } } })
        );
    }

    #[test]
    fn the_servers_own_fields_are_not_touched() {
        let manifest = json!({ "apiVersion": "v1", "kind": "X", "metadata": { "name": "x", "uid": "u" }, "spec": {} });
        assert_eq!(Former::of(&json!({}), &touched(PatchKind::Merge, &manifest)).0.len(), 1);
    }
}
