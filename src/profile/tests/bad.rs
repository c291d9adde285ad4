//! Every way to be wrong, and what is said of it. The messages are kept whole.

use insta::assert_snapshot;

use super::*;

fn said(text: &str) -> String {
    said_with(text, Memory::usual())
}

fn said_with(text: &str, files: Memory) -> String {
    compiled(text, files, &Overrides::default()).expect_err("this profile is bad")
}

/// Each replacement on its own, one message behind the other.
fn said_of(replacements: &[(&str, &str)]) -> String {
    let said = replacements.iter().map(|(of, stands)| said(&instead(of, stands)));
    said.map(|said| said.strip_suffix("\n\n1 problem").map(str::to_owned).unwrap_or(said))
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[test]
fn every_problem_is_told_at_once() {
    let text = instead("namespace = \"shop\"", "namespace = \"shop\"\ncontext = \"prod\"")
        .replace("replicas = 0", "replicas = \"none\"")
        .replace("{ fence = \"blue\" }", "{ fnce = \"blue\" }")
        .replace("deployment/old\"\nconn", "deploymint/old\"\nconn")
        .replace("{ soaked = \"soak\" }", "{ soaked = \"sok\" }")
        .replace("for = \"24h\"", "for = \"a day\"");
    assert_snapshot!(said(&text));
}

#[test]
fn broken_toml() {
    assert_snapshot!(said_of(&[
        ("[cluster]", "[cluster"),
        ("name  = \"shop\"", "name  = shop"),
        ("title = \"Prepare\"", "title = \"Prepare\"\ntitle = \"Again\""),
        ("window = true", "window = True"),
    ]));
}

#[test]
fn an_empty_profile() {
    assert_snapshot!(said(""));
}

#[test]
fn unknown_words() {
    assert_snapshot!(said_of(&[
        ("[traffic]", "[trafic]"),
        ("window = true", "windows = true"),
        ("{ apply = \"green\" }", "{ aply = \"green\" }"),
        ("{ apply = \"green\" }", "\"apply\""),
        ("{ apply = \"green\" }", "{ check = true }"),
        ("{ apply = \"green\" }", "{ apply = \"green\", fence = \"blue\" }"),
        ("{ soaked = \"soak\" }", "\"soakd\""),
        ("{ soaked = \"soak\" }", "{ soakd = \"soak\" }"),
        ("{ soaked = \"soak\" }", "\"sql\""),
        ("{ soaked = \"soak\" }", "{ rows-equal = \"blue\" }"),
        ("{ fence = \"blue\" }", "{ fence = \"bleu\" }"),
        ("[\"content\"]", "[\"contents\"]"),
        ("gates = [{ soaked = \"soak\" }]", "confirm = \"nmae\""),
        ("gates = [{ soaked = \"soak\" }]", "on-failure = \"undo\""),
        ("gates = [{ soaked = \"soak\" }]", "undo = \"formr\""),
        ("query = \"SELECT true\"", "querry = \"SELECT true\""),
    ]));
}

#[test]
fn wrong_types() {
    assert_snapshot!(said_of(&[
        ("name  = \"shop\"", "name  = 1"),
        ("window = true", "window = \"yes\""),
        ("writers  = [\"deployment/web\"]", "writers  = \"deployment/web\""),
        ("extensions = [\"vector\"]", "extensions = [1]"),
        ("replicas = 0", "replicas = -1"),
        ("replicas = 0", "replicas = 99999999999"),
        ("replicas = 0", "replicas = 0.5"),
        ("{ apply = \"green\" }", "{ apply = 7 }"),
        ("gates = [{ soaked = \"soak\" }]", "gates = { soaked = \"soak\" }"),
        ("gates = [{ soaked = \"soak\" }]", "timeout = 2026-03-01T22:00:00Z"),
    ]));
}

#[test]
fn something_is_missing() {
    assert_snapshot!(said_of(&[
        ("namespace = \"shop\"", ""),
        ("id    = \"apply\"\n", ""),
        ("run   = { apply = \"green\" }", ""),
        ("query = \"SELECT true\"", "expect = \"t\""),
        ("service  = \"db\"", ""),
        ("{ soaked = \"soak\" }", "{}"),
    ]));
}

#[test]
fn stores_and_traffic() {
    assert_snapshot!(said_of(&[
        ("workload   = \"deployment/old\"", "workload   = \"old\""),
        ("workload   = \"deployment/old\"", "workload   = \"job/old\""),
        ("workload   = \"deployment/old\"", "workload   = \"deployment/Old\""),
        ("pod = { app = \"old\" }, database = \"shop\"", "pod = {}, database = \"shop\""),
        ("pod = { app = \"old\" }, database = \"shop\"", "pod = { app = \"old\" }"),
        (
            "pod = { app = \"old\" }, database = \"shop\", secret = \"db\"",
            "uri = \"postgres://me:secret@db/shop\""
        ),
        (
            "pod = { app = \"old\" }, database = \"shop\", secret = \"db\"",
            "uri = \"postgres://db/shop\", secret = \"db\""
        ),
        ("pod = { app = \"old\" }, database = \"shop\", secret = \"db\"", "secret = \"db\""),
        ("{ app = \"new\" } }\nwriters", "{ app = \"old\" } }\nwriters"),
        ("{ app = \"new\" } }\nwriters", "{} }\nwriters"),
        ("extensions = [\"vector\"]", "version = 170000"),
    ]));
}

#[test]
fn blue_and_green_are_one_server() {
    let text = GOOD.replace("pod = { app = \"new\" }", "pod = { app = \"old\" }").replace(
        "secret = { name = \"db\", user-key = \"user\", password-key = \"password\" }",
        "secret = \"db\"",
    );
    assert_snapshot!(said(&text));
}

#[test]
fn window_and_watch() {
    let with = |more: &str| {
        instead(
            "[[phase]]\nid    = \"prepare\"",
            &format!("{more}\n\n[[phase]]\nid    = \"prepare\""),
        )
    };
    let said = [
        "[window]\nbudget = \"10 minuets\"",
        "[window]\nbudget = \"0s\"",
        "[window]\nbudget = \"-5m\"",
        "[window]\nopens = \"tomorrow\"",
        "[window]\nopens = \"2026-03-01T22:00:00Z\"\ncloses = \"2026-03-01T21:00[Europe/Berlin]\"",
        "[watch]\ntables = \"some\"",
        "[watch]\ntables = [\"sprints\"]",
        "[watch]\ntables = []",
        "[watch.exclude]\n\"public.cache\" = \"\"",
    ]
    .map(|more| said(&with(more)));
    assert_snapshot!(said.join("\n\n"));
}

#[test]
fn ids() {
    assert_snapshot!(said_of(&[
        ("name  = \"shop\"", "name  = \"The Shop\""),
        ("id    = \"prepare\"", "id    = \"cutover\""),
        ("id    = \"first-dump\"", "id    = \"dump\""),
        ("id    = \"first-dump\"", "id    = \"check-green\""),
        ("id    = \"prepare\"", "id    = \"preflight\""),
        ("title = \"Prepare\"", "title = \"\""),
    ]));
}

#[test]
fn references_between_steps() {
    assert_snapshot!(said_of(&[
        ("{ soaked = \"soak\" }", "{ soaked = \"sok\" }"),
        ("{ soaked = \"soak\" }", "{ soaked = \"remove\" }"),
        ("{ soaked = \"soak\" }", "{ soaked = \"switch\" }"),
        (
            "run   = { fence = \"blue\" }",
            "run   = { fence = \"blue\" }\ngates = [{ soaked = \"soak\" }]"
        ),
        ("run   = { fence = \"blue\" }", "run   = { fence = \"blue\" }\ngates = [\"soaked\"]"),
        (
            "run   = { soak = { for = \"24h\" } }",
            "run   = { soak = { for = \"24h\", gates = [{ soaked = \"soak\" }] } }"
        ),
    ]));
}

#[test]
fn the_order_of_the_course() {
    let no_fence = instead("run   = { fence = \"blue\" }", "run   = \"check\"");
    let no_verify = instead("run   = { verify = [\"content\"] }", "run   = \"check\"");
    let no_start = instead("replicas = 3", "replicas = 0");
    let early = instead(
        "run   = { fence = \"blue\" }",
        "run   = { fence = \"blue\" }\npoint-of-no-return = true",
    );
    let two = instead("replicas = 3 } }", "replicas = 3 } }\npoint-of-no-return = true")
        .replace("run   = { soak", "point-of-no-return = true\nrun   = { soak");
    let late = instead("run   = { soak", "point-of-no-return = true\nrun   = { soak");
    let beside = instead("id     = \"cutover\"", "id     = \"cutover\"\nparallel = true");
    assert_snapshot!(
        [no_fence, no_verify, no_start, early, two, late, beside]
            .map(|text| said(&text))
            .join("\n\n")
    );
}

#[test]
fn an_undo_that_leads_nowhere() {
    let undone = |run: &str, undo: &str| {
        said(&instead(run, &format!("{run}\nundo  = {undo}"))).replace("\n\n1 problem", "")
    };
    let switch = "run   = { switch-service = \"green\" }";
    let fence = "run   = { fence = \"blue\" }";
    let stop = "run   = { scale = { workload = \"deployment/web\", replicas = 0 } }";
    let behind = |run: &str| {
        said(&instead(switch, &format!(
            "{switch}\n\n[[phase.step]]\nid    = \"behind\"\ntitle = \"Behind\"\nrun   = {run}\nundo  = \"nothing\""
        )))
        .replace("\n\n1 problem", "")
    };
    let patch = "{ patch = { object = \"service/db\", patch = { spec = { selector = { app = \"new\" } } } } }";
    let said = [
        undone(switch, "\"nothing\""),
        undone(switch, "{ switch-service = \"green\" }"),
        undone(switch, "{ sql = { side = \"green\", statement = \"SELECT 1\" } }"),
        undone(fence, "\"nothing\""),
        undone(fence, "{ unfence = \"green\" }"),
        undone(stop, "\"nothing\""),
        undone(stop, "{ scale = { workload = \"deployment/other\", replicas = 1 } }"),
        behind("{ unfence = \"green\" }"),
        behind("{ job = \"dump.yml\" }"),
        behind(patch),
    ];
    assert_snapshot!(said.join("\n\n"));
}

#[test]
fn phases_without_steps() {
    let (head, _) = GOOD.split_once("[[phase]]").unwrap();
    let empty = format!("{head}[[phase]]\nid = \"nothing\"\ntitle = \"Nothing\"\n");
    assert_snapshot!([said(head), said(&empty)].join("\n\n"));
}

#[test]
fn gates_that_do_not_fit() {
    assert_snapshot!(said_of(&[
        ("gates = [{ soaked = \"soak\" }]", "gates = [\"dump-client-matches-server\"]"),
        ("gates = [{ soaked = \"soak\" }]", "gates = [\"job-succeeded\"]"),
        ("gates = [{ soaked = \"soak\" }]", "gates = [\"pvc-bound\"]"),
        ("{ soaked = \"soak\" }", "{ http = {} }"),
        ("{ soaked = \"soak\" }", "{ http = { url = \"db:80\" } }"),
        ("{ soaked = \"soak\" }", "{ http = { url = \"http://db\", path = \"/\" } }"),
        (
            "{ soaked = \"soak\" }",
            "{ http = { service = \"web\", path = \"health\", status = 2000 } }"
        ),
        ("{ soaked = \"soak\" }", "{ sql = { side = \"green\", query = \" \" } }"),
        ("{ soaked = \"soak\" }", "{ no-long-transactions = { longer-than = \"5 parsecs\" } }"),
        ("{ soaked = \"soak\" }", "{ version-at-least = { side = \"green\", version = 9 } }"),
        ("{ soaked = \"soak\" }", "{ pods-gone = \"web\" }"),
    ]));
}

#[test]
fn verbs_that_do_not_fit() {
    let apply = "{ apply = \"green\" }";
    assert_snapshot!(said_of(&[
        (apply, "{ delete = [] }"),
        (apply, "{ delete = \"deploymnt/old\" }"),
        (apply, "{ delete = \"old\" }"),
        (apply, "{ delete = \"example.com/v1/Widget/\" }"),
        (apply, "{ exec = { argv = [] } }"),
        (apply, "{ manual = \"\" }"),
        (apply, "{ verify = [] }"),
        (apply, "{ sql = { side = \"green\" } }"),
        (apply, "{ patch = { object = \"deployment/x\", kind = \"json\", patch = { a = 1 } } }"),
        (apply, "{ patch = { object = \"deployment/x\", patch = [1] } }"),
        (apply, "{ apply = [] }"),
        (
            "run   = { verify = [\"content\"] }",
            "run   = { verify = [\"content\"] }\nconfirm = \"name\""
        ),
        (
            "run   = { verify = [\"content\"] }",
            "run   = { verify = [\"content\"] }\nundo = \"former\""
        ),
        (
            "run   = { verify = [\"content\"] }",
            "run   = { verify = [\"content\"] }\nundo = { soak = { for = \"1s\" } }"
        ),
    ]));
}

#[test]
fn a_switch_without_traffic() {
    let start = GOOD.find("[traffic]").unwrap();
    let end = GOOD.find("[[phase]]").unwrap();
    assert_snapshot!(said(&format!("{}{}", &GOOD[..start], &GOOD[end..])));
}

#[test]
fn manifests() {
    let of = |text: &str| said_with(GOOD, Memory::with(&[("dump.yml", text)]));
    let two = format!("{JOB}---\n{JOB}");
    let more = format!("{JOB}---\n{}", GREEN.split("---").next().unwrap());
    assert_snapshot!(
        [
            of("apiVersion: v1\nkind: [\n"),
            of("apiVersion: v1\n kind: x\n"),
            of("apiVersion: v1\nkind: Job\nkind: Job\n"),
            of("# nothing here\n"),
            of("kind: Job\n"),
            of(&JOB.replace("  name: dump\n", "  generateName: dump-\n")),
            of(&JOB.replace("  namespace: shop\n", "")),
            of(&JOB.replace("namespace: shop", "namespace: prod")),
            of(GREEN),
            of(&two),
            of(&more),
            said(&GOOD.replace("dump.yml", "dmp.yml")),
            said(&instead("{ apply = \"green\" }", "{ apply = \"gren\" }")),
            said_with(
                GOOD,
                Memory::with(&[(
                    "green/other.yml",
                    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n"
                )])
            ),
        ]
        .join("\n\n")
    );
}

#[test]
fn a_profile_that_is_not_there() {
    let name = find("chronicel").expect_err("there is no such profile").to_string();
    let path = find("profiles/none.toml").expect_err("there is no such file").to_string();
    assert_snapshot!(format!("{name}\n\n{path}"));
}
