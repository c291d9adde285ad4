//! The long help of each command: examples first.

use std::fmt::Write as _;

use crate::exit::Exit;

const ENVIRONMENT: &str = "\
Environment:
  KUBECONFIG           the kubeconfig file, as for kubectl
  PGCUTOVER_LOG        what is logged, as --log-level
  PGCUTOVER_STATE_DIR  where runs and logs are kept, instead of the XDG state folder
  NO_COLOR             draw without colours";

/// The table of exit codes and the variables that are read.
pub(super) fn exit_codes() -> String {
    let rows = Exit::TABLE.iter().fold(String::new(), |mut rows, (exit, words)| {
        let _ = writeln!(rows, "  {:>3}  {words}", exit.code());
        rows
    });
    format!("Exit codes:\n{rows}\n{ENVIRONMENT}")
}

pub(super) const REHEARSE: &str = "\
The world is real where it matters: PostgreSQL servers, a Kubernetes API on loopback, an application that writes \
all the time. It is gone when the rehearsal ends. PostgreSQL is found on this machine or fetched once.

Examples:
  pgcutover rehearse chronicle
  pgcutover rehearse chronicle --headless | jq -r .message
  pgcutover rehearse chronicle --scenario image-pull-denied
  pgcutover rehearse chronicle --scenario killed-green --headless -o text
  pgcutover rehearse ./profiles/chronicle.toml --scale 10 --keep

Without a terminal it goes on as `--headless -o text`.";

pub(super) const RUN: &str = "\
Opens the console on a real cluster. With --headless an operator's answers come from a script, from an earlier \
run's journal, and from --confirm. The first difference between script and reality stops the run safely.

Examples:
  pgcutover run chronicle --context prod-eu
  pgcutover run chronicle --headless --script cutover.toml
  pgcutover run chronicle --headless --confirm stop-writers=yes --confirm switch-service=chronicle-db
  pgcutover run chronicle --headless --script ~/.local/state/pgcutover/runs/chronicle-…/journal.jsonl
  pgcutover run chronicle --read-only

A script:
  wait = \"2m\"                     # how long a held gate is waited for
  plan = \"9f3c…\"                  # optional: refuse another plan
  [[step]]
  id     = \"apply-green\"
  answer = \"enter\"
  on-failure = [{ decision = \"mend\", times = 1 }, { decision = \"undo\" }]
  [[step]]
  id     = \"stop-writers\"
  answer = \"yes\"";

pub(super) const PLAN: &str = "\
Every derived gate, permission, SQL statement and API call stands in it. Nothing is read from a cluster or database.

Examples:
  pgcutover plan chronicle
  pgcutover plan chronicle -o json | jq -r .plan
  pgcutover plan chronicle -o rbac | kubectl apply -f -";

pub(super) const PREFLIGHT: &str = "\
Exits with 0 when every gate is open and with 10 when one is held. It can be repeated at any time.

Examples:
  pgcutover preflight chronicle --context prod-eu
  pgcutover preflight chronicle -o json | jq '.gates[] | select(.opening != \"open\")'";

pub(super) const MONITOR: &str = "\
Sessions are read-only in PostgreSQL, and no request but GET leaves the cluster client.

Examples:
  pgcutover monitor chronicle --context prod-eu
  pgcutover monitor chronicle --headless -o text";

pub(super) const RESUME: &str = "\
Steps that were running are in doubt: the world is asked whether they happened, before anything is done.

Examples:
  pgcutover resume
  pgcutover resume chronicle-20260110 --headless --script cutover.toml
  pgcutover resume --from-cluster chronicle --context prod-eu
  pgcutover resume --from-cluster chronicle --take-over ann@ops-1

A run is driven by one console at a time, which holds a Lease in the namespace. On the machine where it was begun it is \
taken up again at once. Elsewhere `--from-cluster` fetches its journal: once the Lease has run out, or with the holder's \
name.";

pub(super) const REPLAY: &str = "\
Shows what a recorded run did, at the pace that it had. It never connects to anything; to drive a cutover with the \
decisions of an earlier one, see `pgcutover run --script`.

Examples:
  pgcutover replay chronicle-20260110
  pgcutover replay ./journal.jsonl --speed 0 --headless -o text
  pgcutover replay chronicle-20260110 --at 02:10 --picture fence.svg

On the screen: space stands still, < and > change the speed, left and right go by the edges of steps, `:seek 02:10` goes to a moment. \
Pauses of a recording in which nothing happens are cut to five seconds.";

pub(super) const REPORT: &str = "\
Examples:
  pgcutover report chronicle-20260110 > cutover.md
  pgcutover report chronicle-20260110 -o json";

pub(super) const LAB_UP: &str = "\
Prints the kubeconfig and how to point `run` and kubectl at it, then stays until ctrl-c. At the end it looks for every \
write that the application was told is stored, and prints what it found; a second ctrl-c does without. With -o json that \
is a second document, with `audit`. Exits with 0 when every one is there once, with 11 when one is lost or doubled, and \
with 17 when it is not known.

Examples:
  pgcutover lab up chronicle
  pgcutover lab up chronicle -o json | jq -r .kubeconfig";

pub(super) const INIT: &str = "\
Examples:
  pgcutover init chronicle
  pgcutover init chronicle ./my-cutover && pgcutover plan ./my-cutover/profiles/chronicle.toml";

pub(super) const COMPLETIONS: &str = "\
Examples:
  pgcutover completions bash > ~/.local/share/bash-completion/completions/pgcutover
  pgcutover completions zsh > \"${fpath[1]}/_pgcutover\"";
