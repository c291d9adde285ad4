//! A world in memory: a set of effects, and a temper for each step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use pgcutover::engine::{Executor, Probed, StepContext};
use pgcutover::model::{
    Effects, Evidence, Failure, FailureKind, Fix, Gate, Judgement, Mend, ObjectRef, Opening,
    Outcome, Progress, RunState, Step, StepId,
};
use serde_json::{Value, json};

/// How a step behaves.
#[expect(clippy::struct_excessive_bools, reason = "independent faults that a test turns on")]
#[derive(Debug, Clone)]
pub(crate) struct Temper {
    /// How long performing, undoing and the like take.
    pub(crate) takes: Duration,
    /// It fails as often as this before it succeeds.
    pub(crate) fails: u32,
    /// Whether its failures leave the effect behind.
    pub(crate) fails_dirty: bool,
    /// What its failures say of effects.
    pub(crate) effects: Effects,
    /// Its undo fails as often as this.
    pub(crate) undo_fails: u32,
    /// The world cannot tell whether it happened.
    pub(crate) opaque: bool,
    /// What its undo needs cannot be read.
    pub(crate) unprepared: bool,
    /// It does not look at its cancel token.
    pub(crate) deaf: bool,
    /// It panics.
    pub(crate) panics: bool,
    /// Its failures can be mended.
    pub(crate) mendable: bool,
}

impl Default for Temper {
    fn default() -> Self {
        Self {
            takes: Duration::from_secs(1),
            fails: 0,
            fails_dirty: false,
            effects: Effects::Maybe,
            undo_fails: 0,
            opaque: false,
            unprepared: false,
            deaf: false,
            panics: false,
            mendable: false,
        }
    }
}

/// What can be lost or kept when a console dies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inner {
    pub(crate) applied: BTreeSet<StepId>,
    pub(crate) tempers: BTreeMap<StepId, Temper>,
    /// Gates that are not open.
    pub(crate) shut: BTreeMap<String, Opening>,
    /// What was done, in order.
    pub(crate) log: Vec<String>,
    /// What must not happen.
    pub(crate) wrong: Vec<String>,
    /// Steps whose last action has come to pass, whether or not that was recorded yet.
    pub(crate) over: BTreeSet<StepId>,
    excused: BTreeSet<StepId>,
}

impl Inner {
    /// Performs a step at once, and says whether it succeeded.
    pub(crate) fn perform(&mut self, id: &StepId) -> Result<(), Failure> {
        self.log.push(format!("perform {id}"));
        self.over.insert(id.clone());
        let temper = self.tempers.entry(id.clone()).or_default();
        let fails = temper.fails > 0;
        let keeps = !fails || temper.fails_dirty;
        temper.fails = temper.fails.saturating_sub(1);
        let (effects, mendable) = (temper.effects, temper.mendable);
        if keeps && !self.applied.insert(id.clone()) && !self.excused.contains(id) {
            self.wrong.push(format!("`{id}` was done twice"));
        }
        if !fails {
            self.excused.remove(id);
            return Ok(());
        }
        self.excused.insert(id.clone());
        let mut failure = Failure::new(FailureKind::Refused, format!("{id} was refused"));
        failure.effects = effects;
        failure.fix = mendable.then(|| Fix {
            title: "say please".into(),
            command: None,
            mend: Some(mend(id)),
        });
        Err(failure)
    }

    pub(crate) fn undo(&mut self, id: &StepId) -> Result<(), Failure> {
        self.log.push(format!("undo {id}"));
        self.over.insert(id.clone());
        let temper = self.tempers.entry(id.clone()).or_default();
        if temper.undo_fails > 0 {
            temper.undo_fails -= 1;
            return Err(Failure::new(FailureKind::Unreachable, format!("{id} does not answer")));
        }
        self.applied.remove(id);
        Ok(())
    }

    pub(crate) fn temper(&mut self, id: &str) -> &mut Temper {
        self.tempers.entry(id.into()).or_default()
    }
}

fn mend(id: &StepId) -> Mend {
    let object = ObjectRef { api_version: "v1".into(), kind: "Pod".into(), name: id.to_string() };
    Mend { object, patch: json!({}).into() }
}

/// The world, shared between the console that acts and the test that looks.
#[derive(Debug, Clone, Default)]
pub(crate) struct World(Arc<Mutex<Inner>>);

impl World {
    pub(crate) fn of(inner: Inner) -> Self {
        Self(Arc::new(Mutex::new(inner)))
    }

    pub(crate) fn get(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    pub(crate) fn snapshot(&self) -> Inner {
        self.get().clone()
    }

    fn temper(&self, id: &StepId) -> Temper {
        self.get().tempers.get(id).cloned().unwrap_or_default()
    }
}

impl Executor for World {
    async fn look(&self, gate: &Gate, _: &RunState) -> Judgement {
        let Gate::Sql { query: name, .. } = gate else { unreachable!("only named gates") };
        let opening = self.get().shut.get(name).copied().unwrap_or(Opening::Open);
        let evidence = Evidence {
            summary: format!("{name} is {opening:?}"),
            source: "world".into(),
            at: Timestamp::UNIX_EPOCH,
            details: Vec::new(),
        };
        let fix = (opening != Opening::Open).then(|| Fix {
            title: format!("open {name}"),
            command: None,
            mend: Some(mend(&StepId::new(name.clone()))),
        });
        Judgement { gate: name.clone(), opening, evidence, fix }
    }

    async fn prepare(&self, step: &Step) -> Result<Value, Failure> {
        if self.temper(&step.id).unprepared {
            return Err(Failure::new(FailureKind::Forbidden, "may not read"));
        }
        Ok(json!({ "was": self.get().applied.contains(&step.id) }))
    }

    async fn perform(&self, step: &Step, context: &StepContext) -> Result<Outcome, Failure> {
        let temper = self.temper(&step.id);
        assert!(!temper.panics, "{} panics", step.id);
        assert!(context.before.get("was").is_some(), "a step is prepared before it is performed");
        let _ = context.progress.send(Progress { message: "at it".into(), ..Progress::default() });
        tokio::select! {
            () = tokio::time::sleep(temper.takes) => {}
            () = context.cancel.cancelled(), if !temper.deaf => {
                let failure = Failure::new(FailureKind::Cancelled, "told to end");
                return Err(failure.without_effects());
            }
        }
        self.get().perform(&step.id).map(|()| Outcome::new(format!("{} is done", step.id)))
    }

    async fn undo(&self, step: &Step, _: &StepContext) -> Result<Outcome, Failure> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.get().undo(&step.id).map(|()| Outcome::new(format!("{} is undone", step.id)))
    }

    async fn probe(&self, step: &Step, _: &StepContext) -> Probed {
        let temper = self.temper(&step.id);
        self.get().log.push(format!("probe {}", step.id));
        if temper.opaque {
            return Probed::Unknown(Failure::new(FailureKind::Unreachable, "cannot tell"));
        }
        let done = self.get().applied.contains(&step.id) && temper.fails == 0;
        if done { Probed::Done(Outcome::new("it happened")) } else { Probed::Again }
    }

    async fn mend(&self, mend: &Mend) -> Result<Outcome, Failure> {
        let mut inner = self.get();
        let id = StepId::new(mend.object.name.clone());
        inner.log.push(format!("mend {id}"));
        inner.shut.remove(id.as_str());
        inner.tempers.entry(id).or_default().fails = 0;
        Ok(Outcome::new("mended"))
    }
}

/// Changes the world after a time.
pub(super) async fn later(world: World, seconds: u64, change: impl FnOnce(&World)) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    change(&world);
}
