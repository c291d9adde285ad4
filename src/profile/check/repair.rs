//! Placeholders: the least value that a schema admits, to stand where something is missing or does not fit.

use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::shape::{choices, resolved, words};

/// The least value that fits, or nothing when none is needed.
pub(super) fn placeholder<'a>(
    root: &Value,
    schema: &Value,
    place: &Range<usize>,
) -> Option<DeValue<'a>> {
    let schema = resolved(root, schema);
    if let Some(choices) = choices(schema) {
        if choices.iter().any(|choice| choice.get("type").is_some_and(|kind| kind == "null")) {
            return None;
        }
        return choices.iter().find_map(|choice| placeholder(root, choice, place));
    }
    if let Some(word) = words(schema).first() {
        return Some(DeValue::String((*word).to_owned().into()));
    }
    match schema.get("type")? {
        Value::String(kind) => least(root, schema, kind, place),
        _ => None,
    }
}

fn least<'a>(
    root: &Value,
    schema: &Value,
    kind: &str,
    place: &Range<usize>,
) -> Option<DeValue<'a>> {
    Some(match kind {
        "string" => DeValue::String("".into()),
        "integer" => DeValue::Integer(DeInteger::default()),
        "boolean" => DeValue::Boolean(false),
        "array" => DeValue::Array(toml::de::DeArray::new()),
        "object" => {
            let mut table = DeTable::new();
            for name in schema
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                let field = schema.get("properties")?.get(name)?;
                let stand_in = placeholder(root, field, place)?;
                table.insert(
                    Spanned::new(place.clone(), name.to_owned().into()),
                    Spanned::new(place.clone(), stand_in),
                );
            }
            DeValue::Table(table)
        }
        _ => return None,
    })
}
