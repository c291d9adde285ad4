//! The binary on a real pseudo-terminal.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A screen is waited for no longer than this.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process on a pseudo-terminal, and what its screen shows. It is killed when this is dropped.
pub(crate) struct Pty {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

impl Pty {
    /// Starts the binary with `home` as its home, on a terminal of this size.
    pub(crate) fn start(
        args: &[&str],
        home: &Path,
        env: &[(&str, &str)],
        size: (u16, u16),
    ) -> Self {
        Self::spawn(command(env!("CARGO_BIN_EXE_pgcutover"), args, home, env), size)
    }

    /// Starts a shell that runs the binary with these arguments.
    pub(crate) fn start_in(shell: &[&str], args: &[&str], home: &Path) -> Self {
        let binary = [env!("CARGO_BIN_EXE_pgcutover")];
        let words: Vec<&str> = shell[1..].iter().chain(&binary).chain(args).copied().collect();
        Self::spawn(command(shell[0], &words, home, &[]), (80, 24))
    }

    fn spawn(command: CommandBuilder, size: (u16, u16)) -> Self {
        let pty = native_pty_system().openpty(pty_size(size)).unwrap();
        let child = pty.slave.spawn_command(command).unwrap();
        let seen = Arc::new(Mutex::new(Seen {
            screen: vt100::Parser::new(cells(size.1), cells(size.0), 0),
            bytes: Vec::new(),
        }));
        let mut reader = pty.master.try_clone_reader().unwrap();
        let sink = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let mut seen = sink.lock().unwrap();
                seen.screen.process(&buffer[..count]);
                seen.bytes.extend_from_slice(&buffer[..count]);
            }
        });
        let keyboard = pty.master.take_writer().unwrap();
        Self { master: pty.master, keyboard, child, seen }
    }

    /// Starts the binary, reads its terminal until a text was written, and takes the terminal away.
    pub(crate) fn start_and_hang_up(
        args: &[&str],
        home: &Path,
        text: &str,
    ) -> Box<dyn Child + Send + Sync> {
        let pty = native_pty_system().openpty(pty_size((80, 24))).unwrap();
        let child = pty
            .slave
            .spawn_command(command(env!("CARGO_BIN_EXE_pgcutover"), args, home, &[]))
            .unwrap();
        let mut reader = pty.master.try_clone_reader().unwrap();
        let mut seen = vt100::Parser::new(cells(24), cells(80), 0);
        let mut buffer = [0; 4096];
        while !seen.screen().contents().contains(text) {
            let count = reader.read(&mut buffer).unwrap();
            seen.process(&buffer[..count]);
        }
        child
    }

    /// Types.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Types into the field of a dialog as a hand does: a key, and the next one a while after that is seen.
    #[track_caller]
    pub(crate) fn types(&mut self, text: &str) {
        let mut typed = String::new();
        for letter in text.chars() {
            typed.push(letter);
            self.press_alone(&letter.to_string());
            self.wait_for(&format!("> {typed}_"));
        }
    }

    /// Moves to the button that is so many tabs away, and presses it.
    pub(crate) fn press_button(&mut self, tabs: usize) {
        self.press(&"\t".repeat(tabs));
        self.press_alone("\r");
    }

    /// Presses a key as a hand does, a while after the last one: keys that come closer together are taken for a paste.
    pub(crate) fn press_alone(&mut self, key: &str) {
        std::thread::sleep(Duration::from_millis(200));
        self.press(key);
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, size: (u16, u16)) {
        self.seen.lock().unwrap().screen.screen_mut().set_size(cells(size.1), cells(size.0));
        self.master.resize(pty_size(size)).unwrap();
    }

    /// What the screen shows.
    pub(crate) fn screen(&self) -> String {
        self.seen.lock().unwrap().screen.screen().contents()
    }

    /// What the console drew last, also after it gave the terminal back.
    pub(crate) fn last_frame(&self) -> vt100::Parser {
        let mut seen = self.seen.lock().unwrap();
        seen.screen.process(b"\x1b[?47h");
        let (rows, columns) = seen.screen.screen().size();
        let mut frame = vt100::Parser::new(rows, columns, 0);
        frame.process(seen.screen.screen().contents_formatted().as_bytes());
        frame
    }

    /// Everything that was written to the terminal.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.seen.lock().unwrap().bytes.clone()
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(&format!("`{text}` was not seen"), |screen| screen.contains(text));
    }

    /// Waits until the screen no longer shows a text.
    #[track_caller]
    pub(crate) fn wait_until_gone(&self, text: &str) {
        self.wait_until(&format!("`{text}` is still seen"), |screen| !screen.contains(text));
    }

    /// Waits until the screen is as it should be; if it never is, that is the complaint.
    #[track_caller]
    pub(crate) fn wait_until(&self, complaint: &str, holds: impl Fn(&str) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(&self.screen()) {
            assert!(Instant::now() < until, "{complaint} on\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until everything that was taken from the terminal was given back last: modes, the main screen, the cursor.
    #[track_caller]
    pub(crate) fn assert_given_back(&self) {
        let given_back = |bytes: &str| {
            let modes = ["\u{1b}[?1049", "\u{1b}[?2004"];
            let off =
                |mode: &&str| bytes.rfind(&format!("{mode}l")) > bytes.rfind(&format!("{mode}h"));
            modes.iter().all(off) && bytes.rfind("\u{1b}[?25h") > bytes.rfind("\u{1b}[?25l")
        };
        self.wait_until("the terminal is not given back", |_| {
            given_back(&String::from_utf8_lossy(&self.bytes()))
        });
    }

    /// The process's id.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().try_into().unwrap())
    }

    /// Sends a signal to the process.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// Waits until the process has ended, and gives its exit code.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> u32 {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                std::thread::sleep(Duration::from_millis(50));
                return status.exit_code();
            }
            assert!(Instant::now() < until, "it did not end; the screen is\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(program: &str, args: &[&str], home: &Path, env: &[(&str, &str)]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(args);
    command.cwd(home);
    command.env_clear();
    let own =
        [("HOME", home.to_str().unwrap()), ("TERM", "xterm-256color"), ("PATH", "/usr/bin:/bin")];
    for (name, value) in own.iter().chain(env) {
        command.env(name, value);
    }
    command
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

const fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}
