//! The walk along tree and schema.

use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

use super::Finding;
use super::repair::placeholder;
use super::shape::{Shape, admits, resolved};
use crate::profile::suggest::{did_you_mean, listed, nearest};

/// A walk, and what it found.
#[derive(Debug)]
pub(super) struct Walk<'s> {
    root: &'s Value,
    pub(super) findings: Vec<Finding>,
    /// Where placeholders stand.
    pub(super) mended: Vec<Range<usize>>,
    /// Lists that lost an item.
    pub(super) lessened: Vec<Range<usize>>,
}

/// Whether a value may stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Fits,
    Unfit,
}

impl<'s> Walk<'s> {
    pub(super) const fn new(root: &'s Value) -> Self {
        Self { root, findings: Vec::new(), mended: Vec::new(), lessened: Vec::new() }
    }

    /// A table against the schema of an object. `place` stands for the table where something is missing.
    pub(super) fn table(
        &mut self,
        table: &mut DeTable<'_>,
        schema: &'s Value,
        place: &Range<usize>,
    ) {
        let schema = resolved(self.root, schema);
        let known = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties").filter(|others| others.is_object());
        for (key, span) in keys(table) {
            match (known.and_then(|known| known.get(&key)).or(others), known) {
                (Some(schema), _) => self.field(table, &key, schema),
                (None, Some(known)) => {
                    self.unknown("field", &key, span, known.keys().map(String::as_str));
                    table.remove(key.as_str());
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
                None => drop(table.remove(key)),
            }
        }
    }

    /// Required fields that are not there; a placeholder stands for each.
    fn missing(&mut self, table: &mut DeTable<'_>, schema: &'s Value, place: &Range<usize>) {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            let field = schema.get("properties").and_then(|known| known.get(name));
            let (false, Some(field)) = (table.contains_key(name), field) else { continue };
            let described = field.get("description").and_then(Value::as_str);
            let hint = described.map(|text| format!("`{name}`: {}", text.replace('\n', " ")));
            self.found(place.clone(), format!("the field `{name}` is missing"), hint);
            self.mended.push(place.clone());
            if let Some(stand_in) = placeholder(self.root, field, place) {
                let key = Spanned::new(place.clone(), name.to_owned().into());
                table.insert(key, Spanned::new(place.clone(), stand_in));
            }
        }
    }

    fn value(&mut self, value: &mut Spanned<DeValue<'_>>, schema: &'s Value) -> Fit {
        let shape = Shape::of(self.root, schema);
        let span = value.span();
        match value.get_mut() {
            DeValue::String(text) => self.word(text, span, &shape),
            DeValue::Table(table) => self.either_table(table, span, &shape),
            DeValue::Array(items) => self.list(items, span, &shape),
            DeValue::Integer(number) => self.integer(number, span, &shape),
            DeValue::Boolean(_) if shape.admits("boolean") => Fit::Fits,
            DeValue::Boolean(_) => self.mistyped("true or false", span, &shape),
            DeValue::Float(_) if shape.admits("number") => Fit::Fits,
            DeValue::Float(_) => self.mistyped("a fraction", span, &shape),
            DeValue::Datetime(_) => {
                let hint = "write it in quotes".to_owned();
                self.found(span, "a date without quotes does not fit here", Some(hint));
                Fit::Unfit
            }
        }
    }

    /// A list: items that do not fit are left out.
    fn list(&mut self, items: &mut DeArray<'_>, span: Range<usize>, shape: &Shape<'s>) -> Fit {
        if !shape.admits("array") {
            return self.mistyped("a list", span, shape);
        }
        let Some(schema) = shape.branches.iter().find_map(|branch| branch.get("items")) else {
            return Fit::Fits;
        };
        let all = std::mem::replace(items, DeArray::new());
        let before = all.len();
        for mut item in all {
            match self.value(&mut item, schema) {
                Fit::Fits => items.push(item),
                Fit::Unfit => self.mended.push(item.span()),
            }
        }
        if items.len() < before {
            self.lessened.push(span);
        }
        Fit::Fits
    }

