//! Walking an object along its schema: which fields it has, in which two differ, how two merge.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::kind::Kind;
use super::super::schema::{ListType, is_atomic_map, key_default, list_type};
use super::fields::{FieldSet, Path};

/// What differs between two objects.
#[derive(Debug, Default)]
pub(super) struct Differences {
    pub(super) added: FieldSet,
    pub(super) modified: FieldSet,
    pub(super) removed: FieldSet,
}

impl Differences {
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.modified.is_empty() && self.removed.is_empty()
    }
}

/// Where a walk is: the path in `FieldsV1` spelling, and the names of the fields alone, by which the schema is asked.
#[derive(Clone, Default)]
struct Place {
    path: Path,
    names: Vec<String>,
}

impl Place {
    fn field(&self, name: &str) -> Self {
        let mut next = self.clone();
        next.path.push(format!("f:{name}"));
        next.names.push(name.to_owned());
        next
    }

    fn item(&self, step: &str) -> Self {
        let mut next = self.clone();
        next.path.push(step.to_owned());
        next
    }

    fn names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }
}

/// A value as the schema sees it.
enum View<'a> {
    Leaf,
    Fields(&'a Map<String, Value>),
    Items(Vec<(String, &'a Value)>),
}

fn view<'a>(kind: &Kind, value: &'a Value, place: &Place) -> View<'a> {
    match value {
        Value::Object(map) if !is_atomic_map(&place.names()) => View::Fields(map),
        Value::Array(items) => match list_type(kind, &place.names()) {
            ListType::Atomic => View::Leaf,
            ListType::Set => {
                View::Items(items.iter().map(|item| (format!("v:{item}"), item)).collect())
            }
            ListType::Map(keys) => {
                View::Items(items.iter().map(|item| (item_step(item, keys), item)).collect())
            }
        },
        _ => View::Leaf,
    }
}

/// `k:{"containerPort":80,"protocol":"TCP"}`, the keys in order.
fn item_step(item: &Value, keys: &[&str]) -> String {
    let mut found = BTreeMap::new();
    for key in keys {
        if let Some(value) = item.get(*key).cloned().or_else(|| key_default(key)) {
            found.insert(*key, value);
        }
    }
    let pairs: Vec<String> =
        found.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("k:{{{}}}", pairs.join(","))
}

/// Every field of an object that somebody can own.
pub(super) fn fields_of(kind: &Kind, object: &Value) -> FieldSet {
    let mut set = FieldSet::default();
    collect(kind, object, &Place::default(), &mut set);
    set
}

fn collect(kind: &Kind, value: &Value, place: &Place, set: &mut FieldSet) {
    match view(kind, value, place) {
        View::Leaf => set.insert(&place.path),
        View::Fields(map) if map.is_empty() => set.insert(&place.path),
        View::Fields(map) => {
            map.iter().for_each(|(name, below)| collect(kind, below, &place.field(name), set));
        }
        View::Items(items) => {
            for (step, below) in items {
                let place = place.item(&step);
                set.insert(&place.path);
                collect(kind, below, &place, set);
            }
        }
    }
}

/// How `new` differs from `old`.
pub(super) fn compare(kind: &Kind, old: &Value, new: &Value) -> Differences {
    let mut differences = Differences::default();
    compare_at(kind, Some(old), Some(new), &Place::default(), &mut differences);
    differences
}

fn compare_at(
    kind: &Kind,
    old: Option<&Value>,
    new: Option<&Value>,
    place: &Place,
    found: &mut Differences,
) {
    let (old, new) = (old.filter(|v| !v.is_null()), new.filter(|v| !v.is_null()));
    match (old, new) {
        (None, None) => return,
        (None, Some(_)) => found.added.insert(&place.path),
        (Some(_), None) => found.removed.insert(&place.path),
        (Some(_), Some(_)) => {}
    }
    let old_view = old.map(|value| view(kind, value, place));
    let new_view = new.map(|value| view(kind, value, place));
    match (old_view, new_view) {
        (Some(View::Fields(_)) | None, Some(View::Fields(_))) | (Some(View::Fields(_)), None) => {
            compare_fields(kind, old, new, place, found);
        }
        (Some(View::Items(old)), Some(View::Items(new))) => {
            compare_items(kind, &old, &new, place, found);
        }
        (Some(View::Items(old)), None) => compare_items(kind, &old, &[], place, found),
        (None, Some(View::Items(new))) => compare_items(kind, &[], &new, place, found),
        _ if old.is_some() && new.is_some() && old != new => found.modified.insert(&place.path),
        _ => {}
    }
}

fn compare_fields(
    kind: &Kind,
    old: Option<&Value>,
    new: Option<&Value>,
    place: &Place,
    found: &mut Differences,
) {
    let of = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let (old, new) = (of(old), of(new));
    for (name, before) in &old {
        compare_at(kind, Some(before), new.get(name), &place.field(name), found);
    }
    for (name, after) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        compare_at(kind, None, Some(after), &place.field(name), found);
    }
}

