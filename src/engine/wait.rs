//! Looking at gates: all of a step's at once, again and again until they are open.

use std::sync::Arc;

use futures::future::join_all;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::model::{Evidence, Gate, Judgement, Opening, Outcome, RunState, StepId, When};

use super::executor::Executor;
use super::jobs::{Teller, Word};
use super::options::Options;

/// What a look needs.
pub(super) struct Eyes<E> {
    pub(super) executor: Arc<E>,
    pub(super) state: watch::Receiver<Arc<RunState>>,
    pub(super) options: Options,
}

impl<E: Executor> Eyes<E> {
    /// Looks until all gates are open, for ever if it must: whoever drives ends it.
    pub(super) async fn until_open(&self, gates: &[Gate], teller: &Teller) -> Vec<Judgement> {
        let mut told = Told::default();
        loop {
            let state = Arc::clone(&self.state.borrow());
            let judgements = self.look(gates, &state).await;
            if judgements.iter().all(Judgement::is_open) {
                return judgements;
            }
            told.tell(teller, When::Before, &judgements);
            sleep(self.options.interval).await;
        }
    }

    /// Looks once, with a step's outcome that is not in the fold yet.
    pub(super) async fn look_after(
        &self,
        gates: &[Gate],
        step: &StepId,
        outcome: &Outcome,
    ) -> Vec<Judgement> {
        let mut state = RunState::clone(&self.state.borrow());
        state.steps.entry(step.clone()).or_default().outcome = Some(outcome.clone());
        self.look(gates, &state).await
    }

    pub(super) async fn look(&self, gates: &[Gate], state: &RunState) -> Vec<Judgement> {
        join_all(gates.iter().map(|gate| self.look_at(gate, state))).await
    }

    async fn look_at(&self, gate: &Gate, state: &RunState) -> Judgement {
        let limit = self.options.look_timeout;
        let seen = timeout(limit, self.executor.look(gate, state)).await;
        seen.unwrap_or_else(|_| Judgement {
            gate: gate.to_string(),
            opening: Opening::Unknown,
            evidence: Evidence {
                summary: format!("no answer within {} s", limit.as_secs()),
                source: String::new(),
                at: self.options.clock.now(),
                details: Vec::new(),
            },
            fix: None,
        })
    }
}

/// What was told last: a held gate is told again only when something else is seen.
#[derive(Debug, Default)]
pub(super) struct Told(Vec<(String, Opening, String)>);

impl Told {
    pub(super) fn tell(&mut self, teller: &Teller, when: When, judgements: &[Judgement]) {
        let seen: Vec<_> = judgements
            .iter()
            .map(|it| (it.gate.clone(), it.opening, it.evidence.summary.clone()))
            .collect();
        if seen != self.0 {
            self.0 = seen;
            teller.tell(Word::Held(when, judgements.to_vec()));
        }
    }
}
