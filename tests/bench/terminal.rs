//! The console on a real pseudo-terminal, with the moment at which each of its bytes arrived.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const PATIENCE: Duration = Duration::from_secs(60);

/// A program on a terminal; it is killed with the value.
pub(crate) struct Terminal {
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shown: Arc<(Mutex<Shown>, Condvar)>,
    _master: Box<dyn MasterPty + Send>,
}

struct Shown {
    screen: vt100::Parser,
    at: Instant,
}

impl Terminal {
    /// Starts a program with a state folder of its own, on a terminal of 200×50.
    pub(crate) fn start(program: &str, args: &[&str], state: &Path) -> Self {
        let size = PtySize { rows: 50, cols: 200, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env("PGCUTOVER_STATE_DIR", state);
        let child = pty.slave.spawn_command(command).unwrap();
        let [rows, columns] = [size.rows, size.cols].map(|cells| NonZeroU16::new(cells).unwrap());
        let shown = Shown { screen: vt100::Parser::new(rows, columns, 0), at: Instant::now() };
        let shown = Arc::new((Mutex::new(shown), Condvar::new()));
        let (mut reader, sink) = (pty.master.try_clone_reader().unwrap(), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut buffer = [0; 16384];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let at = Instant::now();
                let mut shown = sink.0.lock().unwrap();
                shown.screen.process(&buffer[..count]);
                shown.at = at;
                sink.1.notify_all();
            }
        });
        let keyboard = pty.master.take_writer().unwrap();
        Self { keyboard, child, shown, _master: pty.master }
    }

    /// Types, and tells when.
    pub(crate) fn press(&mut self, keys: &str) -> Instant {
        let at = Instant::now();
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
        at
    }

    /// Waits until the screen is as it should be, and tells since when.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&str) -> bool) -> Instant {
        let (shown, changed) = &*self.shown;
        let waiting = |shown: &mut Shown| !holds(&shown.screen.screen().contents());
        let waited = changed.wait_timeout_while(shown.lock().unwrap(), PATIENCE, waiting);
        let (shown, late) = waited.unwrap();
        assert!(!late.timed_out(), "no {what} on\n{}", shown.screen.screen().contents());
        shown.at
    }

    /// The process.
    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
