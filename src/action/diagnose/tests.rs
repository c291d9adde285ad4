//! Pods and events as real kubelets, runtimes and controllers write them, one file each with what must be found in them.

use std::path::PathBuf;

use k8s_openapi::api::core::v1::{Event, Pod};
use serde::Deserialize;

use crate::model::ObjectRef;

use super::*;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Case {
    about: String,
    owner: ObjectRef,
    service_account: String,
    known: Vec<Known>,
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    lacking: Vec<String>,
    pods: Vec<Pod>,
    events: Vec<Event>,
    finding: Option<Expected>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Known {
    name: String,
    used_by: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    kind: crate::model::FailureKind,
    message: String,
    causes: Vec<String>,
    patience: Option<u64>,
    title: Option<String>,
    command: Option<String>,
    mends: Option<String>,
}

fn found(case: &Case) -> Option<Expected> {
    let owner = Owner {
        object: case.owner.clone(),
        namespace: "dsm".to_owned(),
        service_account: case.service_account.clone(),
    };
    let known = case
        .known
        .iter()
        .map(|one| PullSecret { name: one.name.clone(), used_by: one.used_by.clone() })
        .collect();
    let secrets =
        PullSecrets { known, missing: case.missing.clone(), lacking: case.lacking.clone() };
    let uid = case.events.first().and_then(|event| event.involved_object.uid.clone());
    let refused = uid
        .filter(|_| case.pods.is_empty())
        .and_then(|uid| refusals(&case.owner.to_string(), &uid, &case.events));
    let finding = refused.into_iter().chain(diagnose(&case.pods, &case.events)).next()?;
    let fix = fix(&finding, &owner, &secrets);
    let (title, command, mend) = match fix {
        Some(fix) => (Some(fix.title), fix.command, fix.mend),
        None => (None, None, None),
    };
    Some(Expected {
        kind: finding.trouble.kind(),
        message: finding.message.clone(),
        causes: finding.causes.clone(),
        patience: finding.trouble.patience().map(|patience| patience.as_secs()),
        title,
        command,
        mends: mend.map(|mend| mend.object.to_string()),
    })
}

#[test]
fn every_case_is_told_as_its_file_says() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/diagnose");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut read = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let case: Case = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(found(&case), case.finding, "{}: {}", file.display(), case.about);
        read += 1;
    }
    assert!(read >= 15, "only {read} cases");
}
