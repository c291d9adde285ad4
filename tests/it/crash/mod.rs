//! A cutover whose console is killed after each of its facts in turn, in a world that goes on meanwhile.

mod console;
mod traces;

use std::collections::BTreeSet;
use std::time::Duration;

use pgcutover::lab::Scenario;
use pgcutover::model::{Event, EventKind, Runbook, StepId, Verb, Verdict, When};
use tempfile::TempDir;

use crate::support::{LabUp, installations};
use console::Run;
use traces::Traces;

/// A place in a run where a console can die. A second pass of a step's gates, after its confirmation, is another place than the first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    After {
        kind: &'static str,
        of: String,
    },
    /// Some time after a step began to act.
    Amid(StepId),
}

/// Which moments a console has died at, and which a console has been at.
#[derive(Debug, Default)]
struct Deaths {
    hit: BTreeSet<Moment>,
    seen: BTreeSet<Moment>,
}

impl Deaths {
    /// After which time to kill the console that has just written the last of these events: at once when no console has died
    /// there, and, when one has and its step acts, while it does.
    fn due(&mut self, runbook: &Runbook, events: &[Event]) -> Option<Duration> {
        let moment = Moment::of(events);
        if self.is_open(&moment) {
            return Some(Duration::ZERO);
        }
        let (EventKind::StepStarted { step, .. } | EventKind::UndoStarted { step }) =
            &events.last()?.kind
        else {
            return None;
        };
        let acts = runbook.step(step).is_some_and(|step| step.verb != Verb::Check);
        let amid = Moment::Amid(step.clone());
        (acts && self.is_open(&amid)).then(|| {
            self.hit.insert(amid);
            Duration::from_millis(random() % 400)
        })
    }

    fn is_open(&mut self, moment: &Moment) -> bool {
        self.seen.insert(moment.clone());
        !self.hit.contains(moment)
    }
}

impl Moment {
    fn of(events: &[Event]) -> Self {
        let last = &events[events.len() - 1].kind;
        let of = match last {
            // Taken up while a step may have acted, or between steps.
            EventKind::RunResumed { .. } => {
                let before = events[..events.len() - 1].iter().rev();
                let mut before =
                    before.filter(|event| !matches!(event.kind, EventKind::RunResumed { .. }));
                match before.next().map(|event| &event.kind) {
                    Some(EventKind::StepStarted { step, .. } | EventKind::UndoStarted { step }) => {
                        format!("in doubt of {step}")
                    }
                    _ => "between".to_owned(),
                }
            }
            EventKind::PhaseStarted { phase } | EventKind::PhaseFinished { phase } => {
                phase.to_string()
            }
            EventKind::GatePassed { step, when: When::Before, .. }
                if was_confirmed(step, events) =>
            {
                format!("{step}, confirmed")
            }
            EventKind::GatePassed { step, when, .. } => format!("{step}, {when:?}"),
            other => other.step().map_or_else(String::new, ToString::to_string),
        };
        Self::After { kind: last.name(), of }
    }
}

/// By the console that lives.
fn was_confirmed(step: &StepId, events: &[Event]) -> bool {
    let living =
        events.iter().rev().take_while(|event| !matches!(event.kind, EventKind::RunResumed { .. }));
    living
        .map(|event| &event.kind)
        .any(|kind| matches!(kind, EventKind::Confirmed { step: of, .. } if of == step))
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_ne_bytes(bytes)
}

/// Cuts over in a scenario's world, with a console that dies at every moment that comes after the first fact that `from`
/// means, and with the next one, until the run has ended.
struct Cutover {
    _home: TempDir,
    runbook: Runbook,
    lab: LabUp,
    run: Run,
}

impl Cutover {
    fn survive(
        scenario: &'static str,
        decisions: &str,
        from: impl Fn(&EventKind) -> bool,
    ) -> Option<Self> {
        installations()?;
        let home = TempDir::new().unwrap();
        let overrides = pgcutover::app::overrides(&Scenario::named(scenario).unwrap());
        let runbook = pgcutover::profile::load("chronicle", &overrides).unwrap();
        let lab = LabUp::start(home.path(), scenario);
        let mut run = Run::new(home.path(), lab.kubeconfig(), scenario, decisions);
        let mut deaths = Deaths::default();
        let mut begun = false;
        while run.verdict().is_none() {
            run.live(|events| {
                begun = begun || from(&events[events.len() - 1].kind);
                if begun { deaths.due(&runbook, events) } else { None }
            });
            deaths.hit.insert(Moment::of(&run.events));
        }
        let missed: Vec<_> = deaths.seen.difference(&deaths.hit).collect();
        assert!(missed.is_empty(), "{missed:?}");
        Some(Self { _home: home, runbook, lab, run })
    }

    /// The world ends: every acknowledged write is there, once.
    fn audit(self) {
        let (audit, exit) = self.lab.end();
        assert_eq!(exit, 0, "{audit}");
        assert!(audit["acknowledged"].as_u64().unwrap() > 1_000, "{audit}");
        assert_eq!((&audit["lost"], &audit["duplicated"]), (&0.into(), &0.into()), "{audit}");
    }
}

#[test]
fn a_console_that_is_killed_after_each_of_its_facts_ends_as_if_it_had_lived() {
    let Some(cutover) = Cutover::survive("plain", "", |_| true) else { return };
    assert_eq!(cutover.run.verdict(), Some(&Verdict::Done));
    for (_, step) in cutover.runbook.steps() {
        assert_eq!(cutover.run.ends_of(&step.id), 1, "`{}`", step.id);
    }
    Traces::read(&cutover.lab).show_each_deed_once();
    cutover.audit();
}

#[test]
fn an_undo_whose_console_is_killed_after_each_of_its_facts_gives_everything_back() {
    let undo = "[[step]]\nid = \"verify\"\non-failure = [{ decision = \"undo\" }]\n";
    let failed = |kind: &EventKind| matches!(kind, EventKind::StepFailed { step, .. } if step.as_str() == "verify");
    let Some(cutover) = Cutover::survive("row-differs", undo, failed) else { return };
    let verdict = cutover.run.verdict();
    assert!(matches!(verdict, Some(Verdict::Undone { .. })), "{verdict:?}");
    Traces::read(&cutover.lab).show_nothing_of_green();
    cutover.audit();
}
