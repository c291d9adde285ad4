//! The walk along tree and schema.

use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::Finding;
use super::repair::placeholder;
use crate::profile::suggest::{did_you_mean, listed, nearest};

/// A walk, and what it found.
#[derive(Debug)]
pub(super) struct Walk<'s> {
    root: &'s Value,
    pub(super) findings: Vec<Finding>,
    pub(super) mended: Vec<Range<usize>>,
}

/// Whether a value may stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Fits,
    Unfit,
}

impl<'s> Walk<'s> {
    pub(super) const fn new(root: &'s Value) -> Self {
        Self { root, findings: Vec::new(), mended: Vec::new() }
    }

    /// A table against the schema of an object. `place` stands for the table where something is missing.
    pub(super) fn table(
        &mut self,
        table: &mut DeTable<'_>,
        schema: &'s Value,
        place: &Range<usize>,
    ) {
        let schema = self.resolved(schema);
        let known = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties").filter(|others| others.is_object());
        let keys: Vec<(String, Range<usize>)> =
            table.keys().map(|key| (key.get_ref().to_string(), key.span())).collect();
        for (key, span) in keys {
            match (known.and_then(|known| known.get(&key)).or(others), known) {
                (Some(schema), _) => self.field(table, &key, schema),
                (None, Some(known)) => {
                    self.unknown("field", &key, span, known.keys().map(String::as_str));
                    remove(table, &key);
                }
                (None, None) => {}
            }
        }
        self.missing(table, schema, place);
    }

    fn field(&mut self, table: &mut DeTable<'_>, key: &str, schema: &'s Value) {
        let Some(value) = table.get_mut(key) else { return };
        if self.value(value, schema) == Fit::Unfit {
            let place = value.span();
            self.mended.push(place.clone());
            match placeholder(self.root, schema, &place) {
                Some(stand_in) => *value.get_mut() = stand_in,
                None => remove(table, key),
            }
        }
    }

