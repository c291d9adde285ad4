//! The text of a statement, and whether the server is to remember it.

/// The text of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sql<'a> {
    /// It is parsed and planned for this once.
    Once(&'a str),
    /// It is run again and again: the server parses and plans it once a session. For the small statements of an observer
    /// that is most of what they cost (a query over `pg_stat_activity` took a sixth of its time, one over the views of
    /// progress a twentieth).
    Kept(&'static str),
}

impl<'a> Sql<'a> {
    /// What the server is asked.
    #[must_use]
    pub const fn text(self) -> &'a str {
        match self {
            Self::Once(text) | Self::Kept(text) => text,
        }
    }
}

impl<'a> From<&'a str> for Sql<'a> {
    fn from(text: &'a str) -> Self {
        Self::Once(text)
    }
}

impl<'a> From<&'a String> for Sql<'a> {
    fn from(text: &'a String) -> Self {
        Self::Once(text)
    }
}
