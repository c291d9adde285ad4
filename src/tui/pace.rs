//! What is measured from what was told: how fast a step gets on, how long the run waited for a person, how readings moved.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Event, EventKind, Observed, Side, StepId, When};

/// So many readings are kept for a sparkline.
const KEPT: usize = 60;

/// What is measured.
#[derive(Debug, Default)]
pub(super) struct Pace {
    step: Option<(StepId, VecDeque<(Timestamp, u64)>)>,
    asked: Option<(StepId, Timestamp)>,
    waited: Duration,
    writes: [VecDeque<(Timestamp, u64)>; 2],
}

impl Pace {
    /// Takes a fact in.
    pub(super) fn take(&mut self, event: &Event) {
        match &event.kind {
            EventKind::StepProgress { step, progress } => {
                if let Some(done) = progress.done {
                    self.got_on(step, event.at, done);
                }
            }
            EventKind::ConfirmationAsked { step, .. }
            | EventKind::StepFailed { step, .. }
            | EventKind::StepInDoubt { step, .. } => {
                self.asked.get_or_insert_with(|| (step.clone(), event.at));
            }
            // the question is taken back: a gate is waited for now
            EventKind::GateHeld { step, when: When::Before, .. } => {
                if self.asked.as_ref().is_some_and(|(asked, _)| asked == step) {
                    self.answered(event.at);
                }
            }
            // gates are looked at again while the question stands
            EventKind::GateHeld { .. }
            | EventKind::GatePassed { .. }
            | EventKind::Declined { .. }
            | EventKind::Refused { .. }
            | EventKind::CheckpointMissed { .. } => {}
            _ => self.answered(event.at),
        }
    }

    fn answered(&mut self, at: Timestamp) {
        if let Some((_, since)) = self.asked.take() {
            self.waited += between(since, at);
        }
    }

    fn got_on(&mut self, step: &StepId, at: Timestamp, done: u64) {
        match &mut self.step {
            Some((known, samples)) if known == step => {
                // a count that falls back is another count
                if samples.back().is_some_and(|(_, before)| *before > done) {
                    samples.clear();
                }
                // the same count, seen again: since the sample before it took that much longer
                match samples.back_mut() {
                    Some(last) if last.1 == done => last.0 = at,
                    _ => push(samples, at, done),
                }
            }
            _ => self.step = Some((step.clone(), VecDeque::from([(at, done)]))),
        }
    }

    /// How long a step will take still. Nothing is said before there are three samples, nor while it does not get on.
    pub(super) fn left(&self, step: &StepId, total: u64) -> Option<Duration> {
        let (_, samples) = self.step.as_ref().filter(|(known, _)| known == step)?;
        let (first, last) = (samples.front()?, samples.back()?);
        let done = last.1.checked_sub(first.1).filter(|done| *done > 0)?;
        let left = total.checked_sub(last.1)?;
        let took = between(first.0, last.0).as_millis();
        let millis = took.checked_mul(left.into())?.checked_div(done.into())?;
        (samples.len() >= 3)
            .then(|| Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
    }

    /// Since when a person is waited for.
    pub(super) fn waiting_since(&self) -> Option<Timestamp> {
        self.asked.as_ref().map(|(_, since)| *since)
    }

    /// For how long a person was waited for, in all.
    pub(super) fn waited(&self, now: Timestamp) -> Duration {
        self.waited + self.waiting_since().map_or(Duration::ZERO, |since| between(since, now))
    }

    /// Takes readings in.
    pub(super) fn see(&mut self, observed: &Observed) {
        for side in Side::BOTH {
            let flow = &observed.side(side).flow;
            let samples = &mut self.writes[side as usize];
            if let (Some(flow), Some(at)) = (flow.fresh(), flow.at())
                && samples.back().is_none_or(|(before, _)| *before < at)
            {
                push(samples, at, thousandths(flow.writes.per_second()));
            }
        }
    }

    /// The last write rates of a side, oldest first.
    pub(super) fn writes(&self, side: Side) -> impl ExactSizeIterator<Item = u64> {
        self.writes[side as usize].iter().map(|(_, rate)| *rate)
    }
}

fn push(samples: &mut VecDeque<(Timestamp, u64)>, at: Timestamp, value: u64) {
    if samples.len() == KEPT {
        samples.pop_front();
    }
    samples.push_back((at, value));
}

fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is not negative, and a sparkline needs no more"
)]
fn thousandths(rate: f64) -> u64 {
    (rate * 1000.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Progress;
    use crate::model::sample::at;

    fn progress(seq: u64, done: u64) -> Event {
        let progress = Progress { done: Some(done), total: Some(100), ..Progress::default() };
        at(seq, EventKind::StepProgress { step: "copy".into(), progress })
    }

    #[test]
    fn what_is_left_is_told_after_three_samples_and_while_it_gets_on() {
        let (mut pace, step) = (Pace::default(), StepId::from("copy"));
        pace.take(&progress(1, 10));
        pace.take(&progress(2, 20));
        assert_eq!(pace.left(&step, 100), None);
        pace.take(&progress(3, 30));
        assert_eq!(pace.left(&step, 100), Some(Duration::from_secs(7)));
        assert_eq!(pace.left(&"other".into(), 100), None);
        pace.take(&progress(4, 5));
        assert_eq!(pace.left(&step, 100), None, "it began anew");
    }

    #[test]
    fn the_time_that_a_person_took_is_summed() {
        let mut pace = Pace::default();
        let asked = |seq| {
            let confirm = crate::model::Confirm::Yes;
            at(seq, EventKind::ConfirmationAsked { step: "stop".into(), confirm })
        };
        pace.take(&asked(10));
        pace.take(&at(13, EventKind::Declined { step: "stop".into(), why: "no".into() }));
        let (step, when, judgements) = ("stop".into(), crate::model::When::Before, Vec::new());
        pace.take(&at(15, EventKind::GatePassed { step, when, judgements }));
        pace.take(&at(20, EventKind::Confirmed { step: "stop".into(), by: "alice".into() }));
        pace.take(&asked(30));
        assert_eq!(pace.waited(asked(35).at), Duration::from_secs(15));
        let (step, when, judgements) = ("stop".into(), crate::model::When::Before, Vec::new());
        pace.take(&at(37, EventKind::GateHeld { step, when, judgements }));
        assert_eq!(pace.waiting_since(), None, "a gate is waited for, no person");
        assert_eq!(pace.waited(asked(50).at), Duration::from_secs(17));
    }
}
