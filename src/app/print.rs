//! What commands print, in one place: data to stdout, talk to stderr.

use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use color_eyre::Result;
use serde::Serialize;

use crate::exit::Exit;
use crate::tui;

/// Lets a command write to stdout. A reader that went away (`| head`) is no error.
pub(super) fn to_stdout(
    write: impl FnOnce(&mut BufWriter<io::StdoutLock<'static>>) -> io::Result<()>,
) -> Result<Exit> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Exit::Done),
    }
}

/// Writes one JSON document.
pub(super) fn json(document: &impl Serialize) -> Result<Exit> {
    let text = serde_json::to_string_pretty(document)?;
    to_stdout(|out| writeln!(out, "{text}"))
}

/// Says something to the person, when there is one.
pub(super) fn say(line: impl AsRef<str>) {
    uncount();
    let _ = writeln!(io::stderr().lock(), "{}", line.as_ref());
}

/// Whether the terminal's last line counts.
static COUNTS: AtomicBool = AtomicBool::new(false);

/// Writes over the terminal's last line, as much as there is room for.
pub(super) fn count(line: impl AsRef<str>) {
    COUNTS.store(true, Ordering::Relaxed);
    let (line, room) = (line.as_ref(), usize::from(tui::columns().unwrap_or(80)));
    let mut shown: String = line.chars().take(room).collect();
    if shown.len() < line.len() {
        shown.pop();
        shown.push('…');
    }
    let _ = write!(io::stderr().lock(), "\r\x1b[K{shown}");
}

/// Takes the line that counts away.
pub(super) fn uncount() {
    if COUNTS.swap(false, Ordering::Relaxed) {
        let _ = write!(io::stderr().lock(), "\r\x1b[K");
    }
}
