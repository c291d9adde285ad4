//! The roles that a plan needs, ready for `kubectl apply -f -`: one for the operator, a smaller one for whoever watches.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::model::{Permission, Runbook};

/// A role is printed for each of them.
struct Holder<'a> {
    name: &'a str,
    what: &'a str,
    permissions: Vec<Permission>,
}

/// `ServiceAccount`, `Role` and `RoleBinding` for the operator and for the monitor; a `ClusterRole` where a manifest has an
/// object without a namespace.
#[must_use]
pub fn plan_rbac(runbook: &Runbook) -> String {
    let holders = [
        Holder { name: "pgcutover", what: "what a run needs", permissions: runbook.permissions() },
        Holder {
            name: "pgcutover-monitor",
            what: "what watching needs",
            permissions: runbook.monitor_permissions(),
        },
    ];
    let mut out = format!(
        "# What `{}` needs in namespace `{}`, plan {}.\n\
         # Bind your user or group instead of the ServiceAccounts where people do not log in as one.\n",
        runbook.name,
        runbook.cluster.namespace,
        runbook.digest().short()
    );
    for holder in &holders {
        account(&mut out, holder.name, &runbook.cluster.namespace);
        let (global, local): (Vec<_>, Vec<_>) =
            holder.permissions.iter().cloned().partition(|one| one.cluster_wide);
        role(&mut out, holder, Some(&runbook.cluster.namespace), &local);
        if !global.is_empty() {
            role(&mut out, holder, None, &global);
        }
    }
    out
}

fn account(out: &mut String, name: &str, namespace: &str) {
    let _ = write!(
        out,
        "---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\n  namespace: {}\n",
        scalar(namespace)
    );
}

/// A role and its binding; without a namespace those of the cluster.
fn role(
    out: &mut String,
    holder: &Holder<'_>,
    namespace: Option<&str>,
    permissions: &[Permission],
) {
    let prefix = if namespace.is_some() { "" } else { "Cluster" };
    let place = namespace
        .map_or_else(String::new, |namespace| format!("\n  namespace: {}", scalar(namespace)));
    let name = holder.name;
    let _ = write!(
        out,
        "---\n# {}\napiVersion: rbac.authorization.k8s.io/v1\nkind: {prefix}Role\nmetadata:\n  name: {name}{place}\nrules:\n",
        holder.what
    );
    for rule in rules(permissions) {
        out.push_str(&rule.yaml());
    }
    let of = namespace
        .map_or_else(String::new, |namespace| format!("\n    namespace: {}", scalar(namespace)));
    let _ = write!(
        out,
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {prefix}RoleBinding\nmetadata:\n  name: {name}{place}\n\
         roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: {prefix}Role\n  name: {name}\n\
         subjects:\n  - kind: ServiceAccount\n    name: {name}{of}\n"
    );
}

/// The rules of a Role, for whoever makes one over the API.
#[must_use]
pub fn role_rules(permissions: &[Permission]) -> Value {
    let value = |rule: Rule| {
        let mut value =
            json!({ "apiGroups": [rule.group], "resources": [rule.path], "verbs": rule.verbs });
        if !rule.names.is_empty() {
            value["resourceNames"] = json!(rule.names);
        }
        value
    };
    rules(permissions).into_iter().map(value).collect()
}

/// Verbs that hold for some names of a resource, or for all.
#[derive(Debug)]
struct Rule {
    group: String,
    path: String,
    verbs: Vec<&'static str>,
    names: BTreeSet<String>,
}

/// Each resource has one rule for every name, and one for each set of verbs that some names need.
fn rules(permissions: &[Permission]) -> Vec<Rule> {
    let mut verbs: BTreeMap<_, BTreeSet<&'static str>> = BTreeMap::new();
    for one in permissions {
        verbs.entry((&one.group, one.path(), one.name.as_ref())).or_default().insert(one.verb);
    }
    let mut names: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for ((group, path, name), verbs) in verbs {
        names.entry((group, path, name.is_some(), verbs)).or_default().extend(name.cloned());
    }
    names
        .into_iter()
        .map(|((group, path, _, verbs), names)| Rule {
            group: group.clone(),
            path,
            verbs: verbs.into_iter().collect(),
            names,
        })
        .collect()
}

impl Rule {
    fn yaml(&self) -> String {
        let Self { group, path, verbs, names } = self;
        let mut text = format!("  - apiGroups: [\"{group}\"]\n    resources: [{path}]\n");
        if !names.is_empty() {
            let names: Vec<String> = names.iter().map(|name| scalar(name)).collect();
            let _ = writeln!(text, "    resourceNames: [{}]", names.join(", "));
        }
        let _ = writeln!(text, "    verbs: [{}]", verbs.join(", "));
        text
    }
}

/// A name as YAML takes it for a string: what could be read as a number or a truth is quoted.
fn scalar(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() > 1
        && !["true", "false", "null", "yes", "no", "on", "off"].contains(&name);
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}
