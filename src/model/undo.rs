//! In which order steps are undone.
//!
//! Latest first, but for one thing: nobody who writes waits for what is only cleared away. From the step on that stops writes,
//! whatever leads clients back to blue, lifts its fence and brings the writers back is undone first. Jobs, dumps and the hold
//! on green come after it, then all that was done before writes stopped. So blue is opened only behind the switch, and green
//! is held until blue serves.

use super::id::Seq;
use super::runbook::{Runbook, Step, Undo};
use super::side::Side;
use super::state::RunState;
use super::verb::Verb;

/// Who waits for the undo of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UndoTurn {
    /// Writes do: they flow when every step of this turn is undone.
    Writes,
    /// Nobody does: it is cleared away while blue takes writes.
    Cleanup,
}

/// The steps that have something to undo, in the order in which they are undone.
#[must_use]
pub fn undo_order<'a>(runbook: &'a Runbook, state: &RunState) -> Vec<(UndoTurn, &'a Step)> {
    let begun = runbook.steps().filter_map(|(_, step)| {
        let known = state.step(&step.id);
        Some(Begun { step, at: known.first_start?, touched: known.touched })
    });
    ordered(&begun.collect::<Vec<_>>())
}

impl Runbook {
    /// The order in which all is undone that can be, when each step was started at its place.
    #[must_use]
    pub fn undo_order(&self) -> Vec<(UndoTurn, &Step)> {
        let steps = self.steps().map(|(_, step)| step);
        let begun = steps.take_while(|step| !step.point_of_no_return).zip(1..);
        let begun = begun.map(|(step, at)| Begun { step, at: Seq(at), touched: true });
        ordered(&begun.collect::<Vec<_>>())
    }
}

struct Begun<'a> {
    step: &'a Step,
    at: Seq,
    touched: bool,
}

fn ordered<'a>(begun: &[Begun<'a>]) -> Vec<(UndoTurn, &'a Step)> {
    let first = |test: &dyn Fn(&Begun<'_>) -> bool| {
        begun.iter().filter(|it| test(it)).map(|it| it.at).min()
    };
    let stopped = first(&|it| it.step.stops_writes);
    let led = first(&|it| stopped.is_some_and(|at| at < it.at) && it.step.verb.may_lead_clients());
    let turn = |it: &Begun<'_>| {
        let led_away = led.is_some_and(|at| at < it.at);
        match stopped {
            Some(at) if at <= it.at && !it.step.undo_clears_away(led_away) => UndoTurn::Writes,
            _ => UndoTurn::Cleanup,
        }
    };
    let left = begun.iter().filter(|it| it.touched && it.step.undo != Undo::Nothing);
    let mut left: Vec<_> = left.map(|it| (turn(it), it.at, it.step)).collect();
    left.sort_by_key(|(turn, at, _)| (*turn, std::cmp::Reverse(*at)));
    left.into_iter().map(|(turn, _, step)| (turn, step)).collect()
}

impl Verb {
    /// Clients may be led elsewhere by it: the Service's selector is one way of several.
    const fn may_lead_clients(&self) -> bool {
        matches!(
            self,
            Self::SwitchService { .. }
                | Self::Patch { .. }
                | Self::Apply { .. }
                | Self::Exec { .. }
                | Self::Manual { .. }
        )
    }
}

