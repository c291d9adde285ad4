//! The wall between the rooms: which room may import which, and which crate is used where.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A room, and the rooms that it may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("action", &["engine", "model", "observe", "verify", "world"]),
    ("app", &["*"]),
    ("cli", &["exit", "model"]),
    ("engine", &["journal", "model"]),
    ("error", &["exit"]),
    ("exit", &["model"]),
    ("headless", &["model", "session"]),
    ("journal", &["model"]),
    ("lab", &["model", "world"]),
    ("lib", &[]),
    ("logging", &[]),
    ("main", &["app", "error", "exit"]),
    ("model", &[]),
    ("observe", &["model", "verify", "world"]),
    ("profile", &["model"]),
    ("report", &["journal", "model"]),
    ("session", &["model"]),
    ("tui", &["model", "session"]),
    ("verify", &["model", "world"]),
    ("world", &["model"]),
];

/// A crate that not every room may use, and those that may.
const CRATES: &[(&str, &[&str])] = &[
    ("axum", &["lab"]),
    ("clap", &["app", "cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("color_eyre", &["app", "main"]),
    ("crossterm", &["tui"]),
    ("etcetera", &["app", "journal", "lab"]),
    ("json_patch", &["action", "lab"]),
    ("k8s_openapi", &["action", "lab", "observe", "profile", "world"]),
    ("kube", &["action", "lab", "observe", "world"]),
    ("ratatui", &["tui"]),
    ("reqwest", &["action", "lab", "world"]),
    ("rustls", &["app", "lab", "world"]),
    ("tokio_postgres", &["action", "lab", "observe", "verify", "world"]),
    ("tokio_postgres_rustls", &["world"]),
    ("toml", &["app", "headless", "lab", "profile"]),
    ("tracing_appender", &["logging"]),
    ("tracing_subscriber", &["logging"]),
];

/// Crates that pure rooms must never use: they do I/O or wait.
const IMPURE: &[&str] =
    &["futures", "nix", "reqwest", "tempfile", "tokio", "tokio_util", "tracing"];

/// Rooms of pure data and pure functions.
const PURE: &[&str] = &["cli", "exit", "model"];

#[test]
fn every_room_stands_in_the_table() {
    let found: BTreeSet<String> = sources().iter().map(|file| room(file)).collect();
    let known: BTreeSet<String> = ROOMS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let strangers: Vec<_> = found.difference(&known).collect();
    assert!(
        strangers.is_empty(),
        "rooms that are not in the table of tests/it/layers.rs: {strangers:?}"
    );
}

#[test]
fn no_room_imports_what_it_must_not() {
    let complaints: String = sources().iter().fold(String::new(), |mut all, file| {
        let text = std::fs::read_to_string(file).unwrap();
        for (number, what) in complaints_about(&room(file), &text) {
            writeln!(all, "{}:{number}: {what}", relative(file).display()).unwrap();
        }
        all
    });
    assert!(complaints.is_empty(), "\n{complaints}");
}

#[test]
fn a_forbidden_import_is_seen_in_each_of_its_spellings() {
    let seen = |room: &str, text: &str| complaints_about(room, text).len();
    assert_eq!(seen("model", "use crate::engine::Executor;"), 1);
    assert_eq!(seen("model", "use crate::{session, world};"), 2);
    assert_eq!(
        seen("model", "use crate::{\n    session::Session,\n    world::{self, World},\n};"),
        2
    );
    assert_eq!(seen("model", "fn f() -> tokio::time::Instant { crate::lab::now() }"), 2);
    assert_eq!(seen("tui", "use kube::Client;"), 1);
    assert_eq!(seen("model", "// use crate::engine;\n/// [`crate::engine::Executor`]"), 0);
    assert_eq!(seen("headless", "use crate::model::{Event, Runbook};"), 0);
}

fn complaints_about(room: &str, text: &str) -> Vec<(usize, String)> {
    let code = without_comments(text);
    let mut complaints = Vec::new();
    for (at, other) in crate_paths(&code) {
        if other != room && !may_import(room, &other) {
            complaints.push((line_of(&code, at), format!("`{room}` must not import `{other}`")));
        }
    }
    for (name, at) in external_paths(&code) {
        if !may_use(room, name) {
            complaints
                .push((line_of(&code, at), format!("`{room}` must not use the crate `{name}`")));
        }
    }
    complaints
}

fn may_import(room: &str, other: &str) -> bool {
    let allowed =
        ROOMS.iter().find(|(name, _)| *name == room).map_or(&[][..], |(_, allowed)| allowed);
    let is_room = ROOMS.iter().any(|(name, _)| *name == other);
    !is_room || allowed.contains(&"*") || allowed.contains(&other)
}

fn may_use(room: &str, name: &str) -> bool {
    let pure = !(PURE.contains(&room) && IMPURE.contains(&name));
    pure && CRATES
        .iter()
        .find(|(krate, _)| *krate == name)
        .is_none_or(|(_, rooms)| rooms.contains(&room))
}

/// Every `crate::x`, and every `x` of a `crate::{..}`, with its place.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let mut paths = Vec::new();
    for (at, prefix) in code.match_indices("crate::").chain(code.match_indices("pgcutover::")) {
        if at > 0 && is_word(code.as_bytes()[at - 1]) {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => paths.extend(group_heads(group).into_iter().map(|head| (at, head))),
            None => paths.push((at, first_word(rest))),
        }
    }
    paths
}

/// The first word of each item at the top of a brace group.
fn group_heads(group: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut item = String::new();
    let mut heads = Vec::new();
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(std::mem::take(&mut item)),
            _ => item.push(c),
        }
    }
    heads.push(item);
    heads.iter().map(|item| first_word(item.trim_start())).filter(|head| !head.is_empty()).collect()
}

/// Every use of a crate of the tables, with its place.
fn external_paths(code: &str) -> Vec<(&'static str, usize)> {
    let names = CRATES.iter().map(|(name, _)| *name).chain(IMPURE.iter().copied());
    let unique: BTreeSet<&'static str> = names.collect();
    let mut paths = Vec::new();
    for name in unique {
        for (at, _) in code.match_indices(&format!("{name}::")) {
            let before = code[..at].chars().next_back();
            let inside = before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                || code[..at].ends_with("::") && !code[..at].ends_with(" ::");
            if !inside {
                paths.push((name, at));
            }
        }
    }
    paths
}

/// The same text with comments blanked, so that places stay as they are.
fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| match line.find("//") {
            Some(at) if !line[..at].ends_with(':') => {
                format!("{}{}", &line[..at], " ".repeat(line.len() - at))
            }
            _ => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// The room of a file: the first folder below `src`, or the file's own name.
fn room(file: &Path) -> String {
    let first = relative(file).components().nth(1).unwrap().as_os_str().to_owned();
    Path::new(&first).file_stem().unwrap().to_str().unwrap().to_owned()
}

fn relative(file: &Path) -> &Path {
    file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap()
}

fn sources() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
