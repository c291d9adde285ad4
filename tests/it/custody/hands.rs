//! A cutover that goes from hand to hand: refused, taken over, killed and fetched, cut off from the API server, undone.

use std::time::{Duration, Instant};

use pgcutover::world::{Access, Cluster, Target};

use super::console::{Console, Person, of_type};
use super::wire::Wire;
use crate::support::{lab_config, start_lab};

const SCENARIO: [&str; 4] = ["run", "chronicle", "--scenario", "plain"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_goes_from_hand_to_hand_and_loses_nothing() {
    let Some(lab) = start_lab(lab_config("plain")).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let wire = Wire::beside(lab.kubeconfig(), folder.path()).await;
    let person = |user| Person::new(user, folder.path(), lab.kubeconfig());
    let (ann, bob) = (person("ann"), person("bob"));

    let mut first = ann.starts(&SCENARIO);
    first.tells("step-started", "apply-green").await;
    a_second_console_is_refused(&ann, &bob).await;
    let second = bob_takes_over(first, &ann, &bob).await;
    let dan = Person::new("dan", folder.path(), &wire.kubeconfig);
    let third = dan_goes_on_from_the_cluster(second, &dan).await;
    dan_is_cut_off_and_undoes(third, &wire).await;

    let late = ann.starts(&["resume"]).ends().await;
    assert_eq!(late.code, 2, "{}", late.stderr);
    assert!(
        late.stderr.contains("went on without this journal, driven by dan@"),
        "{}",
        late.stderr
    );
    let target = Target { kubeconfig: Some(lab.kubeconfig().to_owned()), ..Target::default() };
    let cluster = Cluster::connect(&target, "dsm", Access::ReadOnly).await.unwrap();
    assert!(cluster.lease("pgcutover-chronicle").await.unwrap().unwrap().is_free());
    let audit = lab.audit().await.unwrap();
    assert_eq!((audit.lost, audit.duplicated), (0, 0));
    assert!(audit.acknowledged > 0);
    lab.shutdown().await;
}

async fn a_second_console_is_refused(ann: &Person, bob: &Person) {
    let refused = bob.starts(&SCENARIO).ends().await;
    assert_eq!(refused.code, 15, "{}", refused.stderr);
    let told = format!("error: the run is held by {} with run `chronicle-", ann.name());
    assert!(refused.stderr.contains(&told), "{}", refused.stderr);
    assert!(refused.stderr.contains("last seen: "), "{}", refused.stderr);
    let way = format!("resume --from-cluster chronicle --take-over {}", ann.name());
    assert!(refused.stderr.contains(&way), "{}", refused.stderr);
}

/// Writes are stopped and could be given back: the one who lost the lease leaves that to the one who has it.
async fn bob_takes_over(mut first: Console, ann: &Person, bob: &Person) -> Console {
    first.tells("step-finished", "fence-blue").await;
    let mut second =
        bob.starts(&["resume", "--from-cluster", "chronicle", "--take-over", &ann.name()]);
    let first = first.ends().await;
    assert_eq!(first.code, 15, "{}", first.stderr);
    let last = of_type(&first.seen, "run-stopped");
    let said = last.last().unwrap()["message"].as_str().unwrap();
    assert!(said.contains(&format!("the lease is held by {}", bob.name())), "{said}");
    assert!(of_type(&first.seen, "undo-started").is_empty());
    second.tells("step-started", "verify").await;
    let again = |line: &&serde_json::Value| line["step"] == "fence-blue";
    let fences = of_type(&second.seen, "step-started");
    assert_eq!(fences.into_iter().filter(again).count(), 1, "the fence was not shut twice");
    second
}

async fn dan_goes_on_from_the_cluster(second: Console, dan: &Person) -> Console {
    let told = second.dies().await;
    let begun = Instant::now();
    let mut third = dan.starts(&["resume", "--from-cluster", "chronicle"]);
    third.tells("step-finished", "verify").await;
    assert!(begun.elapsed() >= Duration::from_secs(5), "the lease had not run out");
    // What was told was done, and so it was in the cluster before.
    let started = of_type(&told, "step-started");
    assert!(of_type(&third.seen, "step-started").len() >= started.len());
    third
}

/// Nobody took the lease meanwhile: the undo waits until it is renewed, and gives writes back then.
async fn dan_is_cut_off_and_undoes(third: Console, wire: &Wire) {
    wire.set_whole(false);
    let mending = async {
        tokio::time::sleep(Duration::from_secs(9)).await;
        wire.set_whole(true);
    };
    let (third, ()) = tokio::join!(third.ends(), mending);
    assert_eq!(third.code, 12, "{}", third.stderr);
    let why = of_type(&third.seen, "aborted");
    let why = why.last().unwrap()["message"].as_str().unwrap().to_owned();
    assert!(why.contains("the lease could not be renewed"), "{why}");
    assert!(
        third.stderr.contains("the journal's mirror in the cluster is behind"),
        "{}",
        third.stderr
    );
}
