//! A script as single statements.
//!
//! Several statements in one message are one transaction to the server, which `VACUUM` or `CREATE INDEX CONCURRENTLY` refuse;
//! so each is sent alone. Semicolons inside literals, quoted names, dollar quotes, comments, parentheses and the bodies of
//! `BEGIN ATOMIC` functions do not end a statement: the rules of psql's own scanner.

/// The statements of a script, without their semicolons. Empty ones are left out.
pub(super) fn statements(script: &str) -> Vec<String> {
    let mut scanner = Scanner {
        text: script,
        at: 0,
        start: 0,
        parens: 0,
        atomic: 0,
        words: Vec::new(),
        found: Vec::new(),
    };
    while scanner.step() {}
    scanner.end();
    scanner.found
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    start: usize,
    parens: usize,
    atomic: usize,
    /// The first words of the statement, which tell a function's definition.
    words: Vec<String>,
    found: Vec<String>,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Takes one token. False at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest().chars().next() else { return false };
        match first {
            '\'' => self.quoted('\'', self.is_escape_string()),
            '"' => self.quoted('"', false),
            '-' if self.rest().starts_with("--") => self.skip_past("\n"),
            '/' if self.rest().starts_with("/*") => self.comment(),
            '$' => self.dollar(),
            '(' => {
                self.parens += 1;
                self.at += 1;
            }
            ')' => {
                self.parens = self.parens.saturating_sub(1);
                self.at += 1;
            }
            ';' if self.parens == 0 && self.atomic == 0 => {
                self.end();
                self.at += 1;
                self.start = self.at;
            }
            c if c.is_alphabetic() || c == '_' => self.word(),
            c => self.at += c.len_utf8(),
        }
        true
    }

    fn end(&mut self) {
        let statement = self.text[self.start..self.at].trim();
        if !is_blank(statement) {
            self.found.push(statement.to_owned());
        }
        self.words.clear();
        (self.parens, self.atomic) = (0, 0);
    }

    fn skip_past(&mut self, end: &str) {
        self.at =
            self.rest().find(end).map_or(self.text.len(), |found| self.at + found + end.len());
    }

    fn quoted(&mut self, quote: char, escapes: bool) {
        let mut chars = self.text[self.at + 1..].char_indices();
        let from = self.at + 1;
        while let Some((place, c)) = chars.next() {
            if escapes && c == '\\' {
                chars.next();
            } else if c == quote {
                self.at = from + place + 1;
                return;
            }
        }
        self.at = self.text.len();
    }

    /// `E'…'` knows backslashes, where `E` is a word of its own.
    fn is_escape_string(&self) -> bool {
        let before = &self.text[..self.at];
        let mut last = before.chars().rev();
        matches!(last.next(), Some('e' | 'E'))
            && !last.next().is_some_and(|c| c.is_alphanumeric() || c == '_')
    }

    fn comment(&mut self) {
        let (mut depth, mut place) = (0, self.at);
        while place < self.text.len() {
            let rest = &self.text[place..];
            if rest.starts_with("/*") {
                (depth, place) = (depth + 1, place + 2);
            } else if rest.starts_with("*/") {
                (depth, place) = (depth - 1, place + 2);
                if depth == 0 {
                    break;
                }
            } else {
                place += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        self.at = place;
    }

    fn dollar(&mut self) {
        let tag = self.rest()[1..].find('$').map(|end| self.rest()[..end + 2].to_owned());
        let is_tag = |tag: &String| {
            let inner = &tag[1..tag.len() - 1];
            !inner.starts_with(|c: char| c.is_ascii_digit())
                && inner.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        match tag.filter(is_tag) {
            Some(tag) => {
                self.at += tag.len();
                self.skip_past(&tag);
            }
            None => self.at += 1,
        }
    }

    fn word(&mut self) {
        let length = self.rest().find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
        let end = length.map_or(self.text.len(), |length| self.at + length);
        let word = self.text[self.at..end].to_uppercase();
        self.at = end;
        if self.defines_a_function() {
            match word.as_str() {
                "BEGIN" => self.atomic += 1,
                "CASE" if self.atomic > 0 => self.atomic += 1,
                "END" => self.atomic = self.atomic.saturating_sub(1),
                _ => {}
            }
        }
        if self.words.len() < 4 {
            self.words.push(word);
        }
    }

    fn defines_a_function(&self) -> bool {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        matches!(
            words.as_slice(),
            ["CREATE", "FUNCTION" | "PROCEDURE", ..]
                | ["CREATE", "OR", "REPLACE", "FUNCTION" | "PROCEDURE", ..]
        )
    }
}

/// Nothing but white space and comments.
fn is_blank(statement: &str) -> bool {
    let mut rest = statement.trim_start();
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    rest.is_empty()
        || (rest.starts_with("/*") && rest.ends_with("*/") && rest.matches("*/").count() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_split_where_psql_splits_it() {
        let script = "BEGIN;\nINSERT INTO t VALUES ('a;b', E'it\\'s;', \"x;y\"); -- one; two\n/* three; /* four; */ */ SELECT 1;;ROLLBACK;\n-- end;\n";
        assert_eq!(
            statements(script),
            [
                "BEGIN",
                "INSERT INTO t VALUES ('a;b', E'it\\'s;', \"x;y\")",
                "-- one; two\n/* three; /* four; */ */ SELECT 1",
                "ROLLBACK"
            ]
        );
    }

    #[test]
    fn bodies_are_not_split() {
        let plain = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; END; $body$";
        assert_eq!(statements(&format!("{plain}; SELECT f()")), [plain, "SELECT f()"]);
        let atomic = "CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 1 ELSE 2 END; SELECT 3; END";
        assert_eq!(statements(&format!("{atomic};\nSELECT 1")), [atomic, "SELECT 1"]);
        let rule = "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b)";
        assert_eq!(statements(rule), [rule]);
        assert_eq!(statements("SELECT $1; SELECT a$b FROM c"), ["SELECT $1", "SELECT a$b FROM c"]);
    }
}
