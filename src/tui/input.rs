//! The keyboard, on a thread of its own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyEventKind, MouseEventKind};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::msg::Msg;

/// How soon the thread sees that it is to end.
const LOOK: Duration = Duration::from_millis(50);

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
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(done: &AtomicBool, sender: &UnboundedSender<Msg>) {
    while !done.load(Ordering::Relaxed) {
        match event::poll(LOOK)
            .and_then(|ready| if ready { event::read().map(Some) } else { Ok(None) })
        {
            Ok(Some(event)) => {
                if let Some(msg) = message(&event)
                    && sender.send(msg).is_err()
                {
                    return;
                }
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "the terminal can no longer be read");
                return;
            }
        }
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
