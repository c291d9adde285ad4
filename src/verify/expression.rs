//! The SQL that hashes a row.
//!
//! A column goes into the hash by its own type where both servers were seen to hash a known value of this type alike,
//! and by its text otherwise: enums hash their oids, and some types have no hash at all.
//!
//! `hash_record_extended` combines columns as `31 * left + right`, which a sum over rows takes apart again: two rows that swap
//! a value would sum to the same. So the row's hash is mixed once more, as the seed of a hash, which is not linear and keeps all 64 bits.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::{Column, Table};

/// The types whose own hash may be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trusted(BTreeSet<String>);

impl Trusted {
    /// The types that both servers hash alike.
    pub(super) fn agreed(blue: &BTreeMap<String, i64>, green: &BTreeMap<String, i64>) -> Self {
        let same = blue.iter().filter(|(name, hash)| green.get(*name) == Some(hash));
        Self(same.map(|(name, _)| name.clone()).collect())
    }

    fn by_hash(&self, blue: &Column, green: Option<&Column>) -> bool {
        green.is_some_and(|green| green.base == blue.base && green.exact)
            && blue.exact
            && self.0.contains(&blue.base)
    }
}

/// How a table is hashed, the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expression {
    /// The hash of a row: a `bigint`, with the seed as `$1`.
    pub(super) row: String,
    /// The hash of its key, when it has one.
    pub(super) key: Option<String>,
    /// The key as text for people.
    pub(super) key_text: Option<String>,
    /// The columns that go in as text.
    pub(super) as_text: Vec<String>,
}

/// How a table that both sides have is hashed: blue's columns, in blue's order.
pub(super) fn of(blue: &Table, green: &Table, trusted: &Trusted) -> Expression {
    let twin = |column: &Column| green.columns.iter().find(|other| other.name == column.name);
    let plain = |column: &Column| trusted.by_hash(column, twin(column));
    let terms = |columns: &mut dyn Iterator<Item = &Column>| {
        columns.map(|column| term(column, plain(column))).collect::<Vec<_>>().join(", ")
    };
    let key: Vec<&Column> = blue
        .key
        .iter()
        .filter_map(|name| blue.columns.iter().find(|column| column.name == *name))
        .collect();
    let keyed = !key.is_empty() && blue.key == green.key;
    Expression {
        row: hash(&terms(&mut blue.columns.iter())),
        key: keyed.then(|| hash(&terms(&mut key.iter().copied()))),
        key_text: keyed.then(|| key_text(&key)),
        as_text: blue
            .columns
            .iter()
            .filter(|column| !plain(column))
            .map(|column| column.name.clone())
            .collect(),
    }
}

fn hash(terms: &str) -> String {
    format!("hashint4extended(1, hash_record_extended(ROW ({terms}), $1))")
}

fn term(column: &Column, plain: bool) -> String {
    let name = ident(&column.name);
    if plain { format!("t.{name}") } else { format!("t.{name}::text COLLATE \"C\"") }
}

fn key_text(key: &[&Column]) -> String {
    let parts = key.iter().map(|column| {
        let name = ident(&column.name);
        format!("{} || quote_nullable(t.{name}::text)", literal(&format!("{name}=")))
    });
    parts.collect::<Vec<_>>().join(" || ', ' || ")
}

/// An identifier, always quoted.
pub(crate) fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, base: &str) -> Column {
        Column { name: name.into(), base: base.into(), exact: true }
    }

    fn table(columns: Vec<Column>, key: &[&str]) -> Table {
        let key = key.iter().map(|name| (*name).to_owned()).collect();
        Table { columns, key, bytes: 0, left_out: None }
    }

    fn trusted(names: &[&str]) -> Trusted {
        let hashes = names.iter().map(|name| ((*name).to_owned(), 1)).collect();
        Trusted::agreed(&hashes, &hashes)
    }

    #[test]
    fn a_type_that_the_servers_hash_differently_goes_in_as_text() {
        let blue = table(vec![column("id", "integer"), column("mood", "public.mood")], &["id"]);
        let hashed = of(&blue, &blue, &trusted(&["integer"]));
        assert_eq!(
            hashed.row,
            r#"hashint4extended(1, hash_record_extended(ROW (t."id", t."mood"::text COLLATE "C"), $1))"#
        );
        assert_eq!(hashed.as_text, ["mood"]);
    }

    #[test]
    fn names_are_quoted() {
        let blue = table(vec![column("a\"b'c", "integer")], &["a\"b'c"]);
        let hashed = of(&blue, &blue, &trusted(&["integer"]));
        assert_eq!(
            hashed.row,
            r#"hashint4extended(1, hash_record_extended(ROW (t."a""b'c"), $1))"#
        );
        assert_eq!(hashed.key_text.unwrap(), r#"'"a""b''c"=' || quote_nullable(t."a""b'c"::text)"#);
    }

    #[test]
    fn a_column_whose_type_changed_goes_in_as_text() {
        let blue = table(vec![column("id", "integer")], &[]);
        let green = table(vec![column("id", "bigint")], &[]);
        assert_eq!(of(&blue, &green, &trusted(&["integer", "bigint"])).as_text, ["id"]);
    }
}
