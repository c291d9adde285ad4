//! Manifests: YAML in, documents out, each of them in the namespace of the runbook.

use std::path::Path;

use serde_json::{Value, json};
use serde_saphyr::options;

use super::problem::{Place, Problem};
use crate::model::{KINDS, Manifest, ObjectRef};

/// A manifest's text and its name.
#[derive(Debug)]
pub(super) struct Text {
    /// The path as the profile writes it.
    pub(super) path: String,
    /// The path for messages.
    pub(super) shown: String,
    pub(super) content: String,
}

/// Namespaces: the one that manifests name, and the one that they end in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Namespaces<'a> {
    pub(super) own: &'a str,
    pub(super) target: &'a str,
}

/// True for a file that `kubectl apply -f FOLDER` would take.
pub(super) fn is_manifest(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ext| ["yml", "yaml", "json"].iter().any(|known| ext == *known))
}

/// Reads the documents of a file, and says everything that is wrong with them.
pub(super) fn parse(
    file: &Text,
    namespaces: Namespaces<'_>,
    problems: &mut Vec<Problem>,
) -> Manifest {
    let mut manifest = Manifest { path: file.path.clone(), documents: Vec::new() };
    let options = options! { with_snippet: false, legacy_octal_numbers: true };
    match serde_saphyr::from_multiple_with_options::<Value>(&file.content, options) {
        Err(error) => problems.push(bad_yaml(file, &error)),
        Ok(documents) if documents.is_empty() => {
            problems.push(problem(file, 1, "the manifest is empty", None));
        }
        Ok(documents) => {
            for (index, mut document) in documents.into_iter().enumerate() {
                let start = start_of(&file.content, index);
                admit(file, start, &mut document, namespaces, problems);
                manifest.documents.push(document);
            }
        }
    }
    manifest
}

fn bad_yaml(file: &Text, error: &serde_saphyr::Error) -> Problem {
    let (line, column) = error.location().map_or((1, 1), |location| {
        (
            usize::try_from(location.line()).unwrap_or(1),
            usize::try_from(location.column()).unwrap_or(1),
        )
    });
    let text = error.to_string();
    let message = text.rfind(" at line ").map_or(text.as_str(), |at| &text[..at]);
    let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or(message);
    Problem {
        place: Place::at(&file.shown, &file.content, line, column),
        message: format!("not valid YAML: {}", message.trim_start_matches("error: ")),
        hint: None,
    }
}

/// Whether a document is an object that can be applied where the runbook works.
fn admit(
    file: &Text,
    start: usize,
    document: &mut Value,
    namespaces: Namespaces<'_>,
    problems: &mut Vec<Problem>,
) {
    for field in ["apiVersion", "kind"] {
        if document.get(field).and_then(Value::as_str).is_none_or(str::is_empty) {
            problems.push(problem(file, start, format!("the object has no `{field}`"), None));
            return;
        }
    }
    let named = document
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .is_some_and(|name| !name.is_empty());
    if !named {
        let hint = document.pointer("/metadata/generateName").map(|_| {
            "a generated name differs from run to run, and could not be undone; use `name`"
                .to_owned()
        });
        let line = line_of(&file.content, start, "metadata").unwrap_or(start);
        problems.push(problem(file, line, "the object has no `metadata.name`", hint));
        return;
    }
    if is_namespaced(document) {
        place_in(file, start, document, namespaces, problems);
    }
}

fn place_in(
    file: &Text,
    start: usize,
    document: &mut Value,
    namespaces: Namespaces<'_>,
    problems: &mut Vec<Problem>,
) {
    let Namespaces { own, target } = namespaces;
    if own.is_empty() {
        return;
    }
    match document.pointer("/metadata/namespace").and_then(Value::as_str) {
        None => {
            let line = line_of(&file.content, start, "metadata").unwrap_or(start);
            let hint = format!(
                "add `namespace: {own}` under `metadata`; kubectl would take the context's"
            );
            problems.push(problem(file, line, "the object has no namespace", Some(hint)));
        }
        Some(namespace) if namespace != own && namespace != target => {
            let line = line_of(&file.content, start, "namespace").unwrap_or(start);
            let hint = format!("the profile's cluster.namespace is `{own}`");
            problems.push(problem(
                file,
                line,
                format!("the object is in another namespace, `{namespace}`"),
                Some(hint),
            ));
        }
        Some(_) => document["metadata"]["namespace"] = json!(target),
    }
}

/// A kind that is not built in is taken to be namespaced, as most are.
fn is_namespaced(document: &Value) -> bool {
    let object = reference(document);
    KINDS
        .iter()
        .find(|known| known.kind == object.kind && known.api_version == object.api_version)
        .is_none_or(|known| known.namespaced)
}

/// The object that a document describes.
pub(super) fn reference(document: &Value) -> ObjectRef {
    let text = |pointer: &str| {
        document.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    ObjectRef {
        api_version: text("/apiVersion"),
        kind: text("/kind"),
        name: text("/metadata/name"),
    }
}

/// The image of a container that dumps, by the first one whose command or arguments say `pg_dump`.
pub(super) fn dump_image(document: &Value) -> Option<String> {
    let pod = document.pointer("/spec/template/spec")?;
    ["initContainers", "containers"]
        .iter()
        .filter_map(|field| pod.get(field)?.as_array())
        .flatten()
        .find(|container| says_pg_dump(container))
        .and_then(|container| container.get("image")?.as_str().map(str::to_owned))
}

fn says_pg_dump(container: &Value) -> bool {
    ["command", "args"]
        .iter()
        .filter_map(|field| container.get(field)?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .any(|text| text.contains("pg_dump"))
}

fn problem(file: &Text, line: usize, message: impl Into<String>, hint: Option<String>) -> Problem {
    let text = file.content.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let column = text.len() - text.trim_start().len() + 1;
    let mut place = Place::at(&file.shown, &file.content, line, column);
    place.width = text.trim().chars().count().max(1);
    Problem { place, message: message.into(), hint }
}

/// The line on which the document with that index begins: its first one that is neither empty nor a comment.
fn start_of(text: &str, index: usize) -> usize {
    let mut documents = 0;
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("---") {
            inside = false;
        } else if !inside && !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            inside = true;
            if documents == index {
                return at + 1;
            }
            documents += 1;
        }
    }
    1
}

/// The first line at or after another, in the same document, that begins with a key.
fn line_of(text: &str, start: usize, key: &str) -> Option<usize> {
    text.lines()
        .enumerate()
        .skip(start.saturating_sub(1))
        .take_while(|(_, line)| !line.starts_with("---"))
        .find(|(_, line)| {
            line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with(':'))
        })
        .map(|(at, _)| at + 1)
}
