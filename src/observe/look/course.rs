//! What the run itself says: its window, its budget, its soaks.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Fact, RunState, StepId};
use crate::world::World;

pub(super) fn window(world: &World) -> Fact {
    let window = &world.runbook.window;
    Fact::Window { opens: window.opens, closes: window.closes }
}

pub(super) fn budget(world: &World, state: &RunState) -> Fact {
    let since = state.writes_stopped_at.map(|at| Timestamp::now().duration_since(at));
    let running = since.and_then(|since| Duration::try_from(since).ok()).unwrap_or_default();
    Fact::Budget {
        stopped: state.writes_stopped_for + running,
        budget: world.runbook.window.budget,
    }
}

pub(super) fn soak(state: &RunState, step: &StepId) -> Fact {
    Fact::Soak { step: step.clone(), status: state.step(step).status }
}
