//! What containers write, kept with the time at which each line came.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::stream::{self, BoxStream, StreamExt};
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::watch;

use crate::lab::cluster::kubelet::LogLine;

/// The kubelet keeps 10 MiB a container.
const ROOM: usize = 10 * 1024 * 1024;
/// The runtime cuts longer lines.
const LONGEST: usize = 16 * 1024;

/// The log of one run of a container.
#[derive(Debug)]
pub(super) struct ContainerLog {
    lines: Mutex<Lines>,
    /// How many lines there ever were, and whether there will be more.
    state: watch::Sender<(usize, bool)>,
}

#[derive(Debug, Default)]
struct Lines {
    kept: VecDeque<LogLine>,
    /// How many were dropped before the first that is kept.
    dropped: usize,
    bytes: usize,
}

impl ContainerLog {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { lines: Mutex::default(), state: watch::Sender::new((0, true)) })
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, text: String) {
        let mut lines = self.lines();
        lines.bytes += text.len();
        lines.kept.push_back(LogLine { at: Timestamp::now(), text });
        while lines.bytes > ROOM
            && let Some(first) = lines.kept.pop_front()
        {
            lines.bytes -= first.text.len();
            lines.dropped += 1;
        }
        let count = lines.dropped + lines.kept.len();
        self.state.send_modify(|state| state.0 = count);
    }

    /// Nothing will come any more.
    pub(super) fn close(&self) {
        self.state.send_modify(|state| state.1 = false);
    }

    /// Takes lines from a pipe until its end.
    pub(super) async fn take_from(self: Arc<Self>, pipe: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while let Ok(1..) = reader.read_until(b'\n', &mut bytes).await {
            if bytes.last() == Some(&b'\n') {
                bytes.pop();
            }
            bytes.truncate(LONGEST);
            self.push(String::from_utf8_lossy(&bytes).into_owned());
            bytes.clear();
        }
    }

    /// All lines that are kept, and the number of the next.
    pub(super) fn past(&self) -> (Vec<LogLine>, usize) {
        let lines = self.lines();
        (lines.kept.iter().cloned().collect(), lines.dropped + lines.kept.len())
    }

    /// The lines from number `from` on, as they come, until the log is closed.
    pub(super) fn live(self: Arc<Self>, from: usize) -> BoxStream<'static, LogLine> {
        let changes = self.state.subscribe();
        let batches =
            stream::unfold((self, changes, from), |(log, mut changes, from)| async move {
                let (count, _) =
                    *changes.wait_for(|(count, open)| *count > from || !*open).await.ok()?;
                (count > from).then(|| (log.between(from, count), (log.clone(), changes, count)))
            });
        batches.flat_map(stream::iter).boxed()
    }

    fn between(&self, from: usize, to: usize) -> Vec<LogLine> {
        let lines = self.lines();
        let (first, end) = (from.saturating_sub(lines.dropped), to.saturating_sub(lines.dropped));
        lines.kept.range(first.min(end)..end).cloned().collect()
    }

    /// The last lines in one text, for a terminated container's message.
    pub(super) fn tail(&self, lines: usize) -> String {
        let all = self.lines();
        let skipped = all.kept.len().saturating_sub(lines);
        all.kept.iter().skip(skipped).flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }
}

/// The logs of all containers: the present run, and the one before it.
#[derive(Debug, Default)]
pub(super) struct Logs {
    by_container: Mutex<BTreeMap<(String, String), Runs>>,
}

#[derive(Debug, Default, Clone)]
struct Runs {
    current: Option<Arc<ContainerLog>>,
    previous: Option<Arc<ContainerLog>>,
}

impl Logs {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), Runs>> {
        self.by_container.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new run begins.
    pub(super) fn begin(&self, uid: &str, container: &str) -> Arc<ContainerLog> {
        let log = ContainerLog::new();
        let mut all = self.lock();
        let runs = all.entry((uid.to_owned(), container.to_owned())).or_default();
        runs.previous = runs.current.replace(log.clone());
        log
    }

    pub(super) fn find(
        &self,
        uid: &str,
        container: &str,
        previous: bool,
    ) -> Option<Arc<ContainerLog>> {
        let runs = self.lock().get(&(uid.to_owned(), container.to_owned())).cloned()?;
        if previous { runs.previous } else { runs.current }
    }

    /// The pod is no more.
    pub(super) fn forget(&self, uid: &str) {
        self.lock().retain(|(of, _), _| of != uid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_follows_misses_nothing_and_sees_the_end() {
        let log = ContainerLog::new();
        log.push("one".to_owned());
        let (past, next) = log.past();
        let live = log.clone().live(next);
        log.clone().take_from(&b"two\nthree"[..]).await;
        log.close();
        let texts: Vec<String> =
            past.into_iter().chain(live.collect::<Vec<_>>().await).map(|line| line.text).collect();
        assert_eq!(texts, ["one", "two", "three"]);
        assert_eq!(log.tail(2), "two\nthree\n");
    }

    #[test]
    fn the_run_before_is_kept_and_no_other() {
        let logs = Logs::default();
        for text in ["first", "second", "third"] {
            logs.begin("uid", "c").push(text.to_owned());
        }
        let text = |previous| logs.find("uid", "c", previous).unwrap().past().0[0].text.clone();
        assert_eq!((text(false), text(true)), ("third".to_owned(), "second".to_owned()));
        logs.forget("uid");
        assert!(logs.find("uid", "c", false).is_none());
    }
}
