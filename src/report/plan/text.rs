//! The plan for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::statements::{Statement, statements, undoing};
use super::{calls, gates};
use crate::model::{
    Confirm, Gate, OnFailure, Permission, Phase, Runbook, SqlPrivilege, Step, Undo, UndoTurn, Verb,
    spelled,
};

/// How far the text of a step's lines is indented, behind their label.
const LABEL: usize = 10;

/// The whole plan with every gate, request, statement, permission, confirmation and undo, and its hash.
#[must_use]
pub fn plan_text(runbook: &Runbook) -> String {
    let mut out = Text(String::new());
    let mut past = false;
    out.head(runbook);
    for (at, phase) in runbook.phases.iter().enumerate() {
        out.phase(at + 1, phase);
        for (place, step) in phase.steps.iter().enumerate() {
            past |= step.point_of_no_return;
            out.step(runbook, &format!("{}.{}", at + 1, place + 1), step, past);
        }
    }
    out.0
}

struct Text(String);

impl Text {
    fn line(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.0, "{}", line.as_ref().trim_end());
    }

    fn head(&mut self, runbook: &Runbook) {
        self.line(format!("{}: {}", runbook.name, runbook.title));
        self.line(format!("plan       {}", runbook.digest()));
        self.line(format!("namespace  {}", runbook.cluster.namespace));
        self.line(format!("blue       {}", calls::place(runbook.blue.workload.as_ref())));
        self.line(format!("green      {}", calls::place(runbook.green.workload.as_ref())));
        if let Some(traffic) = &runbook.traffic {
            let writers: Vec<String> = traffic.writers.iter().map(ToString::to_string).collect();
            self.line(format!(
                "traffic    service/{}, written by {}",
                traffic.service,
                writers.join(", ")
            ));
        }
        let tables = if runbook.watch.tables.is_empty() {
            "all tables".to_owned()
        } else {
            runbook.watch.tables.join(", ")
        };
        self.line(format!("watched    {tables}"));
        for (table, reason) in &runbook.watch.exclude {
            self.line(format!("           without {table}: {reason}"));
        }
        let window = &runbook.window;
        let open = match (window.opens, window.closes) {
            (None, None) => "always open".to_owned(),
            (opens, closes) => [("from", opens), ("to", closes)]
                .iter()
                .filter_map(|(word, at)| at.map(|at| format!("{word} {at}")))
                .collect::<Vec<_>>()
                .join(" "),
        };
        self.line(format!(
            "window     {open}; writes may be stopped for {}",
            spelled(window.budget)
        ));
        self.line(format!(
            "one driver lease/{}, and an advisory lock on blue; the journal is mirrored into configmap/{}",
            runbook.lease(),
            runbook.mirror().first().map_or("", String::as_str)
        ));
        for (label, steps) in undo_order(runbook) {
            self.line(format!("{label:<10} {steps}"));
        }
        for (mark, what) in marks(runbook) {
            self.line(format!("{mark:<10} {what}"));
        }
    }

    fn phase(&mut self, number: usize, phase: &Phase) {
        let facts = [
            phase.window.then(|| "in the window".to_owned()),
            phase.parallel.then(|| "steps side by side".to_owned()),
            phase.budget.map(|budget| format!("at most {}", spelled(budget))),
            phase.checkpoint.map(|by| format!("done by T+{}", spelled(by))),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        let facts =
            if facts.is_empty() { String::new() } else { format!("  [{}]", facts.join(", ")) };
        self.line("");
        self.line(format!("{number} {} — {}{facts}", phase.id, phase.title));
    }

    fn step(&mut self, runbook: &Runbook, number: &str, step: &Step, past: bool) {
        self.line("");
        self.line(format!("{number} {} — {}", step.id, step.title));
        self.labelled("because", step.because.as_deref());
        self.labelled("does", [calls::words(&step.verb)]);
        self.labelled("calls", calls::calls(runbook, &step.verb));
        self.labelled("sql", statements(runbook, step).iter().map(Statement::told));
        self.labelled("before", listed(runbook, &step.gates));
        self.labelled("after", listed(runbook, &step.expect));
        if let Verb::Soak { gates, .. } = &step.verb {
            self.labelled("during", listed(runbook, gates));
        }
        self.labelled("asks", (step.confirm != Confirm::None).then(|| step.confirm.to_string()));
        self.labelled("limits", [limits(step)]);
        self.labelled("marks", step_marks(step));
        if past {
            self.labelled("undo", ["none: past the point of no return"]);
        } else {
            self.labelled("undo", [undo(step)]);
            self.labelled("", undo_calls(runbook, step));
            self.labelled("", undoing(runbook, step).iter().map(Statement::told));
        }
        self.labelled("needs", grouped(&runbook.permissions_of(step)));
        self.labelled("", runbook.sql_privileges_of(step).into_iter().map(privilege));
    }

    /// Lines behind a label; nothing at all when there is none.
    fn labelled<T: AsRef<str>>(&mut self, label: &str, items: impl IntoIterator<Item = T>) {
        let mut label = label;
        for item in items {
            for line in item.as_ref().lines() {
                self.line(format!("    {label:<LABEL$}{line}"));
                label = "";
            }
        }
    }
}

