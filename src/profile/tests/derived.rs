//! What is derived from what a step does not say.

use std::time::Duration;

use super::*;
use crate::model::{Confirm, Gate, Side, Step, StepId, Undo, Verb};

fn step(id: &str) -> Step {
    good().step(&StepId::from(id)).unwrap_or_else(|| panic!("there is a step {id}")).clone()
}

fn words(gates: &[Gate]) -> Vec<String> {
    gates.iter().map(ToString::to_string).collect()
}

#[test]
fn the_preflight_comes_first_and_only_looks() {
    let runbook = good();
    let first = &runbook.phases[0];
    assert_eq!(first.id.as_str(), "preflight");
    assert!(first.parallel && first.steps.iter().all(|step| step.verb == Verb::Check));
    let gates: Vec<String> = first.steps.iter().flat_map(|step| words(&step.gates)).collect();
    assert_eq!(
        gates,
        [
            "privileges",
            "reachable blue",
            "sql-privileges blue",
            "no-prepared-transactions blue",
            "no-long-transactions blue",
            "dump-client-matches-server dump",
            "endpoints db by blue",
            "serving db by blue",
        ]
    );
}

#[test]
fn green_is_looked_at_as_soon_as_it_is_applied() {
    let runbook = good();
    let ids: Vec<&str> = runbook.phases[1].steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["apply", "check-green", "first-dump"]);
    assert_eq!(
        words(&step("check-green").gates),
        [
            "reachable green",
            "different-servers",
            "sql-privileges green",
            "extensions-available",
            "extension vector on green",
        ]
    );
}

#[test]
fn a_green_that_is_there_already_is_looked_at_in_the_preflight() {
    let text = instead("run   = { apply = \"green\" }", "run   = \"check\"");
    let runbook = compiled(&text, Memory::usual(), &Overrides::default()).unwrap();
    assert_eq!(runbook.phases[0].steps.last().unwrap().id.as_str(), "preflight-green");
}

#[test]
fn apply_waits_for_what_its_manifests_describe() {
    let apply = step("apply");
    assert_eq!(words(&apply.expect), ["pvc-bound new-claim", "pods-ready deployment/new"]);
    assert_eq!(apply.undo, Undo::Former);
}

#[test]
fn writers_stop_behind_a_word_and_an_open_window() {
    let stop = step("stop");
    assert!(stop.stops_writes && !stop.resumes_writes);
    assert_eq!(stop.confirm, Confirm::Yes);
    assert_eq!(words(&stop.gates), ["window-open"]);
    assert_eq!(words(&stop.expect), ["pods-gone deployment/web"]);
}

#[test]
fn without_writers_the_fence_stops_the_writes_and_the_switch_ends_it() {
    let text = instead("writers  = [\"deployment/web\"]", "");
    let runbook = compiled(&text, Memory::usual(), &Overrides::default()).unwrap();
    let step = |id: &str| runbook.step(&StepId::from(id)).unwrap();
    assert!(step("fence").stops_writes && !step("stop").stops_writes);
    assert!(step("switch").resumes_writes && step("switch").point_of_no_return);
}

#[test]
fn a_dump_after_the_fence_needs_the_fence() {
    assert_eq!(
        words(&step("dump").gates),
        ["budget", "fenced blue", "dump-client-matches-server dump"]
    );
    assert_eq!(words(&step("first-dump").gates), ["dump-client-matches-server dump"]);
    assert_eq!(
        step("dump").timeout,
        Duration::from_secs(180),
        "the Job's own deadline and a minute"
    );
}

#[test]
fn the_switch_needs_everything_and_asks_for_the_name() {
    let switch = step("switch");
    assert_eq!(
        words(&switch.gates),
        [
            "window-open",
            "budget",
            "fenced blue",
            "pods-ready deployment/new",
            "content-equal",
            "extension vector on green",
        ]
    );
    assert_eq!(words(&switch.expect), ["endpoints db by green", "serving db by green"]);
    assert_eq!(switch.confirm, Confirm::Name("db".to_owned()));
    assert_eq!(switch.undo, Undo::Former);
}

#[test]
fn the_writers_start_is_the_point_of_no_return() {
    let start = step("start");
    assert!(start.point_of_no_return && start.resumes_writes);
    assert_eq!(start.confirm, Confirm::Name("web".to_owned()));
    assert_eq!(words(&start.expect), ["pods-ready deployment/web", "sql green"]);
    assert!(good().steps().filter(|(_, step)| step.point_of_no_return).count() == 1);
}

#[test]
fn a_soak_watches_who_serves() {
    let Verb::Soak { hold, gates } = step("soak").verb else { panic!("a soak soaks") };
    assert_eq!(hold, Duration::from_secs(24 * 3600));
    assert_eq!(
        words(&gates),
        ["serving db by green", "pods-ready deployment/new", "pods-ready deployment/web"]
    );
}

