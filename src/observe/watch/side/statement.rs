//! Somebody else's statement, as far as it may be shown: on one line, without literals and comments.

use std::iter::Peekable;
use std::str::Chars;

/// The longest text that is shown, in characters.
const LONGEST: usize = 200;

/// A statement without its values: strings and numbers become `?`. Text that was cut within a literal ends there.
pub(super) fn headline(sql: &str) -> String {
    let mut cleaner = Cleaner { chars: sql.chars().peekable(), out: String::new() };
    cleaner.run();
    cleaner.out.trim_end().to_owned()
}

struct Cleaner<'a> {
    chars: Peekable<Chars<'a>>,
    out: String,
}

impl Cleaner<'_> {
    fn run(&mut self) {
        let mut length = 0;
        while let Some(c) = self.chars.next() {
            let before = self.out.len();
            self.one(c);
            length += self.out[before..].chars().count();
            if length >= LONGEST {
                self.out.push('…');
                return;
            }
        }
    }

    fn one(&mut self, c: char) {
        let next = self.chars.peek().copied();
        match c {
            '\'' => self.literal(self.escapes()),
            '"' => self.quoted(),
            '$' if self.dollar() => {}
            '-' if next == Some('-') => self.skip_until('\n'),
            '/' if next == Some('*') => self.comment(),
            c if c.is_ascii_digit() && !self.in_word() => self.number(),
            c if c.is_whitespace() || c.is_control() => self.space(),
            c => self.out.push(c),
        }
    }

    /// A backslash escapes only in a literal that begins with an `E`.
    fn escapes(&self) -> bool {
        let before: Vec<char> = self.out.chars().rev().take(2).collect();
        let starts = before.get(1).is_none_or(|c| !c.is_alphanumeric() && *c != '_');
        matches!(before.first(), Some('e' | 'E')) && starts
    }

    fn in_word(&self) -> bool {
        self.out.chars().next_back().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
    }

    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
    }

    fn literal(&mut self, escapes: bool) {
        self.out.push('?');
        while let Some(c) = self.chars.next() {
            match c {
                '\\' if escapes => {
                    self.chars.next();
                }
                '\'' if self.chars.next_if_eq(&'\'').is_none() => return,
                _ => {}
            }
        }
    }

    fn quoted(&mut self) {
        self.out.push('"');
        for c in self.chars.by_ref() {
            self.out.push(if c.is_control() { ' ' } else { c });
            if c == '"' {
                return;
            }
        }
    }

    /// `$tag$ … $tag$`; a parameter such as `$1` stays.
    fn dollar(&mut self) -> bool {
        if self.in_word() {
            return false;
        }
        let mut ahead = self.chars.clone();
        let tag: String =
            std::iter::from_fn(|| ahead.next_if(|c| c.is_alphanumeric() || *c == '_')).collect();
        if tag.starts_with(|c: char| c.is_ascii_digit()) || ahead.next() != Some('$') {
            return false;
        }
        let (rest, end) = (ahead.collect::<String>(), format!("${tag}$"));
        let skipped = rest.find(&end).map_or(rest.len(), |at| at + end.len());
        let skipped = tag.chars().count() + 1 + rest[..skipped].chars().count();
        self.chars.by_ref().take(skipped).for_each(drop);
        self.out.push('?');
        true
    }

    fn skip_until(&mut self, end: char) {
        self.chars.by_ref().find(|c| *c == end);
        self.space();
    }

    /// Comments nest.
    fn comment(&mut self) {
        let (mut depth, mut before) = (1, ' ');
        self.chars.next();
        for c in self.chars.by_ref() {
            match (before, c) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    before = c;
                    continue;
                }
            }
            before = ' ';
            if depth == 0 {
                break;
            }
        }
        self.space();
    }

    fn number(&mut self) {
        while self.chars.next_if(|c| c.is_alphanumeric() || matches!(c, '.' | '_')).is_some() {}
        self.out.push('?');
    }
}

#[cfg(test)]
mod tests {
    use super::headline;

    #[test]
    fn values_do_not_show_and_names_do() {
        let shown = [
            ("SELECT *\n  FROM \"Task 2\" WHERE id = 42", "SELECT * FROM \"Task 2\" WHERE id = ?"),
            ("UPDATE t1 SET a='it''s', b = E'\\'x', c=1.5e3", "UPDATE t1 SET a=?, b = E?, c=?"),
            ("SELECT $1, $2::int4 -- a 'note'\n, 3", "SELECT $1, $2::int4 , ?"),
            ("SELECT $$se'cret$$, $tag$a $$ b$tag$, x$y", "SELECT ?, ?, x$y"),
            ("/* traceparent='00-ab' /* in */ */SELECT 1", "SELECT ?"),
            ("ALTER ROLE a PASSWORD 'hunt", "ALTER ROLE a PASSWORD ?"),
            ("INSERT INTO t VALUES (-7, 0x1F, 'ä', N'n')", "INSERT INTO t VALUES (-?, ?, ?, N?)"),
            ("COPY public.tasks (id) FROM stdin;", "COPY public.tasks (id) FROM stdin;"),
            ("SELECT 'a\u{1b}[31m', 1 \u{1b}", "SELECT ?, ?"),
            ("", ""),
        ];
        for (sql, expected) in shown {
            assert_eq!(headline(sql), expected, "{sql}");
        }
        assert_eq!(headline(&"x".repeat(5000)).chars().count(), 201);
    }
}
