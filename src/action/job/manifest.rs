//! The Job as the manifest has it, with our marks.

use k8s_openapi::api::batch::v1::Job;
use serde_json::{Value, json};

use crate::action::act::{Act, refused};
use crate::action::mark::{RUN, map_at};
use crate::model::{Failure, FailureKind, Manifest};

/// A finished Job is kept at least this long, so that its end and its logs can be read, by a console that comes back as well.
const KEPT_SECONDS: i32 = 3_600;

/// What is to be created.
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) job: Job,
}

impl Wanted {
    pub(super) fn read(manifest: &Manifest, act: Act<'_>) -> Result<Self, Failure> {
        let document = single(manifest)?;
        let mut document = document.clone();
        let mark = act.mark();
        let broken = || {
            refused(FailureKind::Refused, format!("`{}` is no Job that can be made", manifest.path))
        };
        map_at(&mut document, &["metadata", "annotations"])
            .ok_or_else(broken)?
            .extend(mark.annotations(true));
        let places: [&[&str]; 2] =
            [&["metadata", "labels"], &["spec", "template", "metadata", "labels"]];
        for place in places {
            map_at(&mut document, place)
                .ok_or_else(broken)?
                .insert(RUN.into(), json!(mark.run_label()));
        }
        let mut job: Job = serde_json::from_value(document)
            .map_err(|error| broken().because(error.to_string()))?;
        if let Some(spec) = &mut job.spec
            && let Some(ttl) = spec.ttl_seconds_after_finished
        {
            spec.ttl_seconds_after_finished = Some(ttl.max(KEPT_SECONDS));
        }
        job.metadata.namespace = Some(act.cluster().namespace().to_owned());
        let name = job.metadata.name.clone().ok_or_else(broken)?;
        Ok(Self { name, job })
    }
}

/// The one Job in a manifest.
fn single(manifest: &Manifest) -> Result<&Value, Failure> {
    let mut jobs = manifest.documents.iter().filter(|document| document["kind"] == "Job");
    match (jobs.next(), jobs.next()) {
        (Some(job), None) if manifest.documents.len() == 1 => Ok(job),
        _ => Err(refused(
            FailureKind::Refused,
            format!("`{}` must hold one Job and nothing else", manifest.path),
        )),
    }
}