    fn integer(&mut self, number: &DeInteger<'_>, span: Range<usize>, shape: &Shape<'s>) -> Fit {
        if !shape.admits("integer") {
            return self.mistyped("a number", span, shape);
        }
        let value = i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(i128::MAX);
        let fitting = shape.integers();
        if fitting.contains(&value) {
            return Fit::Fits;
        }
        let message = if value < *fitting.start() {
            format!("the number is below {}", fitting.start())
        } else {
            format!("the number is above {}", fitting.end())
        };
        self.found(span, message, None);
        Fit::Unfit
    }

    /// A string: free text, or one of the words that the schema knows.
    fn word(&mut self, text: &str, span: Range<usize>, shape: &Shape<'s>) -> Fit {
        let words = shape.words();
        if shape.is_free() || words.contains(&text) {
            return Fit::Fits;
        }
        let tables: Vec<&str> = shape.tagged().into_iter().map(|(word, _)| word).collect();
        if words.is_empty() && tables.is_empty() {
            return self.mistyped("a string", span, shape);
        }
        let meant = nearest(text, words.iter().chain(&tables).copied());
        match meant.filter(|meant| tables.contains(meant) && !words.contains(meant)) {
            Some(meant) if meant == text => {
                let hint = format!("write `{{ {meant} = … }}`");
                self.found(
                    span,
                    format!("the {} `{text}` needs parameters", shape.noun),
                    Some(hint),
                );
            }
            Some(meant) => {
                let hint = format!("did you mean `{{ {meant} = … }}`?");
                self.found(span, format!("unknown {} `{text}`", shape.noun), Some(hint));
            }
            None => self.unknown(shape.noun, text, span, words.into_iter().chain(tables)),
        }
        Fit::Unfit
    }

    /// A table: a struct, or a word with its parameters.
    fn either_table(
        &mut self,
        table: &mut DeTable<'_>,
        span: Range<usize>,
        shape: &Shape<'s>,
    ) -> Fit {
        let tagged = shape.tagged();
        if tagged.is_empty() {
            let Some(schema) = shape.branches.iter().find(|branch| admits(branch, "object")) else {
                return self.mistyped("a table", span, shape);
            };
            self.table(table, schema, &span);
            return Fit::Fits;
        }
        let keys = keys(table);
        let [(key, key_span)] = keys.as_slice() else {
            let names: Vec<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
            let hint = (!names.is_empty()).then(|| format!("it holds {}", listed(&names)));
            self.found(
                span,
                format!("the table must hold one {} with its parameters", shape.noun),
                hint,
            );
            return Fit::Unfit;
        };
        let schema = tagged.iter().find(|(word, _)| word == key).map(|(_, schema)| *schema);
        match (table.get_mut(key.as_str()), schema) {
            (Some(value), Some(schema)) => self.value(value, schema),
            _ => self.no_such_table(key, key_span.clone(), shape),
        }
    }

    /// A table under a word that has no parameters, or that nobody knows.
    fn no_such_table(&mut self, key: &str, span: Range<usize>, shape: &Shape<'s>) -> Fit {
        let words = shape.words();
        if words.contains(&key) {
            let hint = format!("write `\"{key}\"`");
            self.found(span, format!("the {} `{key}` takes no parameters", shape.noun), Some(hint));
        } else {
            let tables = shape.tagged().into_iter().map(|(word, _)| word);
            self.unknown(shape.noun, key, span, tables.chain(words));
        }
        Fit::Unfit
    }

    fn mistyped(&mut self, seen: &str, span: Range<usize>, shape: &Shape<'s>) -> Fit {
        self.found(span, format!("expected {}, found {seen}", shape.spoken()), None);
        Fit::Unfit
    }

    fn unknown<'a>(
        &mut self,
        noun: &str,
        word: &str,
        span: Range<usize>,
        known: impl Iterator<Item = &'a str>,
    ) {
        self.found(span, format!("unknown {noun} `{word}`"), Some(did_you_mean(word, known)));
    }

    fn found(&mut self, span: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.findings.push(Finding { span, message: message.into(), hint });
    }
}

fn keys(table: &DeTable<'_>) -> Vec<(String, Range<usize>)> {
    table.keys().map(|key| (key.get_ref().to_string(), key.span())).collect()
}
