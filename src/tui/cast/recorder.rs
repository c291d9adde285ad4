//! The thread that writes the file, and the two ends that the console holds.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use super::format::{Header, Pace, Told};

/// So many lines wait for the disk at most.
const QUEUE: usize = 256;
/// How long leaving waits for the last lines.
const PATIENCE: Duration = Duration::from_secs(1);
/// No recording is longer than this.
const LIMIT: u64 = 128 * 1024 * 1024;

type Entry = (Instant, Told);

/// Takes in what is drawn. What comes after the recording has ended is let go.
#[derive(Debug, Clone)]
pub(in crate::tui) struct Cast {
    queue: SyncSender<Option<Entry>>,
    behind: Arc<AtomicBool>,
}

impl Cast {
    /// Bytes went to the terminal.
    pub(super) fn output(&self, bytes: Vec<u8>) {
        self.tell(Told::Output(bytes));
    }

    /// The terminal has another size.
    pub(in crate::tui) fn resize(&self, columns: u16, rows: u16) {
        self.tell(Told::Resize(columns, rows));
    }

    /// Something happened that one may want to jump to.
    pub(in crate::tui) fn mark(&self, label: String) {
        self.tell(Told::Mark(label));
    }

    fn tell(&self, told: Told) {
        // a frame is told as the difference to the one before: after a gap nothing would be right
        if !self.behind.load(Ordering::Relaxed)
            && self.queue.try_send(Some((Instant::now(), told))).is_err()
        {
            self.behind.store(true, Ordering::Relaxed);
        }
    }
}

/// A recording that goes on. When it is dropped the file is complete, unless its disk hangs.
#[derive(Debug)]
pub(in crate::tui) struct Recorder {
    cast: Cast,
    ended: Receiver<io::Result<()>>,
    told: bool,
}

impl Recorder {
    /// Starts to record into a file.
    pub(in crate::tui) fn start(
        file: impl Write + Send + 'static,
        header: &Header,
    ) -> io::Result<Self> {
        let (queue, entries) = sync_channel(QUEUE);
        let (end, ended) = channel();
        let head = header.line();
        let began = Instant::now();
        let work = move || {
            let _ = end.send(write(file, &head, began, &entries));
        };
        std::thread::Builder::new().name("cast".to_owned()).spawn(work)?;
        let cast = Cast { queue, behind: Arc::new(AtomicBool::new(false)) };
        Ok(Self { cast, ended, told: false })
    }

    /// The end that takes things in.
    pub(in crate::tui) const fn cast(&self) -> &Cast {
        &self.cast
    }

    /// Why the recording ended before the console did, once.
    pub(in crate::tui) fn trouble(&mut self) -> Option<String> {
        if self.told {
            return None;
        }
        let why = match self.ended.try_recv() {
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) if self.cast.behind.load(Ordering::Relaxed) => {
                Some("its disk is slower than the screen".to_owned())
            }
            Ok(Ok(())) | Err(_) => None,
        };
        self.told = why.is_some();
        why
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if self.cast.queue.try_send(None).is_ok() {
            let _ = self.ended.recv_timeout(PATIENCE);
        }
    }
}

fn write(
    mut file: impl Write,
    head: &str,
    began: Instant,
    entries: &Receiver<Option<Entry>>,
) -> io::Result<()> {
    let mut pace = Pace::new(began);
    let mut length = head.len() as u64;
    file.write_all(head.as_bytes())?;
    while let Ok(Some((at, told))) = entries.recv() {
        let line = pace.line(at, &told);
        length += line.len() as u64;
        if length > LIMIT {
            return Err(io::Error::other(format!("it is {} MiB long", LIMIT / 1024 / 1024)));
        }
        file.write_all(line.as_bytes())?;
    }
    Ok(())
}
