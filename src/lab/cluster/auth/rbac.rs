//! Role-based access control from the Role and `RoleBinding` objects in the store.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>

use serde_json::{Value, json};

use super::super::kind::{CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES};
use super::super::meta;
use super::super::store::Store;
use super::User;

/// What somebody wants to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) verb: String,
    pub(crate) namespace: String,
    pub(crate) group: String,
    pub(crate) resource: String,
    pub(crate) subresource: String,
    pub(crate) name: String,
    /// A path that is no resource; all but `verb` is empty then.
    pub(crate) path: Option<String>,
}

impl Attributes {
    fn full_resource(&self) -> String {
        if self.subresource.is_empty() {
            self.resource.clone()
        } else {
            format!("{}/{}", self.resource, self.subresource)
        }
    }

    /// The refusal, in the words of the API server.
    pub(crate) fn refusal(&self, user: &User) -> String {
        if let Some(path) = &self.path {
            return format!("User \"{}\" cannot {} path \"{path}\"", user.name, self.verb);
        }
        let place = match self.namespace.as_str() {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        let (user, verb, resource) = (&user.name, &self.verb, self.full_resource());
        format!(
            "User \"{user}\" cannot {verb} resource \"{resource}\" in API group \"{}\" {place}",
            self.group
        )
    }
}

/// The answer, with the rule that allows or what is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) allowed: bool,
    pub(crate) reason: String,
}

/// Whether `user` may do what `asked` says.
pub(crate) fn decide(store: &Store, user: &User, asked: &Attributes) -> Decision {
    if user.is_admin() {
        return Decision { allowed: true, reason: String::new() };
    }
    if basic_rules().iter().any(|rule| covers(rule, asked)) {
        return Decision { allowed: true, reason: String::new() };
    }
    let mut missing = Vec::new();
    for grant in grants(store, user, &asked.namespace) {
        match grant.rules {
            Some(rules) if rules.iter().any(|rule| covers(rule, asked)) => {
                return Decision {
                    allowed: true,
                    reason: format!("RBAC: allowed by {}", grant.told),
                };
            }
            Some(_) => {}
            None => missing.push(format!("{} not found", grant.role)),
        }
    }
    let reason =
        if missing.is_empty() { String::new() } else { format!("RBAC: {}", missing.join(", ")) };
    Decision { allowed: false, reason }
}

/// Every rule that holds for `user` in a namespace, for `SelfSubjectRulesReview`.
pub(crate) fn allowed_rules(store: &Store, user: &User, namespace: &str) -> Vec<Value> {
    let mut rules = basic_rules();
    if user.is_admin() {
        rules.push(json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}));
        rules.push(json!({"verbs": ["*"], "nonResourceURLs": ["*"]}));
    }
    rules.extend(
        grants(store, user, namespace).into_iter().filter_map(|grant| grant.rules).flatten(),
    );
    rules
}

