//! Holds a text against the schema, and finds every problem at once.
//!
//! serde ends at the first field that it does not know. So the tree is walked along the schema first: whatever does not fit
//! is recorded with its place, and taken out or replaced by a placeholder. What is left is read by serde, and can be
//! compiled further; what is found wrong in a placeholder is not told again.

mod repair;
mod shape;
mod walk;

use std::ops::Range;

use serde::Deserialize;
use toml::de::{DeTable, Deserializer};

use super::file::ProfileFile;
use super::schema::schema;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// A text as far as it could be read.
#[derive(Debug)]
pub(super) struct Read {
    /// The mirror, unless nothing can be made of the text.
    pub(super) profile: Option<ProfileFile>,
    pub(super) findings: Vec<Finding>,
    /// Where placeholders stand.
    pub(super) mended: Vec<Range<usize>>,
    /// Lists that lost an item.
    pub(super) lessened: Vec<Range<usize>>,
}

/// Reads a text.
pub(super) fn read(text: &str) -> Read {
    let (mut root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let findings = errors.iter().map(|error| syntax(text, error)).collect();
        return Read { profile: None, findings, mended: Vec::new(), lessened: Vec::new() };
    }
    let mut walk = walk::Walk::new(schema());
    let head = 0..text.lines().next().map_or(0, str::len);
    walk.table(root.get_mut(), schema(), &head);
    let walk::Walk { mut findings, mended, lessened, .. } = walk;
    let profile = match ProfileFile::deserialize(Deserializer::from(root)) {
        Ok(profile) => Some(profile),
        Err(error) => {
            // What the schema cannot say, such as an integer beyond its range.
            if findings.is_empty() {
                findings.push(syntax(text, &error));
            }
            None
        }
    };
    Read { profile, findings, mended, lessened }
}

fn syntax(text: &str, error: &toml::de::Error) -> Finding {
    let span = error.span().unwrap_or(text.len()..text.len());
    Finding { span, message: error.message().trim_end().replace('\n', ", "), hint: None }
}
