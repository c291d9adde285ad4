//! From a URL to what it means.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris>

use axum::http::Method;

use super::super::auth::Attributes;
use super::super::kind::{Kind, NAMESPACES};
use super::super::selector::only_name;
use super::query::Query;

/// A request for a resource.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) kind: &'static Kind,
    pub(super) verb: &'static str,
    /// Empty for cluster-wide kinds, and for lists across namespaces.
    pub(super) namespace: String,
    /// Empty for collections.
    pub(super) name: String,
    pub(super) subresource: String,
}

/// What a path leads to.
#[derive(Clone, Debug)]
pub(super) enum Located {
    Resource(Place),
    /// A path with the form of a resource that this server does not have, with what RBAC is asked about it.
    Unknown(Attributes),
    /// Any other path: discovery, health, version.
    Plain,
}

pub(super) fn locate(method: &Method, path: &str, query: &Query) -> Located {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (group, version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
        ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
        _ => return Located::Plain,
    };
    let (namespace, rest) = match rest {
        // `/namespaces/NAME/status` is the subresource of a namespace.
        ["namespaces", _, "status" | "finalize"] => ("", rest),
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        _ => ("", rest),
    };
    let (plural, name, subresource) = match rest {
        [plural] => (*plural, "", String::new()),
        [plural, name] => (*plural, *name, String::new()),
        [plural, name, subresource @ ..] => (*plural, *name, subresource.join("/")),
        [] => return Located::Plain,
    };
    let verb = verb(method, name, query);
    let unknown = Attributes {
        verb: verb.to_owned(),
        namespace: namespace.to_owned(),
        group: group.to_owned(),
        resource: plural.to_owned(),
        subresource: subresource.clone(),
        name: name.to_owned(),
        path: None,
    };
    let Some(kind) = Kind::by_path(group, version, plural) else {
        return Located::Unknown(unknown);
    };
    let known = subresource.is_empty() || kind.has(&subresource) || is_finalize(kind, &subresource);
    if !known
        || (kind.namespaced && namespace.is_empty() && !name.is_empty())
        || (!kind.namespaced && !namespace.is_empty())
    {
        return Located::Unknown(unknown);
    }
    Located::Resource(Place {
        kind,
        verb,
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        subresource,
    })
}

fn is_finalize(kind: &Kind, subresource: &str) -> bool {
    kind.kind == NAMESPACES.kind && subresource == "finalize"
}

fn verb(method: &Method, name: &str, query: &Query) -> &'static str {
    match method.as_str() {
        "GET" | "HEAD" if query.flag("watch") => "watch",
        "GET" | "HEAD" if name.is_empty() => "list",
        "GET" | "HEAD" => "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" if name.is_empty() => "deletecollection",
        "DELETE" => "delete",
        _ => "",
    }
}

impl Place {
    /// What RBAC is asked. A namespace is in itself; a list of one name is about that name.
    pub(super) fn attributes(&self, query: &Query) -> Attributes {
        let named = only_name(query.get("fieldSelector")).filter(|_| self.name.is_empty());
        let namespace = if self.kind.kind == "Namespace" { &self.name } else { &self.namespace };
        Attributes {
            verb: self.verb.to_owned(),
            namespace: namespace.clone(),
            group: self.kind.group.to_owned(),
            resource: self.kind.plural.to_owned(),
            subresource: self.subresource.clone(),
            name: named.unwrap_or(&self.name).to_owned(),
            path: None,
        }
    }

    /// The namespace that a list is limited to.
    pub(super) fn within(&self) -> Option<&str> {
        Some(self.namespace.as_str()).filter(|namespace| !namespace.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(method: &Method, path: &str) -> String {
        match locate(method, path, &Query::default()) {
            Located::Plain => "plain".to_owned(),
            Located::Unknown(asked) => format!("unknown {}", asked.resource),
            Located::Resource(p) => {
                format!(
                    "{} {} {}/{}/{}",
                    p.verb,
                    p.kind.group_resource(),
                    p.namespace,
                    p.name,
                    p.subresource
                )
            }
        }
    }

    #[test]
    fn paths_are_read_as_the_api_server_reads_them() {
        for (method, path, wanted) in [
            (Method::GET, "/api/v1/namespaces/dsm/pods", "list pods dsm//"),
            (Method::GET, "/api/v1/pods", "list pods //"),
            (Method::GET, "/api/v1/namespaces/dsm", "get namespaces /dsm/"),
            (Method::PUT, "/api/v1/namespaces/dsm/finalize", "update namespaces /dsm/finalize"),
            (Method::GET, "/api/v1/namespaces/dsm/pods/a/log", "get pods dsm/a/log"),
            (
                Method::PATCH,
                "/apis/apps/v1/namespaces/d/deployments/a/scale",
                "patch deployments.apps d/a/scale",
            ),
            (Method::DELETE, "/apis/batch/v1/namespaces/d/jobs", "deletecollection jobs.batch d//"),
            (Method::POST, "/api/v1/namespaces/d/pods/a/exec", "unknown pods"),
            (Method::GET, "/apis/apps/v1/deployments/a", "unknown deployments"),
            (Method::GET, "/apis/apps/v1/namespaces/d/daemonsets", "unknown daemonsets"),
            (Method::GET, "/apis/apps/v1", "plain"),
            (Method::GET, "/version", "plain"),
        ] {
            assert_eq!(located(&method, path), wanted, "{path}");
        }
    }
}
