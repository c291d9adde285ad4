//! What a log tells that the cluster cannot know.

use crate::model::Fix;

/// A `pg_dump` that refused a newer server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PgDump {
    /// The server's version, as `pg_dump` tells it.
    pub server: String,
    /// Its own.
    pub client: String,
}

impl PgDump {
    /// How to mend it.
    #[must_use]
    pub fn fix(&self) -> Fix {
        let major = self.server.split('.').next().unwrap_or(&self.server);
        Fix {
            title: format!(
                "`pg_dump` {} refuses server {}: give the Job an image whose client is at least {major}, such as `postgres:{major}`",
                self.client, self.server
            ),
            command: None,
            mend: None,
        }
    }
}

/// `pg_dump: detail: server version: 17.5 (Debian …); pg_dump version: 13.21 (…)`, or `error: server version: …` before 14.
#[must_use]
pub fn old_dump_client(log: &[String]) -> Option<PgDump> {
    log.iter().find_map(|line| {
        let (_, rest) = line.split_once("server version: ")?;
        let (server, client) = rest.split_once("; pg_dump version: ")?;
        let first = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
        Some(PgDump { server: first(server), client: first(client) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_dump_names_both_versions() {
        let log = [
            "pg_dump: error: aborting because of server version mismatch".to_owned(),
            "pg_dump: detail: server version: 17.5 (Debian 17.5-1.pgdg120+1); pg_dump version: 13.21 (Debian 13.21-1.pgdg120+1)".to_owned(),
        ];
        let found = old_dump_client(&log).unwrap();
        assert_eq!(found, PgDump { server: "17.5".into(), client: "13.21".into() });
        assert!(found.fix().title.contains("`postgres:17`"));
    }
}
