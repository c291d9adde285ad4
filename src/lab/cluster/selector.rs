//! Label and field selectors.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>

use serde_json::Value;

use super::error::ApiError;
use super::kind::Kind;

/// What a list or watch is narrowed to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq)]
struct Requirement {
    key: String,
    op: Op,
}

#[derive(Clone, Debug, PartialEq)]
enum Op {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Absent,
}

#[derive(Clone, Debug, PartialEq)]
struct Field {
    pointer: String,
    value: String,
    equal: bool,
}

impl Selector {
    /// Reads the two query parameters.
    ///
    /// # Errors
    /// `400` for a text that cannot be read or a field that the kind cannot be selected by.
    pub(crate) fn parse(kind: &Kind, labels: &str, fields: &str) -> Result<Self, ApiError> {
        let labels = parse_labels(labels).ok_or_else(|| {
            ApiError::bad_request(format!("unable to parse requirement: `{labels}`"))
        })?;
        Ok(Self { labels, fields: parse_fields(kind, fields)? })
    }

    /// `spec.selector` of a workload: `matchLabels` and `matchExpressions`. An unreadable one matches nothing.
    pub(crate) fn of_workload(selector: &Value) -> Option<Self> {
        let mut labels: Vec<Requirement> = Vec::new();
        for (key, value) in selector["matchLabels"].as_object().into_iter().flatten() {
            labels.push(Requirement {
                key: key.clone(),
                op: Op::In(vec![value.as_str()?.to_owned()]),
            });
        }
        for wanted in selector["matchExpressions"].as_array().into_iter().flatten() {
            let values = wanted["values"].as_array().into_iter().flatten();
            let values = values.filter_map(Value::as_str).map(str::to_owned).collect();
            let op = match wanted["operator"].as_str()? {
                "In" => Op::In(values),
                "NotIn" => Op::NotIn(values),
                "Exists" => Op::Exists,
                "DoesNotExist" => Op::Absent,
                _ => return None,
            };
            labels.push(Requirement { key: wanted["key"].as_str()?.to_owned(), op });
        }
        Some(Self { labels, fields: Vec::new() })
    }

    /// `spec.selector` of a Service: equality alone.
    pub(crate) fn of_service(selector: &Value) -> Option<Self> {
        Self::of_workload(&serde_json::json!({ "matchLabels": selector }))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        self.matches_labels(&object["metadata"]["labels"])
            && self
                .fields
                .iter()
                .all(|field| (field_of(object, &field.pointer) == field.value) == field.equal)
    }

    pub(crate) fn matches_labels(&self, labels: &Value) -> bool {
        self.labels.iter().all(|wanted| {
            let value = labels.get(&wanted.key).and_then(Value::as_str);
            match &wanted.op {
                Op::In(values) => value.is_some_and(|value| values.iter().any(|v| v == value)),
                Op::NotIn(values) => value.is_none_or(|value| values.iter().all(|v| v != value)),
                Op::Exists => value.is_some(),
                Op::Absent => value.is_none(),
            }
        })
    }
}

fn field_of(object: &Value, pointer: &str) -> String {
    match object.pointer(pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Splits at commas outside parentheses.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn parse_labels(text: &str) -> Option<Vec<Requirement>> {
    split(text).into_iter().map(parse_requirement).collect()
}

fn parse_requirement(text: &str) -> Option<Requirement> {
    let one = |value: &str| vec![value.trim().to_owned()];
    let (key, op) = if let Some((key, values)) = text.split_once(" notin ") {
        (key, Op::NotIn(parse_set(values)?))
    } else if let Some((key, values)) = text.split_once(" in ") {
        (key, Op::In(parse_set(values)?))
    } else if let Some((key, value)) = text.split_once("!=") {
        (key, Op::NotIn(one(value)))
    } else if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        (key, Op::In(one(value)))
    } else if let Some(key) = text.strip_prefix('!') {
        (key, Op::Absent)
    } else {
        (text, Op::Exists)
    };
    let key = key.trim();
    let legal = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    (!key.is_empty() && key.chars().all(legal)).then(|| Requirement { key: key.to_owned(), op })
}

fn parse_set(text: &str) -> Option<Vec<String>> {
    let inner = text.trim().strip_prefix('(')?.strip_suffix(')')?;
    Some(inner.split(',').map(|value| value.trim().to_owned()).collect())
}

fn parse_fields(kind: &Kind, text: &str) -> Result<Vec<Field>, ApiError> {
    let mut fields = Vec::new();
    for part in split(text) {
        let (name, value, equal) = if let Some((name, value)) = part.split_once("!=") {
            (name, value, false)
        } else if let Some((name, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
            (name, value, true)
        } else {
            let text = format!("invalid selector: '{text}'; can't understand '{part}'");
            return Err(ApiError::bad_request(text));
        };
        if !is_selectable(kind, name) {
            let text = format!("field label not supported: {name}");
            return Err(ApiError::bad_request(text));
        }
        let pointer = format!("/{}", name.replace('.', "/"));
        fields.push(Field { pointer, value: value.to_owned(), equal });
    }
    Ok(fields)
}

/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/#list-of-supported-fields>
fn is_selectable(kind: &Kind, field: &str) -> bool {
    let own: &[&str] = match kind.kind {
        "Pod" => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        "Event" => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        "Secret" => &["type"],
        "Namespace" => &["status.phase"],
        "ReplicaSet" => &["status.replicas"],
        "Job" => &["status.successful"],
        "Node" => &["spec.unschedulable"],
        _ => &[],
    };
    matches!(field, "metadata.name" | "metadata.namespace") || own.contains(&field)
}

/// Whether a request for a named object is within a `metadata.name` selector; used by authorization of lists.
pub(crate) fn only_name(fields: &str) -> Option<&str> {
    match split(fields).as_slice() {
        [one] => one.strip_prefix("metadata.name=").map(|name| name.trim_start_matches('=')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::kind;
    use super::*;

    fn labels_match(selector: &str, labels: &Value) -> bool {
        Selector::parse(&kind::PODS, selector, "").unwrap().matches_labels(labels)
    }

    #[test]
    fn label_selectors_read_as_kubectl_writes_them() {
        let labels = json!({"app": "db", "tier": "blue"});
        for yes in [
            "app=db",
            "app==db,tier",
            "tier in (blue,green)",
            "!gone",
            "app!=x",
            "tier notin (green)",
            "",
        ] {
            assert!(labels_match(yes, &labels), "{yes}");
        }
        for no in ["app=x", "!app", "gone", "tier in (green)", "app!=db", "app=db,tier=green"] {
            assert!(!labels_match(no, &labels), "{no}");
        }
        assert_eq!(Selector::parse(&kind::PODS, "a b=c", "").unwrap_err().code, 400);
    }

    #[test]
    fn a_field_that_cannot_be_selected_by_is_refused() {
        let error = Selector::parse(&kind::PODS, "", "spec.foo=1").unwrap_err();
        assert_eq!(error.message, "field label not supported: spec.foo");
        let selector =
            Selector::parse(&kind::PODS, "", "metadata.name=a,status.phase!=Failed").unwrap();
        assert!(
            selector.matches(&json!({"metadata": {"name": "a"}, "status": {"phase": "Running"}}))
        );
        assert!(
            !selector.matches(&json!({"metadata": {"name": "a"}, "status": {"phase": "Failed"}}))
        );
    }
}