    /// Required fields that are not there; a placeholder stands for each.
    fn missing(&mut self, table: &mut DeTable<'_>, schema: &'s Value, place: &Range<usize>) {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            if table.contains_key(name) {
                continue;
            }
            let described =
                schema.pointer(&format!("/properties/{name}/description")).and_then(Value::as_str);
            let hint = described.map(|text| format!("`{name}`: {}", text.replace('\n', " ")));
            self.found(place.clone(), format!("the field `{name}` is missing"), hint);
            self.mended.push(place.clone());
            let stand_in = schema
                .pointer(&format!("/properties/{name}"))
                .and_then(|field| placeholder(self.root, field, place));
            if let Some(stand_in) = stand_in {
                table.insert(
                    Spanned::new(place.clone(), name.to_owned().into()),
                    Spanned::new(place.clone(), stand_in),
                );
            }
        }
    }

    fn value(&mut self, value: &mut Spanned<DeValue<'_>>, schema: &'s Value) -> Fit {
        let branches = self.branches(schema);
        let span = value.span();
        match value.get_mut() {
            DeValue::String(text) => {
                let text = text.to_string();
                self.word(&text, span, &branches)
            }
            DeValue::Table(table) => self.either_table(table, span, &branches),
            DeValue::Array(items) => {
                let of = branches.iter().find_map(|branch| branch.get("items"));
                if !branches.iter().any(|branch| admits(branch, "array")) {
                    return self.mistyped("a list", span, &branches);
                }
                let Some(schema) = of else { return Fit::Fits };
                let mut kept = Vec::new();
                for mut item in std::mem::replace(items, DeArray::new()) {
                    match self.value(&mut item, schema) {
                        Fit::Fits => kept.push(item),
                        Fit::Unfit => self.mended.push(item.span()),
                    }
                }
                *items = kept.into_iter().collect();
                Fit::Fits
            }
            DeValue::Integer(number) => {
                let negative = number.as_str().starts_with('-');
                if branches.iter().any(|branch| admits(branch, "integer")) {
                    if negative && branches.iter().all(|branch| branch.get("minimum").is_some()) {
                        self.found(span, "the number is below zero", None);
                        return Fit::Unfit;
                    }
                    return Fit::Fits;
                }
                self.mistyped("a number", span, &branches)
            }
            DeValue::Boolean(_) => self.scalar("boolean", "true or false", span, &branches),
            DeValue::Float(_) => self.scalar("number", "a fraction", span, &branches),
            DeValue::Datetime(_) => {
                let hint = "write it in quotes".to_owned();
                self.found(span, "a date without quotes does not fit here", Some(hint));
                Fit::Unfit
            }
        }
    }

    fn scalar(
        &mut self,
        kind: &str,
        spoken: &str,
        span: Range<usize>,
        branches: &[&'s Value],
    ) -> Fit {
        if branches.iter().any(|branch| admits(branch, kind)) {
            return Fit::Fits;
        }
        self.mistyped(spoken, span, branches)
    }

    /// A string: free text, or one of the words that the schema knows.
    fn word(&mut self, text: &str, span: Range<usize>, branches: &[&'s Value]) -> Fit {
        let words: Vec<&str> = branches.iter().flat_map(|branch| words(branch)).collect();
        let free = branches
            .iter()
            .any(|branch| admits(branch, "string") && self::words(branch).is_empty());
        if free || words.contains(&text) {
            return Fit::Fits;
        }
        let tables: Vec<&str> = branches.iter().filter_map(|branch| only_key(branch)).collect();
        if words.is_empty() && tables.is_empty() {
            return self.mistyped("a string", span, branches);
        }
        let meant = nearest(text, words.iter().chain(&tables).copied());
        match meant.filter(|meant| tables.contains(meant) && !words.contains(meant)) {
            Some(meant) => {
                let hint = format!("`{meant}` takes parameters: `{{ {meant} = … }}`");
                let message = if meant == text {
                    format!("`{text}` has no parameters")
                } else {
                    format!("unknown word `{text}`")
                };
                self.found(span, message, Some(hint));
            }
            None => self.unknown("word", text, span, words.into_iter().chain(tables)),
        }
        Fit::Unfit
    }

    /// A table: a struct, or a word with its parameters.
    fn either_table(
        &mut self,
        table: &mut DeTable<'_>,
        span: Range<usize>,
        branches: &[&'s Value],
    ) -> Fit {
        let tagged: Vec<(&str, &'s Value)> = branches
            .iter()
            .filter(|_| branches.len() > 1)
            .filter_map(|branch| Some((only_key(branch)?, *branch)))
            .collect();
        if tagged.is_empty() {
            let Some(schema) = branches.iter().find(|branch| admits(branch, "object")) else {
                return self.mistyped("a table", span, branches);
            };
            self.table(table, schema, &span);
            return Fit::Fits;
        }
        let keys: Vec<(String, Range<usize>)> =
            table.keys().map(|key| (key.get_ref().to_string(), key.span())).collect();
        let [(key, key_span)] = keys.as_slice() else {
            let names: Vec<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
            let hint = if names.is_empty() {
                "it is empty".to_owned()
            } else {
                format!("it holds {}", listed(&names))
            };
            self.found(span, "the table must hold one word with its parameters", Some(hint));
            return Fit::Unfit;
        };
        let found = tagged.iter().find(|(name, _)| name == key).and_then(|(_, branch)| {
            Some((table.get_mut(key.as_str())?, branch.get("properties")?.get(key)?))
        });
        let Some((value, schema)) = found else {
            let names: Vec<&str> = tagged.iter().map(|(name, _)| *name).collect();
            return self.no_such_table(key, key_span.clone(), &names, branches);
        };
        self.value(value, schema)
    }

    /// A table under a word that has no parameters, or that nobody knows.
    fn no_such_table(
        &mut self,
        key: &str,
        span: Range<usize>,
        tables: &[&str],
        branches: &[&'s Value],
    ) -> Fit {
        let words: Vec<&str> = branches.iter().flat_map(|branch| words(branch)).collect();
        if words.contains(&key) {
            let hint = format!("write `\"{key}\"`");
            self.found(span, format!("`{key}` takes no parameters"), Some(hint));
        } else {
            self.unknown("word", key, span, tables.iter().copied().chain(words));
        }
        Fit::Unfit
    }

    fn mistyped(&mut self, seen: &str, span: Range<usize>, branches: &[&'s Value]) -> Fit {
        let mut wanted: Vec<&str> = branches.iter().filter_map(|branch| spoken(branch)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        self.found(span, format!("expected {}, found {seen}", wanted.join(" or ")), None);
        Fit::Unfit
    }

    fn unknown<'a>(
        &mut self,
        what: &str,
        word: &str,
        span: Range<usize>,
        known: impl Iterator<Item = &'a str>,
    ) {
        self.found(span, format!("unknown {what} `{word}`"), Some(did_you_mean(word, known)));
    }

    fn found(&mut self, span: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.findings.push(Finding { span, message: message.into(), hint });
    }

    /// The schema behind a reference.
    fn resolved(&self, schema: &'s Value) -> &'s Value {
        resolved(self.root, schema)
    }

    /// The schemas of which one must fit.
    fn branches(&self, schema: &'s Value) -> Vec<&'s Value> {
        let schema = self.resolved(schema);
        let choices =
            ["anyOf", "oneOf", "allOf"].iter().find_map(|word| schema.get(*word)?.as_array());
        match choices {
            Some(choices) => choices.iter().flat_map(|choice| self.branches(choice)).collect(),
            None => vec![schema],
        }
    }
}

/// The schema behind a reference into the definitions.
pub(super) fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let target = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|path| root.pointer(path.strip_prefix('#')?));
    target.map_or(schema, |target| resolved(root, target))
}

/// Whether a schema admits a type. One that says none admits all.
fn admits(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(many)) => many.iter().any(|one| one == kind),
        _ => schema.get("const").is_none() && schema.get("enum").is_none(),
    }
}

/// The words that a schema admits.
pub(super) fn words(schema: &Value) -> Vec<&str> {
    match (schema.get("const"), schema.get("enum").and_then(Value::as_array)) {
        (Some(word), _) => word.as_str().into_iter().collect(),
        (None, Some(words)) => words.iter().filter_map(Value::as_str).collect(),
        (None, None) => Vec::new(),
    }
}

/// The key of a schema for a word with its parameters: an object of one required property and no other.
fn only_key(schema: &Value) -> Option<&str> {
    let known = schema.get("properties")?.as_object()?;
    let required = schema.get("required")?.as_array()?;
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    match (known.len(), required.as_slice(), closed) {
        (1, [only], true) => only.as_str(),
        _ => None,
    }
}

fn spoken(schema: &Value) -> Option<&'static str> {
    let kinds = [
        ("string", "a string"),
        ("object", "a table"),
        ("array", "a list"),
        ("integer", "a number"),
        ("boolean", "true or false"),
    ];
    if !words(schema).is_empty() {
        return Some("a word");
    }
    kinds
        .iter()
        .find(|(kind, _)| schema.get("type").is_some() && admits(schema, kind))
        .map(|(_, spoken)| *spoken)
}

fn remove(table: &mut DeTable<'_>, key: &str) {
    table.remove(key);
}
