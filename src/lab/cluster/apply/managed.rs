//! `metadata.managedFields`: reading, writing, and who a manager is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::meta;
use super::fields::FieldSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Apply,
    Update,
}

/// Who manages fields, and in which way: the same program counts once for each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Manager {
    pub(crate) name: String,
    pub(crate) operation: Operation,
    pub(crate) subresource: String,
    /// The version of the API that an update spoke; empty for an apply, which is one manager in every version.
    pub(crate) api_version: String,
}

impl Manager {
    pub(crate) fn updating(name: &str, subresource: &str, api_version: &str) -> Self {
        Self {
            name: name.to_owned(),
            operation: Operation::Update,
            subresource: subresource.to_owned(),
            api_version: api_version.to_owned(),
        }
    }

    pub(crate) fn applying(name: &str, subresource: &str) -> Self {
        Self {
            name: name.to_owned(),
            operation: Operation::Apply,
            subresource: subresource.to_owned(),
            api_version: String::new(),
        }
    }

    /// `"kubectl" with subresource "scale" using apps/v1`
    pub(super) fn told(&self) -> String {
        let mut told = format!("\"{}\"", self.name);
        if !self.subresource.is_empty() {
            told = format!("{told} with subresource \"{}\"", self.subresource);
        }
        if self.operation == Operation::Update {
            told = format!("{told} using {}", self.api_version);
        }
        told
    }
}

/// What one manager owns, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owned {
    pub(super) fields: FieldSet,
    pub(super) time: String,
}

/// Everybody who manages fields of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Managed(pub(super) BTreeMap<Manager, Owned>);

impl Managed {
    pub(super) fn of(object: &Value) -> Self {
        let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
        Self(entries.into_iter().flatten().filter_map(read).collect())
    }

    /// What an update begins with: the request may rewrite `managedFields`, and `[{}]` resets it.
    pub(super) fn of_update(live: &Value, new: &Value) -> Self {
        let given = new.pointer("/metadata/managedFields").and_then(Value::as_array);
        if given.is_some_and(|list| list.len() == 1 && list[0] == json!({})) {
            return Self::default();
        }
        let given = Self::of(new);
        if given.0.is_empty() { Self::of(live) } else { given }
    }

    /// Sets what a manager owns; its time moves only if that changed.
    pub(super) fn set(&mut self, manager: &Manager, fields: FieldSet) {
        if fields.is_empty() {
            self.0.remove(manager);
        } else if self.0.get(manager).is_none_or(|owned| owned.fields != fields) {
            self.0.insert(manager.clone(), Owned { fields, time: meta::now() });
        }
    }

    pub(super) fn fields(&self, manager: &Manager) -> FieldSet {
        self.0.get(manager).map(|owned| owned.fields.clone()).unwrap_or_default()
    }

    pub(super) fn write(&self, api_version: &str, object: &mut Value) {
        let mut entries: Vec<_> =
            self.0.iter().filter(|(_, owned)| !owned.fields.is_empty()).collect();
        entries.sort_by_key(|(manager, owned)| {
            (manager.operation, owned.time.clone(), manager.name.clone())
        });
        let entries: Vec<Value> =
            entries.into_iter().map(|(m, owned)| entry(api_version, m, owned)).collect();
        let meta = meta::meta_mut(object);
        if entries.is_empty() {
            meta.shift_remove("managedFields");
        } else {
            meta.insert("managedFields".to_owned(), entries.into());
        }
    }
}

fn entry(api_version: &str, manager: &Manager, owned: &Owned) -> Value {
    let version = if manager.api_version.is_empty() { api_version } else { &manager.api_version };
    let operation = match manager.operation {
        Operation::Apply => "Apply",
        Operation::Update => "Update",
    };
    let mut entry = json!({
        "manager": manager.name, "operation": operation, "apiVersion": version, "time": owned.time,
        "fieldsType": "FieldsV1", "fieldsV1": owned.fields.to_fields_v1(),
    });
    if !manager.subresource.is_empty() {
        entry["subresource"] = manager.subresource.clone().into();
    }
    entry
}

fn read(entry: &Value) -> Option<(Manager, Owned)> {
    let text = |key: &str| entry[key].as_str().unwrap_or_default();
    let manager = match text("operation") {
        "Apply" => Manager::applying(text("manager"), text("subresource")),
        "Update" => Manager::updating(text("manager"), text("subresource"), text("apiVersion")),
        _ => return None,
    };
    let fields = FieldSet::from_fields_v1(&entry["fieldsV1"]);
    Some((manager, Owned { fields, time: text("time").to_owned() }))
}
