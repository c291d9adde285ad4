//! What is done for a step away from the loop: prepare, perform and expect, probe, undo, mend.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::model::{Effects, Failure, FailureKind, Judgement, Mend, Outcome, Progress, Step, When};

use super::executor::{Executor, Probed, StepContext};
use super::jobs::{End, Performed, Teller, Word};
use super::wait::{Eyes, Told};

/// How long it is waited for gates before a step in doubt is done after all.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads what the step's undo will need.
pub(super) async fn prepare<E: Executor>(eyes: Eyes<E>, step: Step) -> End {
    let limit = step.timeout;
    End::Prepared(match timeout(limit, eyes.executor.prepare(&step)).await {
        Ok(read) => read,
        Err(_) => Err(too_late("what its undo needs was not read", limit)),
    })
}

/// Performs the step, then waits until what it expects holds; both within its timeout.
pub(super) async fn perform<E: Executor>(
    eyes: Eyes<E>,
    step: Step,
    context: StepContext,
    teller: Teller,
    progress: mpsc::UnboundedReceiver<Progress>,
) -> End {
    let deadline = Instant::now() + step.timeout;
    let performed = pump(&teller, progress, perform_until(&eyes, &step, &context, deadline)).await;
    match performed {
        Ok(outcome) => expect(&eyes, &step, outcome, &teller, &context.cancel, deadline).await,
        Err(failure) => End::Performed(Err(failure)),
    }
}

/// Waits until what a step expects holds, when it is known that it was performed.
pub(super) async fn expect_of<E: Executor>(
    eyes: Eyes<E>,
    step: Step,
    outcome: Outcome,
    teller: Teller,
    cancel: CancellationToken,
) -> End {
    let deadline = Instant::now() + step.timeout;
    expect(&eyes, &step, outcome, &teller, &cancel, deadline).await
}

async fn perform_until<E: Executor>(
    eyes: &Eyes<E>,
    step: &Step,
    context: &StepContext,
    deadline: Instant,
) -> Result<Outcome, Failure> {
    let mut context = context.clone();
    context.cancel = context.cancel.child_token();
    let mut work = Box::pin(eyes.executor.perform(step, &context));
    if let Ok(done) = timeout_at(deadline, &mut work).await {
        return done;
    }
    context.cancel.cancel();
    let late = too_late("it was not done", step.timeout);
    match timeout(eyes.options.grace, &mut work).await {
        Ok(Err(failure)) if failure.kind == FailureKind::Cancelled => {
            let Failure { effects, causes, fix, .. } = failure;
            Err(Failure { causes, effects, fix, ..late })
        }
        Ok(done) => done,
        Err(_) => Err(late.because("it did not end when it was told to")),
    }
}

async fn expect<E: Executor>(
    eyes: &Eyes<E>,
    step: &Step,
    outcome: Outcome,
    teller: &Teller,
    cancel: &CancellationToken,
    deadline: Instant,
) -> End {
    let mut told = Told::default();
    loop {
        let judgements = tokio::select! {
            seen = eyes.look_after(&step.expect, &step.id, &outcome) => seen,
            () = cancel.cancelled() => return End::Performed(Err(cancelled())),
        };
        if judgements.iter().all(Judgement::is_open) {
            return End::Performed(Ok(Performed { outcome, judgements }));
        }
        told.tell(teller, When::After, &judgements);
        if Instant::now() >= deadline {
            return End::Performed(Err(shut(&judgements, step.timeout)));
        }
        let until = deadline.saturating_duration_since(Instant::now()).min(eyes.options.interval);
        tokio::select! {
            () = sleep(until) => {}
            () = cancel.cancelled() => return End::Performed(Err(cancelled())),
        }
    }
}

/// Asks the world whether the step happened.
pub(super) async fn probe<E: Executor>(eyes: Eyes<E>, step: Step, context: StepContext) -> End {
    let limit = step.timeout;
    End::Probed(match timeout(limit, eyes.executor.probe(&step, &context)).await {
        Ok(Probed::Again) if step.looks_again() => again(&eyes, &step).await,
        Ok(probed) => probed,
        Err(_) => Probed::Unknown(too_late("the world did not answer", limit)),
    })
}

