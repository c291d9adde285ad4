//! What stands in for mounts and for DNS, neither of which a process without privileges can have: paths and names are replaced in the texts
//! that a container is given.
//!
//! This is a likeness, and it ends where a program composes a path or a name by itself. What is replaced:
//!
//! - a path that lies in a mount, at the beginning of a path: the folder behind it;
//! - `localhost`, `127.0.0.1` and `0.0.0.0`, which in a pod mean the pod: its address;
//! - a Service's name with its namespace (`name.ns`, `name.ns.svc`, …), as a whole word: its cluster address, or its first pod's if it is headless;
//! - the bare name, as a whole word that is not part of a path: anywhere if it has a hyphen; otherwise, since it may be a user, a database
//!   or a program as well (`postgres`), only where a host is expected: in a URL, after `host=` or `-h`, before `:port`, or as the value of a
//!   variable that is named like one (`PGHOST`, `DATABASE_URL`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Everything that is replaced in the texts of one container.
#[derive(Debug, Clone, Default)]
pub(super) struct Translator {
    /// Mount paths and the folders behind them.
    mounts: Vec<(String, PathBuf)>,
    /// Names and the addresses that they resolve to.
    hosts: BTreeMap<String, String>,
    /// Real paths that are never touched: those of the lab itself.
    own: String,
}

impl Translator {
    pub(super) fn new(lab: &Path, address: &str) -> Self {
        let here =
            ["localhost", "127.0.0.1", "0.0.0.0"].map(|name| (name.to_owned(), address.to_owned()));
        Self { mounts: Vec::new(), hosts: here.into(), own: lab.display().to_string() }
    }

    /// The longest mount path wins, whatever the order.
    pub(super) fn mount(&mut self, path: &str, folder: PathBuf) {
        let path = path.trim_end_matches('/').to_owned();
        self.mounts.retain(|(known, _)| *known != path);
        self.mounts.push((path, folder));
        self.mounts.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    }

    pub(super) fn host(&mut self, name: impl Into<String>, address: impl Into<String>) {
        self.hosts.insert(name.into(), address.into());
    }

    /// The folder that a container's path leads to; one outside all mounts is the machine's own.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(self.text(path))
    }

    /// A value, an argument that no option stands before, or a script.
    pub(super) fn text(&self, text: &str) -> String {
        self.replace(text, false)
    }

    /// The value of an environment variable.
    pub(super) fn value(&self, name: &str, value: &str) -> String {
        self.replace(value, names_a_host(name))
    }

    /// A whole command line; an argument after `-h` or `--host` is a host.
    pub(super) fn arguments(&self, arguments: &[String]) -> Vec<String> {
        let before = std::iter::once("").chain(arguments.iter().map(String::as_str));
        let pairs = arguments.iter().zip(before);
        pairs
            .map(|(argument, before)| {
                self.replace(argument, matches!(before, "-h" | "--host" | "-H"))
            })
            .collect()
    }

    fn replace(&self, text: &str, all_host: bool) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(character) = text[at..].chars().next() {
            let (put, next) = self.step(text, at, all_host).unwrap_or_else(|| {
                let next = at + character.len_utf8();
                (text[at..next].to_owned(), next)
            });
            out.push_str(&put);
            at = next;
        }
        out
    }

    /// What stands at `at` and is more than one character: a path, or a word.
    fn step(&self, text: &str, at: usize, all_host: bool) -> Option<(String, usize)> {
        let rest = &text[at..];
        if rest.starts_with('/') && begins_path(&text[..at]) {
            return self.path_at(rest).map(|(put, taken)| (put, at + taken));
        }
        if !rest.starts_with(is_word) || text[..at].ends_with(is_word) {
            return None;
        }
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let word = rest[..length].trim_end_matches(['.', '-']);
        let end = at + word.len();
        let put = self.hosts.get(word).filter(|_| {
            let place = Place { before: &text[..at], after: &text[end..] };
            place.may_be_host() && (all_host || !is_ambiguous(word) || place.expects_host())
        });
        (!word.is_empty()).then(|| (put.map_or_else(|| word.to_owned(), Clone::clone), end))
    }

    fn path_at(&self, rest: &str) -> Option<(String, usize)> {
        if starts_with_path(rest, &self.own) {
            let length = rest.find(|c| !is_word(c) && c != '/').unwrap_or(rest.len());
            return Some((rest[..length].to_owned(), length));
        }
        let (path, folder) = self.mounts.iter().find(|(path, _)| starts_with_path(rest, path))?;
        Some((folder.display().to_string(), path.len()))
    }
}

/// Letters of host names, and of a path's parts.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

fn starts_with_path(text: &str, path: &str) -> bool {
    !path.is_empty() && text.strip_prefix(path).is_some_and(|after| !after.starts_with(is_word))
}

/// A path begins after a blank, a quote, `=` or `:`, and after a one-letter option that it is glued to (`-f/dump`).
fn begins_path(before: &str) -> bool {
    let glued = |text: &str| {
        let mut last = text.chars().rev();
        let (letter, dash, blank) = (last.next(), last.next(), last.next());
        letter.is_some_and(|c| c.is_ascii_alphabetic())
            && dash == Some('-')
            && blank.is_none_or(char::is_whitespace)
    };
    !before.ends_with(|c| is_word(c) || c == '/' || c == '}' || c == ')') || glued(before)
}

/// A name without a dot or a hyphen is more often something else than a host.
fn is_ambiguous(word: &str) -> bool {
    !word.contains(['-', '.']) && word != "localhost"
}

