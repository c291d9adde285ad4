//! What `plan` promises, held against a world that keeps a log of every request: it touches nothing, and the Roles that it
//! prints are enough for what they are for.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use pgcutover::lab::cluster::LoggedRequest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Binary, Standing};

const SCRIPT: &str = include_str!("../../assets/lab/chronicle.script.toml");
const RBAC: &str = "apis/rbac.authorization.k8s.io/v1";

#[test]
fn plan_touches_nothing_and_a_cutover_goes_through_under_the_roles_that_it_prints() {
    let Some(world) = Standing::start() else { return };
    let roles = planning_touches_nothing(&world);
    let folder = TempDir::new().unwrap();
    world.create(&roles);
    let watching = world.service_account("pgcutover-monitor", folder.path());
    let driving = world.service_account("pgcutover", folder.path());
    the_smaller_role_is_enough_to_watch(&world, &watching);
    the_smaller_role_is_not_enough_to_act(&world, &watching);
    a_permission_that_was_taken_away_is_named(&world, &roles, &driving);
    the_printed_role_is_enough_for_the_cutover(&world, &driving);
}

/// Prints the plan in every way, with the way into the world at hand. Answers with the roles.
fn planning_touches_nothing(world: &Standing) -> String {
    log_what_comes_in(world);
    let asked = world.lab().server().requests().entries().len();
    let plan = |format: &str| {
        let binary = Binary::new(["plan", "chronicle", "-o", format]).any_stdout();
        binary.env("KUBECONFIG", world.kubeconfig()).run().stdout
    };
    let (text, roles) = (plan("text"), plan("rbac"));
    let hash = |plan: &str| serde_json::from_str::<Value>(plan).unwrap()["hash"].clone();
    let first = hash(&plan("json"));
    assert_eq!(first, hash(&plan("json")), "each call has a folder of its own");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/chronicle.toml");
    let args = ["plan", file, "-o", "json", "--kubeconfig", world.kubeconfig()];
    assert_eq!(first, hash(&Binary::new(args).any_stdout().run().stdout));
    assert!(text.contains(&first.as_str().unwrap()[..12]), "{text}");
    assert_eq!(&world.lab().server().requests().entries()[asked..], []);
    assert_eq!(connections(world), 0, "plan connected to blue");
    let preflight = Binary::new(["preflight", "chronicle", "--kubeconfig", world.kubeconfig()]);
    preflight.any_stdout().run();
    assert!(connections(world) > 0, "nothing would have been seen");
    roles
}

/// Lets blue write into its log who connects, and waits until it does.
fn log_what_comes_in(world: &Standing) {
    let pod = blue(world);
    world.configure(&pod, &["log_connections = on"]).unwrap();
    while !log(world).contains("application_name=it") {
        world.configure(&pod, &[]).unwrap();
    }
}

/// How many of this tool's sessions blue has logged.
fn connections(world: &Standing) -> usize {
    log(world).matches("application_name=pgcutover").count()
}

fn log(world: &Standing) -> String {
    let pod = blue(world);
    world.text(&format!("pods/{}/log", pod["metadata"]["name"].as_str().unwrap()))
}

fn blue(world: &Standing) -> Value {
    let pods = "pods?labelSelector=app%3Dchronicle-db-v17";
    world.send("GET", "api/v1", pods, &Value::Null)["items"][0].clone()
}

fn the_smaller_role_is_enough_to_watch(world: &Standing, kubeconfig: &str) {
    let args = ["monitor", "chronicle", "--headless", "--readings", "--kubeconfig", kubeconfig];
    let mut monitor = Binary::new(args).start();
    let until = Instant::now() + Duration::from_secs(60);
    let seen = loop {
        let line: Value = serde_json::from_str(&monitor.wait_for("\"observed\"")).unwrap();
        let unseen = unseen(&line["observed"]);
        if unseen.is_empty() {
            break line;
        }
        assert!(Instant::now() < until, "{unseen:?} are not seen: {line}");
    };
    assert_eq!(seen["observed"]["serving"]["fresh"]["value"], "blue", "{seen}");
    monitor.signal(Signal::SIGTERM);
    assert_eq!(monitor.ends(), 143);
    let asked = world.requests_of(":pgcutover-monitor");
    assert!(!asked.is_empty());
    assert_eq!(refused(&asked), Vec::<String>::new());
    assert!(asked.iter().all(|request| request.method == "GET"), "{asked:?}");
}

