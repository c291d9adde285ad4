//! Registries, and which pull secrets of a namespace hold them.

use k8s_openapi::api::core::v1::PodSpec;
use serde_json::Value;

/// A Secret that others in the namespace use for the same registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullSecret {
    /// The Secret's name.
    pub name: String,
    /// Who uses it, such as `deployment/chronicle-service`, or where else it was found.
    pub used_by: String,
}

/// What is known of pull secrets for a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullSecrets {
    /// Those that others in the namespace use for it.
    pub known: Vec<PullSecret>,
    /// Those that the pod names and that do not exist.
    pub missing: Vec<String>,
    /// Those that the pod names and that hold no credentials for it.
    pub lacking: Vec<String>,
}

/// The registry of an image reference, as Docker's reference grammar has it: what stands before the first slash is a host
/// when it holds a dot or a colon, or is `localhost`; otherwise it is Docker Hub.
#[must_use]
pub fn registry_of(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
}

/// The pull secrets that these pod templates use for images of a registry; each once, in order.
#[must_use]
pub fn known_secrets<'a>(
    registry: &str,
    templates: impl IntoIterator<Item = (String, &'a PodSpec)>,
) -> Vec<PullSecret> {
    let mut known: Vec<PullSecret> = Vec::new();
    for (used_by, spec) in templates {
        let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        let images = containers.filter_map(|one| one.image.as_deref());
        if !images.into_iter().any(|image| registry_of(image) == registry) {
            continue;
        }
        for secret in spec.image_pull_secrets.iter().flatten() {
            if !known.iter().any(|one| one.name == secret.name) {
                known.push(PullSecret { name: secret.name.clone(), used_by: used_by.clone() });
            }
        }
    }
    known
}

/// The registries that a `.dockerconfigjson` holds credentials for. The credentials themselves are not looked at.
#[must_use]
pub fn docker_config_registries(config: &[u8]) -> Vec<String> {
    let parsed: Value = serde_json::from_slice(config).unwrap_or_default();
    let hosts = parsed.get("auths").and_then(Value::as_object);
    hosts.into_iter().flat_map(|hosts| hosts.keys()).map(|host| host_of(host)).collect()
}

fn host_of(entry: &str) -> String {
    let bare = entry.trim_start_matches("https://").trim_start_matches("http://");
    let host = bare.split('/').next().unwrap_or(bare);
    if host.ends_with("docker.io") { "docker.io".to_owned() } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_what_docker_takes_for_it() {
        assert_eq!(
            registry_of("myreg.agile-corp.org:5000/chronicle-db-pgvector:17.1"),
            "myreg.agile-corp.org:5000"
        );
        assert_eq!(registry_of("localhost/x"), "localhost");
        assert_eq!(registry_of("postgres:17"), "docker.io");
        assert_eq!(registry_of("pgvector/pgvector:pg17"), "docker.io");
        assert_eq!(registry_of("ghcr.io/x/y@sha256:00"), "ghcr.io");
    }

    #[test]
    fn a_docker_config_tells_its_registries_and_nothing_else() {
        let config = br#"{"auths":{"https://index.docker.io/v1/":{"auth":"eDp5"},"myreg.agile-corp.org:5000":{"auth":"eDp5"}}}"#;
        assert_eq!(docker_config_registries(config), ["docker.io", "myreg.agile-corp.org:5000"]);
        assert!(docker_config_registries(b"{").is_empty());
    }
}
