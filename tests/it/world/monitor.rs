//! Watching the lab's world under the Role that is printed for it, and no other right.

use std::sync::Arc;
use std::time::Duration;

use pgcutover::model::{CallKind, Focus, LogOf, Observed, Reading, RunId, Side};
use pgcutover::observe;
use pgcutover::profile::{self, Overrides};
use pgcutover::world::{Access, Target, World};
use serde_json::Value;
use tokio::sync::watch::Receiver;
use tokio_util::sync::CancellationToken;

use crate::support::Standing;

const RBAC: &str = include_str!("../../../assets/rbac/chronicle.yml");

#[test]
fn everything_that_a_page_shows_is_read_under_the_printed_role() {
    let Some(standing) = Standing::shared() else { return };
    let rules = serde_saphyr::from_multiple::<Value>(RBAC)
        .unwrap()
        .into_iter()
        .find(|one| one["kind"] == "Role" && one["metadata"]["name"] == "pgcutover-monitor")
        .unwrap()["rules"]
        .take();
    let kubeconfig = standing.block_on(standing.lab().kubeconfig_for("watcher", &rules)).unwrap();
    standing.block_on(async {
        let runbook = Arc::new(profile::load("chronicle", &Overrides::default()).unwrap());
        let target = Target { kubeconfig: Some(kubeconfig), ..Target::default() };
        let world = World::connect(runbook, RunId::new("watching"), target, Access::ReadOnly)
            .await
            .unwrap();
        watches(&world).await;
    });
    let requests = standing.requests_of("watcher");
    let strange: Vec<_> =
        requests.iter().filter(|one| one.method != "GET" || one.code == 403).collect();
    assert_eq!(strange, Vec::<&_>::new());
    let listed =
        requests.iter().filter(|one| one.verb == "list" && one.uri.contains("/jobs")).count();
    assert!(listed <= 2, "Jobs were listed {listed} times: they come by watch");
}

async fn until(
    watch: &mut Receiver<Observed>,
    what: &str,
    seen: impl FnMut(&Observed) -> bool,
) -> Observed {
    let seen = tokio::time::timeout(Duration::from_secs(40), watch.wait_for(seen))
        .await
        .map(|seen| seen.unwrap().clone());
    seen.unwrap_or_else(|_| panic!("{what}: {:#?}", watch.borrow()))
}

async fn watches(world: &World) {
    let stop = CancellationToken::new();
    let mut eyes = observe::watch(world, Duration::from_millis(500), stop.clone());
    let seen = until(&mut eyes.observed, "all is read", |seen| {
        let (cluster, blue) = (&seen.cluster, &seen.blue);
        let workloads =
            cluster.workloads.values().filter(|one| matches!(one.fresh(), Some(Some(_)))).count();
        workloads == 2
            && cluster.pods.fresh().is_some_and(|pods| !pods.is_empty())
            && cluster.endpoints.fresh().is_some_and(|all| !all.is_empty())
            && cluster.events.fresh().is_some()
            && cluster.jobs.fresh().is_some()
            && cluster.claims.fresh().is_some()
            && blue.flow.fresh().is_some_and(|flow| !flow.writes.is_zero())
            && blue.sessions.fresh().is_some_and(|all| all.total > 0)
            && blue.sequences.fresh().is_some()
            && blue.settings.fresh().is_some()
    })
    .await;
    assert_eq!(seen.serving.fresh(), Some(&Some(Side::Blue)));
    assert_eq!(seen.blue.pods.fresh(), Some(&(1, 1)));
    let green = "deployment/chronicle-db-v17-vector";
    let absent = &seen.cluster.workloads[green];
    assert_eq!(absent.fresh(), Some(&None), "it is known that there is none");
    assert!(seen.is_absent(&world.runbook, Side::Green));
    assert!(!seen.is_absent(&world.runbook, Side::Blue));
    assert_eq!(seen.green.clients.value(), None);
    assert!(seen.green.clients.why().is_some());
    let client = &seen.blue.sessions.value().unwrap().clients[0];
    let (pod, view) =
        seen.pod_at(client.address.as_deref().unwrap()).expect("a pod has the address");
    assert_eq!(view.owner.as_ref().unwrap().to_string(), "deployment/chronicle-service");
    assert!(view.is_ready());
    let _ = eyes.focus.send(Focus {
        table: Some("chronicle_service.task".into()),
        log: Some(LogOf::Pod { name: pod.to_owned(), container: None }),
    });
    let seen = until(&mut eyes.observed, "the log is followed", |seen| {
        seen.log.value().is_some_and(|log| !log.lines.is_empty())
    })
    .await;
    assert!(seen.log.value().unwrap().lines.iter().any(|line| line.contains("connected")));
    let _ = eyes.focus.send(Focus::default());
    until(&mut eyes.observed, "nobody looks", |seen| seen.log == Reading::default()).await;
    let log = world.calls().log().borrow().clone();
    let kinds: Vec<CallKind> = log.records().map(|call| call.kind).collect();
    for kind in [CallKind::Connect, CallKind::Statement, CallKind::Read, CallKind::Stream] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
    assert!(!kinds.contains(&CallKind::Write));
    stop.cancel();
}
