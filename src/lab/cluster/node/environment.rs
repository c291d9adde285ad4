//! A container's environment, from everything that a manifest can take it from.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::expand::expand;
use crate::lab::cluster::kind::{CONFIG_MAPS, SECRETS};
use crate::lab::cluster::meta;
use crate::lab::cluster::store::Store;

/// Variables in the order in which they are defined; later ones hide earlier ones.
#[derive(Debug, Default, Clone)]
pub(super) struct Environment {
    variables: Vec<(String, String)>,
}

impl Environment {
    pub(super) fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.variables.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => *own = value,
            None => self.variables.push((name, value)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Adds what the container's `envFrom` and `env` say.
    ///
    /// # Errors
    /// With the kubelet's text, when something is referred to that does not exist.
    pub(super) fn add_container(
        &mut self,
        store: &Store,
        pod: &Value,
        container: &Value,
    ) -> Result<(), String> {
        let ns = meta::namespace(pod);
        for source in container["envFrom"].as_array().into_iter().flatten() {
            self.add_all(store, ns, source)?;
        }
        for variable in container["env"].as_array().into_iter().flatten() {
            let value = match &variable["valueFrom"] {
                Value::Null => {
                    Some(expand(variable["value"].as_str().unwrap_or_default(), |name| {
                        self.get(name).map(str::to_owned)
                    }))
                }
                source => look_up(store, pod, source)?,
            };
            if let Some(value) = value {
                self.set(meta::text(variable, "/name"), value);
            }
        }
        Ok(())
    }

    fn add_all(&mut self, store: &Store, ns: &str, source: &Value) -> Result<(), String> {
        let prefix = source["prefix"].as_str().unwrap_or_default();
        for (key, is_secret) in [("configMapRef", false), ("secretRef", true)] {
            let reference = &source[key];
            let Some(name) = reference["name"].as_str() else { continue };
            match entries(store, ns, name, is_secret) {
                Some(entries) => entries
                    .into_iter()
                    .for_each(|(key, value)| self.set(format!("{prefix}{key}"), value)),
                None if reference["optional"] == true => {}
                None => return Err(not_found(name, is_secret)),
            }
        }
        Ok(())
    }
}

fn not_found(name: &str, is_secret: bool) -> String {
    format!("{} {name:?} not found", if is_secret { "secret" } else { "configmap" })
}

/// The texts of a ConfigMap or a Secret; `None` when there is no such object.
fn entries(store: &Store, ns: &str, name: &str, is_secret: bool) -> Option<Vec<(String, String)>> {
    let files = files(store, ns, name, is_secret)?;
    Some(
        files
            .into_iter()
            .map(|(key, bytes)| (key, String::from_utf8_lossy(&bytes).into_owned()))
            .collect(),
    )
}

/// The contents of a ConfigMap or a Secret, `binaryData` included.
pub(super) fn files(
    store: &Store,
    ns: &str,
    name: &str,
    is_secret: bool,
) -> Option<Vec<(String, Vec<u8>)>> {
    let kind = if is_secret { &SECRETS } else { &CONFIG_MAPS };
    let object = store.get(kind, ns, name)?;
    let map = |key: &str| object[key].as_object().cloned().unwrap_or_default();
    let decode =
        |value: &Value| STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default();
    let plain = |value: &Value| value.as_str().unwrap_or_default().as_bytes().to_vec();
    let data = map("data")
        .into_iter()
        .map(|(key, value)| (key, if is_secret { decode(&value) } else { plain(&value) }));
    let binary = map("binaryData").into_iter().map(|(key, value)| (key, decode(&value)));
    Some(data.chain(binary).collect())
}

fn look_up(store: &Store, pod: &Value, source: &Value) -> Result<Option<String>, String> {
    let ns = meta::namespace(pod);
    if let Some(path) = source["fieldRef"]["fieldPath"].as_str() {
        return field(pod, path).map(Some).ok_or_else(|| format!("unsupported fieldPath: {path}"));
    }
    for (key, is_secret) in [("configMapKeyRef", false), ("secretKeyRef", true)] {
        let reference = &source[key];
        let (Some(name), Some(wanted)) = (reference["name"].as_str(), reference["key"].as_str())
        else {
            continue;
        };
        let optional = reference["optional"] == true;
        let Some(entries) = entries(store, ns, name, is_secret) else {
            return if optional { Ok(None) } else { Err(not_found(name, is_secret)) };
        };
        let found = entries.into_iter().find(|(key, _)| key == wanted).map(|(_, value)| value);
        let kind = if is_secret { "Secret" } else { "ConfigMap" };
        return match found {
            None if !optional => Err(format!("couldn't find key {wanted} in {kind} {ns}/{name}")),
            found => Ok(found),
        };
    }
    Err("the rehearsal cluster does not know `resourceFieldRef`".to_owned())
}

/// The downward API.
pub(super) fn field(pod: &Value, path: &str) -> Option<String> {
    let subscript = |map: &str| path.strip_prefix(map)?.strip_prefix("['")?.strip_suffix("']");
    for map in ["metadata.labels", "metadata.annotations"] {
        if let Some(key) = subscript(map) {
            let pointer = format!("/{}", map.replace('.', "/"));
            return Some(
                pod.pointer(&pointer)
                    .and_then(|map| map[key].as_str())
                    .unwrap_or_default()
                    .to_owned(),
            );
        }
        if path == map {
            let pointer = format!("/{}", map.replace('.', "/"));
            let entries = pod.pointer(&pointer).and_then(Value::as_object);
            let lines = entries.into_iter().flatten().map(|(key, value)| format!("{key}={value}"));
            return Some(lines.collect::<Vec<_>>().join("\n"));
        }
    }
    let pointer = match path {
        "metadata.name"
        | "metadata.namespace"
        | "metadata.uid"
        | "spec.nodeName"
        | "spec.serviceAccountName"
        | "status.podIP"
        | "status.hostIP" => format!("/{}", path.replace('.', "/")),
        "status.podIPs" => "/status/podIP".to_owned(),
        "status.hostIPs" => "/status/hostIP".to_owned(),
        _ => return None,
    };
    Some(meta::text(pod, &pointer).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::store::testing::store;
    use super::*;

    fn pod() -> Value {
        json!({"metadata": {"name": "p", "namespace": "default", "labels": {"app": "db"}}, "status": {"podIP": "127.9.1.2"}})
    }

    fn environment(store: &Store, container: &Value) -> Result<Vec<(String, String)>, String> {
        let mut environment = Environment::default();
        environment.add_container(store, &pod(), container)?;
        Ok(environment.variables)
    }

    #[test]
    fn values_come_from_every_source_and_later_ones_win() {
        let store = store();
        let config = json!({"metadata": {"name": "c", "namespace": "default"}, "data": {"DB": "x", "USER": "nobody"}});
        let secret = json!({"metadata": {"name": "s", "namespace": "default"}, "data": {"USER": STANDARD.encode("alice")}});
        store.create(&CONFIG_MAPS, config).unwrap();
        store.create(&SECRETS, secret).unwrap();
        let container = json!({
            "envFrom": [{"configMapRef": {"name": "c"}}, {"secretRef": {"name": "s"}}, {"secretRef": {"name": "none", "optional": true}}],
            "env": [
                {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                {"name": "APP", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
                {"name": "URL", "value": "postgres://$(USER)@$(IP)/$(DB)$(NONE)"},
            ],
        });
        let found = environment(&store, &container).unwrap();
        let wanted = [
            ("DB", "x"),
            ("USER", "alice"),
            ("IP", "127.9.1.2"),
            ("APP", "db"),
            ("URL", "postgres://alice@127.9.1.2/x$(NONE)"),
        ];
        assert_eq!(found, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_missing_is_named_as_the_kubelet_names_it() {
        let store = store();
        let from = |source: Value| {
            environment(&store, &json!({"env": [{"name": "A", "valueFrom": source}]})).unwrap_err()
        };
        assert_eq!(
            from(json!({"secretKeyRef": {"name": "s", "key": "k"}})),
            "secret \"s\" not found"
        );
        let config = json!({"metadata": {"name": "c", "namespace": "default"}, "data": {}});
        store.create(&CONFIG_MAPS, config).unwrap();
        assert_eq!(
            from(json!({"configMapKeyRef": {"name": "c", "key": "k"}})),
            "couldn't find key k in ConfigMap default/c"
        );
    }
}
