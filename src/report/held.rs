//! From the facts to the gates that held.

use crate::model::{Event, EventKind, Fix, Judgement, StepId, When};

use super::parts::HeldPart;
use super::span::seconds;

pub(super) fn held(events: &[Event]) -> Vec<HeldPart> {
    let mut parts = Vec::new();
    for event in events {
        match &event.kind {
            EventKind::GateHeld { step, when, judgements } => {
                take(&mut parts, event, step, *when, judgements);
            }
            EventKind::GatePassed { step, when, .. } => {
                close(&mut parts, event, |part| part.step == *step && part.when == *when);
            }
            _ => {}
        }
    }
    parts
}

fn take(
    parts: &mut Vec<HeldPart>,
    event: &Event,
    step: &StepId,
    when: When,
    judgements: &[Judgement],
) {
    let shut: Vec<_> = judgements.iter().filter(|judgement| !judgement.is_open()).collect();
    close(parts, event, |part| {
        part.step == *step && part.when == when && shut.iter().all(|it| it.gate != part.gate)
    });
    for judgement in shut {
        let why = judgement.evidence.summary.clone();
        let fix = judgement.fix.as_ref().map(fix_in_words);
        let same = |part: &&mut HeldPart| {
            part.held.is_none()
                && part.step == *step
                && part.when == when
                && part.gate == judgement.gate
        };
        match parts.iter_mut().find(same) {
            Some(part) => (part.why, part.fix) = (why, fix),
            None => parts.push(HeldPart {
                step: step.clone(),
                when,
                gate: judgement.gate.clone(),
                why,
                fix,
                since: event.at,
                held: None,
            }),
        }
    }
}

fn close(parts: &mut [HeldPart], event: &Event, opened: impl Fn(&HeldPart) -> bool) {
    for part in parts.iter_mut().filter(|part| part.held.is_none() && opened(part)) {
        part.held = Some(seconds(part.since, event.at));
    }
}

pub(super) fn fix_in_words(fix: &Fix) -> String {
    match &fix.command {
        Some(command) => format!("{}: `{command}`", fix.title),
        None => fix.title.clone(),
    }
}
