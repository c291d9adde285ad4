//! The schema of many names. Where all have the same it is said once, so that there is room for what tells them apart.

/// The schema that all names begin with. One that is quoted may have a point in it, and stays.
pub(super) fn schema_of_all<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let schema = |name: &'a str| name.split_once('.').map(|(schema, _)| schema);
    let mut schemas = names.into_iter().map(schema);
    let first = schemas.next()?.filter(|schema| !schema.starts_with('"'))?;
    schemas.all(|schema| schema == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_said_once_where_all_have_it() {
        assert_eq!(schema_of_all(["public.a", "public.b"]), Some("public"));
        assert_eq!(schema_of_all(["public.a", "sales.b"]), None);
        assert_eq!(schema_of_all([r#""a.b".c"#, r#""a.b".d"#]), None);
        assert_eq!(schema_of_all(["a", "b"]), None);
        assert_eq!(schema_of_all([]), None);
    }
}