impl Step {
    /// Whether blue may take writes before it is undone. What is not known to be harmless keeps its turn: a patch may have
    /// led clients elsewhere, a statement may have shut them out.
    ///
    /// - The hold on green: as long as it stands nobody can write there, so that it is best lifted last.
    /// - A dump and its file: they read blue, which is no different while it is written.
    /// - A Job: it copies from blue into green, and one that still runs makes green staler, no more. Once clients may have
    ///   been led to green (`led_away`) it could write through the Service, and ends before the switch is taken back.
    /// - Statements on green, unless clients were led there.
    const fn undo_clears_away(&self, led_away: bool) -> bool {
        match (&self.undo, &self.verb) {
            _ if self.stops_writes => false,
            (Undo::Former, Verb::Fence { side: Side::Green } | Verb::Backup { .. }) => true,
            (Undo::Former, Verb::Job { .. }) => !led_away,
            (Undo::Former | Undo::Nothing, _) => false,
            (Undo::Verb(verb), _) => match **verb {
                Verb::Unfence { side: Side::Green } => true,
                Verb::Sql { side: Side::Green, .. } => !led_away,
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UndoTurn::{Cleanup, Writes};
    use super::*;
    use crate::model::sample;
    use crate::model::{Manifest, Workload};

    fn job() -> Verb {
        Verb::Job { manifest: Manifest { path: "job.yml".into(), documents: Vec::new() } }
    }

    fn writers(replicas: u32) -> Verb {
        Verb::Scale { workload: Workload::Deployment("writers".into()), replicas }
    }

    fn switch() -> Verb {
        Verb::SwitchService { service: "db".into(), to: Side::Green }
    }

    /// The steps in the order of the plan, the first of which stops writes.
    fn window(steps: Vec<(&str, Verb)>) -> Runbook {
        let mut book = sample::runbook();
        let steps: Vec<Step> = steps.into_iter().map(|(id, verb)| Step::of(id, verb)).collect();
        book.phases[1].steps = steps;
        book.phases[1].steps[0].stops_writes = true;
        book
    }

    fn order(book: &Runbook) -> Vec<(UndoTurn, &str)> {
        let order = book.undo_order();
        order.into_iter().map(|(turn, step)| (turn, step.id.as_str())).collect()
    }

    #[test]
    fn what_holds_writes_is_undone_before_what_is_cleared_away() {
        let book = window(vec![
            ("stop", writers(0)),
            ("fence", Verb::Fence { side: Side::Blue }),
            ("dump", job()),
            ("restore", job()),
            ("hold", Verb::Fence { side: Side::Green }),
            ("switch", switch()),
        ]);
        assert_eq!(
            order(&book),
            [
                (Writes, "switch"),
                (Writes, "fence"),
                (Writes, "stop"),
                (Cleanup, "hold"),
                (Cleanup, "restore"),
                (Cleanup, "dump"),
                (Cleanup, "prepare"),
            ]
        );
    }

    #[test]
    fn what_may_write_behind_the_switch_ends_before_it_is_taken_back() {
        let book = window(vec![
            ("stop", writers(0)),
            ("switch", switch()),
            ("migrate", job()),
            ("writers", writers(1)),
            ("open", Verb::Unfence { side: Side::Green }),
        ]);
        let order: Vec<_> = order(&book).into_iter().filter(|(turn, _)| *turn == Writes).collect();
        assert_eq!(
            order.iter().map(|(_, step)| *step).collect::<Vec<_>>(),
            ["open", "writers", "migrate", "switch", "stop"]
        );
    }

    #[test]
    fn what_is_not_known_to_be_harmless_keeps_its_turn() {
        let object = Workload::Deployment("writers".into()).object();
        let patch = Verb::Patch {
            object,
            kind: crate::model::PatchKind::Merge,
            patch: serde_json::json!({}),
        };
        let mut book = window(vec![("stop", writers(0)), ("restore", job()), ("repoint", patch)]);
        assert_eq!(order(&book)[..2], [(Writes, "repoint"), (Writes, "stop")]);
        book.phases[1].steps[1].undo = Undo::Verb(Box::new(writers(1)));
        assert_eq!(order(&book)[1], (Writes, "restore"));
    }

    #[test]
    fn where_writes_were_never_stopped_it_is_latest_first() {
        let mut book = window(vec![("deploy", writers(1)), ("fill", job())]);
        book.phases[1].steps[0].stops_writes = false;
        assert_eq!(order(&book), [(Cleanup, "fill"), (Cleanup, "deploy"), (Cleanup, "prepare")]);
    }
}
