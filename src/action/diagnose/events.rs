//! Events by what they are about. Their message is the cluster's own text, and the best there is.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;

/// The events about an object of this uid, newest first.
pub(super) fn about<'a>(events: &'a [Event], uid: &str) -> Vec<&'a Event> {
    let mut about: Vec<&Event> =
        events.iter().filter(|event| event.involved_object.uid.as_deref() == Some(uid)).collect();
    about.sort_by_key(|event| std::cmp::Reverse(seen_at(event)));
    about
}

/// When an event was last seen: a series, then a repeated event, then a single one.
pub(super) fn seen_at(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref().and_then(|series| series.last_observed_time.as_ref());
    series
        .map(|time| time.0)
        .or_else(|| event.last_timestamp.as_ref().map(|time| time.0))
        .or_else(|| event.event_time.as_ref().map(|time| time.0))
        .or_else(|| event.first_timestamp.as_ref().map(|time| time.0))
        .or_else(|| event.metadata.creation_timestamp.as_ref().map(|time| time.0))
}

/// The newest event with one of these reasons.
pub(super) fn newest<'a>(events: &[&'a Event], reasons: &[&str]) -> Option<&'a Event> {
    events.iter().copied().find(|event| reasons.contains(&reason(event)))
}

/// The event's reason.
pub(super) fn reason(event: &Event) -> &str {
    event.reason.as_deref().unwrap_or_default()
}

/// The event's message on one line.
pub(super) fn text(event: &Event) -> String {
    one_line(event.message.as_deref().unwrap_or_default())
}

/// White space of any kind becomes a single space.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