#[test]
fn an_undo_may_be_said_as_long_as_it_leads_back_to_blue() {
    let undone = |run: &str, undo: &str| {
        let text = instead(run, &format!("{run}\nundo  = {undo}"));
        compiled(&text, Memory::usual(), &Overrides::default()).map(drop)
    };
    let switch = "run   = { switch-service = \"green\" }";
    let fence = "run   = { fence = \"blue\" }";
    let stop = "run   = { scale = { workload = \"deployment/web\", replicas = 0 } }";
    let start = "run    = { scale = { workload = \"deployment/web\", replicas = 3 } }";
    for (run, undo) in [
        (switch, "{ switch-service = \"blue\" }"),
        (switch, "{ manual = \"point DNS back\" }"),
        (fence, "{ unfence = \"blue\" }"),
        (stop, "{ scale = { workload = \"deployment/web\", replicas = 1 } }"),
        (start, "\"nothing\""),
        ("run   = { verify = [\"content\"] }", "\"nothing\""),
        ("run   = { apply = \"green\" }", "\"nothing\""),
    ] {
        assert_eq!(undone(run, undo), Ok(()), "{run} {undo}");
    }
}

#[test]
fn a_deletion_waits_for_the_soak_and_asks_for_the_name() {
    let remove = step("remove");
    assert_eq!(words(&remove.gates), ["serving db by green", "soaked soak"]);
    assert_eq!(remove.confirm, Confirm::Name("old".to_owned()));
    assert_eq!(remove.undo, Undo::Nothing);
}

#[test]
fn a_word_means_what_its_step_is_about() {
    let text = instead(
        "gates = [{ soaked = \"soak\" }]",
        "gates = [\"reachable\", \"extension-works\", \"pods-ready\"]",
    );
    let runbook = compiled(&text, Memory::usual(), &Overrides::default()).unwrap();
    let gates = words(&runbook.step(&StepId::from("remove")).unwrap().gates);
    assert_eq!(
        gates[2..],
        [
            "reachable blue",
            "reachable green",
            "extension-works vector on green",
            "pods-ready deployment/new",
            "pods-ready deployment/web",
        ]
    );
}

#[test]
fn a_rehearsal_shortens_the_soak_and_says_so() {
    let overrides = Overrides { soak: Some(Duration::from_secs(3)), ..Overrides::default() };
    let runbook = compiled(GOOD, Memory::usual(), &overrides).unwrap();
    let soak = runbook.step(&StepId::from("soak")).unwrap();
    assert!(matches!(soak.verb, Verb::Soak { hold, .. } if hold == Duration::from_secs(3)));
    let title = good().step(&StepId::from("soak")).unwrap().title.clone();
    assert_eq!(soak.title, format!("3 s for 24 h, shortened by the rehearsal: {title}"));
    assert_ne!(runbook.digest(), good().digest());
}

#[test]
fn a_scenario_replaces_a_manifest_by_its_path() {
    for path in ["dump.yml", "green/new.yml"] {
        let (text, old, new) = if path == "dump.yml" {
            (JOB, "postgres:17", "postgres:13")
        } else {
            (GREEN, "name: new\n", "name: other\n")
        };
        let replacement = Replacement { path: format!("old/{path}"), text: text.replace(old, new) };
        let overrides = Overrides {
            manifests: [(path.to_owned(), replacement)].into(),
            ..Overrides::default()
        };
        let plan =
            serde_json::to_string(&compiled(GOOD, Memory::usual(), &overrides).unwrap()).unwrap();
        assert!(
            plan.contains(&format!("old/{path}"))
                && plan.contains(new.trim_start_matches("name: ").trim())
        );
    }
}

#[test]
fn another_namespace_moves_the_manifests_too() {
    let overrides = Overrides { namespace: Some("staging".to_owned()), ..Overrides::default() };
    let runbook = compiled(GOOD, Memory::usual(), &overrides).unwrap();
    assert_eq!(runbook.cluster.namespace, "staging");
    let Verb::Job { manifest } = &runbook.step(&StepId::from("dump")).unwrap().verb else {
        panic!("a Job")
    };
    assert_eq!(manifest.documents[0]["metadata"]["namespace"], "staging");
}

#[test]
fn the_keys_of_a_secret_are_those_of_the_image_unless_named() {
    use crate::model::Connection;
    let keys = |side: Side| match &good().store(side).connection {
        Connection::Pod { secret: Some(secret), .. } => {
            (secret.user_key.clone(), secret.password_key.clone())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(keys(Side::Blue), ("POSTGRES_USER".to_owned(), "POSTGRES_PASSWORD".to_owned()));
    assert_eq!(keys(Side::Green), ("user".to_owned(), "password".to_owned()));
}
