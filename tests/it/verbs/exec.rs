use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pgcutover::engine::Probed;
use pgcutover::model::{Effects, FailureKind, Verb};

use super::bench::{Bench, step};

fn exec(argv: &[&str], env: &[(&str, &str)]) -> Verb {
    Verb::Exec {
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        cwd: None,
        env: env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        idempotent: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_programs_output_is_kept_without_its_secrets() {
    let bench = Bench::start().await;
    let verb = exec(
        &["sh", "-c", "echo $PGCUTOVER_STEP; echo $DB_PASSWORD >&2", "swordfish"],
        &[("DB_PASSWORD", "swordfish")],
    );
    let attempt = bench.begin(step("tell", verb)).await;
    let outcome = attempt.perform().await.unwrap();
    let told = format!("{outcome:?}");
    assert!(
        told.contains("\"tell\"") && told.contains("<redacted>") && !told.contains("swordfish"),
        "{told}"
    );
    assert!(matches!(attempt.probe().await, Probed::Unknown(_)));
    let programs = bench.programs();
    assert!(programs[0].ends_with(">&2 <redacted>: exit 0"), "{programs:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_fails_is_told_with_its_last_words() {
    let bench = Bench::start().await;
    let failure = bench
        .begin(step("fail", exec(&["sh", "-c", "echo why >&2; exit 3"], &[])))
        .await
        .perform()
        .await
        .unwrap_err();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::Refused, "`sh` ended with exit code 3")
    );
    assert_eq!(failure.causes, ["why"]);
    let missing = bench
        .begin(step("missing", exec(&["no-such-program-here"], &[])))
        .await
        .perform()
        .await
        .unwrap_err();
    assert_eq!(missing.effects, Effects::None);
    assert_eq!(
        bench.programs(),
        [
            "host sh -c echo why >&2; exit 3: exit 3",
            "host no-such-program-here: No such file or directory (os error 2)"
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_program_ends_with_all_that_it_started() {
    let bench = Bench::start().await;
    let mut running = bench
        .begin(step("long", exec(&["sh", "-c", "sleep 300 & echo $!; wait"], &[])))
        .await
        .spawn();
    let pid = loop {
        let told = running.tells("").await;
        if let Ok(pid) = told.message.trim().parse::<i32>() {
            break pid;
        }
    };
    let since = Instant::now();
    running.cancel.cancel();
    assert_eq!(running.ends().await.unwrap_err().kind, FailureKind::Cancelled);
    assert!(since.elapsed() < Duration::from_secs(10));
    let stat = std::path::PathBuf::from(format!("/proc/{pid}/stat"));
    let alive = || std::fs::read_to_string(&stat).is_ok_and(|text| !text.contains(") Z "));
    for _ in 0..50 {
        if !alive() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("process {pid} was left behind");
}
