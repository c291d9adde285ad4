//! All tables of a side.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::name::Name;
use super::table::TableView;

/// Tables by `schema.table`, in the order of their names: thousands of them in one piece of memory, which goes back whole
/// when the next reading comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables(Box<[(Name, TableView)]>);

impl Tables {
    /// A table.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&TableView> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        Some(&self.0[at].1)
    }

    /// True when there is a table of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The tables with their names.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &TableView)> + Clone {
        self.0.iter().map(|(name, view)| (name, view))
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> impl ExactSizeIterator<Item = &Name> + Clone {
        self.0.iter().map(|(name, _)| name)
    }

    /// The tables.
    #[must_use]
    pub fn views(&self) -> impl ExactSizeIterator<Item = &TableView> + Clone {
        self.0.iter().map(|(_, view)| view)
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<Name>> FromIterator<(N, TableView)> for Tables {
    fn from_iter<I: IntoIterator<Item = (N, TableView)>>(all: I) -> Self {
        let mut all: Vec<_> = all.into_iter().map(|(name, view)| (name.into(), view)).collect();
        all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        all.dedup_by(|(later, _), (one, _)| later == one);
        Self(all.into())
    }
}

impl Serialize for Tables {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Tables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<Name, TableView>::deserialize(deserializer).map(Self::from_iter)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::CountMethod;

    #[test]
    fn tables_stand_in_the_order_of_their_names_and_are_written_as_a_map() {
        let view = |rows| TableView::counted(rows, CountMethod::Exact, Timestamp::UNIX_EPOCH);
        let tables = Tables::from_iter([("public.b", view(2)), ("public.a", view(1))]);
        assert_eq!(
            tables.names().map(|name| &**name).collect::<Vec<_>>(),
            ["public.a", "public.b"]
        );
        assert_eq!(tables.get("public.b").and_then(TableView::count), Some(2));
        assert!(!tables.contains("public.c"));
        let written = serde_json::to_value(&tables).unwrap();
        assert_eq!(written["public.a"]["rows"]["count"], 1);
        assert_eq!(serde_json::from_value::<Tables>(written).unwrap(), tables);
    }
}
