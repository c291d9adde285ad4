//! The terminal, taken and given back: by a guard, and by a panic hook.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};

use base64::Engine as _;
use jiff::Timestamp;
use nix::sys::signal::Signal;
use nix::sys::termios::{FlushArg, tcflush};
use nix::unistd::Pid;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::force_color_output;
use ratatui::crossterm::terminal::{
    self, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::Size;
use ratatui::{Frame, Terminal};

use super::cast::{self, Recorder, Tee};

static TAKEN: AtomicBool = AtomicBool::new(false);
static OWNER: Mutex<Option<Owner>> = Mutex::new(None);
static HOOK: Once = Once::new();

struct Owner {
    thread: ThreadId,
    stderr: Option<OwnedFd>,
    farewell: String,
}

/// How many columns the terminal has.
#[must_use]
pub fn columns() -> Option<u16> {
    terminal::size().ok().map(|(columns, _)| columns)
}

/// The terminal for as long as the console has it. When it is dropped the terminal is as it was.
#[derive(Debug)]
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Tee>>,
    recorder: Option<Recorder>,
    size: (u16, u16),
}

impl Screen {
    /// Takes the terminal. What other code writes to stderr meanwhile goes to `stderr`; a panic leaves `farewell` behind. What
    /// is drawn is recorded into `cast`.
    pub(super) fn take(
        title: &str,
        stderr: Option<&File>,
        farewell: String,
        cast: Option<File>,
        mouse: bool,
    ) -> io::Result<Self> {
        let owner = Owner { thread: thread::current().id(), stderr: divert(stderr)?, farewell };
        *OWNER.lock().unwrap_or_else(PoisonError::into_inner) = Some(owner);
        HOOK.call_once(install_hook);
        // with NO_COLOR crossterm would cut a cell's modifiers short; the theme leaves colours out by itself
        force_color_output(true);
        TAKEN.store(true, Ordering::SeqCst);
        enter(mouse)?;
        Self::title(title)?;
        let size = terminal::size()?;
        let recorder = cast.map(|file| record(file, title, size)).transpose()?;
        let tee = Tee::new(io::stdout(), recorder.as_ref().map(|known| known.cast().clone()));
        let terminal = Terminal::new(CrosstermBackend::new(tee))?;
        let mut screen = Self { terminal, recorder, size };
        screen.clear()?;
        Ok(screen)
    }

    /// Forgets what was drawn, so that the next frame draws everything. `Terminal::clear` would ask the terminal where its
    /// cursor is, and wait for an answer that the keyboard's thread may have read.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        let size = self.resized()?;
        self.terminal.resize(size.into())
    }

    /// Draws a frame.
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.resized()?;
        self.terminal.draw(render)?;
        Ok(())
    }

    /// Tells the recording what happened, for those who jump to it.
    pub(super) fn mark(&self, label: String) {
        if let Some(recorder) = &self.recorder {
            recorder.cast().mark(label);
        }
    }

    /// Why the recording ended before the console does, once.
    pub(super) fn trouble(&mut self) -> Option<String> {
        self.recorder.as_mut()?.trouble()
    }

    /// Puts a text into the terminal's clipboard (OSC 52), where the terminal allows that.
    pub(super) fn copy(text: &str) -> io::Result<()> {
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        write!(io::stdout(), "\x1b]52;c;{encoded}\x07")?;
        io::stdout().flush()
    }

    /// Names the terminal's window.
    pub(super) fn title(title: &str) -> io::Result<()> {
        execute!(io::stdout(), SetTitle(title))
    }

    /// Gives the terminal back, says a word there, stops the process as ctrl-z does, and takes the terminal again when the
    /// process is continued.
    pub(super) fn suspend(&mut self, mouse: bool, word: Option<&str>) -> io::Result<()> {
        leave();
        if let Some(word) = word {
            writeln!(io::stdout(), "{word}")?;
        }
        // the shell hears of it when the whole foreground group stops, as for any program
        nix::sys::signal::kill(Pid::from_raw(0), Signal::SIGTSTP).map_err(io::Error::from)?;
        enter(mouse)?;
        self.clear()
    }

    /// How many columns and lines it has.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// The size of the terminal, which the recording is told before anything is drawn at it.
    fn resized(&mut self) -> io::Result<Size> {
        let size = self.terminal.size()?;
        if self.size != (size.width, size.height) {
            self.size = (size.width, size.height);
            if let Some(recorder) = &self.recorder {
                recorder.cast().resize(size.width, size.height);
            }
        }
        Ok(size)
    }
}

fn record(file: File, title: &str, size: (u16, u16)) -> io::Result<Recorder> {
    let header = cast::Header {
        size,
        began: Timestamp::now().as_second(),
        title: title.to_owned(),
        kind: std::env::var("TERM").ok(),
    };
    Recorder::start(file, &header)
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back. It may be called at any time and any number of times.
fn give_back() -> Option<String> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return None;
    }
    let owner = OWNER.lock().unwrap_or_else(PoisonError::into_inner).take();
    leave();
    let Owner { stderr, farewell, .. } = owner?;
    if let Some(stderr) = stderr {
        let _ = nix::unistd::dup2_stderr(stderr);
    }
    Some(farewell)
}

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    // what was typed before there was a console was not meant for it
    let _ = tcflush(io::stdin(), FlushArg::TCIFLUSH);
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    if mouse { execute!(io::stdout(), EnableMouseCapture) } else { Ok(()) }
}

fn leave() {
    let show = ratatui::crossterm::cursor::Show;
    let ends = (DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, show);
    let _ = execute!(io::stdout(), ends.0, ends.1, ends.2, ends.3);
    let _ = disable_raw_mode();
}

/// Points stderr at a file, and keeps the old one.
fn divert(to: Option<&File>) -> io::Result<Option<OwnedFd>> {
    let Some(file) = to else { return Ok(None) };
    let kept = nix::unistd::dup(io::stderr())?;
    nix::unistd::dup2_stderr(file)?;
    Ok(Some(kept))
}

/// A panic of the console's own thread gives the terminal back before it is told. One of another thread is told in the log,
/// where stderr goes, so that it does not draw over the screen.
fn install_hook() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let owner =
            OWNER.try_lock().ok().and_then(|owner| owner.as_ref().map(|owner| owner.thread));
        if owner == Some(thread::current().id()) {
            let farewell = give_back();
            tell(info);
            let _ = write!(io::stderr(), "{}", farewell.unwrap_or_default());
        } else {
            tell(info);
        }
    }));
}
