//! Who is connected.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Connections of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    /// Client connections of the whole server, ours included.
    pub used: u64,
    /// `max_connections`.
    pub max: u64,
    /// What of them only superusers get.
    pub reserved: u64,
    /// Ours.
    pub ours: u64,
    /// Clients of this database without ours, by role, most first.
    pub roles: Vec<RoleConnections>,
}

/// Connections of a role to this database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleConnections {
    /// The role.
    pub role: String,
    /// All of them.
    pub total: u64,
    /// Those that run a statement.
    pub active: u64,
    /// Those in a transaction that run nothing.
    pub idle_in_transaction: u64,
    /// Those whose state we may not see.
    pub hidden: u64,
}

/// Open transactions of this database's clients, without ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTransactions {
    /// How many are open.
    pub open: u64,
    /// How many of them are idle.
    pub idle: u64,
    /// How long the longest has been open. None when none is.
    pub longest: Option<Duration>,
    /// The session of the longest.
    pub longest_pid: Option<i32>,
    /// How long the longest idle one has been idle.
    pub longest_idle: Option<Duration>,
}

/// Clients of this database, without ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    /// Those that write first, then those in a transaction, then by age; not more than a few hundred.
    pub clients: Vec<ClientView>,
    /// How many there are in all.
    pub total: u64,
    /// Of how many we may not see address, state and statement.
    pub hidden: u64,
    /// What would let us see them.
    pub grant: Option<String>,
}

/// A client's session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientView {
    /// Its process on the server.
    pub pid: i32,
    /// The role that logged in.
    pub role: String,
    /// The database.
    pub database: String,
    /// `application_name`.
    pub application: String,
    /// The client's address; empty for a local socket. `Observed::pod_at` tells which pod that is. None when hidden.
    pub address: Option<String>,
    /// `active`, `idle`, `idle in transaction` and so on. None when hidden.
    pub state: Option<String>,
    /// Since when it is in that state.
    pub since: Option<Timestamp>,
    /// Since when it is connected.
    pub connected: Option<Timestamp>,
    /// Since when its transaction is open.
    pub transaction: Option<Timestamp>,
    /// It has written in its transaction.
    pub writing: bool,
    /// What it waits for: `Lock: transactionid`.
    pub waits: Option<String>,
    /// The sessions that hold the lock that it waits for.
    pub blocked_by: Vec<i32>,
    /// Its statement, or its last one, on one line and without literals.
    pub statement: Option<String>,
}
