//! The little protobuf that kubectl insists on: the reviews of `kubectl auth`, and the simplest of what
//! `kubectl create` makes. Everything else is spoken in JSON.
//!
//! Field numbers are those of the `generated.proto` files of `k8s.io/api`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::kind::Kind;

/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding-idl>
const MAGIC: &[u8] = b"k8s\0";

/// A field of a message: its number, its JSON name, what it holds.
type Field = (u64, &'static str, Holds);

#[derive(Clone, Copy)]
enum Holds {
    Text,
    Bytes,
    Flag,
    Message(&'static [Field]),
    /// A map entry is a message of key (1) and value (2).
    TextMap,
    BytesMap,
    Texts,
    Messages(&'static [Field]),
}

use Holds::{Bytes, BytesMap, Flag, Message, Messages, Text, TextMap, Texts};

const UNKNOWN: &[Field] =
    &[(1, "type", Message(&[(1, "apiVersion", Text), (2, "kind", Text)])), (2, "raw", Bytes)];

const META: Holds = Message(&[
    (1, "name", Text),
    (2, "generateName", Text),
    (3, "namespace", Text),
    (5, "uid", Text),
    (6, "resourceVersion", Text),
    (11, "labels", TextMap),
    (12, "annotations", TextMap),
    (14, "finalizers", Texts),
]);

const NAMES: &[Field] = &[(1, "name", Text)];

const RULES: Holds = Messages(&[
    (1, "verbs", Texts),
    (2, "apiGroups", Texts),
    (3, "resources", Texts),
    (4, "resourceNames", Texts),
    (5, "nonResourceURLs", Texts),
]);

const SUBJECTS: Holds = Messages(&[
    (1, "kind", Text),
    (2, "apiGroup", Text),
    (3, "name", Text),
    (4, "namespace", Text),
]);

const ROLE_REF: Holds = Message(&[(1, "apiGroup", Text), (2, "kind", Text), (3, "name", Text)]);

const RESOURCE: Holds = Message(&[
    (1, "namespace", Text),
    (2, "verb", Text),
    (3, "group", Text),
    (4, "version", Text),
    (5, "resource", Text),
    (6, "subresource", Text),
    (7, "name", Text),
]);

const ACCESS: Holds = Message(&[
    (1, "resourceAttributes", RESOURCE),
    (2, "nonResourceAttributes", Message(&[(1, "path", Text), (2, "verb", Text)])),
]);

fn fields(kind: &Kind) -> Option<&'static [Field]> {
    Some(match kind.kind {
        "ConfigMap" => &[
            (1, "metadata", META),
            (2, "data", TextMap),
            (3, "binaryData", BytesMap),
            (4, "immutable", Flag),
        ],
        "Secret" => &[
            (1, "metadata", META),
            (2, "data", BytesMap),
            (3, "type", Text),
            (4, "stringData", TextMap),
            (5, "immutable", Flag),
        ],
        "ServiceAccount" => &[
            (1, "metadata", META),
            (3, "imagePullSecrets", Messages(NAMES)),
            (4, "automountServiceAccountToken", Flag),
        ],
        "Role" | "ClusterRole" => &[(1, "metadata", META), (2, "rules", RULES)],
        "RoleBinding" | "ClusterRoleBinding" => {
            &[(1, "metadata", META), (2, "subjects", SUBJECTS), (3, "roleRef", ROLE_REF)]
        }
        "SelfSubjectAccessReview" => &[(1, "metadata", META), (2, "spec", ACCESS)],
        "SelfSubjectRulesReview" => {
            &[(1, "metadata", META), (2, "spec", Message(&[(1, "namespace", Text)]))]
        }
        "Namespace" | "SelfSubjectReview" => &[(1, "metadata", META)],
        _ => return None,
    })
}

/// An object in protobuf as JSON, if its kind is one of the few.
pub(super) fn decode(kind: &Kind, body: &[u8]) -> Option<Value> {
    let envelope = message(body.strip_prefix(MAGIC)?, UNKNOWN)?;
    let raw =
        STANDARD.decode(envelope.get("raw").and_then(Value::as_str).unwrap_or_default()).ok()?;
    let mut object = message(&raw, fields(kind)?)?;
    if let Some(types) = envelope.get("type").and_then(Value::as_object) {
        object.extend(types.clone());
    }
    Some(Value::Object(object))
}

/// What stands before a value: its field's number and its wire type.
enum Wire<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
}

fn message(mut bytes: &[u8], fields: &[Field]) -> Option<Map<String, Value>> {
    let mut object = Map::new();
    while !bytes.is_empty() {
        let (number, wire) = next(&mut bytes)?;
        if let Some((_, name, holds)) = fields.iter().find(|field| field.0 == number) {
            put(&mut object, name, *holds, &wire)?;
        }
    }
    Some(object)
}

fn next<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Wire<'a>)> {
    let tag = varint(bytes)?;
    let wire = match tag & 7 {
        0 => Wire::Varint(varint(bytes)?),
        1 => Wire::Bytes(take(bytes, 8)?),
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            Wire::Bytes(take(bytes, length)?)
        }
        5 => Wire::Bytes(take(bytes, 4)?),
        _ => return None,
    };
    Some((tag >> 3, wire))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Puts a value into its object. Empty texts and maps are left out, as JSON does.
