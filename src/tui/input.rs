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

/// Keys that come sooner after each other were not pressed by a person, who needs 30 ms or more, nor repeated by a keyboard.
const FASTEST: Duration = Duration::from_millis(20);
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
    let mut hand = Hand::default();
    while !done.load(Ordering::Relaxed) {
        if let Err(error) = wait().and_then(|()| pass_on(sender, &mut hand)) {
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
fn pass_on(sender: &UnboundedSender<Msg>, hand: &mut Hand) -> io::Result<()> {
    let mut typed = Vec::new();
    while event::poll(Duration::ZERO)? {
        typed.extend(message(&event::read()?));
    }
    for msg in hand.tell(typed, Instant::now()) {
        sender.send(msg).map_err(|_| io::ErrorKind::BrokenPipe)?;
    }
    Ok(())
}

/// Tells what was pressed from what was pasted by the time between keys.
#[derive(Debug, Default)]
struct Hand {
    last: Option<Instant>,
}

impl Hand {
    /// Keys that were read together, or too soon after the last one, were not pressed one by one. Where a slow line brings
    /// several keys of a person at once, they look the same.
    fn tell(&mut self, mut typed: Vec<Msg>, now: Instant) -> Vec<Msg> {
        let keys = typed.iter().filter(|msg| matches!(msg, Msg::Key(_))).count();
        let soon = self.last.is_some_and(|last| now.duration_since(last) < FASTEST);
        if keys > 0 {
            self.last = Some(now);
        }
        for msg in &mut typed {
            if let (Msg::Key(key), true) = (&*msg, keys > 1 || soon) {
                *msg = Msg::Rushed(*key);
            }
        }
        typed
    }
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

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyCode, KeyEvent};

    use super::*;

    fn typed(text: &str) -> Vec<Msg> {
        text.chars().map(|c| Msg::Key(KeyEvent::from(KeyCode::Char(c)))).collect()
    }

    fn rushed(told: &[Msg]) -> usize {
        told.iter().filter(|msg| matches!(msg, Msg::Rushed(_))).count()
    }

    #[test]
    fn keys_that_come_together_or_too_soon_are_told_from_those_of_a_hand() {
        let (mut hand, start) = (Hand::default(), Instant::now());
        let mut tell =
            |text, millis| rushed(&hand.tell(typed(text), start + Duration::from_millis(millis)));
        assert_eq!(tell("y", 0), 0);
        assert_eq!(tell("e", 30), 0, "a key that is held down repeats every 30 ms");
        assert_eq!(tell("s", 33), 1);
        assert_eq!(tell("", 40), 0);
        assert_eq!(tell("y", 60), 0);
        assert_eq!(tell("yes", 500), 3, "the first of them, too");
    }
}
