//! The keyboard, on a thread of its own.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::AsFd;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use ratatui::crossterm::event::{self, Event, KeyEventKind, MouseEventKind};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::msg::Msg;

/// Keys that come sooner after each other were not pressed by a person, who needs 30 ms or more, nor repeated by a keyboard.
const FASTEST: Duration = Duration::from_millis(20);
/// How long it is waited for: reading a terminal that is gone may never end, and the console must.
const PATIENCE: Duration = Duration::from_millis(500);

/// The thread that reads the terminal. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Input {
    /// As long as this end of a pipe is open the thread reads.
    lives: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
    resized: Signal,
    /// What was typed.
    pub(super) messages: UnboundedReceiver<Msg>,
}

impl Input {
    /// Starts to read.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, messages) = unbounded_channel();
        let (ends, lives) = io::pipe()?;
        let resized = signal(SignalKind::window_change())?;
        let thread = std::thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || read(&ends, &sender))?;
        Ok(Self { lives: Some(lives), thread: Some(thread), resized, messages })
    }

    /// What was typed next, or a new size. It may be dropped and asked again without loss.
    pub(super) async fn next(&mut self) -> Option<Msg> {
        tokio::select! {
            typed = self.messages.recv() => typed,
            Some(()) = self.resized.recv() => Some(Msg::Resized),
        }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.lives = None;
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

fn read(ends: &PipeReader, sender: &UnboundedSender<Msg>) {
    let mut hand = Hand::default();
    let mut goes_on = || Ok::<_, io::Error>(wait(ends)? && pass_on(sender, &mut hand)?);
    loop {
        match goes_on() {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(%error, "the terminal can no longer be read");
                return;
            }
        }
    }
}

/// Waits for something to read; false when nothing is to be read any more. A terminal that has hung up is an error here,
/// since the library would read its end for ever.
fn wait(ends: &PipeReader) -> io::Result<bool> {
    let stdin = io::stdin();
    let wanted = |it| PollFd::new(it, PollFlags::POLLIN);
    let mut looked_at = [wanted(stdin.as_fd()), wanted(ends.as_fd())];
    match poll(&mut looked_at, PollTimeout::NONE) {
        // the answers were not filled in
        Err(Errno::EINTR) => return Ok(true),
        Ok(_) => {}
        Err(error) => return Err(error.into()),
    }
    let [terminal, ends] = looked_at.map(|it| it.revents().unwrap_or(PollFlags::empty()));
    let gone = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    if !ends.is_empty() {
        Ok(false)
    } else if terminal.intersects(gone) {
        Err(io::ErrorKind::UnexpectedEof.into())
    } else {
        Ok(true)
    }
}

/// Passes on all that was typed; true while somebody takes it.
fn pass_on(sender: &UnboundedSender<Msg>, hand: &mut Hand) -> io::Result<bool> {
    let mut typed = Vec::new();
    for nudged in [false, true] {
        while event::poll(Duration::ZERO)? {
            typed.extend(message(&event::read()?));
        }
        if nudged || !is_readable()? {
            break;
        }
        nudge()?;
    }
    let mut told = hand.tell(typed, Instant::now()).into_iter();
    Ok(told.all(|msg| sender.send(msg).is_ok()))
}

fn is_readable() -> io::Result<bool> {
    let stdin = io::stdin();
    let mut terminal = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
    match poll(&mut terminal, PollTimeout::ZERO) {
        Err(Errno::EINTR) => Ok(false),
        answer => Ok(answer? > 0),
    }
}

/// Has the system tell the library once more that there is something to read. It listens for changes only (`EPOLLET`) and
/// forgets keys over a new size that came before them; setting the terminal's modes, to what they are, wakes who waits.
fn nudge() -> io::Result<()> {
    let stdin = io::stdin();
    tcsetattr(&stdin, SetArg::TCSANOW, &tcgetattr(&stdin)?)?;
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
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(_) => Some(Msg::Clicked(mouse.column, mouse.row)),
            MouseEventKind::ScrollDown => Some(Msg::Wheeled(3, mouse.column, mouse.row)),
            MouseEventKind::ScrollUp => Some(Msg::Wheeled(-3, mouse.column, mouse.row)),
            _ => None,
        },
        // a new size is heard of at once, by its signal
        Event::Key(_) | Event::Resize(..) | Event::FocusGained | Event::FocusLost => None,
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
