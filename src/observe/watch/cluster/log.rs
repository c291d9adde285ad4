//! A log's bytes as lines that can be shown.

/// The longest line that is kept, in bytes; the rest of it is dropped.
const LONGEST: usize = 4096;

/// Bytes in, whole lines out.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// The lines that end in these bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut parts = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            let room = LONGEST.saturating_sub(self.begun.len());
            self.begun.extend_from_slice(&part[..part.len().min(room)]);
            if parts.peek().is_some() {
                lines.push(shown(&std::mem::take(&mut self.begun)));
            }
        }
        lines
    }

    /// What was begun and has no end.
    pub(super) fn rest(&mut self) -> Option<String> {
        (!self.begun.is_empty()).then(|| shown(&std::mem::take(&mut self.begun)))
    }
}

/// A line without what would move a terminal's cursor or colour its text.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                // a control sequence: `[`, parameters, a letter; anything else behind an escape is one character
                if chars.next() == Some('[') {
                    chars.by_ref().find(|c| matches!(c, '@'..='~'));
                }
            }
            '\t' => out.push_str("    "),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_lines_whatever_they_are() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(b"one\ntw"), ["one"]);
        assert_eq!(
            lines.take(b"o\r\n\x1b[31mred\x1b[0m\tand\xff\n"),
            ["two", "red    and\u{fffd}"]
        );
        assert_eq!(lines.take(&vec![b'x'; 10_000]), Vec::<String>::new());
        assert_eq!(lines.take(b"\nend")[0].len(), LONGEST);
        assert_eq!(lines.rest().as_deref(), Some("end"));
        assert_eq!(lines.rest(), None);
    }
}
