//! `.pgpass`: passwords by host, port, database and user.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::settings::Secret;

/// What a password file brought.
pub(super) enum Found {
    Password(Secret),
    /// Nothing, and why, where it is worth telling.
    Nothing(Option<String>),
}

/// Looks up a password. A file that group or others may read is ignored, as libpq does, and that is said.
pub(super) fn find(path: &Path, host: &str, port: u16, database: &str, user: &str) -> Found {
    let Ok(metadata) = std::fs::metadata(path) else { return Found::Nothing(None) };
    if !metadata.is_file() {
        return Found::Nothing(Some(format!(
            "password file `{}` is not a plain file",
            path.display()
        )));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Found::Nothing(Some(format!(
            "password file `{}` was ignored: group or others may read it; chmod 0600 it",
            path.display()
        )));
    }
    let Ok(text) = std::fs::read_to_string(path) else {
        return Found::Nothing(Some(format!("password file `{}` cannot be read", path.display())));
    };
    let wanted = [host, &port.to_string(), database, user];
    match text.lines().find_map(|line| password(line, wanted)) {
        Some(password) => Found::Password(Secret::new(password)),
        None => Found::Nothing(Some(format!(
            "password file `{}` has no line for {host}:{port}:{database}:{user}",
            path.display()
        ))),
    }
}

fn password(line: &str, wanted: [&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut rest = line;
    for wanted in wanted {
        let (field, behind) = field(rest)?;
        if field != "*" && unescape(field) != wanted {
            return None;
        }
        rest = behind;
    }
    Some(unescape(rest))
}

/// The text up to the next colon that no backslash escapes.
fn field(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ':' => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

fn unescape(text: &str) -> String {
    let mut chars = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# a comment\ndb.example:5432:shop:alice:first\n*:*:*:alice:second\n*:6543:*:bob:with\\:colon\\\\\n";

    fn lookup(mode: u32, host: &str, port: u16, user: &str) -> Result<String, Option<String>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), FILE).unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        match find(file.path(), host, port, "shop", user) {
            Found::Password(secret) => Ok(secret.expose().to_owned()),
            Found::Nothing(why) => Err(why),
        }
    }

    #[test]
    fn the_first_line_that_fits_wins() {
        assert_eq!(lookup(0o600, "db.example", 5432, "alice").unwrap(), "first");
        assert_eq!(lookup(0o600, "elsewhere", 5432, "alice").unwrap(), "second");
        assert_eq!(lookup(0o400, "any", 6543, "bob").unwrap(), "with:colon\\");
    }

    #[test]
    fn a_file_that_others_may_read_is_ignored_and_that_is_said() {
        for mode in [0o640, 0o604, 0o644] {
            let why = lookup(mode, "db.example", 5432, "alice").unwrap_err().unwrap();
            assert!(why.contains("group or others may read it; chmod 0600 it"), "{why}");
        }
    }

    #[test]
    fn a_missing_line_is_told_and_a_missing_file_is_nothing_to_tell() {
        assert!(
            lookup(0o600, "x", 1, "carol")
                .unwrap_err()
                .unwrap()
                .contains("has no line for x:1:shop:carol")
        );
        let nothing = find(Path::new("/nonexistent/pgpass"), "x", 1, "shop", "carol");
        assert!(matches!(nothing, Found::Nothing(None)));
    }
}
