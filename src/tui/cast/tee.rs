//! What the console draws on: the terminal, and the recording beside it.

use std::io::{self, Stdout, Write};

use super::recorder::Cast;

/// Writes to the terminal, and tells a recording what went there: a frame at a time, so that no character is torn.
#[derive(Debug)]
pub(in crate::tui) struct Tee {
    out: Stdout,
    cast: Option<Cast>,
    frame: Vec<u8>,
}

impl Tee {
    /// A terminal, with a recording or without.
    pub(in crate::tui) fn new(out: Stdout, cast: Option<Cast>) -> Self {
        Self { out, cast, frame: Vec::new() }
    }
}

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        if self.cast.is_some() {
            self.frame.extend_from_slice(&bytes[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()?;
        if let Some(cast) = &self.cast
            && !self.frame.is_empty()
        {
            cast.output(std::mem::take(&mut self.frame));
        }
        Ok(())
    }
}