/// The readings that are not fresh, of blue, which is there, and of the namespace.
fn unseen(observed: &Value) -> Vec<String> {
    let blue = ["version", "system", "size", "clients", "tables", "extensions", "pods"];
    let cluster = [
        "workloads/deployment~1chronicle-db-v17",
        "workloads/deployment~1chronicle-service",
        "pods",
        "claims",
        "jobs",
        "endpoints",
        "events",
    ];
    let blue = blue.iter().map(|name| format!("/blue/{name}"));
    let cluster = cluster.iter().map(|name| format!("/cluster/{name}"));
    blue.chain(cluster)
        .filter(|path| observed.pointer(path).is_none_or(|reading| reading["fresh"].is_null()))
        .collect()
}

fn the_smaller_role_is_not_enough_to_act(world: &Standing, kubeconfig: &str) {
    let args = ["preflight", "chronicle", "--kubeconfig", kubeconfig];
    let output = Binary::new(args).any_stdout().status(10).run().stdout;
    for missing in [
        "patch `services` `chronicle-db`",
        "create `jobs.batch`",
        "delete `deployments.apps` `chronicle-db-v17`",
        "patch `deployments.apps/scale` `chronicle-service`",
    ] {
        assert!(output.contains(missing), "`{missing}` is not named:\n{output}");
    }
    assert_eq!(world.changes_of(":pgcutover-monitor"), Vec::<String>::new());
}

/// The switch's own permission: without it the cutover would get as far as the fence.
fn a_permission_that_was_taken_away_is_named(world: &Standing, roles: &str, kubeconfig: &str) {
    let mut objects = serde_saphyr::from_multiple::<Value>(roles).unwrap().into_iter();
    let role = objects.find(|object| object["kind"] == "Role").unwrap();
    let mut less = role["rules"].clone();
    let switch = less.as_array_mut().unwrap().iter_mut();
    let mut switch = switch.filter(|rule| rule["resourceNames"] == json!(["chronicle-db"]));
    let verbs = switch.next().unwrap()["verbs"].as_array_mut().unwrap();
    let before = verbs.len();
    verbs.retain(|verb| verb != "patch");
    assert_eq!(verbs.len(), before - 1);
    world.send("PATCH", RBAC, "roles/pgcutover", &json!({ "rules": less }));
    let output = drive(kubeconfig, 10);
    let named = "not permitted: patch `services` `chronicle-db` in namespace `dsm` (fix: grant";
    assert!(output.contains(named), "`{named}` is not said:\n{output}");
    assert_eq!(world.changes_of(":pgcutover"), Vec::<String>::new());
    world.send("PATCH", RBAC, "roles/pgcutover", &json!({ "rules": role["rules"] }));
}

fn the_printed_role_is_enough_for_the_cutover(world: &Standing, kubeconfig: &str) {
    drive(kubeconfig, 0);
    let mut refusals = refused(&world.requests_of(":pgcutover"));
    // What belongs to the cluster no Role can let be read: without a class the claim's own events are read, and without the
    // cluster's identity its address is recorded.
    let outside = ["/apis/storage.k8s.io/v1/storageclasses/", "/api/v1/namespaces/kube-system"];
    refusals
        .retain(|refusal| !outside.iter().any(|path| refusal.starts_with(&format!("get {path}"))));
    assert_eq!(refusals, Vec::<String>::new());
    let audit = world.block_on(world.lab().audit()).unwrap();
    assert_eq!((audit.lost, audit.duplicated), (0, 0));
    assert_eq!(audit.served_by, world.lab().environment().versions.green);
}

/// Runs the cutover until it ends by itself, and gives what was told.
fn drive(kubeconfig: &str, status: i32) -> String {
    let script = SCRIPT.replace("wait = \"60s\"", "wait = \"5s\"");
    let args = ["run", "chronicle", "-o", "text", "--scenario", "plain", "--script", "s.toml"];
    Binary::new(args)
        .file("s.toml", &script)
        .env("KUBECONFIG", kubeconfig)
        .with_servers()
        .any_stdout()
        .any_stderr()
        .status(status)
        .run()
        .stdout
}

fn refused(asked: &[LoggedRequest]) -> Vec<String> {
    told(asked.iter().filter(|request| request.code == 403))
}

fn told<'a>(requests: impl Iterator<Item = &'a LoggedRequest>) -> Vec<String> {
    requests.map(|request| format!("{} {}", request.verb, request.uri)).collect()
}
