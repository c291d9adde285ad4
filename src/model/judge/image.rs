//! Which `pg_dump` an image brings, by its tag.

use crate::model::fact::ServerFact;

use super::finding::Finding;

/// `pg_dump` refuses a server whose major version is newer than its own
/// (<https://www.postgresql.org/docs/current/app-pgdump.html>).
pub(super) fn dump_client(server: &ServerFact, job: &str, image: &str) -> Finding {
    let (side, version) = (server.side, &server.version);
    let theirs = server.version_num / 10_000;
    match major(image) {
        None => Finding::unknown(format!("image `{image}` of job `{job}` does not say which pg_dump it brings")).fix(Some(
            format!("tag the image with its PostgreSQL version, such as `postgres:{theirs}`, or leave this gate out of the step"),
        )),
        Some(ours) if ours >= theirs => {
            Finding::open(format!("job `{job}` brings pg_dump {ours} (`{image}`), and {side} is PostgreSQL {version}"))
        }
        Some(ours) => Finding::held(format!(
            "job `{job}` brings pg_dump {ours} (`{image}`), and {side} is PostgreSQL {version}: pg_dump refuses a server newer than itself"
        ))
        .fix(Some(format!("use an image with pg_dump {theirs} or later in the manifest of `{job}`, such as `postgres:{theirs}`"))),
    }
}

/// The major version of PostgreSQL that an image's tag names: `postgres:17`, `postgres:17.2-bookworm`,
/// `pgvector/pgvector:0.8.0-pg17`, `registry:5000/chronicle-db-pgvector:17.1`.
fn major(image: &str) -> Option<u32> {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    let last = named.rsplit_once('/').map_or(named, |(_, last)| last);
    let (_, tag) = last.split_once(':')?;
    let marked = tag
        .split(['-', '_', '.'])
        .find_map(|part| part.strip_prefix("pg").and_then(leading_number));
    marked
        .or_else(|| leading_number(tag.strip_prefix('v').unwrap_or(tag)))
        // No PostgreSQL is that old or that new: the tag counts something else.
        .filter(|major| (9..100).contains(major))
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::server::tests::server;
    use super::*;
    use crate::model::{Opening, Side};

    #[test]
    fn a_tag_names_its_postgresql() {
        for (image, expected) in [
            ("postgres:17", Some(17)),
            ("postgres:13", Some(13)),
            ("docker.io/library/postgres:17.2-bookworm", Some(17)),
            ("myreg.agile-corp.org:5000/chronicle-db-pgvector:17.1", Some(17)),
            ("pgvector/pgvector:pg16", Some(16)),
            ("pgvector/pgvector:0.8.0-pg18", Some(18)),
            ("ghcr.io/x/postgresql:17.1@sha256:abc", Some(17)),
            ("postgres:latest", None),
            ("postgres", None),
            ("postgres:alpine", None),
            ("postgres@sha256:abcdef", None),
            ("tools:2.3.0", None),
            ("registry:5000/postgres", None),
            ("postgres:20260101", None),
        ] {
            assert_eq!(major(image), expected, "{image}");
        }
    }

    #[test]
    fn an_older_client_is_held_and_a_newer_one_is_fine() {
        let blue = server(Side::Blue, 170_002, "1");
        let opening = |image| dump_client(&blue, "backup-job", image).opening;
        assert_eq!(opening("postgres:13"), Opening::Held);
        assert_eq!(opening("postgres:17"), Opening::Open);
        assert_eq!(opening("postgres:18"), Opening::Open);
        assert_eq!(opening("postgres:latest"), Opening::Unknown);
        let fix = dump_client(&blue, "backup-job", "postgres:13").fix.unwrap();
        assert_eq!(
            fix.title,
            "use an image with pg_dump 17 or later in the manifest of `backup-job`, such as `postgres:17`"
        );
    }
}
