//! Volumes: the folder behind each, and what lies in it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::environment::{field, files};
use super::translate::Translator;
use crate::lab::cluster::kind::{CLAIMS, VOLUMES};
use crate::lab::cluster::meta;
use crate::lab::cluster::store::Store;
use crate::lab::process::Supervisor;

/// One file of a materialized volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Projected {
    path: String,
    content: Vec<u8>,
    mode: u32,
}

/// What is behind a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Backing {
    /// A folder that the containers of the pod share.
    Folder(PathBuf),
    /// Files that are written for each container, since names in scripts are replaced for each.
    Files(Vec<Projected>),
}

/// Looks up a volume of a pod. `own` is the folder for what lives as long as the pod.
///
/// # Errors
/// With the kubelet's words, when something that it needs is not there.
pub(super) fn backing(
    store: &Store,
    pod: &Value,
    volume: &Value,
    own: &Path,
) -> Result<Backing, String> {
    let (ns, name) = (meta::namespace(pod), meta::text(volume, "/name"));
    if let Some(claim) = volume["persistentVolumeClaim"]["claimName"].as_str() {
        return claimed(store, ns, claim).map(Backing::Folder);
    }
    if let Some(path) = volume["hostPath"]["path"].as_str() {
        return Ok(Backing::Folder(path.into()));
    }
    if volume.get("emptyDir").is_some() {
        return Ok(Backing::Folder(own.join(name)));
    }
    let mut files = Vec::new();
    if let Some(sources) = volume["projected"]["sources"].as_array() {
        let mode = mode(&volume["projected"], 0o644);
        for source in sources {
            files.extend(project(store, pod, source, mode)?);
        }
        return Ok(Backing::Files(files));
    }
    if ["configMap", "secret", "downwardAPI"].iter().any(|kind| volume.get(*kind).is_some()) {
        return project(store, pod, volume, 0o644).map(Backing::Files);
    }
    Err(format!("volume {name:?} is of a kind that the rehearsal cluster does not know"))
}

fn claimed(store: &Store, ns: &str, name: &str) -> Result<PathBuf, String> {
    let claim = store
        .get(&CLAIMS, ns, name)
        .ok_or_else(|| format!("persistentvolumeclaim {name:?} not found"))?;
    let volume = store.get(&VOLUMES, "", meta::text(&claim, "/spec/volumeName"));
    let path = volume.as_ref().and_then(|volume| volume["spec"]["hostPath"]["path"].as_str());
    path.map(PathBuf::from).ok_or_else(|| format!("persistentvolumeclaim {name:?} is not bound"))
}

/// The files of one ConfigMap, Secret or piece of the downward API.
fn project(
    store: &Store,
    pod: &Value,
    source: &Value,
    usual: u32,
) -> Result<Vec<Projected>, String> {
    let ns = meta::namespace(pod);
    for (key, by, is_secret) in [("configMap", "name", false), ("secret", "secretName", true)] {
        let Some(wanted) = source.get(key) else { continue };
        // A projected Secret is named by `name`.
        let name = wanted[by].as_str().or(wanted["name"].as_str()).unwrap_or_default();
        let found = match files(store, ns, name, is_secret) {
            Some(found) => found,
            None if wanted["optional"] == true => Vec::new(),
            None => {
                return Err(format!(
                    "{} {name:?} not found",
                    if is_secret { "secret" } else { "configmap" }
                ));
            }
        };
        return pick(wanted, found, mode(wanted, usual));
    }
    let items = source["downwardAPI"]["items"].as_array().into_iter().flatten();
    let written = items.map(|item| {
        let path = meta::text(item, "/fieldRef/fieldPath");
        let content = field(pod, path).ok_or_else(|| format!("unsupported fieldPath: {path}"))?;
        Ok(Projected {
            path: meta::text(item, "/path").to_owned(),
            content: content.into_bytes(),
            mode: mode(item, usual),
        })
    });
    written.collect()
}

/// All keys as files, or those that `items` name.
fn pick(
    wanted: &Value,
    found: Vec<(String, Vec<u8>)>,
    usual: u32,
) -> Result<Vec<Projected>, String> {
    let Some(items) = wanted["items"].as_array() else {
        return Ok(found
            .into_iter()
            .map(|(path, content)| Projected { path, content, mode: usual })
            .collect());
    };
    let one = |item: &Value| {
        let key = meta::text(item, "/key");
        let content = found.iter().find(|(own, _)| own == key).map(|(_, content)| content.clone());
        let content =
            content.ok_or_else(|| format!("references non-existent config key: {key}"))?;
        Ok(Projected {
            path: meta::text(item, "/path").to_owned(),
            content,
            mode: mode(item, usual),
        })
    };
    items.iter().map(one).collect()
}

