//! Values that know where they stand in the text.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A value and the bytes of the text that say it.
#[derive(Debug, Clone)]
pub(in crate::profile) struct At<T> {
    pub(in crate::profile) value: T,
    pub(in crate::profile) span: Range<usize>,
}

impl<T> At<T> {
    /// Another value at the same place.
    pub(in crate::profile) fn with<U>(&self, value: U) -> At<U> {
        At { value, span: self.span.clone() }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<T>::deserialize(deserializer)?;
        let span = spanned.span();
        Ok(Self { value: spanned.into_inner(), span })
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// One value, or a list of them.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(in crate::profile) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    pub(in crate::profile) fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl<'de> Deserialize<'de> for OneOrMany<At<String>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match list_or_table::<NoTable, D>(deserializer)? {
            Ok(list) => Ok(list),
            Err(table) => match table {},
        }
    }
}

/// Where no table can stand.
enum NoTable {}

impl<'de> Deserialize<'de> for NoTable {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("expected a string or a list of strings"))
    }
}

/// Reads strings where a string or a list stands, and a table where a table stands.
pub(super) fn list_or_table<'de, T, D>(
    deserializer: D,
) -> Result<Result<OneOrMany<At<String>>, T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let At { value, span } = At::<Choice<T>>::deserialize(deserializer)?;
    Ok(match value {
        Choice::One(value) => Ok(OneOrMany::One(At { value, span })),
        Choice::Many(many) => Ok(OneOrMany::Many(many)),
        Choice::Table(table) => Err(table),
    })
}

/// A string without its place, strings with theirs, or a table.
enum Choice<T> {
    One(String),
    Many(Vec<At<String>>),
    Table(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChoiceVisitor(PhantomData))
    }
}

struct ChoiceVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ChoiceVisitor<T> {
    type Value = Choice<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_str<E: Error>(self, one: &str) -> Result<Choice<T>, E> {
        Ok(Choice::One(one.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Choice<T>, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Choice::Many)
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Choice<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(table)).map(Choice::Table)
    }
}

/// Reads a word where a string stands, and a table where a table stands.
pub(super) fn word_or_table<'de, W, T, D>(deserializer: D) -> Result<Result<W, T>, D::Error>
where
    W: Deserialize<'de>,
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Either<W, T>(PhantomData<(W, T)>);
    impl<'de, W: Deserialize<'de>, T: Deserialize<'de>> Visitor<'de> for Either<W, T> {
        type Value = Result<W, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a word or a table")
        }

        fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
            W::deserialize(StrDeserializer::new(word)).map(Ok)
        }

        fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Self::Value, A::Error> {
            T::deserialize(MapAccessDeserializer::new(table)).map(Err)
        }
    }
    deserializer.deserialize_any(Either(PhantomData))
}
