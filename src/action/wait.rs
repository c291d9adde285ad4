//! One way to wait: woken by watches, convinced by reads.
//!
//! A watch may end with 410, or silently with its connection; so what it tells is only taken as a reason to look. Every
//! look reads the objects themselves, and a look is taken every few seconds in any case.

use std::pin::Pin;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{BoxStream, SelectAll};
use tokio::time::Instant;

use crate::model::{Failure, Fix, Progress};
use crate::world::{Cluster, Namespaced, WorldError};

use super::act::{Act, cancelled};

/// How long nothing is looked at when no watch wakes.
const QUIET: Duration = Duration::from_secs(3);

/// The shortest time from one look to the next, so that a burst of changes is one look. Where no watch can wake, it grows
/// up to [`QUIET`], so that what goes on for long costs the API server little.
const GAP: Duration = Duration::from_millis(40);

/// What is seen unchanged is told again after so long: its age is that of the look.
const AGAIN: Duration = Duration::from_secs(1);

/// What a look found.
#[derive(Debug)]
pub(super) enum Seen<T> {
    /// It is as it should be.
    Ready(T),
    /// Not yet; why.
    Waiting(Box<Progress>),
}

impl<T> Seen<T> {
    pub(super) fn waiting(message: impl Into<String>) -> Self {
        Self::held(Progress { message: message.into(), ..Progress::default() })
    }

    pub(super) fn held(progress: Progress) -> Self {
        Self::Waiting(Box::new(progress))
    }
}

/// Why a look ends the wait, or does not.
#[derive(Debug)]
pub(super) enum Halt {
    /// It will not become as it should be.
    Failed(Box<Failure>),
    /// The world did not answer; asking again may help.
    World(WorldError),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<WorldError> for Halt {
    fn from(error: WorldError) -> Self {
        Self::World(error)
    }
}

/// Something that is waited for.
pub(super) trait Watched: Send {
    /// What the wait ends with.
    type Out: Send;

    /// What is waited for, as it stands in "cancelled while waiting for …".
    fn what(&self) -> String;

    /// Reads the world.
    fn look(&mut self) -> impl Future<Output = Result<Seen<Self::Out>, Halt>> + Send;
}

/// What wakes a wait.
pub(super) struct Wakes {
    streams: SelectAll<BoxStream<'static, ()>>,
}

impl Wakes {
    pub(super) fn new() -> Self {
        Self { streams: SelectAll::new() }
    }

    /// Wakes on changes of the namespace's objects that a label selector picks.
    pub(super) fn on<K: Namespaced>(mut self, cluster: &Cluster, labels: &str) -> Self {
        self.streams.push(cluster.follow::<K>(labels).map(|_| ()).boxed());
        self
    }

    async fn next(&mut self) {
        if self.streams.is_empty() {
            std::future::pending::<()>().await;
        }
        if self.streams.next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// Waits until what is watched is ready, has failed for good, or the step is cancelled.
pub(super) fn until<'a, W: Watched + 'a>(
    act: Act<'a>,
    wakes: Wakes,
    watched: W,
) -> Boxed<'a, Result<W::Out, Failure>> {
    Box::pin(wait(act, wakes, watched))
}

async fn wait<W: Watched>(
    act: Act<'_>,
    mut wakes: Wakes,
    mut watched: W,
) -> Result<W::Out, Failure> {
    let mut told: Option<Progress> = None;
    let mut told_at = Instant::now();
    let mut gap = GAP;
    loop {
        let looked = Instant::now();
        let seen = tokio::select! {
            biased;
            () = act.context.cancel.cancelled() => return Err(ended(&watched, told)),
            seen = watched.look() => seen,
        };
        let progress = match seen {
            Ok(Seen::Ready(out)) => return Ok(out),
            Ok(Seen::Waiting(progress)) => *progress,
            Err(Halt::Failed(failure)) => return Err(*failure),
            Err(Halt::World(error)) if error.is_transient() => Progress {
                message: format!("no answer, asking again: {error}"),
                fix: told.as_ref().and_then(|told| told.fix.clone()),
                ..Progress::default()
            },
            Err(Halt::World(error)) => return Err(error.into()),
        };
        if told.as_ref() != Some(&progress) || told_at.elapsed() >= AGAIN {
            act.progress(progress.clone());
            told = Some(progress);
            told_at = looked;
        }
        tokio::select! {
            biased;
            () = act.context.cancel.cancelled() => return Err(ended(&watched, told)),
            () = quiet(&mut wakes, looked, gap) => {}
        }
        gap = (gap * 2).min(QUIET);
    }
}

async fn quiet(wakes: &mut Wakes, looked: Instant, gap: Duration) {
    if wakes.streams.is_empty() {
        return tokio::time::sleep(gap).await;
    }
    let _ = tokio::time::timeout(QUIET, wakes.next()).await;
    tokio::time::sleep_until(looked + GAP).await;
}

/// A cancelled wait says what it saw last, and how to mend it.
fn ended<W: Watched>(watched: &W, told: Option<Progress>) -> Failure {
    let failure = cancelled(&watched.what());
    let Some(told) = told else { return failure };
    let fix: Option<Fix> = told.fix;
    let failure = if told.message.is_empty() { failure } else { failure.because(told.message) };
    match fix {
        Some(fix) => failure.mended_by(fix),
        None => failure,
    }
}

/// A boxed future, where a recursion needs one.
pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