fn compare_items(
    kind: &Kind,
    old: &[(String, &Value)],
    new: &[(String, &Value)],
    place: &Place,
    found: &mut Differences,
) {
    let find = |list: &[(String, &Value)], step: &str| list.iter().any(|(other, _)| other == step);
    for (step, before) in old {
        let after = new.iter().find(|(other, _)| other == step).map(|(_, value)| *value);
        compare_at(kind, Some(before), after, &place.item(step), found);
    }
    for (step, after) in new.iter().filter(|(step, _)| !find(old, step)) {
        compare_at(kind, None, Some(after), &place.item(step), found);
    }
}

/// `live` with the fields of `config` laid over it.
pub(super) fn merge(kind: &Kind, live: &Value, config: &Value) -> Value {
    merge_at(kind, live, config, &Place::default())
}

fn merge_at(kind: &Kind, live: &Value, config: &Value, place: &Place) -> Value {
    match (view(kind, live, place), view(kind, config, place)) {
        (View::Fields(live), View::Fields(config)) => {
            let mut merged = live.clone();
            for (name, value) in config {
                let below = live.get(name).unwrap_or(&Value::Null);
                merged.insert(name.clone(), merge_at(kind, below, value, &place.field(name)));
            }
            Value::Object(merged)
        }
        (View::Items(live), View::Items(config)) => merge_items(kind, &live, &config, place),
        _ => config.clone(),
    }
}

/// Items that live alone stay where they are; the applied ones follow their own order.
fn merge_items(
    kind: &Kind,
    live: &[(String, &Value)],
    config: &[(String, &Value)],
    place: &Place,
) -> Value {
    let applied = config.iter().map(|(step, value)| {
        let before =
            live.iter().find(|(other, _)| other == step).map_or(&Value::Null, |(_, value)| *value);
        merge_at(kind, before, value, &place.item(step))
    });
    let mut applied = applied.collect::<Vec<_>>().into_iter();
    let mut merged = Vec::new();
    for (step, value) in live {
        if config.iter().any(|(other, _)| other == step) {
            merged.extend(applied.next());
        } else {
            merged.push((*value).clone());
        }
    }
    merged.extend(applied);
    Value::Array(merged)
}

/// `object` without the fields and items in `gone`. What becomes empty by that goes, too, unless `kept` has it.
pub(super) fn remove(kind: &Kind, object: &Value, gone: &FieldSet, kept: &FieldSet) -> Value {
    remove_at(kind, object, gone, kept, &Place::default())
        .unwrap_or_else(|| Value::Object(Map::new()))
}

fn remove_at(
    kind: &Kind,
    value: &Value,
    gone: &FieldSet,
    kept: &FieldSet,
    place: &Place,
) -> Option<Value> {
    if gone.has(&place.path) {
        return None;
    }
    if !gone.has_within(&place.path) {
        return Some(value.clone());
    }
    let left = match view(kind, value, place) {
        View::Leaf => return Some(value.clone()),
        View::Fields(map) => {
            let below = |(name, value): (&String, &Value)| {
                Some((name.clone(), remove_at(kind, value, gone, kept, &place.field(name))?))
            };
            Value::Object(map.iter().filter_map(below).collect())
        }
        View::Items(items) => {
            let below = |(step, value): (String, &Value)| {
                remove_at(kind, value, gone, kept, &place.item(&step))
            };
            Value::Array(items.into_iter().filter_map(below).collect())
        }
    };
    let empty =
        left.as_object().is_some_and(Map::is_empty) || left.as_array().is_some_and(Vec::is_empty);
    (!empty || kept.has(&place.path)).then_some(left)
}

/// Checks that the items of keyed lists have their keys, once each; the error is the rest of a sentence.
pub(super) fn check_keys(kind: &Kind, object: &Value) -> Result<(), String> {
    check_at(kind, object, &Place::default())
}

fn check_at(kind: &Kind, value: &Value, place: &Place) -> Result<(), String> {
    if let (Value::Array(items), ListType::Map(keys)) = (value, list_type(kind, &place.names())) {
        check_items(items, keys, place)?;
    }
    match view(kind, value, place) {
        View::Leaf => Ok(()),
        View::Fields(map) => {
            map.iter().try_for_each(|(name, below)| check_at(kind, below, &place.field(name)))
        }
        View::Items(items) => {
            items.iter().try_for_each(|(step, below)| check_at(kind, below, &place.item(step)))
        }
    }
}

fn check_items(items: &[Value], keys: &[&str], place: &Place) -> Result<(), String> {
    let at = super::fields::print(&place.path);
    let mut seen = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let missing =
            keys.iter().find(|key| item.get(**key).is_none() && key_default(key).is_none());
        if let Some(key) = missing {
            return Err(format!(
                "{at}: element {index}: associative list with keys has an element that omits key field \"{key}\" \
                 (and doesn't have default value)"
            ));
        }
        let step = item_step(item, keys);
        if seen.contains(&step) {
            let printed = super::fields::print(std::slice::from_ref(&step));
            return Err(format!("{at}: duplicate entries for key {printed}"));
        }
        seen.push(step);
    }
    Ok(())
}
