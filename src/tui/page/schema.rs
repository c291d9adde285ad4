//! The schema that most names have. It is said once, so that there is room for what tells them apart.

use std::collections::BTreeMap;

/// A schema that is left out of the names that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Common<'a> {
    /// Its name.
    pub(super) schema: &'a str,
    /// There are names of other schemas, too, which keep theirs.
    pub(super) but_not_all: bool,
}

impl<'a> Common<'a> {
    /// The schema of more than half of the names. One that is quoted may have a point in it, and stays.
    pub(super) fn of(names: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut all = 0;
        for name in names {
            all += 1;
            let schema = name.split_once('.').map(|(schema, _)| schema);
            if let Some(schema) = schema.filter(|schema| !schema.starts_with('"')) {
                *counts.entry(schema).or_default() += 1;
            }
        }
        let (schema, most) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        (most * 2 > all).then_some(Self { schema, but_not_all: most < all })
    }

    /// For a title: ` of public`.
    pub(super) fn told(self) -> String {
        let but = if self.but_not_all { " unless another is told" } else { "" };
        format!(" of {}{but}", self.schema)
    }
}

/// A name without the common schema.
pub(super) fn short<'a>(name: &'a str, schema: Option<&str>) -> &'a str {
    let rest = schema.and_then(|schema| name.strip_prefix(schema)?.strip_prefix('.'));
    rest.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_said_once_where_most_have_it() {
        let of = |names: &[&'static str]| Common::of(names.iter().copied());
        let public = |but_not_all| Some(Common { schema: "public", but_not_all });
        assert_eq!(of(&["public.a", "public.b"]), public(false));
        assert_eq!(of(&["public.a", "public.b", r#""Analytics".c"#]), public(true));
        assert_eq!(of(&["public.a", "sales.b"]), None);
        assert_eq!(of(&[r#""a.b".c"#, r#""a.b".d"#]), None);
        assert_eq!(of(&["a", "b"]), None);
        assert_eq!(of(&[]), None);
        assert_eq!(short("public.a", Some("public")), "a");
        assert_eq!(short("publicity.a", Some("public")), "publicity.a");
    }
}
