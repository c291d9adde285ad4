//! Asking the API server what we may do.

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use kube::api::{Api, PostParams};

use crate::world::WorldError;

use super::call::Call;
use super::handle::Cluster;

/// The answer to "may I".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Yes or no.
    pub yes: bool,
    /// Why, where the server says.
    pub reason: Option<String>,
}

impl Cluster {
    /// Asks with a `SelfSubjectAccessReview` whether a call would be granted. That is a POST: a read-only world cannot ask.
    ///
    /// # Errors
    /// Whatever the API server answers to the question itself.
    pub async fn can_i(&self, call: &Call) -> Result<Allowed, WorldError> {
        let api: Api<SelfSubjectAccessReview> = Api::all(self.client());
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: Some(self.attributes(call)),
                ..SelfSubjectAccessReviewSpec::default()
            },
            ..SelfSubjectAccessReview::default()
        };
        let asked = Call::new("create", "selfsubjectaccessreviews.authorization.k8s.io");
        let answer = api
            .create(&PostParams::default(), &review)
            .await
            .map_err(|error| self.explain(asked, error))?;
        let status = answer.status.unwrap_or_default();
        let reason = status.reason.or(status.evaluation_error).filter(|reason| !reason.is_empty());
        Ok(Allowed { yes: status.allowed, reason })
    }

    fn attributes(&self, call: &Call) -> ResourceAttributes {
        let (resource, subresource) = match call.resource.split_once('/') {
            Some((resource, subresource)) => (resource, Some(subresource.to_owned())),
            None => (call.resource.as_str(), None),
        };
        let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
        ResourceAttributes {
            verb: Some(call.verb.to_owned()),
            resource: Some(resource.to_owned()),
            group: Some(group.to_owned()),
            subresource,
            name: call.name.clone(),
            namespace: call.namespace.clone().or_else(|| Some(self.namespace().to_owned())),
            ..ResourceAttributes::default()
        }
    }
}
