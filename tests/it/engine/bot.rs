//! Drives a run to its end with an operator who answers by rule.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use pgcutover::engine::{Clock, EngineError, Options, Run, drive};
use pgcutover::journal::{Append, JournalError};
use pgcutover::model::{
    Answer, Command, Confirm, Decision, Event, EventKind, Failure, Mode, Move, RunState, Runbook,
    Step, choices, next,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::world::{Inner, World};

/// The time of the paused runtime.
#[derive(Debug)]
pub(crate) struct TestClock {
    base: Timestamp,
    start: Instant,
}

impl TestClock {
    pub(crate) fn new(base: Timestamp) -> Self {
        Self { base, start: Instant::now() }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.base + self.start.elapsed()
    }

    fn steady(&self) -> Duration {
        self.start.elapsed()
    }
}

/// Keeps every event with the world as it was at that moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tape(Arc<Mutex<Vec<(Event, Inner)>>>, World);

impl Tape {
    pub(crate) fn of(world: &World) -> Self {
        Self(Arc::default(), world.clone())
    }

    pub(crate) fn frames(&self) -> Vec<(Event, Inner)> {
        self.0.lock().unwrap().clone()
    }
}

impl Append for Tape {
    fn keep(&mut self, event: &Event) -> Result<(), JournalError> {
        if let EventKind::StepStarted { step, .. } | EventKind::UndoStarted { step } = &event.kind {
            self.1.get().over.remove(step);
        }
        self.0.lock().unwrap().push((event.clone(), self.1.snapshot()));
        Ok(())
    }
}

/// What the operator says to a fact.
pub(crate) type Operator = dyn Fn(&Runbook, &RunState, &Event) -> Vec<Command> + Send + Sync;

/// An operator who says yes, undoes what fails, and ends what cannot be undone.
pub(crate) fn agreeable(runbook: &Runbook, state: &RunState, event: &Event) -> Vec<Command> {
    decide_as(&[Decision::Skip, Decision::Undo], runbook, state, event)
}

/// An operator who says yes, and takes the first of these decisions that can be taken, or else aborts.
pub(crate) fn decide_as(
    wish: &[Decision],
    runbook: &Runbook,
    state: &RunState,
    event: &Event,
) -> Vec<Command> {
    let decides = |open: &Move| match open {
        Move::AwaitDecision(id) => runbook.step(id).map(|step| decide(wish, step, state)),
        _ => None,
    };
    let open = next(runbook, state);
    match &event.kind {
        EventKind::ConfirmationAsked { step, confirm } => {
            vec![Command::Answer { step: step.clone(), answer: yes(confirm), asked: event.seq }]
        }
        EventKind::RunResumed { .. } => open.iter().filter_map(decides).collect(),
        EventKind::StepFailed { step, .. } | EventKind::StepInDoubt { step, .. } => {
            open.iter().filter(|it| it.step() == Some(step)).filter_map(decides).collect()
        }
        _ => Vec::new(),
    }
}

fn decide(wish: &[Decision], step: &Step, state: &RunState) -> Command {
    let may = choices(step, state);
    match wish.iter().copied().find(|decision| may.contains(decision)) {
        Some(decision) => Command::Decide { step: step.id.clone(), decision },
        None => Command::Abort { why: "nothing else is left".into() },
    }
}

pub(crate) fn yes(confirm: &Confirm) -> Answer {
    match confirm {
        Confirm::None | Confirm::Enter => Answer::Enter,
        Confirm::Yes => Answer::Typed("yes".into()),
        Confirm::Name(name) => Answer::Typed(name.clone()),
    }
}

/// A run in a test.
pub(crate) struct Trial {
    pub(crate) runbook: Arc<Runbook>,
    pub(crate) world: World,
    pub(crate) past: Vec<Event>,
    pub(crate) operator: Arc<Operator>,
    /// The operator is gone from this fact on.
    pub(crate) leaves: fn(&EventKind) -> bool,
    pub(crate) options: Options,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) state: RunState,
    pub(crate) frames: Vec<(Event, Inner)>,
    pub(crate) told: Vec<Event>,
}

