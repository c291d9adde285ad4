//! The vocabulary of a cutover: pure data and pure functions.
//!
//! Nothing here does I/O, reads a clock or knows a colour, and nothing here imports another room.

mod begin;
mod command;
mod deed;
mod digest;
mod event;
mod evidence;
mod fact;
mod failure;
mod fence;
mod fold;
mod gate;
mod glimpse;
mod grouped;
mod id;
mod judge;
mod kind;
mod lease;
mod legal;
mod message;
mod moment;
mod next;
mod observed;
mod permission;
mod runbook;
mod side;
mod spelled;
mod state;
mod undo;
mod verb;
mod verified;

pub use command::{Answer, Command, Decision, StopReason};
pub use event::{Event, EventKind, When};
pub use evidence::{Evidence, Fix, Judgement, Mend, Opening};
pub use fact::{
    Answerer, ClaimFact, EndpointsFact, Fact, Grant, HttpFact, JobFact, OpenTransaction, PodFact,
    PreparedTransaction, ServerFact, ServingFact, Sighting, Unseen, WorkloadFact,
};
pub use failure::{Effects, Failure, FailureKind, Outcome, Progress};
pub use fence::{Canary, ClientSession, FencePosition, FenceProof, FenceSample};
pub use gate::{Gate, HELD_LOOK, HttpTarget};
pub use glimpse::{Glimpse, Seen, unrecorded, with_progress};
pub use grouped::grouped;
pub use id::{Digest, PhaseId, RunId, Seq, StepId};
pub use judge::judge;
pub use kind::{KINDS, Kind};
pub use lease::{Claim, Claimant, LeaseRecord};
pub use legal::Illegal;
pub use moment::{Moment, NotAMoment};
pub use next::{Move, choices, next};
pub use observed::{
    CallKind, CallLog, CallOutcome, CallRecord, CallTarget, ClaimView, ClientView, ClusterView,
    ColumnView, Connections, ContainerView, CountMethod, Difference, EndpointView, EventView,
    ExtensionRow, ExtensionView, Flow, Focus, IndexView, JobStatus, JobView, LogOf, LogView, Name,
    Observed, OpenTransactions, OwnerView, PodView, Rate, Reading, RoleConnections, Rows,
    SequenceView, Sessions, SettingRow, SettingView, Shared, SideView, TableBytes, TableDetails,
    TableView, Tables, Wal, WorkKind, WorkView, WorkloadView,
};
pub use permission::{Permission, SqlGrant, SqlPrivilege};
pub use runbook::{
    Cluster, Confirm, Connection, ExtensionWanted, OnFailure, Phase, Retry, Runbook, SecretRef,
    Step, Store, StoreKind, Traffic, Undo, Watch, Window,
};
pub use side::Side;
pub use spelled::spelled;
pub use state::{Mode, PhaseState, RunState, StepState, StepStatus, Verdict};
pub use undo::{UndoTurn, undo_order};
pub use verb::{Manifest, ObjectRef, PatchKind, Verb, VerifyScope, Workload};
pub use verified::{
    Position, RowDifference, RowDifferenceKind, SchemaDifference, SequenceVerdict, Statistics,
    TableSum, TableVerdict, Verification,
};

#[cfg(test)]
pub(crate) mod sample;
