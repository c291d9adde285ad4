//! Rows of workloads.

use jiff::Timestamp;
use serde_json::Value;

use super::super::scale::selector_text;
use super::age::{between, since};
use super::render::{age, count, each, name, number, text, text_or};

/// The names and images of a template's containers.
fn containers(object: &Value, template: &str) -> [String; 2] {
    let of = |field: &str| {
        let all = each(object, &format!("{template}/spec/containers"));
        let texts: Vec<String> = all.map(|container| text(container, field)).collect();
        texts.join(",")
    };
    [of("/name"), of("/image")]
}

fn selector(object: &Value) -> String {
    match selector_text(&object["spec"]["selector"]) {
        text if text.is_empty() => "<none>".to_owned(),
        text => text,
    }
}

pub(super) fn deployment(object: &Value, now: Timestamp) -> Vec<String> {
    let [names, images] = containers(object, "/spec/template");
    vec![
        name(object),
        format!("{}/{}", number(object, "/status/readyReplicas"), number(object, "/spec/replicas")),
        number(object, "/status/updatedReplicas").to_string(),
        number(object, "/status/availableReplicas").to_string(),
        age(object, now),
        names,
        images,
        selector(object),
    ]
}

pub(super) fn replica_set(object: &Value, now: Timestamp) -> Vec<String> {
    let [names, images] = containers(object, "/spec/template");
    vec![
        name(object),
        number(object, "/spec/replicas").to_string(),
        number(object, "/status/replicas").to_string(),
        number(object, "/status/readyReplicas").to_string(),
        age(object, now),
        names,
        images,
        selector(object),
    ]
}

pub(super) fn stateful_set(object: &Value, now: Timestamp) -> Vec<String> {
    let [names, images] = containers(object, "/spec/template");
    let ready =
        format!("{}/{}", number(object, "/status/readyReplicas"), number(object, "/spec/replicas"));
    vec![name(object), ready, age(object, now), names, images]
}

pub(super) fn job(object: &Value, now: Timestamp) -> Vec<String> {
    let [names, images] = containers(object, "/spec/template");
    let done = number(object, "/status/succeeded");
    let completions = match (
        object.pointer("/spec/completions").and_then(Value::as_i64),
        number(object, "/spec/parallelism"),
    ) {
        (Some(wanted), _) => format!("{done}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{done}/1 of {parallel}"),
        (None, _) => format!("{done}/1"),
    };
    let status = &object["status"];
    let duration = if status["startTime"].is_null() {
        String::new()
    } else {
        between(&status["startTime"], &status["completionTime"])
            .unwrap_or_else(|| since(&status["startTime"], now))
    };
    vec![
        name(object),
        job_status(object),
        completions,
        duration,
        age(object, now),
        names,
        images,
        selector(object),
    ]
}

fn job_status(object: &Value) -> String {
    let has = |kind: &str| {
        each(object, "/status/conditions").any(|c| c["type"] == kind && c["status"] == "True")
    };
    let told = if has("Complete") {
        "Complete"
    } else if has("Failed") {
        "Failed"
    } else if !object["metadata"]["deletionTimestamp"].is_null() {
        "Terminating"
    } else if has("Suspended") {
        "Suspended"
    } else if has("FailureTarget") {
        "FailureTarget"
    } else if has("SuccessCriteriaMet") {
        "SuccessCriteriaMet"
    } else {
        "Running"
    };
    told.to_owned()
}

pub(super) fn cron_job(object: &Value, now: Timestamp) -> Vec<String> {
    let [names, images] = containers(object, "/spec/jobTemplate/spec/template");
    let last = &object["status"]["lastScheduleTime"];
    let suspended = if object["spec"]["suspend"] == true { "True" } else { "False" };
    vec![
        name(object),
        text(object, "/spec/schedule"),
        text_or(object, "/spec/timeZone", "<none>"),
        suspended.to_owned(),
        count(&object["status"]["active"]),
        if last.is_null() { "<none>".to_owned() } else { since(last, now) },
        age(object, now),
        names,
        images,
        "<none>".to_owned(),
    ]
}
