//! What commands print, in one place: data to stdout, talk to stderr.

use std::io::{self, BufWriter, Write};

use color_eyre::Result;
use serde::Serialize;

use crate::exit::Exit;

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
    let _ = writeln!(io::stderr().lock(), "{}", line.as_ref());
}