impl Ended {
    pub(crate) fn has(&self, fits: impl Fn(&EventKind) -> bool) -> bool {
        self.told.iter().any(|event| fits(&event.kind))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let name = |event: &Event| match event.kind.step() {
            Some(step) => format!("{} {step}", event.kind.name()),
            None => event.kind.name().to_owned(),
        };
        self.told.iter().filter(|event| event.kind.is_durable()).map(name).collect()
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.told.iter().filter(|event| event.kind.name() == name).count()
    }

    /// The facts so far, for a console that takes over.
    pub(crate) fn journal(&self, past: &[Event]) -> Vec<Event> {
        let new = self.frames.iter().map(|(event, _)| event.clone());
        past.iter().cloned().chain(new).collect()
    }
}

impl Trial {
    pub(crate) fn new(runbook: &Arc<Runbook>, world: &World) -> Self {
        Self {
            runbook: Arc::clone(runbook),
            world: world.clone(),
            past: Vec::new(),
            operator: Arc::new(agreeable),
            leaves: |_| false,
            options: Options::new("alice"),
        }
    }

    pub(crate) fn resumed(mut self, past: Vec<Event>) -> Self {
        self.past = past;
        self
    }

    pub(crate) fn with(
        mut self,
        operator: impl Fn(&Runbook, &RunState, &Event) -> Vec<Command> + Send + Sync + 'static,
    ) -> Self {
        self.operator = Arc::new(operator);
        self
    }

    pub(crate) async fn end(self) -> Ended {
        self.try_end().await.unwrap()
    }

    pub(crate) async fn try_end(self) -> Result<Ended, EngineError> {
        let tape = Tape::of(&self.world);
        self.on(tape.clone()).await.map(|(state, told)| Ended {
            state,
            frames: tape.frames(),
            told,
        })
    }

    pub(crate) async fn on(
        mut self,
        journal: impl Append + 'static,
    ) -> Result<(RunState, Vec<Event>), EngineError> {
        let (commands, orders) = mpsc::unbounded_channel();
        let (told, mut events) = mpsc::unbounded_channel();
        let base = self.past.last().map_or("2026-11-21T03:15:00Z".parse().unwrap(), |last| {
            last.at + Duration::from_secs(7)
        });
        self.options.clock = Arc::new(TestClock::new(base));
        let old = self.past.len();
        let run = Run {
            run: "orders-20261121-031500-test".into(),
            runbook: Arc::clone(&self.runbook),
            journal,
            past: self.past,
            executor: Arc::new(self.world),
            commands: orders,
            events: told,
            options: self.options,
        };
        let (runbook, operator, leaves) = (self.runbook, self.operator, self.leaves);
        let mut commands = Some(commands);
        let bot = tokio::spawn(async move {
            let (mut state, mut heard) = (RunState::new(&runbook), Vec::new());
            while let Some(event) = events.recv().await {
                state.apply(&runbook, &event).unwrap();
                heard.push(event);
                if heard.len() <= old {
                    continue;
                }
                let event = &heard[heard.len() - 1];
                commands = commands.filter(|_| !leaves(&event.kind));
                for command in operator(&runbook, &state, event) {
                    commands.as_ref().map(|commands| commands.send(command));
                }
            }
            heard
        });
        let ended = tokio::time::timeout(Duration::from_secs(500_000), drive(run)).await;
        let heard = bot.await.unwrap();
        let state = ended.unwrap_or_else(|_| {
            let names: Vec<_> = heard.iter().map(|event| event.kind.to_string()).collect();
            panic!("the run hangs after {names:#?}")
        })?;
        if let Mode::Finished(_) | Mode::Stopped(_) = state.mode() {
            Ok((state, heard))
        } else {
            panic!("the run was left as it is: {:?}", state.mode())
        }
    }
}

/// The last failure of a step.
pub(super) fn failure(ended: &Ended) -> Failure {
    let mut failures = ended.told.iter().rev().filter_map(|event| match &event.kind {
        EventKind::StepFailed { failure, .. } => Some(failure.clone()),
        _ => None,
    });
    failures.next().unwrap()
}
