//! What is asked of the databases.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::gate::Gate;
use crate::model::runbook::{Runbook, Step, Undo};
use crate::model::side::Side;
use crate::model::verb::Verb;

/// Something that the tool's role must be allowed on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    /// To see other sessions' statements and transaction ids.
    Statistics,
    /// To read the server's identity.
    Identity,
    /// To read every user table.
    Tables,
    /// To read every user sequence.
    Sequences,
    /// To see every row, whatever row-level security says.
    Rows,
    /// To change the database's settings.
    Owner,
    /// To end sessions of other roles.
    Signal,
    /// To make a scratch database.
    CreateDatabase,
}

impl Grant {
    /// The query that answers with one boolean, run on the side's database.
    #[must_use]
    pub const fn query(self) -> &'static str {
        match self {
            Self::Statistics => include_str!("../../../assets/sql/privilege/statistics.sql"),
            Self::Identity => include_str!("../../../assets/sql/privilege/identity.sql"),
            Self::Tables => include_str!("../../../assets/sql/privilege/tables.sql"),
            Self::Sequences => include_str!("../../../assets/sql/privilege/sequences.sql"),
            Self::Rows => include_str!("../../../assets/sql/privilege/rows.sql"),
            Self::Owner => include_str!("../../../assets/sql/privilege/owner.sql"),
            Self::Signal => include_str!("../../../assets/sql/privilege/signal.sql"),
            Self::CreateDatabase => {
                include_str!("../../../assets/sql/privilege/create-database.sql")
            }
        }
    }

    /// What it is good for, in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Statistics => "see other sessions (pg_read_all_stats)",
            Self::Identity => "read the server's identity (pg_control_system)",
            Self::Tables => "read every table",
            Self::Sequences => "read every sequence",
            Self::Rows => "see every row past row-level security",
            Self::Owner => "change the database's settings (its owner)",
            Self::Signal => "end other roles' sessions (pg_signal_backend)",
            Self::CreateDatabase => "make a scratch database (CREATEDB)",
        }
    }

    /// The statement that grants it; `{role}` stands for the tool's role, `{database}` for the database.
    #[must_use]
    pub const fn fix(self) -> &'static str {
        match self {
            Self::Statistics => "GRANT pg_read_all_stats TO {role}",
            Self::Identity => "GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO {role}",
            Self::Tables | Self::Sequences => "GRANT pg_read_all_data TO {role}",
            Self::Rows => "ALTER ROLE {role} BYPASSRLS",
            Self::Owner => "ALTER DATABASE {database} OWNER TO {role}",
            Self::Signal => "GRANT pg_signal_backend TO {role}",
            Self::CreateDatabase => "ALTER ROLE {role} CREATEDB",
        }
    }
}

/// A grant on a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SqlPrivilege {
    /// The side.
    pub side: Side,
    /// What is needed there.
    pub grant: Grant,
}

impl Runbook {
    /// What a run needs on the databases.
    #[must_use]
    pub fn sql_privileges(&self) -> Vec<SqlPrivilege> {
        let observed =
            Side::BOTH.into_iter().flat_map(|side| on(side, &[Grant::Statistics, Grant::Identity]));
        let steps = self.steps().flat_map(|(_, step)| of_step(step));
        observed.chain(steps).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What a step needs on the databases.
    #[must_use]
    pub fn sql_privileges_of(&self, step: &Step) -> Vec<SqlPrivilege> {
        of_step(step).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

fn of_step(step: &Step) -> impl Iterator<Item = SqlPrivilege> {
    let undo = if let Undo::Verb(verb) = &step.undo { of_verb(verb) } else { Vec::new() };
    let gates = step.gates.iter().chain(&step.expect).flat_map(of_gate);
    of_verb(&step.verb).into_iter().chain(undo).chain(gates)
}

fn of_verb(verb: &Verb) -> Vec<SqlPrivilege> {
    const READ: &[Grant] = &[Grant::Tables, Grant::Sequences, Grant::Rows];
    match verb {
        Verb::Fence { side } => on(*side, &[Grant::Statistics, Grant::Owner, Grant::Signal]),
        Verb::Unfence { side } => on(*side, &[Grant::Owner]),
        Verb::Verify { .. } => Side::BOTH.into_iter().flat_map(|side| on(side, READ)).collect(),
        Verb::Backup { side, .. } => {
            [on(*side, READ), on(*side, &[Grant::CreateDatabase])].concat()
        }
        _ => Vec::new(),
    }
}

fn of_gate(gate: &Gate) -> Vec<SqlPrivilege> {
    match gate {
        Gate::DifferentServers => {
            Side::BOTH.into_iter().flat_map(|side| on(side, &[Grant::Identity])).collect()
        }
        Gate::Serving { side, .. } => on(*side, &[Grant::Identity]),
        Gate::NoWriters { side }
        | Gate::Fenced { side }
        | Gate::NoLongTransactions { side, .. } => on(*side, &[Grant::Statistics]),
        _ => Vec::new(),
    }
}

fn on(side: Side, grants: &[Grant]) -> Vec<SqlPrivilege> {
    grants.iter().map(|grant| SqlPrivilege { side, grant: *grant }).collect()
}