fn put(object: &mut Map<String, Value>, name: &str, holds: Holds, wire: &Wire<'_>) -> Option<()> {
    let value = match (holds, wire) {
        (Text, Wire::Bytes(bytes)) => text(bytes)?,
        (Bytes, Wire::Bytes(bytes)) => STANDARD.encode(bytes).into(),
        (Flag, Wire::Varint(number)) => (*number != 0).into(),
        (Message(fields), Wire::Bytes(bytes)) => Value::Object(message(bytes, fields)?),
        (Texts, Wire::Bytes(bytes)) => return push(object, name, text(bytes)?),
        (Messages(fields), Wire::Bytes(bytes)) => {
            return push(object, name, Value::Object(message(bytes, fields)?));
        }
        (TextMap, Wire::Bytes(bytes)) => return insert(object, name, bytes, Text),
        (BytesMap, Wire::Bytes(bytes)) => return insert(object, name, bytes, Bytes),
        _ => return None,
    };
    if value != "" {
        object.insert(name.to_owned(), value);
    }
    Some(())
}

fn text(bytes: &[u8]) -> Option<Value> {
    std::str::from_utf8(bytes).ok().map(Value::from)
}

fn push(object: &mut Map<String, Value>, name: &str, item: Value) -> Option<()> {
    object.entry(name).or_insert_with(|| json!([])).as_array_mut()?.push(item);
    Some(())
}

fn insert(object: &mut Map<String, Value>, name: &str, entry: &[u8], holds: Holds) -> Option<()> {
    let (mut key, mut value) = (String::new(), Value::from(""));
    let mut bytes = entry;
    while !bytes.is_empty() {
        match (next(&mut bytes)?, holds) {
            ((1, Wire::Bytes(found)), _) => std::str::from_utf8(found).ok()?.clone_into(&mut key),
            ((2, Wire::Bytes(found)), Bytes) => value = STANDARD.encode(found).into(),
            ((2, Wire::Bytes(found)), _) => value = text(found)?,
            _ => {}
        }
    }
    object.entry(name).or_insert_with(|| json!({})).as_object_mut()?.insert(key, value);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::super::kind::{CONFIG_MAPS, PODS};
    use super::*;

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let mut field = vec![number << 3 | 2, u8::try_from(bytes.len()).unwrap()];
        field.extend_from_slice(bytes);
        field
    }

    #[test]
    fn a_config_map_is_read() {
        let types = [field(1, b"v1"), field(2, b"ConfigMap")].concat();
        let entry = [field(1, b"key"), field(2, b"value")].concat();
        let raw = [field(1, &[field(1, b"cm"), field(3, b"")].concat()), field(2, &entry)].concat();
        let body = [MAGIC, &field(1, &types), &field(2, &raw)].concat();
        let wanted = json!({"metadata": {"name": "cm"}, "data": {"key": "value"}, "apiVersion": "v1", "kind": "ConfigMap"});
        assert_eq!(decode(&CONFIG_MAPS, &body), Some(wanted));
        assert_eq!(decode(&PODS, &body), None);
        assert_eq!(decode(&CONFIG_MAPS, &body[..body.len() - 3]), None);
    }
}