/// What `system:discovery` and `system:basic-user` give to everybody who was recognised.
fn basic_rules() -> Vec<Value> {
    vec![
        json!({"verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
               "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]}),
        json!({"verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]}),
        json!({"verbs": ["get"], "nonResourceURLs": [
            "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/readyz", "/openapi", "/openapi/*",
            "/version", "/version/"]}),
    ]
}

/// A binding that names the user, and the rules of its role if that exists.
struct Grant {
    rules: Option<Vec<Value>>,
    role: String,
    told: String,
}

fn grants(store: &Store, user: &User, namespace: &str) -> Vec<Grant> {
    let mut bindings = store.list(&CLUSTER_ROLE_BINDINGS, None).0;
    if !namespace.is_empty() {
        bindings.extend(store.list(&ROLE_BINDINGS, Some(namespace)).0);
    }
    bindings.iter().filter_map(|binding| grant(store, user, binding)).collect()
}

fn grant(store: &Store, user: &User, binding: &Value) -> Option<Grant> {
    let namespace = meta::namespace(binding);
    let subjects = binding["subjects"].as_array()?;
    let subject = subjects.iter().find(|subject| is_subject(subject, user, namespace))?;
    let (kind, name) = (meta::text(binding, "/roleRef/kind"), meta::text(binding, "/roleRef/name"));
    let role = match kind {
        "ClusterRole" => store.get(&CLUSTER_ROLES, "", name),
        _ => store.get(&ROLES, namespace, name),
    };
    let place = if namespace.is_empty() { String::new() } else { format!("/{namespace}") };
    Some(Grant {
        rules: role.map(|role| role["rules"].as_array().cloned().unwrap_or_default()),
        role: format!("{}.rbac.authorization.k8s.io \"{name}\"", kind.to_lowercase()),
        told: format!(
            "{} \"{}{place}\" of {kind} \"{name}\" to {} \"{}\"",
            binding["kind"].as_str().unwrap_or_default(),
            meta::name(binding),
            subject["kind"].as_str().unwrap_or_default(),
            subject_name(subject, namespace),
        ),
    })
}

fn subject_name(subject: &Value, namespace: &str) -> String {
    let name = meta::text(subject, "/name");
    match meta::text(subject, "/kind") {
        "ServiceAccount" => {
            let own = meta::text(subject, "/namespace");
            format!("{name}/{}", if own.is_empty() { namespace } else { own })
        }
        _ => name.to_owned(),
    }
}

fn is_subject(subject: &Value, user: &User, namespace: &str) -> bool {
    let name = meta::text(subject, "/name");
    match meta::text(subject, "/kind") {
        "User" => name == user.name,
        "Group" => user.groups.iter().any(|group| group == name),
        "ServiceAccount" => {
            let own = meta::text(subject, "/namespace");
            let own = if own.is_empty() { namespace } else { own };
            user.service_account() == Some((own, name))
        }
        _ => false,
    }
}

fn covers(rule: &Value, asked: &Attributes) -> bool {
    if !holds(&rule["verbs"], &asked.verb) {
        return false;
    }
    if let Some(path) = &asked.path {
        return holds_path(&rule["nonResourceURLs"], path);
    }
    let names = rule["resourceNames"].as_array().is_some_and(|names| !names.is_empty());
    holds(&rule["apiGroups"], &asked.group)
        && holds_resource(&rule["resources"], asked)
        && (!names || (!asked.name.is_empty() && lists(&rule["resourceNames"], &asked.name)))
}

fn lists(list: &Value, wanted: &str) -> bool {
    list.as_array().is_some_and(|list| list.iter().any(|entry| entry == wanted))
}

fn holds(list: &Value, wanted: &str) -> bool {
    lists(list, wanted) || lists(list, "*")
}

fn holds_resource(list: &Value, asked: &Attributes) -> bool {
    holds(list, &asked.full_resource())
        || (!asked.subresource.is_empty() && lists(list, &format!("*/{}", asked.subresource)))
}

fn holds_path(list: &Value, path: &str) -> bool {
    let patterns = list.as_array().into_iter().flatten().filter_map(Value::as_str);
    patterns.into_iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => path == pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::store::testing::store;
    use super::*;

    fn asked(verb: &str, resource: &str, subresource: &str, name: &str) -> Attributes {
        Attributes {
            verb: verb.to_owned(),
            namespace: "default".to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            name: name.to_owned(),
            ..Attributes::default()
        }
    }

    fn bound() -> Store {
        let store = store();
        let role = json!({"metadata": {"name": "watcher", "namespace": "default"}, "rules": [
            {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/log"]},
            {"verbs": ["patch"], "apiGroups": [""], "resources": ["services"], "resourceNames": ["db"]}]});
        store.create(&ROLES, role).unwrap();
        let binding = json!({"metadata": {"name": "watcher", "namespace": "default"},
            "roleRef": {"kind": "Role", "name": "watcher", "apiGroup": "rbac.authorization.k8s.io"},
            "subjects": [{"kind": "ServiceAccount", "name": "w"}]});
        store.create(&ROLE_BINDINGS, binding).unwrap();
        store
    }

    #[test]
    fn a_role_allows_what_it_lists_and_nothing_else() {
        let (store, user) = (bound(), User::named("system:serviceaccount:default:w"));
        let may = |asked: &Attributes| decide(&store, &user, asked).allowed;
        assert!(may(&asked("list", "pods", "", "")));
        assert!(may(&asked("get", "pods", "log", "a")));
        assert!(may(&asked("patch", "services", "", "db")));
        assert!(!may(&asked("patch", "services", "", "other")));
        assert!(!may(&asked("get", "pods", "portforward", "a")));
        assert!(!may(&Attributes {
            namespace: "kube-system".to_owned(),
            ..asked("list", "pods", "", "")
        }));
        assert!(!decide(&store, &User::named("x"), &asked("list", "pods", "", "")).allowed);
    }

    #[test]
    fn a_refusal_names_user_verb_resource_and_place() {
        let user = User::named("x");
        assert_eq!(
            asked("get", "pods", "log", "a").refusal(&user),
            "User \"x\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"default\""
        );
        let wide = Attributes { namespace: String::new(), ..asked("list", "nodes", "", "") };
        assert!(wide.refusal(&user).ends_with("at the cluster scope"));
    }
}
