//! The keyboard, on a thread of its own.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use ratatui::crossterm::event::{self, Event, KeyEventKind, MouseEventKind};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::msg::Msg;

/// How soon the thread sees that it is to end, in milliseconds.
const LOOK: u16 = 50;
/// How long it is waited for: reading a terminal that is gone may never end, and the console must.
const PATIENCE: Duration = Duration::from_millis(500);

/// The thread that reads the terminal. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Input {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// What was typed.
    pub(super) messages: UnboundedReceiver<Msg>,
}

impl Input {
    /// Starts to read.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, messages) = unbounded_channel();
        let done = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&done);
        let thread = std::thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || read(&seen, &sender))?;
        Ok(Self { done, thread: Some(thread), messages })
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        let Some(thread) = self.thread.take() else { return };
        let until = Instant::now() + PATIENCE;
        while !thread.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        if thread.is_finished() {
            let _ = thread.join();
        }
    }
}

fn read(done: &AtomicBool, sender: &UnboundedSender<Msg>) {
    while !done.load(Ordering::Relaxed) {
        if let Err(error) = wait().and_then(|()| pass_on(sender)) {
            tracing::warn!(%error, "the terminal can no longer be read");
            return;
        }
    }
}

/// Waits for something to read. A terminal that has hung up is an error here, since the library would read its end for ever.
fn wait() -> io::Result<()> {
    let stdin = io::stdin();
    let mut terminal = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
    match poll(&mut terminal, LOOK) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(error) => return Err(error.into()),
    }
    let gone = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    let hung_up = terminal[0].revents().is_some_and(|events| events.intersects(gone));
    if hung_up { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Passes on all that was typed, and a new size.
fn pass_on(sender: &UnboundedSender<Msg>) -> io::Result<()> {
    while event::poll(Duration::ZERO)? {
        if let Some(msg) = message(&event::read()?)
            && sender.send(msg).is_err()
        {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
    }
    Ok(())
}

fn message(event: &Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Msg::Key(*key)),
        Event::Paste(_) => Some(Msg::Pasted),
        Event::Resize(..) => Some(Msg::Resized),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(_) => Some(Msg::Clicked(mouse.column, mouse.row)),
            MouseEventKind::ScrollDown => Some(Msg::Wheeled(3, mouse.column, mouse.row)),
            MouseEventKind::ScrollUp => Some(Msg::Wheeled(-3, mouse.column, mouse.row)),
            _ => None,
        },
        Event::Key(_) | Event::FocusGained | Event::FocusLost => None,
    }
}