/// Whether a variable of this name holds a host, a list of them, or a URL.
fn names_a_host(variable: &str) -> bool {
    let name = variable.to_ascii_uppercase();
    let hints = ["HOST", "ADDR", "SERVER", "URL", "URI", "DSN", "ENDPOINT", "UPSTREAM", "CONNINFO"];
    hints.iter().any(|hint| name.contains(hint))
}

/// What is around a word.
struct Place<'a> {
    before: &'a str,
    after: &'a str,
}

impl Place<'_> {
    /// Not a part of a path, not a variable, not the key of an assignment, not the user of a URL.
    fn may_be_host(&self) -> bool {
        let in_path = self.before.ends_with('/') && !self.before.ends_with("//");
        let leads_on = self.after.starts_with('/') && !self.in_url();
        let key = self.after.starts_with('=');
        let user =
            self.after.starts_with('@') || (self.in_url() && self.authority_after().contains('@'));
        !in_path && !leads_on && !key && !user && !self.before.ends_with(['$', '{'])
    }

    fn in_url(&self) -> bool {
        let start = self
            .before
            .rfind(|c: char| c.is_whitespace() || c == '"' || c == '\'' || c == '=')
            .map_or(0, |at| at + 1);
        self.before[start..].contains("://")
    }

    /// What is left of a URL's authority behind the word.
    fn authority_after(&self) -> &str {
        self.after
            .split(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | ','))
            .next()
            .unwrap_or_default()
    }

    fn expects_host(&self) -> bool {
        let after_option = ["-h", "--host", "-H"].iter().any(|option| {
            let bare = self.before.trim_end_matches([' ', '=', '"', '\'']);
            bare.len() < self.before.len() && bare.ends_with(option)
        });
        let keyed = self.before.trim_end_matches(['"', '\'']).to_ascii_lowercase();
        let keyed = keyed.ends_with("host=") || keyed.ends_with("hostaddr=");
        let port = self
            .after
            .strip_prefix(':')
            .is_some_and(|port| port.starts_with(|c: char| c.is_ascii_digit()));
        let authority =
            self.in_url() && (self.before.ends_with("//") || self.before.ends_with('@'));
        after_option || keyed || authority || (port && !self.before.ends_with(['@', ':']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translator() -> Translator {
        let mut translator = Translator::new(Path::new("/tmp/pgcutover-lab-x"), "127.9.1.2");
        translator.mount("/backup", "/tmp/pgcutover-lab-x/claims/b".into());
        translator.mount("/backup/deep", "/tmp/pgcutover-lab-x/claims/d".into());
        translator.mount("/tmp", "/tmp/pgcutover-lab-x/pods/1/tmp".into());
        for name in ["postgres", "chronicle-db"] {
            for full in
                [name.to_owned(), format!("{name}.dsm"), format!("{name}.dsm.svc.cluster.local")]
            {
                translator.host(full, "127.9.15.1");
            }
        }
        translator
    }

    fn check(given: &str, wanted: &str) {
        assert_eq!(translator().text(given).replace("/tmp/pgcutover-lab-x", "LAB"), wanted);
    }

    #[test]
    fn paths_in_a_mount_become_the_folder_behind_it() {
        check("pg_dump -f /backup/a.dump", "pg_dump -f LAB/claims/b/a.dump");
        check(
            "--file=/backup/deep/a \"/backup\" -f/backup/x",
            "--file=LAB/claims/d/a \"LAB/claims/b\" -fLAB/claims/b/x",
        );
        check(
            "/my/backup/a /backup2 $DIR/backup ${DIR}/backup",
            "/my/backup/a /backup2 $DIR/backup ${DIR}/backup",
        );
        check("/tmp/x:/backup", "LAB/pods/1/tmp/x:LAB/claims/b");
    }

    #[test]
    fn what_was_replaced_is_not_replaced_again() {
        let once = translator().text("/tmp/a /backup/b");
        assert_eq!(translator().text(&once), once);
    }

    #[test]
    fn names_become_addresses_where_they_are_hosts() {
        check(
            "postgres://postgres:pw@postgres:5432/postgres",
            "postgres://postgres:pw@127.9.15.1:5432/postgres",
        );
        check(
            "psql -h postgres -U postgres -d postgres",
            "psql -h 127.9.15.1 -U postgres -d postgres",
        );
        check(
            "host=postgres user=postgres dbname=postgres",
            "host=127.9.15.1 user=postgres dbname=postgres",
        );
        check("pg_isready --host=postgres", "pg_isready --host=127.9.15.1");
        check(
            "nc -z postgres.dsm 5432; curl http://chronicle-db.dsm.svc.cluster.local/",
            "nc -z 127.9.15.1 5432; curl http://127.9.15.1/",
        );
        check("ping chronicle-db", "ping 127.9.15.1");
        check(
            "/backup/chronicle-db.dump chronicle-db-v17 x/chronicle-db",
            "LAB/claims/b/chronicle-db.dump chronicle-db-v17 x/chronicle-db",
        );
        check("echo localhost 127.0.0.1:80", "echo 127.9.1.2 127.9.1.2:80");
    }

    #[test]
    fn a_variable_is_read_by_its_name() {
        let translator = translator();
        assert_eq!(translator.value("PGHOST", "postgres"), "127.9.15.1");
        assert_eq!(translator.value("POSTGRES_DB", "postgres"), "postgres");
        assert_eq!(
            translator.value("DATABASE_URL", "postgresql://u:p@postgres/x"),
            "postgresql://u:p@127.9.15.1/x"
        );
        let line = ["psql", "-h", "postgres", "postgres"].map(str::to_owned);
        assert_eq!(translator.arguments(&line), ["psql", "-h", "127.9.15.1", "postgres"]);
    }
}
