//! Pulling an image: what the registry says, and what the kubelet makes of it.
//!
//! The texts are those of containerd; nothing is transferred, of course.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::image::{ImageSpec, Images, full_name};
use crate::lab::cluster::kind::SECRETS;
use crate::lab::cluster::meta;
use crate::lab::cluster::store::Store;

/// Asks the registry for an image with the credentials that a pod shows.
///
/// # Errors
/// With the runtime's words.
pub(super) fn pull(
    images: &Images,
    name: &str,
    credentials: &Credentials,
) -> Result<ImageSpec, String> {
    let full = full_name(name);
    let failed = |why: &str| {
        format!(
            "failed to pull and unpack image {full:?}: failed to resolve reference {full:?}: {why}"
        )
    };
    let Some(spec) = images.find(name) else {
        return Err(format!(
            "rpc error: code = NotFound desc = {}",
            failed(&format!("{full}: not found"))
        ));
    };
    match &spec.registry {
        Some(registry) if !credentials.for_registry(registry) => {
            let why = format!(
                "unexpected status from HEAD request to {}: 401 Unauthorized",
                manifest_url(&full)
            );
            Err(format!("rpc error: code = Unknown desc = {}", failed(&why)))
        }
        _ => Ok(spec),
    }
}

fn manifest_url(full: &str) -> String {
    let (registry, path) = full.split_once('/').unwrap_or((full, ""));
    let (repository, tag) = path.rsplit_once(':').unwrap_or((path, "latest"));
    format!("https://{registry}/v2/{repository}/manifests/{tag}")
}

/// The registries that a pod has credentials for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Credentials {
    registries: BTreeSet<String>,
    /// Secrets that are named but not there.
    pub(super) missing: Vec<String>,
}

impl Credentials {
    /// What the pod's `imagePullSecrets`, or else its service account's, hold.
    pub(super) fn of(store: &Store, pod: &Value) -> Self {
        let mut found = Self::default();
        let ns = meta::namespace(pod);
        let account = store.get(
            &crate::lab::cluster::kind::SERVICE_ACCOUNTS,
            ns,
            meta::text(pod, "/spec/serviceAccountName"),
        );
        let own = names(&pod["spec"]);
        let named =
            if own.is_empty() { account.as_ref().map(names).unwrap_or_default() } else { own };
        for name in named {
            match store.get(&SECRETS, ns, name) {
                Some(secret) => found.add(&secret),
                None => found.missing.push(name.to_owned()),
            }
        }
        found
    }

    /// <https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets>
    fn add(&mut self, secret: &Value) {
        let decode = |key: &str| -> Option<Value> {
            let text = secret["data"][key].as_str()?;
            serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()
        };
        let auths = match meta::text(secret, "/type") {
            "kubernetes.io/dockerconfigjson" => {
                decode(".dockerconfigjson").map(|mut config| config["auths"].take())
            }
            "kubernetes.io/dockercfg" => decode(".dockercfg"),
            _ => None,
        };
        let Some(Value::Object(auths)) = auths else { return };
        let usable = auths.into_iter().filter(|(_, auth)| holds_something(auth));
        self.registries.extend(usable.map(|(registry, _)| host(&registry).to_owned()));
    }

    fn for_registry(&self, registry: &str) -> bool {
        self.registries.contains(registry)
    }
}

fn names(holder: &Value) -> Vec<&str> {
    let list = holder["imagePullSecrets"].as_array().into_iter().flatten();
    list.filter_map(|one| one["name"].as_str()).collect()
}

fn holds_something(auth: &Value) -> bool {
    let given = |key: &str| auth[key].as_str().is_some_and(|text| !text.is_empty());
    given("auth") || (given("username") && given("password")) || given("identitytoken")
}

/// `https://registry:5000/v1/` names the same registry as `registry:5000`.
fn host(registry: &str) -> &str {
    let bare = registry.split_once("://").map_or(registry, |(_, rest)| rest);
    bare.split('/').next().unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn images() -> Images {
        Images::new(|name| match name {
            "reg:5000/db:1" => Some(ImageSpec::shell().in_registry("reg:5000")),
            "busybox" => Some(ImageSpec::shell()),
            _ => None,
        })
    }

    fn secret(registry: &str, auth: &Value) -> Value {
        let config = json!({"auths": {registry: auth}}).to_string();
        json!({"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": STANDARD.encode(config)}})
    }

    #[test]
    fn a_private_registry_refuses_whoever_shows_nothing() {
        let error = pull(&images(), "reg:5000/db:1", &Credentials::default()).unwrap_err();
        assert_eq!(
            error,
            "rpc error: code = Unknown desc = failed to pull and unpack image \"reg:5000/db:1\": failed to resolve reference \"reg:5000/db:1\": \
             unexpected status from HEAD request to https://reg:5000/v2/db/manifests/1: 401 Unauthorized"
        );
        let error = pull(&images(), "redis", &Credentials::default()).unwrap_err();
        assert!(error.ends_with("docker.io/library/redis:latest: not found"), "{error}");
        assert!(pull(&images(), "busybox", &Credentials::default()).is_ok());
    }

    #[test]
    fn a_secret_of_the_right_kind_for_the_right_registry_opens_it() {
        let auth = json!({"auth": "dTpw"});
        let mut credentials = Credentials::default();
        credentials.add(&secret("other:5000", &auth));
        credentials.add(&secret("reg:5000", &json!({})));
        assert!(pull(&images(), "reg:5000/db:1", &credentials).is_err());
        credentials.add(&secret("https://reg:5000/v2/", &auth));
        assert!(pull(&images(), "reg:5000/db:1", &credentials).is_ok());
    }
}
