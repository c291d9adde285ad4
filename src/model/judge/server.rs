//! Gates about servers: reachable, two of them, new enough.

use crate::model::fact::ServerFact;

use super::finding::Finding;

pub(super) fn reachable(server: &ServerFact) -> Finding {
    let ServerFact { side, address, way, database, version, system, tls, .. } = server;
    if server.in_recovery {
        return Finding::held(format!(
            "{side} at {address} is in recovery: it is a standby, or has not finished starting"
        ))
        .by("let the pod's labels mean the primary, or promote it", "SELECT pg_promote()");
    }
    Finding::open(format!(
        "{side} answers at {address}: PostgreSQL {version}, database `{database}`"
    ))
    .details([
        format!("system identifier {system}"),
        format!("by {way}, {}", tls.as_deref().unwrap_or("not encrypted")),
    ])
}

pub(super) fn different(blue: &ServerFact, green: &ServerFact) -> Finding {
    let lines = [blue, green].map(|server| {
        let ServerFact { side, address, system, started, .. } = server;
        format!("{side} at {address}: system {system}, started {started}")
    });
    if blue.system != green.system {
        return Finding::open("blue and green are two servers").details(lines);
    }
    let finding = if blue.started == green.started && blue.version_num == green.version_num {
        Finding::held("blue and green are the same server")
            .fix(Some("correct the labels or the connection of one side in the profile".to_owned()))
    } else {
        // Everything that proves who serves rests on the identifier.
        Finding::held("green is a physical copy of blue: both have the same system identifier").fix(
            Some(
                "initialise green with initdb, not from a copy of blue's data directory".to_owned(),
            ),
        )
    };
    finding.details(lines)
}

pub(super) fn version(server: &ServerFact, wanted: u32) -> Finding {
    let ServerFact { side, version, version_num, .. } = server;
    if *version_num >= wanted {
        return Finding::open(format!("{side} is PostgreSQL {version}"));
    }
    Finding::held(format!(
        "{side} is PostgreSQL {version}, and the runbook asks for {}",
        spoken(wanted)
    ))
    .fix(Some(format!("run {side} on an image of PostgreSQL {} or later", spoken(wanted))))
}

/// `server_version_num` as people say it: 170002 is 17.2, 90624 is 9.6.24.
fn spoken(version_num: u32) -> String {
    match (version_num / 10_000, version_num % 10_000) {
        (major, rest) if major < 10 => format!("{major}.{}", rest / 100),
        (major, 0) => major.to_string(),
        (major, minor) => format!("{major}.{minor}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{Opening, Side};

    pub(crate) fn server(side: Side, version_num: u32, system: &str) -> ServerFact {
        ServerFact {
            side,
            address: "pod/db-0:5432".into(),
            way: "port-forward".into(),
            database: "shop".into(),
            system: system.into(),
            started: "2026-01-01 00:00:00+00".into(),
            version_num,
            version: spoken(version_num),
            in_recovery: false,
            tls: None,
        }
    }

    #[test]
    fn a_primary_is_reachable_and_a_standby_is_not() {
        let primary = server(Side::Blue, 170_002, "1");
        let open = reachable(&primary);
        assert_eq!(open.summary, "blue answers at pod/db-0:5432: PostgreSQL 17.2, database `shop`");
        assert_eq!(open.opening, Opening::Open);
        let held = reachable(&ServerFact { in_recovery: true, ..primary });
        assert_eq!(held.opening, Opening::Held);
    }

    #[test]
    fn one_server_and_a_copy_of_it_are_told_apart_and_both_hold() {
        let (blue, green) = (server(Side::Blue, 170_002, "1"), server(Side::Green, 170_002, "1"));
        assert_eq!(different(&blue, &green).summary, "blue and green are the same server");
        let copy = ServerFact { started: "2026-01-02 00:00:00+00".into(), ..green.clone() };
        assert!(different(&blue, &copy).summary.starts_with("green is a physical copy"));
        let other = ServerFact { system: "2".into(), ..green };
        assert_eq!(different(&blue, &other).opening, Opening::Open);
    }

    #[test]
    fn a_version_is_compared_by_its_number() {
        for (has, wants, opening) in [
            (170_002, 170_000, Opening::Open),
            (170_000, 170_000, Opening::Open),
            (160_014, 170_000, Opening::Held),
            (170_001, 170_002, Opening::Held),
        ] {
            assert_eq!(
                version(&server(Side::Green, has, "1"), wants).opening,
                opening,
                "{has} {wants}"
            );
        }
        let held = version(&server(Side::Green, 160_014, "1"), 170_000);
        assert_eq!(held.summary, "green is PostgreSQL 16.14, and the runbook asks for 17");
    }
}
