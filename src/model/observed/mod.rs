//! What is seen of the world: live readings, and what of it the operator looks at closely.
//!
//! Readings go through a watch where the latest wins, and never enter the journal. What can grow large is [`Shared`], so
//! that taking a copy of everything costs nothing.

mod call;
mod cluster;
mod compare;
mod focus;
mod name;
mod rate;
mod reading;
mod server;
mod session;
mod shared;
mod side;
mod table;
mod tables;
mod world;

pub use call::{CallKind, CallLog, CallOutcome, CallRecord, CallTarget};
pub use cluster::{
    ClaimView, ClusterView, ContainerView, EndpointView, EventView, JobStatus, JobView, OwnerView,
    PodView, WorkloadView,
};
pub use compare::{Difference, ExtensionRow, SettingRow};
pub use focus::{Focus, LogOf, LogView};
pub use name::Name;
pub use rate::Rate;
pub use reading::Reading;
pub use server::{ExtensionView, Flow, SequenceView, SettingView, Wal, WorkKind, WorkView};
pub use session::{ClientView, Connections, OpenTransactions, RoleConnections, Sessions};
pub use shared::Shared;
pub use side::SideView;
pub use table::{ColumnView, CountMethod, IndexView, Rows, TableBytes, TableDetails, TableView};
pub use tables::Tables;
pub use world::Observed;
