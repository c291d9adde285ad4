//! Waiting for a claim: bound, or waiting for its first consumer where its class says so.

use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim};

use crate::action::act::{Act, seen};
use crate::action::wait::{Halt, Seen, Wakes, Watched, until};
use crate::model::{Evidence, Failure, FailureKind, ObjectRef};

pub(super) async fn usable(act: Act<'_>, name: &str) -> Result<Evidence, Failure> {
    let wakes = Wakes::new().on::<PersistentVolumeClaim>(act.cluster(), "");
    until(act, wakes, Binding { act, name }).await
}

struct Binding<'a> {
    act: Act<'a>,
    name: &'a str,
}

impl Watched for Binding<'_> {
    type Out = Evidence;

    fn what(&self) -> String {
        format!("claim `{}` to be bound", self.name)
    }

    async fn look(&mut self) -> Result<Seen<Evidence>, Halt> {
        let claim: PersistentVolumeClaim = self.act.cluster().require(self.name).await?;
        let source = format!("GET persistentvolumeclaim/{}", self.name);
        let phase =
            claim.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or("Pending");
        match phase {
            "Bound" => {
                let volume = claim.spec.and_then(|spec| spec.volume_name).unwrap_or_default();
                Ok(Seen::Ready(seen(
                    format!("claim `{}` is bound to {volume}", self.name),
                    source,
                    vec![],
                )))
            }
            "Lost" => Err(Failure::new(
                FailureKind::Other,
                format!("claim `{}` is Lost: its volume is not there any more", self.name),
            )
            .into()),
            _ => self.pending(&claim, source).await,
        }
    }
}

impl Binding<'_> {
    async fn pending(
        &self,
        claim: &PersistentVolumeClaim,
        source: String,
    ) -> Result<Seen<Evidence>, Halt> {
        let cluster = self.act.cluster();
        let events =
            cluster.events_of("PersistentVolumeClaim", self.name).await.unwrap_or_default();
        let last = events.last();
        if self.class_waits(claim).await || last.is_some_and(waits_for_consumer) {
            let summary =
                format!("claim `{}` waits for its first consumer, as its class says", self.name);
            return Ok(Seen::Ready(seen(summary, source, Vec::new())));
        }
        let said = last.map_or_else(String::new, |event| {
            let reason = event.reason.as_deref().unwrap_or_default();
            format!(": {reason}: {}", event.message.as_deref().unwrap_or_default().trim())
        });
        Ok(Seen::waiting(format!("claim `{}` is Pending{said}", self.name)))
    }

    /// The class's `volumeBindingMode`. Classes belong to the cluster, and a narrow Role may not let them be read: then the
    /// claim's event tells.
    async fn class_waits(&self, claim: &PersistentVolumeClaim) -> bool {
        let Some(name) = claim.spec.as_ref().and_then(|spec| spec.storage_class_name.clone())
        else {
            return false;
        };
        let class = ObjectRef {
            api_version: "storage.k8s.io/v1".into(),
            kind: "StorageClass".into(),
            name,
        };
        let found = self.act.cluster().get_object(&class).await.ok().flatten();
        found.is_some_and(|class| class.data["volumeBindingMode"] == "WaitForFirstConsumer")
    }
}

/// `waiting for first consumer to be created before binding`
fn waits_for_consumer(event: &Event) -> bool {
    event.reason.as_deref() == Some("WaitForFirstConsumer")
}
