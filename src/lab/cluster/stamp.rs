//! What the registry writes into every object: names, uids, times, generations. Drawn names repeat from run to run.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::error::{ApiError, Cause};
use super::kind::Kind;
use super::meta;
use super::registry::Registry;

/// The letters of generated names: no vowels, so that no words appear.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The sources of drawn names, uids and addresses.
#[derive(Clone, Debug)]
pub(super) struct Stamps {
    seed: String,
    /// No other world has it.
    world: [u8; 16],
    services: Ipv4Addr,
    drawn: HashMap<String, u32>,
}

impl Stamps {
    pub(super) fn new(seed: &str, services: Ipv4Addr) -> Self {
        let mut world = [0; 16];
        // Without it two worlds look alike, and nothing else is wrong.
        let _ = getrandom::fill(&mut world);
        Self { seed: seed.to_owned(), world, services, drawn: HashMap::new() }
    }

    /// The addresses from which Services draw theirs.
    pub(super) fn services(&self) -> Ipv4Addr {
        self.services
    }

    /// Bytes that depend on the seed, on `what`, and on how often `what` was drawn before.
    fn draw(&mut self, what: &str) -> [u8; 32] {
        let nth = self.drawn.entry(what.to_owned()).or_default();
        *nth += 1;
        Sha256::digest(format!("{}\n{what}\n{nth}", self.seed)).into()
    }

    fn suffix(&mut self, base: &str) -> String {
        let bytes = self.draw(base);
        bytes
            .iter()
            .take(5)
            .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
            .collect()
    }

    /// A version 4 UUID. Those of the cluster's own objects tell one world from another, as `kube-system`'s does in a real one.
    fn uid(&mut self, kind: &Kind, of: &str) -> String {
        let drawn = self.draw(of);
        let bytes = if kind.namespaced { &drawn[..16] } else { &self.world[..] };
        let bytes: Vec<u8> =
            bytes.iter().zip(&drawn[16..]).map(|(one, other)| one ^ other).collect();
        let mut number = bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        number = number & !(0xf << 76) | 0x4 << 76;
        number = number & !(0x3 << 62) | 0x2 << 62;
        let hex = format!("{number:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// Makes a client's object a stored one.
pub(super) fn new_object(
    inner: &mut Registry,
    kind: &Kind,
    object: &mut Value,
) -> Result<(), ApiError> {
    let meta = meta::meta_mut(object);
    for owned in ["resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"]
    {
        meta.remove(owned);
    }
    if !kind.namespaced {
        meta.remove("namespace");
    }
    let name = name_for(inner, kind, meta)?;
    let id = format!(
        "{} {} {name}",
        kind.group_resource(),
        meta.get("namespace").unwrap_or(&Value::Null)
    );
    meta.insert("name".to_owned(), name.into());
    meta.insert("uid".to_owned(), inner.stamps.uid(kind, &id).into());
    meta.insert("creationTimestamp".to_owned(), meta::time(Timestamp::now()).into());
    meta.remove("generation");
    if kind.generation {
        meta.insert("generation".to_owned(), 1.into());
    }
    object["apiVersion"] = kind.api_version().into();
    object["kind"] = kind.kind.into();
    Ok(())
}

fn name_for(
    inner: &mut Registry,
    kind: &Kind,
    meta: &Map<String, Value>,
) -> Result<String, ApiError> {
    let given = |key: &str| meta.get(key).and_then(Value::as_str).unwrap_or_default();
    match (given("name"), given("generateName")) {
        ("", "") => {
            let causes = [Cause::required("metadata.name", "name or generateName is required")];
            Err(ApiError::invalid(kind, "", &causes))
        }
        ("", base) => {
            let base: String = base.chars().take(58).collect();
            let what = format!("{} {} {base}", kind.plural, given("namespace"));
            Ok(format!("{base}{}", inner.stamps.suffix(&what)))
        }
        (name, _) => Ok(name.to_owned()),
    }
}

/// Carries over what a client cannot change, and counts the generation.
pub(super) fn changed_object(kind: &Kind, current: &Value, mut object: Value) -> Value {
    keep_system_meta(current, &mut object);
    if kind.has("status") {
        keep(current, &mut object, "status");
    }
    if kind.generation && spec_changed(kind, current, &object) {
        let generation =
            current.pointer("/metadata/generation").and_then(Value::as_i64).unwrap_or(0);
        object["metadata"]["generation"] = (generation + 1).into();
    }
    object
}

/// Takes the status from `object` and everything else from `current`, except who manages which field.
pub(super) fn changed_status(current: &Value, mut object: Value) -> Value {
    let mut changed = current.clone();
    if let Some(status) = object.get_mut("status") {
        changed["status"] = status.take();
    }
    if let Some(managed) = object.pointer_mut("/metadata/managedFields") {
        changed["metadata"]["managedFields"] = managed.take();
    }
    changed
}

fn keep_system_meta(current: &Value, object: &mut Value) {
    let meta = meta::meta_mut(object);
    for key in [
        "uid",
        "creationTimestamp",
        "generation",
        "resourceVersion",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        match current["metadata"].get(key) {
            Some(value) => meta.insert(key.to_owned(), value.clone()),
            None => meta.shift_remove(key),
        };
    }
    object["apiVersion"] = current["apiVersion"].clone();
    object["kind"] = current["kind"].clone();
}

fn keep(current: &Value, object: &mut Value, key: &str) {
    match (current.get(key), object.as_object_mut()) {
        (Some(value), Some(object)) => drop(object.insert(key.to_owned(), value.clone())),
        (None, Some(object)) => drop(object.shift_remove(key)),
        (_, None) => {}
    }
}

/// Everything but metadata and status counts as spec; a Deployment's annotations do, too.
fn spec_changed(kind: &Kind, current: &Value, object: &Value) -> bool {
    let rest = |value: &Value| {
        let mut value = value.clone();
        if let Some(map) = value.as_object_mut() {
            map.shift_remove("metadata");
            map.shift_remove("status");
        }
        value
    };
    let annotations = |value: &Value| match &value["metadata"]["annotations"] {
        Value::Null => json!({}),
        some => some.clone(),
    };
    rest(current) != rest(object)
        || (kind.kind == "Deployment" && annotations(current) != annotations(object))
}
