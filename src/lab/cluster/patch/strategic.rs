//! Strategic merge patch: lists merge by key where the schema says so.
//!
//! <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md>

use serde_json::{Map, Value};

use super::super::error::ApiError;
use super::super::schema::{MergeList, merge_list};

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";
const ORDER: &str = "$setElementOrder/";

/// Applies `patch` to `object`.
///
/// # Errors
/// `400` for an unknown directive or a list item without its merge key.
pub(crate) fn strategic_merge(object: &mut Value, patch: &Value) -> Result<(), ApiError> {
    let Some(patch) = patch.as_object() else {
        return Err(ApiError::bad_request("error decoding patch: expected an object"));
    };
    merge_map(object, patch, &mut Vec::new())
}

fn merge_map<'p>(
    object: &mut Value,
    patch: &'p Map<String, Value>,
    at: &mut Vec<&'p str>,
) -> Result<(), ApiError> {
    match patch.get(DIRECTIVE).and_then(Value::as_str) {
        None | Some("merge") => {}
        Some("replace") => {
            *object = without_directives(patch);
            return Ok(());
        }
        Some("delete") => {
            *object = Value::Object(Map::new());
            return Ok(());
        }
        Some(other) => return Err(unknown_directive(other)),
    }
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Some(fields) = object.as_object_mut() else { return Ok(()) };
    if let Some(retained) = patch.get(RETAIN_KEYS).and_then(Value::as_array) {
        fields.retain(|key, _| retained.iter().any(|kept| kept == key));
    }
    for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
        at.push(key);
        merge_field(fields, key, value, at)?;
        at.pop();
    }
    delete_from_lists(fields, patch);
    order_lists(fields, patch, at);
    Ok(())
}

fn merge_field<'p>(
    fields: &mut Map<String, Value>,
    key: &'p str,
    patch: &'p Value,
    at: &mut Vec<&'p str>,
) -> Result<(), ApiError> {
    match patch {
        Value::Null => drop(fields.shift_remove(key)),
        Value::Object(map) if map.get(DIRECTIVE).is_some_and(|what| what == "delete") => {
            fields.shift_remove(key);
        }
        Value::Object(map) => merge_map(fields.entry(key).or_insert(Value::Null), map, at)?,
        Value::Array(items) => {
            let list = fields.entry(key).or_insert_with(|| Value::Array(Vec::new()));
            merge_items(list, items, at)?;
        }
        scalar => drop(fields.insert(key.to_owned(), scalar.clone())),
    }
    Ok(())
}

fn merge_items<'p>(
    list: &mut Value,
    patch: &'p [Value],
    at: &mut Vec<&'p str>,
) -> Result<(), ApiError> {
    let current = list.as_array().cloned().unwrap_or_default();
    let merged = match merge_list(at) {
        MergeList::Replace => patch.to_vec(),
        MergeList::Join => join(current, patch),
        MergeList::ByKey(key) => merge_by_key(current, patch, key, at)?,
    };
    *list = Value::Array(merged);
    Ok(())
}

fn join(mut current: Vec<Value>, patch: &[Value]) -> Vec<Value> {
    for item in patch {
        if !current.contains(item) {
            current.push(item.clone());
        }
    }
    current
}

fn merge_by_key<'p>(
    mut current: Vec<Value>,
    patch: &'p [Value],
    key: &str,
    at: &mut Vec<&'p str>,
) -> Result<Vec<Value>, ApiError> {
    if patch.iter().any(|item| item[DIRECTIVE] == "replace") {
        return Ok(patch.iter().filter(|item| item[DIRECTIVE] != "replace").cloned().collect());
    }
    for item in patch {
        let Some(fields) = item.as_object() else {
            return Err(ApiError::bad_request(format!(
                "{}: expected a list of objects",
                at.join(".")
            )));
        };
        let Some(wanted) = fields.get(key) else {
            let text = format!("map: {item} does not contain declared merge key: {key}");
            return Err(ApiError::bad_request(text));
        };
        let place = current.iter().position(|other| other.get(key) == Some(wanted));
        match (place, item[DIRECTIVE].as_str()) {
            (Some(found), Some("delete")) => drop(current.remove(found)),
            (None, Some("delete")) => {}
            (Some(found), _) => merge_map(&mut current[found], fields, at)?,
            (None, _) => {
                let mut added = Value::Null;
                merge_map(&mut added, fields, at)?;
                current.push(added);
            }
        }
    }
    Ok(current)
}

