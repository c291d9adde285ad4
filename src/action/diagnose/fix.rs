//! From a finding to the command that mends it.

use serde_json::{Value, json};

use crate::model::{Fix, Mend, ObjectRef};

use super::finding::{Finding, PullRefusal, Trouble};
use super::registry::{PullSecret, PullSecrets, registry_of};

/// Whose pods they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The workload or Job.
    pub object: ObjectRef,
    /// The namespace.
    pub namespace: String,
    /// The pods' `ServiceAccount`.
    pub service_account: String,
}

/// How to mend a finding, where that is known.
#[must_use]
pub fn fix(finding: &Finding, owner: &Owner, secrets: &PullSecrets) -> Option<Fix> {
    match &finding.trouble {
        Trouble::ImagePull { image, refusal: PullRefusal::Denied, named, unread } => {
            Some(pull_secret(image, named, unread, owner, secrets))
        }
        Trouble::ImagePull { image, refusal, .. } => told(match refusal {
            PullRefusal::NotFound => {
                format!("push `{image}`, or correct the image in the manifest")
            }
            PullRefusal::Platform => format!("build `{image}` for the node's architecture"),
            PullRefusal::Unreachable => {
                format!("let the nodes reach and trust the registry `{}`", registry_of(image))
            }
            _ => return None,
        }),
        Trouble::Config => {
            told(format!("make what {} names, or correct its manifest", owner.object))
        }
        Trouble::Refused => {
            told("raise the quota, or meet what the admission webhook asks for".to_owned())
        }
        Trouble::CrashLoop { .. } => finding.container.as_ref().map(|container| Fix {
            title: "read what the container said before it ended".to_owned(),
            command: Some(format!(
                "kubectl logs {} -n {} -c {container} --previous",
                finding.object, owner.namespace
            )),
            mend: None,
        }),
        // What has hardly begun is not ready, and what waits for a node has been promised one: nothing is to be mended.
        Trouble::Probe | Trouble::Unschedulable { node_coming: true } => None,
        Trouble::Unschedulable { .. } | Trouble::Mount | Trouble::Lost => Some(Fix {
            title: "look at the pod's events".to_owned(),
            command: Some(format!(
                "kubectl describe {} -n {}",
                finding.object.replacen('/', " ", 1),
                owner.namespace
            )),
            mend: None,
        }),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where an Option is asked for")]
fn told(title: String) -> Option<Fix> {
    Some(Fix { title, command: None, mend: None })
}

fn pull_secret(
    image: &str,
    named: &[String],
    unread: &[String],
    owner: &Owner,
    secrets: &PullSecrets,
) -> Fix {
    let registry = registry_of(image);
    let namespace = &owner.namespace;
    if let Some(missing) = secrets.missing.first().or(unread.first()) {
        return Fix {
            title: format!(
                "secret `{missing}`, which {} names in `imagePullSecrets`, cannot be read: create it with credentials for `{registry}`",
                owner.object
            ),
            command: Some(create_command(missing, namespace, registry)),
            mend: None,
        };
    }
    match secrets.known.iter().find(|secret| !named.contains(&secret.name)) {
        Some(secret) => offer(registry, secret, named, owner),
        None if named.is_empty() => Fix {
            title: format!(
                "{} names no `imagePullSecrets`, and nothing in namespace `{namespace}` shows one for `{registry}`: create one, \
                 then name it in the manifest",
                owner.object
            ),
            command: Some(create_command("registry-credentials", namespace, registry)),
            mend: None,
        },
        None if !secrets.lacking.is_empty() => Fix {
            title: format!(
                "`imagePullSecrets` names {}, which holds nothing for `{registry}`: add its credentials there, or name a Secret \
                 that has them",
                secrets.lacking.join(", ")
            ),
            command: None,
            mend: None,
        },
        None => Fix {
            title: format!(
                "`imagePullSecrets` names {}, whose credentials `{registry}` refuses for `{image}`: renew them",
                named.join(", ")
            ),
            command: None,
            mend: None,
        },
    }
}

/// Offers a Secret that is there. A Job's template cannot be changed, so there the pods' `ServiceAccount` is given it.
fn offer(registry: &str, secret: &PullSecret, named: &[String], owner: &Owner) -> Fix {
    let reference = json!([{ "name": secret.name }]);
    let lacks = if named.is_empty() {
        format!("{} names no `imagePullSecrets`", owner.object)
    } else {
        format!("the credentials in {} are refused", named.join(", "))
    };
    let from = format!("`{}` holds `{registry}` ({})", secret.name, secret.used_by);
    let is_job = matches!(owner.object.kind.as_str(), "Job" | "Pod");
    let (object, patch, how) = if is_job {
        let account = ObjectRef {
            api_version: "v1".into(),
            kind: "ServiceAccount".into(),
            name: owner.service_account.clone(),
        };
        let how =
            format!("name it in the manifest, or give it to {account}, whose new pods all get it");
        (account, json!({ "imagePullSecrets": reference }), how)
    } else {
        let patch =
            json!({ "spec": { "template": { "spec": { "imagePullSecrets": reference } } } });
        (owner.object.clone(), patch, "name it in the pod template".to_owned())
    };
    Fix {
        title: format!("{lacks}, and {from}: {how}"),
        command: Some(patch_command(&object, &owner.namespace, &patch)),
        mend: Some(Mend { object, patch: patch.into() }),
    }
}

/// The patch as `kubectl` takes it.
fn patch_command(object: &ObjectRef, namespace: &str, patch: &Value) -> String {
    format!(
        "kubectl patch {} {} -n {namespace} --patch '{patch}'",
        object.kind.to_lowercase(),
        object.name
    )
}

fn create_command(secret: &str, namespace: &str, registry: &str) -> String {
    format!(
        "kubectl create secret docker-registry {secret} -n {namespace} --docker-server={registry} --docker-username=USER \
         --docker-password=\"$REGISTRY_PASSWORD\""
    )
}