/// Where writes stop, where traffic moves and from where on nothing is undone.
fn marks(runbook: &Runbook) -> Vec<(&'static str, String)> {
    let first = |test: &dyn Fn(&Step) -> bool| {
        runbook.steps().find(|(_, step)| test(step)).map(|(_, step)| step.id.to_string())
    };
    let switch = |step: &Step| matches!(step.verb, Verb::SwitchService { .. });
    [
        ("stops", first(&|step| step.stops_writes), "writes are stopped from its start on"),
        ("switches", first(&switch), "clients are led to green"),
        (
            "no return",
            first(&|step| step.point_of_no_return),
            "what fails from its start on is finished forward",
        ),
    ]
    .into_iter()
    .filter_map(|(mark, id, what)| Some((mark, format!("{} ({what})", id?))))
    .collect()
}

/// What is undone first, so that writes flow, and what is cleared away behind it.
fn undo_order(runbook: &Runbook) -> Vec<(&'static str, String)> {
    let order = runbook.undo_order();
    let of = |wanted: UndoTurn| {
        let steps = order.iter().filter(|(turn, _)| *turn == wanted);
        steps.map(|(_, step)| step.id.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (writes, cleanup) = (of(UndoTurn::Writes), of(UndoTurn::Cleanup));
    match (writes.is_empty(), cleanup.is_empty()) {
        (true, true) => Vec::new(),
        (true, false) => vec![("undo", cleanup)],
        (false, true) => vec![("undo", format!("{writes} (then writes flow)"))],
        (false, false) => {
            vec![("undo", format!("{writes} (then writes flow)")), ("", cleanup)]
        }
    }
}

fn step_marks(step: &Step) -> Vec<&'static str> {
    [
        (step.stops_writes, "writes are stopped from its start on"),
        (step.resumes_writes, "writes flow again at its end"),
        (
            step.point_of_no_return,
            "point of no return: what fails from its start on is finished forward",
        ),
        (step.skippable, "the operator may go on without it"),
    ]
    .into_iter()
    .filter_map(|(holds, text)| holds.then_some(text))
    .collect()
}

fn limits(step: &Step) -> String {
    let mut text = format!("within {}", spelled(step.timeout));
    if step.retry.times > 0 {
        let _ = write!(
            text,
            "; tried again {} times after {}",
            step.retry.times,
            spelled(step.retry.delay)
        );
    }
    let on_failure = match step.on_failure {
        OnFailure::Ask => "the operator decides",
        OnFailure::UndoAll => "everything is undone",
        OnFailure::Continue => "the run goes on",
    };
    let _ = write!(text, "; when it fails, {on_failure}");
    text
}

fn undo(step: &Step) -> String {
    match &step.undo {
        Undo::Nothing => "nothing to undo".to_owned(),
        Undo::Former => "what was there before".to_owned(),
        Undo::Verb(verb) => calls::words(verb),
    }
}

fn undo_calls(runbook: &Runbook, step: &Step) -> Vec<String> {
    match &step.undo {
        Undo::Nothing => Vec::new(),
        Undo::Former => calls::undoing(runbook, &step.verb),
        Undo::Verb(verb) => calls::calls(runbook, verb),
    }
}

fn listed(runbook: &Runbook, all: &[Gate]) -> Vec<String> {
    all.iter().map(|gate| gates::line(runbook, gate)).collect()
}

fn privilege(privilege: SqlPrivilege) -> String {
    format!("{:<6} {}", privilege.side, privilege.grant.title())
}

/// Permissions with their verbs on one line for each object.
fn grouped(permissions: &[Permission]) -> Vec<String> {
    let mut groups: BTreeMap<(String, Option<&str>), Vec<&str>> = BTreeMap::new();
    for one in permissions {
        groups.entry((one.qualified(), one.name.as_deref())).or_default().push(one.verb);
    }
    let line = |((resource, name), verbs): ((String, Option<&str>), Vec<&str>)| {
        let name = name.map_or_else(String::new, |name| format!(" {name}"));
        format!("{} {resource}{name}", verbs.join(","))
    };
    groups.into_iter().map(line).collect()
}
