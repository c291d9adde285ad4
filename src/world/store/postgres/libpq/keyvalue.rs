//! `key = value` strings.

use std::collections::BTreeMap;

use super::keywords::objection;

/// Parses a string such as `host=db.example port=5432 password='it''s'`. An error never repeats a value.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut chars = text.chars().peekable();
    let mut found = BTreeMap::new();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return Ok(found);
        }
        let mut key = String::new();
        while let Some(c) = chars.next_if(|c| *c != '=' && !c.is_whitespace()) {
            key.push(c);
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.next_if_eq(&'=').is_none() {
            // What stands there may be a value, even a password: it is not repeated.
            return Err(format!(
                "missing `=` after option {} of the connection string",
                found.len() + 1
            ));
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let value = value(&mut chars)?;
        if let Some(objection) = objection(&key) {
            return Err(objection);
        }
        found.insert(key, value);
    }
}

fn value(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    let mut value = String::new();
    if chars.next_if_eq(&'\'').is_none() {
        while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
            value.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
        }
        return Ok(value);
    }
    loop {
        match chars.next() {
            None => return Err("unterminated quoted string in the connection string".to_owned()),
            Some('\'') => return Ok(value),
            Some('\\') => value.extend(chars.next()),
            Some(c) => value.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap().into_iter().collect()
    }

    #[test]
    fn pairs_quotes_and_spaces_around_the_sign_are_read_as_libpq_reads_them() {
        let expected = [
            ("dbname", "my db"),
            ("host", "db.example"),
            ("password", r"it's \ fine"),
            ("port", "6543"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let text = r"host = db.example port=6543  dbname='my db' password='it\'s \\ fine'";
        assert_eq!(parsed(text), expected);
    }

    #[test]
    fn an_empty_quoted_value_is_a_value() {
        assert_eq!(parsed("password=''"), [("password".to_owned(), String::new())]);
    }

    #[test]
    fn an_error_names_the_option_and_never_a_value() {
        assert_eq!(
            parse("hosst=x password=hunter2").unwrap_err(),
            "invalid connection option `hosst`"
        );
        let error = parse("host=x password=hun ter2").unwrap_err();
        assert_eq!(error, "missing `=` after option 3 of the connection string");
        assert!(parse("password='hunter2").unwrap_err().contains("unterminated"));
        assert!(parse("sslcrl=/x").unwrap_err().contains("not supported"));
    }
}