fn delete_from_lists(fields: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, gone) in patch {
        let list = key.strip_prefix(DELETE_FROM).and_then(|name| fields.get_mut(name));
        if let (Some(list), Some(gone)) = (list.and_then(Value::as_array_mut), gone.as_array()) {
            list.retain(|item| !gone.contains(item));
        }
    }
}

/// Puts list items into the order that the client saw; items it did not know keep their place at the end.
fn order_lists(fields: &mut Map<String, Value>, patch: &Map<String, Value>, at: &[&str]) {
    for (directive, order) in patch {
        let Some(name) = directive.strip_prefix(ORDER) else { continue };
        let Some(list) = fields.get_mut(name).and_then(Value::as_array_mut) else { continue };
        let Some(order) = order.as_array() else { continue };
        let list_path: Vec<&str> = at.iter().copied().chain([name]).collect();
        let place = |item: &Value| {
            let same = |entry: &Value| match merge_list(&list_path) {
                MergeList::ByKey(key) => {
                    entry.get(key).is_some() && entry.get(key) == item.get(key)
                }
                MergeList::Join | MergeList::Replace => entry == item,
            };
            order.iter().position(same).unwrap_or(order.len())
        };
        list.sort_by_key(place);
    }
}

fn without_directives(patch: &Map<String, Value>) -> Value {
    let kept = patch.iter().filter(|(key, _)| !key.starts_with('$'));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn unknown_directive(directive: &str) -> ApiError {
    ApiError::bad_request(format!("unknown patch type found: {directive}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(mut object: Value, patch: &Value) -> Value {
        strategic_merge(&mut object, patch).unwrap();
        object
    }

    #[test]
    fn containers_merge_by_name_and_env_within_them() {
        let object = json!({"spec": {"template": {"spec": {"containers": [
            {"name": "a", "image": "one", "env": [{"name": "X", "value": "1"}], "args": ["p"]}, {"name": "b"}]}}}});
        let patch = json!({"spec": {"template": {"spec": {"containers": [
            {"name": "a", "image": "two", "env": [{"name": "Y", "value": "2"}], "args": ["q"]}],
            "imagePullSecrets": [{"name": "registry"}]}}}});
        let wanted = json!({"spec": {"template": {"spec": {"containers": [
            {"name": "a", "image": "two", "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}],
             "args": ["q"]}, {"name": "b"}],
            "imagePullSecrets": [{"name": "registry"}]}}}});
        assert_eq!(merged(object, &patch), wanted);
    }

    #[test]
    fn directives_delete_replace_and_order() {
        let object = json!({"spec": {"volumes": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}});
        let delete = json!({"spec": {"volumes": [{"name": "b", "$patch": "delete"}]}});
        assert_eq!(
            merged(object.clone(), &delete)["spec"]["volumes"],
            json!([{"name": "a"}, {"name": "c"}])
        );
        let replace = json!({"spec": {"volumes": [{"$patch": "replace"}, {"name": "z"}]}});
        assert_eq!(merged(object.clone(), &replace)["spec"]["volumes"], json!([{"name": "z"}]));
        let order = json!({"spec": {"$setElementOrder/volumes": [{"name": "c"}, {"name": "a"}, {"name": "b"}]}});
        let wanted = json!([{"name": "c"}, {"name": "a"}, {"name": "b"}]);
        assert_eq!(merged(object, &order)["spec"]["volumes"], wanted);
        let retain = json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}});
        let rolling = json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {}}}});
        assert_eq!(merged(rolling, &retain)["spec"]["strategy"], json!({"type": "Recreate"}));
        let list = json!({"metadata": {"finalizers": ["a", "b"]}});
        let gone = json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}});
        assert_eq!(merged(list, &gone)["metadata"]["finalizers"], json!(["b"]));
    }

    #[test]
    fn a_selector_merges_key_by_key_and_null_removes() {
        let object = json!({"spec": {"selector": {"app": "blue", "tier": "db"}}});
        let patch = json!({"spec": {"selector": {"app": "green", "tier": null}}});
        assert_eq!(merged(object, &patch), json!({"spec": {"selector": {"app": "green"}}}));
    }

    #[test]
    fn an_item_without_its_key_is_refused() {
        let mut object = json!({"spec": {"containers": [{"name": "a"}]}});
        let patch = json!({"spec": {"containers": [{"image": "x"}]}});
        assert_eq!(strategic_merge(&mut object, &patch).unwrap_err().code, 400);
    }
}
