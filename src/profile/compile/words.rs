//! The small words of a profile: durations, moments, workloads, objects, names.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Zoned};

use super::Compiler;
use crate::model::{KINDS, Kind, ObjectRef, Workload};
use crate::profile::file::At;
use crate::profile::suggest::did_you_mean;

impl Compiler<'_> {
    /// A duration such as `10m`, `300s` or `1h 30m`, longer than nothing.
    pub(super) fn duration(&mut self, at: &At<String>) -> Option<Duration> {
        let duration = at
            .value
            .parse::<SignedDuration>()
            .ok()
            .and_then(|signed| Duration::try_from(signed).ok());
        match duration {
            Some(duration) if !duration.is_zero() => Some(duration),
            Some(_) => {
                self.problem(&at.span, "the duration is zero", None);
                None
            }
            None => {
                let hint = "such as `10m`, `300s`, `24h` or `1h 30m`".to_owned();
                self.problem(&at.span, format!("`{}` is not a duration", at.value), Some(hint));
                None
            }
        }
    }

    /// The duration, or what is derived when there is none.
    pub(super) fn duration_or(&mut self, at: Option<&At<String>>, derived: Duration) -> Duration {
        at.and_then(|at| self.duration(at)).unwrap_or(derived)
    }

    /// A moment with an offset or a time zone.
    pub(super) fn moment(&mut self, at: &At<String>) -> Option<Timestamp> {
        let zoned = at.value.parse::<Zoned>().map(|zoned| zoned.timestamp());
        let moment = zoned.or_else(|_| at.value.parse::<Timestamp>()).ok();
        if moment.is_none() {
            let hint =
                "such as `2026-03-01T22:00:00Z` or `2026-03-01T22:00[Europe/Berlin]`".to_owned();
            self.problem(&at.span, format!("`{}` is not a moment", at.value), Some(hint));
        }
        moment
    }

    /// A workload such as `deployment/x`.
    pub(super) fn workload(&mut self, at: &At<String>) -> Option<Workload> {
        let (word, name) = at.value.split_once('/').unwrap_or((&at.value, ""));
        let workload = match Kind::named(word).map(|kind| kind.kind) {
            Some("Deployment") => Workload::Deployment(name.to_owned()),
            Some("StatefulSet") => Workload::StatefulSet(name.to_owned()),
            _ => {
                let hint = "a workload is `deployment/NAME` or `statefulset/NAME`".to_owned();
                self.problem(&at.span, format!("`{}` is not a workload", at.value), Some(hint));
                return None;
            }
        };
        self.object_name(
            &at.with(name.to_owned()),
            "a workload is `deployment/NAME` or `statefulset/NAME`",
        );
        Some(workload)
    }

    /// An object such as `pvc/x`, or `apps/v1/Deployment/x` for a kind that has no word here.
    pub(super) fn object(&mut self, at: &At<String>) -> Option<ObjectRef> {
        const FORM: &str =
            "an object is `kind/NAME`, such as `pvc/x`, or `group/version/Kind/NAME`";
        let parts: Vec<&str> = at.value.split('/').collect();
        let object = match parts.as_slice() {
            [word, name] => {
                let Some(kind) = Kind::named(word) else {
                    let words: Vec<String> =
                        KINDS.iter().map(|kind| kind.kind.to_lowercase()).collect();
                    let known = did_you_mean(word, words.iter().map(String::as_str));
                    let hint =
                        format!("{known} (for another kind write `group/version/Kind/NAME`)");
                    self.problem(&at.span, format!("unknown kind `{word}`"), Some(hint));
                    return None;
                };
                reference(kind.api_version, kind.kind, name)
            }
            [version, kind, name] => reference(version, kind, name),
            [group, version, kind, name] => reference(&format!("{group}/{version}"), kind, name),
            _ => {
                self.problem(
                    &at.span,
                    format!("`{}` is not an object", at.value),
                    Some(FORM.to_owned()),
                );
                return None;
            }
        };
        self.object_name(&at.with(object.name.clone()), FORM);
        Some(object)
    }

    /// Holds a name against the rule for object names (RFC 1123 subdomain).
    pub(super) fn object_name(&mut self, at: &At<String>, hint: &str) {
        let good = !at.value.is_empty()
            && at.value.len() <= 253
            && at.value.split('.').all(|label| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            });
        if !good {
            let message = match at.value.as_str() {
                "" => "a name is missing".to_owned(),
                name => format!("`{name}` cannot be the name of an object"),
            };
            self.problem(&at.span, message, Some(hint.to_owned()));
        }
    }

    /// Holds an id of a profile, phase or step against its rule: it stands in file names, labels and `application_name`.
    pub(super) fn id(&mut self, at: &At<String>, what: &str) {
        let good =
            at.value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && at.value.starts_with(|c: char| c.is_ascii_lowercase())
                && !at.value.ends_with('-')
                && at.value.len() <= 40;
        if !good {
            let hint = "lower-case letters, digits and dashes, beginning with a letter, at most 40"
                .to_owned();
            self.problem(&at.span, format!("`{}` cannot be the {what}", at.value), Some(hint));
        }
    }

    /// Holds a text that people read against emptiness.
    pub(super) fn spoken(&mut self, at: &At<String>, what: &str) {
        if at.value.trim().is_empty() {
            self.problem(&at.span, format!("the {what} is empty"), None);
        }
    }
}

fn reference(api_version: &str, kind: &str, name: &str) -> ObjectRef {
    ObjectRef { api_version: api_version.to_owned(), kind: kind.to_owned(), name: name.to_owned() }
}