fn mode(holder: &Value, usual: u32) -> u32 {
    let given = holder["defaultMode"].as_u64().or_else(|| holder["mode"].as_u64());
    given.and_then(|mode| u32::try_from(mode).ok()).unwrap_or(usual)
}

/// Writes the files into `folder`, with paths and names replaced where the content is a script or a configuration.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(
    files: &[Projected],
    folder: &Path,
    translator: &Translator,
    supervisor: &Supervisor,
) -> Result<(), String> {
    let owner = supervisor.account();
    for file in files {
        let path = folder.join(file.path.trim_start_matches('/'));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| error.to_string())?;
        }
        let content = match std::str::from_utf8(&file.content) {
            Ok(text) if is_for_programs(&file.path, text) => translator.text(text).into_bytes(),
            _ => file.content.clone(),
        };
        fs::write(&path, content)
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(file.mode)))
            .map_err(|error| error.to_string())?;
        if let Some(owner) = owner {
            owner.own(&path).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// Data (SQL, JSON, CSV) is left alone: a word in it need not be a host.
fn is_for_programs(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let kinds = [
        "sh",
        "bash",
        "py",
        "conf",
        "cfg",
        "ini",
        "env",
        "yaml",
        "yml",
        "toml",
        "properties",
        "pgpass",
    ];
    let is_kind = |extension: &str| kinds.contains(&extension);
    text.starts_with("#!")
        || name.rsplit_once('.').is_some_and(|(_, extension)| is_kind(extension))
        || name == "pg_service.conf"
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::super::super::kind::{CONFIG_MAPS, SECRETS};
    use super::super::super::store::testing::store;
    use super::*;

    fn pod() -> Value {
        json!({"metadata": {"name": "p", "namespace": "default"}, "spec": {}})
    }

    #[test]
    fn a_missing_source_is_named() {
        let store = store();
        let of = |volume: Value| backing(&store, &pod(), &volume, Path::new("/x"));
        assert_eq!(
            of(json!({"name": "v", "configMap": {"name": "c"}})),
            Err("configmap \"c\" not found".to_owned())
        );
        assert_eq!(
            of(json!({"name": "v", "secret": {"secretName": "s", "optional": true}})),
            Ok(Backing::Files(Vec::new()))
        );
        assert_eq!(of(json!({"name": "v", "emptyDir": {}})), Ok(Backing::Folder("/x/v".into())));
        assert!(of(json!({"name": "v", "nfs": {}})).is_err());
    }

    #[test]
    fn keys_become_files_under_the_names_that_are_asked_for() {
        let store = store();
        let config = json!({"metadata": {"name": "c", "namespace": "default"}, "data": {"a": "1", "b": "2"}});
        store.create(&CONFIG_MAPS, config).unwrap();
        let secret = json!({"metadata": {"name": "s", "namespace": "default"}, "data": {"k": STANDARD.encode("3")}});
        store.create(&SECRETS, secret).unwrap();
        let volume = json!({"name": "v", "projected": {"sources": [
            {"configMap": {"name": "c", "items": [{"key": "b", "path": "deep/b.txt", "mode": 0o600}]}},
            {"secret": {"name": "s"}},
        ]}});
        let Ok(Backing::Files(files)) = backing(&store, &pod(), &volume, Path::new("/x")) else {
            panic!()
        };
        let seen: Vec<_> = files
            .iter()
            .map(|file| (file.path.as_str(), file.content.as_slice(), file.mode))
            .collect();
        assert_eq!(seen, [("deep/b.txt", &b"2"[..], 0o600), ("k", &b"3"[..], 0o644)]);
    }

    #[test]
    fn scripts_are_for_programs_and_data_is_not() {
        assert!(
            is_for_programs("run", "#!/bin/sh\n")
                && is_for_programs("x/pg.conf", "")
                && is_for_programs(".pgpass", "")
        );
        assert!(!is_for_programs("seed.sql", "SELECT 1") && !is_for_programs("data.json", "{}"));
    }
}
