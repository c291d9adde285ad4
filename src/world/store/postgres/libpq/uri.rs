//! `postgresql://` URIs.

use std::collections::BTreeMap;

use super::keywords::objection;

/// Whether a text is a URI and not a `key = value` string.
pub(super) fn is_uri(text: &str) -> bool {
    text.starts_with("postgresql://") || text.starts_with("postgres://")
}

/// Parses a URI. An error never repeats the URI, which may hold a password.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let rest = text
        .strip_prefix("postgresql://")
        .or_else(|| text.strip_prefix("postgres://"))
        .ok_or("a connection URI begins with `postgresql://`")?;
    let mut found = BTreeMap::new();
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    // libpq looks for `@` before the first `/`, so that a password may hold one only when it is escaped.
    let end = before.find('/').unwrap_or(before.len());
    let (authority, path) = before.split_at(end);
    let hosts = match authority.rsplit_once('@') {
        Some((user, hosts)) => {
            credentials(user, &mut found)?;
            hosts
        }
        None => authority,
    };
    host_list(hosts, &mut found)?;
    if let Some(database) = path.strip_prefix('/').filter(|database| !database.is_empty()) {
        found.insert("dbname".to_owned(), decode(database, "database name")?);
    }
    parameters(query, &mut found)?;
    Ok(found)
}

fn credentials(text: &str, found: &mut BTreeMap<String, String>) -> Result<(), String> {
    let (user, password) =
        text.split_once(':').map_or((text, None), |(user, password)| (user, Some(password)));
    if !user.is_empty() {
        found.insert("user".to_owned(), decode(user, "user name")?);
    }
    if let Some(password) = password.filter(|password| !password.is_empty()) {
        found.insert("password".to_owned(), decode(password, "password")?);
    }
    Ok(())
}

fn host_list(text: &str, found: &mut BTreeMap<String, String>) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for one in text.split(',') {
        let (host, port) = match one.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) =
                    rest.split_once(']').ok_or("missing `]` behind an IPv6 address in the URI")?;
                match rest.strip_prefix(':') {
                    Some(port) => (host, port),
                    None if rest.is_empty() => (host, ""),
                    None => {
                        return Err("unexpected text behind an IPv6 address in the URI".to_owned());
                    }
                }
            }
            None => one.split_once(':').unwrap_or((one, "")),
        };
        hosts.push(decode(host, "host")?);
        ports.push(decode(port, "port")?);
    }
    if hosts.iter().any(|host| !host.is_empty()) {
        found.insert("host".to_owned(), hosts.join(","));
    }
    if ports.iter().any(|port| !port.is_empty()) {
        found.insert("port".to_owned(), ports.join(","));
    }
    Ok(())
}

fn parameters(query: &str, found: &mut BTreeMap<String, String>) -> Result<(), String> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or("a parameter of the URI lacks its `=`")?;
        let key = decode(key, "parameter")?;
        // The JDBC spelling, which libpq takes as well.
        let (key, value) = if key == "ssl" && value == "true" {
            ("sslmode".to_owned(), "require".to_owned())
        } else {
            let value = decode(value, &key)?;
            (key, value)
        };
        if let Some(objection) = objection(&key) {
            return Err(objection);
        }
        found.insert(key, value);
    }
    Ok(())
}

fn decode(text: &str, what: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits =
            [rest.next(), rest.next()].map(|digit| digit.and_then(|d| char::from(d).to_digit(16)));
        match digits {
            [Some(0), Some(0)] => return Err(format!("forbidden value %00 in the URI's {what}")),
            [Some(high), Some(low)] => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
            }
            _ => return Err(format!("invalid percent-encoding in the URI's {what}")),
        }
    }
    String::from_utf8(bytes).map_err(|_| format!("the URI's {what} is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, expected: &[(&str, &str)]) {
        let found = parse(uri).unwrap();
        let found: Vec<(&str, &str)> =
            found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(found, expected, "{uri}");
    }

    #[test]
    fn the_forms_of_the_manual_are_understood() {
        check("postgresql://", &[]);
        check("postgresql://localhost", &[("host", "localhost")]);
        check("postgresql://localhost:5433", &[("host", "localhost"), ("port", "5433")]);
        check("postgresql://localhost/mydb", &[("dbname", "mydb"), ("host", "localhost")]);
        check("postgresql://user@localhost", &[("host", "localhost"), ("user", "user")]);
        check(
            "postgresql://user:secret@localhost",
            &[("host", "localhost"), ("password", "secret"), ("user", "user")],
        );
        check(
            "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
            &[
                ("application_name", "myapp"),
                ("connect_timeout", "10"),
                ("dbname", "otherdb"),
                ("host", "localhost"),
                ("user", "other"),
            ],
        );
        check(
            "postgresql://host1:123,host2:456/somedb?target_session_attrs=any",
            &[
                ("dbname", "somedb"),
                ("host", "host1,host2"),
                ("port", "123,456"),
                ("target_session_attrs", "any"),
            ],
        );
        check(
            "postgresql:///mydb?host=localhost&port=5433",
            &[("dbname", "mydb"), ("host", "localhost"), ("port", "5433")],
        );
        check(
            "postgresql://[2001:db8::1234]/database",
            &[("dbname", "database"), ("host", "2001:db8::1234")],
        );
        check(
            "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname",
            &[("dbname", "dbname"), ("host", "/var/lib/postgresql")],
        );
        check(
            "postgres://u:p%40ss%2Fw@h?ssl=true",
            &[("host", "h"), ("password", "p@ss/w"), ("sslmode", "require"), ("user", "u")],
        );
    }

    #[test]
    fn what_is_wrong_is_named_without_the_uri() {
        let error = |uri| parse(uri).unwrap_err();
        assert_eq!(
            error("postgresql://u:hunter2%@h"),
            "invalid percent-encoding in the URI's password"
        );
        assert_eq!(error("postgresql://h?sslmod=require"), "invalid connection option `sslmod`");
        assert_eq!(error("postgresql://[::1"), "missing `]` behind an IPv6 address in the URI");
        assert_eq!(error("postgresql://h?sslmode"), "a parameter of the URI lacks its `=`");
    }
}
