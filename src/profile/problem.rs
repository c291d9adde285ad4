//! What is wrong with a profile, and where.

use std::fmt;
use std::ops::Range;

/// A place in a file, with the line that stands there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file as the operator named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line's text.
    pub text: String,
    /// How many characters are meant, at least 1.
    pub width: usize,
}

impl Place {
    /// The place of a range of bytes. A range that ends beyond its first line is cut there.
    #[must_use]
    pub fn of(file: &str, text: &str, span: &Range<usize>) -> Self {
        let start = floor(text, span.start);
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let stop = floor(text, span.end).clamp(start, end);
        Self {
            file: file.to_owned(),
            line: text[..start].matches('\n').count() + 1,
            column: text[begin..start].chars().count() + 1,
            text: text[begin..end].trim_end_matches('\r').to_owned(),
            width: text[start..stop].trim_end().chars().count().max(1),
        }
    }

    /// The place of a line and a column, both from 1.
    #[must_use]
    pub fn at(file: &str, text: &str, line: usize, column: usize) -> Self {
        let begin: usize =
            text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let offset: usize =
            text[begin..].chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
        Self::of(file, text, &(begin + offset..begin + offset))
    }
}

/// The nearest boundary of a character at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Something that is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column, text, width, .. } = &self.place;
        let gutter = line.to_string().len();
        // A tab stays a tab, so that the caret stands below what it means.
        let indent: String =
            text.chars().take(column - 1).map(|c| if c == '\t' { c } else { ' ' }).collect();
        writeln!(f, "{}: {}", self.place, self.message)?;
        writeln!(f, "{:gutter$} |", "")?;
        writeln!(f, "{line} | {text}")?;
        write!(f, "{:gutter$} | {indent}{}", "", "^".repeat(*width))?;
        match &self.hint {
            Some(hint) => write!(f, "\n{:gutter$} = hint: {hint}", ""),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a profile, in the order of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            write!(f, "{problem}\n\n")?;
        }
        match self.0.len() {
            1 => f.write_str("1 problem"),
            many => write!(f, "{many} problems"),
        }
    }
}
