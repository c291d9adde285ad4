//! A set of permissions that grows, without one that another covers.

use std::collections::BTreeSet;

use super::Permission;
use crate::model::kind::KINDS;
use crate::model::verb::{ObjectRef, Workload};

/// Permissions, gathered.
#[derive(Debug, Default)]
pub(super) struct Needs(BTreeSet<Permission>);

/// A resource of which permissions are needed.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    cluster_wide: bool,
    group: String,
    plural: String,
    subresource: Option<String>,
}

impl Resource {
    /// A resource of the namespace, such as `("apps", "deployments")`.
    pub(super) fn new(group: &str, resource: &str) -> Self {
        Self {
            cluster_wide: false,
            group: group.to_owned(),
            plural: resource.to_owned(),
            subresource: None,
        }
    }

    pub(super) fn of(object: &ObjectRef) -> Self {
        let known = KINDS
            .iter()
            .find(|known| known.kind == object.kind && known.api_version == object.api_version);
        Self {
            cluster_wide: known.is_some_and(|known| !known.namespaced),
            ..Self::new(object.group(), &object.resource())
        }
    }

    pub(super) fn of_workload(workload: &Workload) -> Self {
        Self::of(&workload.object())
    }

    pub(super) fn sub(mut self, subresource: &str) -> Self {
        self.subresource = Some(subresource.to_owned());
        self
    }
}

impl Needs {
    /// Requests for any object of a resource.
    pub(super) fn any(&mut self, verbs: &[&'static str], of: &Resource) {
        self.add(verbs, of, None);
    }

    /// Requests for one object.
    pub(super) fn named(&mut self, verbs: &[&'static str], of: &Resource, name: &str) {
        self.add(verbs, of, Some(name));
    }

    fn add(&mut self, verbs: &[&'static str], of: &Resource, name: Option<&str>) {
        let Resource { cluster_wide, group, plural: resource, subresource } = of.clone();
        let all = Permission {
            cluster_wide,
            group,
            resource,
            subresource,
            name: name.map(str::to_owned),
            verb: "",
        };
        self.0.extend(verbs.iter().map(|verb| Permission { verb, ..all.clone() }));
    }

    /// All of them in order; one for a name is left out where one for every name is there.
    pub(super) fn finish(self) -> Vec<Permission> {
        let covered = |one: &Permission| {
            one.name.is_some() && self.0.contains(&Permission { name: None, ..one.clone() })
        };
        self.0.iter().filter(|one| !covered(one)).cloned().collect()
    }
}
