//! Questions to a JSON Schema.

use std::ops::RangeInclusive;

use serde_json::Value;

/// The schemas of which one must fit, and what a value of theirs is called.
#[derive(Debug, Clone)]
pub(super) struct Shape<'s> {
    pub(super) noun: &'static str,
    pub(super) branches: Vec<&'s Value>,
}

impl<'s> Shape<'s> {
    pub(super) fn of(root: &'s Value, schema: &'s Value) -> Self {
        let mut shape = Self { noun: "word", branches: Vec::new() };
        shape.gather(root, schema);
        shape
    }

    fn gather(&mut self, root: &'s Value, schema: &'s Value) {
        if let Some(noun) = schema.get("$ref").and_then(Value::as_str).and_then(noun)
            && self.noun == "word"
        {
            self.noun = noun;
        }
        let schema = resolved(root, schema);
        match choices(schema) {
            Some(choices) => choices.iter().for_each(|choice| self.gather(root, choice)),
            None => self.branches.push(schema),
        }
    }

    pub(super) fn admits(&self, kind: &str) -> bool {
        self.branches.iter().any(|branch| admits(branch, kind))
    }

    /// A string of any kind fits.
    pub(super) fn is_free(&self) -> bool {
        self.branches.iter().any(|branch| admits(branch, "string") && words(branch).is_empty())
    }

    /// The words that fit without parameters.
    pub(super) fn words(&self) -> Vec<&'s str> {
        self.branches.iter().flat_map(|branch| words(branch)).collect()
    }

    /// The words that fit with parameters, and the schema of these.
    pub(super) fn tagged(&self) -> Vec<(&'s str, &'s Value)> {
        let several = self.branches.len() > 1;
        self.branches.iter().filter(|_| several).filter_map(|branch| tag(branch)).collect()
    }

    /// What kinds of values fit, as an operator says it.
    pub(super) fn spoken(&self) -> String {
        let mut spoken: Vec<&str> =
            self.branches.iter().filter_map(|branch| kind_of(branch)).collect();
        spoken.sort_unstable();
        spoken.dedup();
        spoken.join(" or ")
    }

    /// The integers that fit.
    pub(super) fn integers(&self) -> RangeInclusive<i128> {
        let branch = self.branches.iter().find(|branch| admits(branch, "integer"));
        let limit = match branch.and_then(|branch| branch.get("format")).and_then(Value::as_str) {
            Some("uint16") => i128::from(u16::MAX),
            Some("uint32") => i128::from(u32::MAX),
            _ => i128::from(i64::MAX),
        };
        let least = branch.and_then(|branch| branch.get("minimum")).and_then(Value::as_i64);
        least.map_or(i128::from(i64::MIN), i128::from)..=limit
    }
}

fn noun(reference: &str) -> Option<&'static str> {
    match reference.rsplit('/').next()? {
        "Verb" => Some("verb"),
        "Gate" => Some("gate"),
        "Side" => Some("side"),
        "VerifyScope" => Some("scope"),
        _ => None,
    }
}

/// The schema behind a reference into the definitions.
pub(super) fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let path = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
    path.and_then(|path| root.pointer(path)).map_or(schema, |target| resolved(root, target))
}

/// The schemas that a schema chooses from.
pub(super) fn choices(schema: &Value) -> Option<&Vec<Value>> {
    ["anyOf", "oneOf", "allOf"].iter().find_map(|word| schema.get(*word)?.as_array())
}

/// The words that a schema admits.
pub(super) fn words(schema: &Value) -> Vec<&str> {
    match (schema.get("const"), schema.get("enum").and_then(Value::as_array)) {
        (Some(word), _) => word.as_str().into_iter().collect(),
        (None, Some(words)) => words.iter().filter_map(Value::as_str).collect(),
        (None, None) => Vec::new(),
    }
}

/// Whether a schema admits a type. One that says none admits all.
pub(super) fn admits(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(many)) => many.iter().any(|one| one == kind),
        _ => schema.get("const").is_none() && schema.get("enum").is_none(),
    }
}

/// The word of a schema for a word with its parameters: an object of one required property and no other.
fn tag(schema: &Value) -> Option<(&str, &Value)> {
    let known = schema.get("properties")?.as_object()?;
    let required = schema.get("required")?.as_array()?;
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    match (known.len(), required.as_slice(), closed) {
        (1, [only], true) => Some((only.as_str()?, known.values().next()?)),
        _ => None,
    }
}

fn kind_of(schema: &Value) -> Option<&'static str> {
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
    schema.get("type")?;
    kinds.iter().find(|(kind, _)| admits(schema, kind)).map(|(_, spoken)| *spoken)
}