/// It did not happen. Before it is done after all its gates are looked at once more: nobody knows what went on meanwhile.
async fn again<E: Executor>(eyes: &Eyes<E>, step: &Step) -> Probed {
    let limit = step.timeout.min(PATIENCE);
    let until = Instant::now() + limit;
    loop {
        let state = Arc::clone(&eyes.state.borrow());
        let judgements = eyes.look(&step.gates, &state).await;
        if judgements.iter().all(Judgement::is_open) {
            return Probed::Again;
        }
        if Instant::now() >= until {
            let why = "it did not happen, and nobody should do it behind a gate that is not open";
            return Probed::Unknown(shut(&judgements, limit).because(why).without_effects());
        }
        sleep(eyes.options.interval).await;
    }
}

/// Undoes the step, with a few tries.
pub(super) async fn undo<E: Executor>(
    eyes: Eyes<E>,
    step: Step,
    context: StepContext,
    teller: Teller,
    progress: mpsc::UnboundedReceiver<Progress>,
) -> End {
    let tries = undo_with_tries(&eyes, &step, &context);
    End::Undone(pump(&teller, progress, tries).await)
}

async fn undo_with_tries<E: Executor>(
    eyes: &Eyes<E>,
    step: &Step,
    context: &StepContext,
) -> Result<Outcome, Failure> {
    let mut delay = eyes.options.undo_delay;
    let tries = eyes.options.undo_tries.max(1);
    for number in 1.. {
        let failure = match timeout(step.timeout, eyes.executor.undo(step, context)).await {
            Ok(Ok(outcome)) => return Ok(outcome),
            Ok(Err(failure)) => failure,
            Err(_) => too_late("it was not undone", step.timeout),
        };
        if number >= tries || context.cancel.is_cancelled() {
            return Err(failure);
        }
        let message =
            format!("try {number} of {tries} failed: {failure}; again in {} s", delay.as_secs());
        let _ =
            context.progress.send(Progress { message, fix: failure.fix, ..Progress::default() });
        tokio::select! {
            () = sleep(delay) => {}
            () = context.cancel.cancelled() => {}
        }
        delay *= 2;
    }
    unreachable!("the last try returns")
}

/// Applies a mend.
pub(super) async fn mend<E: Executor>(eyes: Eyes<E>, mend: Mend, limit: Duration) -> End {
    End::Mended(match timeout(limit, eyes.executor.mend(&mend)).await {
        Ok(mended) => mended,
        Err(_) => Err(too_late("it was not mended", limit)),
    })
}

/// Passes progress on while the work is done.
async fn pump<T>(
    teller: &Teller,
    mut progress: mpsc::UnboundedReceiver<Progress>,
    work: impl Future<Output = T>,
) -> T {
    let mut work = Box::pin(work);
    let done = loop {
        tokio::select! {
            Some(told) = progress.recv() => teller.tell(Word::Progress(told)),
            done = &mut work => break done,
        }
    };
    while let Ok(told) = progress.try_recv() {
        teller.tell(Word::Progress(told));
    }
    done
}

fn too_late(what: &str, limit: Duration) -> Failure {
    Failure::new(FailureKind::TimedOut, format!("{what} within {}", in_words(limit)))
}

fn in_words(span: Duration) -> String {
    if span.subsec_millis() == 0 {
        format!("{} s", span.as_secs())
    } else {
        format!("{} ms", span.as_millis())
    }
}

fn cancelled() -> Failure {
    Failure::new(FailureKind::Cancelled, "cancelled while its expectations were awaited")
}

fn shut(judgements: &[Judgement], limit: Duration) -> Failure {
    let shut = || judgements.iter().filter(|judgement| !judgement.is_open());
    let names: Vec<&str> = shut().map(|judgement| judgement.gate.as_str()).collect();
    let message = format!("{} did not open within {}", names.join(", "), in_words(limit));
    let failure = Failure::new(FailureKind::GateShut, message);
    let fix = shut().find_map(|judgement| judgement.fix.clone());
    let failure = shut().fold(failure, |failure, judgement| {
        failure.because(format!("{}: {}", judgement.gate, judgement.evidence.summary))
    });
    Failure { effects: Effects::Maybe, fix, ..failure }
}
