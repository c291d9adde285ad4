//! A container's image, fetched again and again until it is there.

use serde_json::Value;
use tokio::time::Instant;

use super::container::name_of;
use super::image::{ImageSpec, is_latest};
use super::pace::Backoff;
use super::pod::PodRun;
use super::pull::{Credentials, pull};
use super::status::Now;
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Grade;

impl PodRun {
    /// Pulls until it works.
    pub(super) async fn ensure_image(&self, container: &Value) -> Option<ImageSpec> {
        let (name, image) = (name_of(container), meta::text(container, "/image"));
        let mut backoff = Backoff::default();
        // The first pause is not zero: a registry is not asked twice at once.
        let _ = backoff.next(self.shared.pace);
        loop {
            if self.is_stopped() {
                return None;
            }
            let why = match self.try_image(container, image) {
                Ok(spec) => return Some(spec),
                Err(why) => why,
            };
            let text = format!("Failed to pull image {image:?}: {why}");
            self.container_event(container, Grade::Warning, "Failed", &text);
            self.container_event(container, Grade::Warning, "Failed", "Error: ErrImagePull");
            self.report_container(name, |one| {
                one.now = Now::Waiting { reason: "ErrImagePull", message: why.clone() }
            });
            let pause = backoff.next(self.shared.pace);
            if !self.pause(pause / 2).await {
                return None;
            }
            let text = format!("Back-off pulling image {image:?}");
            self.container_event(container, Grade::Normal, "BackOff", &text);
            self.container_event(container, Grade::Warning, "Failed", "Error: ImagePullBackOff");
            let message = format!("{text}: ErrImagePull: {why}");
            self.report_container(name, |one| {
                one.now = Now::Waiting { reason: "ImagePullBackOff", message }
            });
            if !self.pause(pause).await {
                return None;
            }
        }
    }

    /// As `imagePullPolicy` says: an image that some pod has pulled already is there for all.
    fn try_image(&self, container: &Value, image: &str) -> Result<ImageSpec, String> {
        let policy = match meta::text(container, "/imagePullPolicy") {
            "" if is_latest(image) => "Always",
            policy => policy,
        };
        if let Some(spec) = self.shared.present(image).filter(|_| policy != "Always") {
            let text = format!("Container image {image:?} already present on machine");
            self.container_event(container, Grade::Normal, "Pulled", &text);
            return Ok(spec);
        }
        if policy == "Never" {
            let text =
                format!("Container image {image:?} is not present with pull policy of Never");
            self.container_event(container, Grade::Warning, "ErrImageNeverPull", &text);
            return Err(text);
        }
        self.container_event(
            container,
            Grade::Normal,
            "Pulling",
            &format!("Pulling image {image:?}"),
        );
        let credentials = Credentials::of(&self.shared.store, &self.pod);
        if !credentials.missing.is_empty() {
            let names = credentials.missing.join(", ");
            let text = format!(
                "Unable to retrieve some image pull secrets ({names}); attempting to pull the image may not succeed."
            );
            self.event(Grade::Warning, "FailedToRetrieveImagePullSecret", &text);
        }
        let begun = Instant::now();
        let spec = pull(&self.shared.images, image, &credentials)?;
        self.shared.keep(image, &spec);
        let took = begun.elapsed().as_millis().max(1);
        let text = format!(
            "Successfully pulled image {image:?} in {took}ms ({took}ms including waiting). Image size: 0 bytes."
        );
        self.container_event(container, Grade::Normal, "Pulled", &text);
        Ok(spec)
    }
}
